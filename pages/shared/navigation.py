"""The one table of pages: a page is a folder of `pages/` with a `page.py` in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class PageSpec:
    """A page: its folder, which is its address too, its section, its title and what it is about.

    `on_picture`: it works on the picture of the sidebar; another one is drawn before the sidebar,
    which waits for PyTorch. `of_noise`: what clipping does to the noise is told below it.
    """

    folder: str
    section: str
    title: str
    about: str
    on_picture: bool = True
    of_noise: bool = True

    @property
    def path(self) -> Path:
        """The page's file, absolute."""
        return FOLDER / self.folder / "page.py"


PAGES = (
    PageSpec(
        "compare",
        "Inspect",
        "Compare",
        "Every loss variant on one picture, side by side, pixel for pixel, with its numbers.",
    ),
    PageSpec(
        "tour",
        "Inspect",
        "Tour",
        "What the losses do, in seven steps on one picture: new here, begin with this.",
        of_noise=False,
    ),
    PageSpec(
        "artifacts",
        "Inspect",
        "Artifacts",
        "Where each variant is blurry, checkered or discoloured, by how much, and why.",
    ),
    PageSpec(
        "spectrum",
        "Inspect",
        "Spectrum",
        "At which frequencies each variant gains and loses, and what the frequency losses weigh.",
    ),
    PageSpec(
        "attention",
        "Inspect",
        "Attention",
        "What the ViT and the U-Net look at, with a threshold band under the finger.",
    ),
    PageSpec(
        "lab",
        "Train",
        "Lab",
        "Mix losses, train them side by side from the same start, and watch what each does.",
    ),
    PageSpec(
        "losses",
        "Train",
        "Losses",
        "What each loss rewards, what it asks of every pixel, what it cannot see, what it costs.",
    ),
    PageSpec(
        "leaderboard",
        "Results",
        "Leaderboard",
        "Every variant measured on one test set, and what that says of the sources’ claims.",
        on_picture=False,
    ),
    PageSpec(
        "variants",
        "Results",
        "Variants",
        "Every entry that can fill a panel, what it is and where it comes from; bring your own.",
        on_picture=False,
    ),
)
DEFAULT = PAGES[0]
SECTIONS = ("Inspect", "Train", "Results")
