"""The leaderboard: every variant on test pictures that every user has, and the sources' claims.

The command is `python -m core.leaderboard`; it writes `results/leaderboard.parquet`. Reading that
file, means, intervals and claims need no PyTorch: a page loads quickly. One idea per file:
`conditions` is the plan, `pictures` are measured by `measure` and kept by `run`, `results` is the
file and `stories` what it says of a variant; `claims` are judged by `findings`, the story's for
each of the `families`, beside what the sources have `published`.
"""

from .claims import CLAIMS, claims
from .conditions import ANGLES, COURSE, LENGTHS, NOISE, SIGMAS, blurred, noise
from .families import FAMILIES, STATEMENTS
from .findings import NOT_MEASURED, Finding, Number
from .published import PUBLISHED, BlurTable, Published, blur_table
from .results import MEASUREMENT, RESULTS, Results, read_results
from .spec import ClaimSpec

__all__ = [
    "ANGLES",
    "CLAIMS",
    "COURSE",
    "FAMILIES",
    "LENGTHS",
    "MEASUREMENT",
    "NOISE",
    "NOT_MEASURED",
    "PUBLISHED",
    "RESULTS",
    "SIGMAS",
    "STATEMENTS",
    "BlurTable",
    "ClaimSpec",
    "Finding",
    "Number",
    "Published",
    "Results",
    "blur_table",
    "blurred",
    "claims",
    "noise",
    "read_results",
]
