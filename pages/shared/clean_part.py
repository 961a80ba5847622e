"""What a study of losses looks at: the clean picture, or the region that is drawn in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.imaging.images import crop
from pages.shared.workbench import Workbench

if TYPE_CHECKING:
    from torch import Tensor

NO_CLEAN = (
    "This study changes a clean picture, and the one that is chosen came degraded. Choose a "
    "degradation of your own in the sidebar, or another picture."
)


def clean_part(bench: Workbench) -> Tensor:
    """The clean picture of a workbench that has one, or the region drawn in it: `(3, H, W)`."""
    return crop(bench.clean.image, bench.region) if bench.region else bench.clean.image


def clean_name(bench: Workbench) -> str:
    """A name for exactly this content."""
    return f"{bench.clean.digest}:{bench.region.text if bench.region else 'whole'}"


def clean_sentence(bench: Workbench) -> str:
    """What that is, in a line."""
    part = f"region {bench.region.text}" if bench.region else "{} × {}".format(*bench.clean.size)
    return f"{bench.source.label}, clean · {part}"
