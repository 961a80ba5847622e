"""The crack study: attention maps scored against the ground-truth masks of cracks.

The command is `python -m core.attention.crack_study [--out FILE]`. The article "Denoising
autoencoders, Part 3" concludes from one picture, which its author calls cherry-picked, that the
ViT attends to the cracks and the U-Net tones them down. Here procedural pictures, whose crack
masks are known, get noise; every method's map is scored against the mask and compared with
RandomCAM's on the same layer, with intervals over pictures.
"""

from .hits import LOWERS, Hit, Score, hit, score
from .maps import MAIN, method_label
from .results import Claim, Results, read
from .words import MARKED, MARKS, crack_findings, crack_table, crack_verdicts

__all__ = [
    "LOWERS",
    "MAIN",
    "MARKED",
    "MARKS",
    "Claim",
    "Hit",
    "Results",
    "Score",
    "method_label",
    "crack_findings",
    "crack_table",
    "crack_verdicts",
    "hit",
    "read",
    "score",
]
