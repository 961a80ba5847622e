"""The leaderboard: every variant on test pictures that every user has, and the sources' claims.

The command is `python -m core.leaderboard`; it writes `results/leaderboard.parquet`. Reading that
file, means, intervals and claims need no PyTorch: a page loads quickly. One idea per file:
`conditions` is the plan, `pictures` are measured by `measure` and kept by `run`, `results` is the
file and `stories` what it says of a variant, `statistics` gives means and intervals; `claims` are
judged by the rule in `verdicts`, beside what the sources have `published`.
"""

from .claims import CLAIMS, ClaimSpec, Finding, Number, claims
from .conditions import ANGLES, COURSE, LENGTHS, NOISE, SIGMAS, blurred, noise
from .published import PUBLISHED, BlurTable, Published, blur_table
from .results import MEASUREMENT, RESULTS, Results, read_results
from .statistics import Interval, Summary, paired, paired_runs, summary

__all__ = [
    "ANGLES",
    "CLAIMS",
    "COURSE",
    "LENGTHS",
    "MEASUREMENT",
    "NOISE",
    "PUBLISHED",
    "RESULTS",
    "SIGMAS",
    "BlurTable",
    "ClaimSpec",
    "Finding",
    "Interval",
    "Number",
    "Published",
    "Results",
    "Summary",
    "blur_table",
    "blurred",
    "claims",
    "noise",
    "paired",
    "paired_runs",
    "read_results",
    "summary",
]
