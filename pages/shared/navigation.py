"""The one table of pages: a section is a folder of `pages/`, a page is a file in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class PageSpec:
    """A page: its folder, its file's stem, which is its address too, its title and its story.

    `on_picture`: it works on the picture of the sidebar; another one is drawn before the sidebar,
    which waits for PyTorch.
    """

    section: str
    stem: str
    title: str
    about: str
    on_picture: bool = True

    @property
    def path(self) -> Path:
        """The page's file, absolute."""
        return FOLDER / self.section / f"{self.stem}.py"


PAGES = (
    PageSpec(
        "inspect",
        "compare",
        "Compare",
        "Every loss variant on one picture, side by side, pixel for pixel, with its numbers.",
    ),
    PageSpec(
        "inspect",
        "artifacts",
        "Artifacts",
        "Where each variant is blurry, checkered or discoloured, by how much, and why.",
    ),
    PageSpec(
        "inspect",
        "spectrum",
        "Spectrum",
        "At which frequencies each variant gains and loses, and what the frequency losses weigh.",
    ),
    PageSpec(
        "inspect",
        "attention",
        "Attention",
        "What the ViT and the U-Net look at, with a threshold band under the finger.",
    ),
    PageSpec(
        "results",
        "leaderboard",
        "Leaderboard",
        "Every variant measured on one test set, and what that says of the sources’ claims.",
        on_picture=False,
    ),
)
DEFAULT = PAGES[0]
SECTIONS = {"inspect": "Inspect", "train": "Train", "results": "Results"}
