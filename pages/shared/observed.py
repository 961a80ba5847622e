"""What stands out in each picture of a comparison, as jobs and as captions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages.shared.comparison import Comparison
from pages.shared.computing import computed
from pages.shared.jobs import Job, known
from pages.shared.values import Picture

if TYPE_CHECKING:
    from core.artifacts import Observed


def observations(found: Comparison) -> dict[str, Job[Observed]]:
    """Label -> the job of what stands out in a variant's output.

    Corrected for all chosen variants, also those that are still to come: a caption that stands
    does not change when the next output arrives.
    """
    looks = len(found.labels)
    return {
        found.labels[name]: _observation(picture, found.bench.clean, looks)
        for name, picture in found.outputs.items()
    }


def _observation(picture: Picture, clean: Picture | None, looks: int) -> Job[Observed]:
    def compute() -> Observed:
        from core.artifacts import observe

        return observe(picture.image, clean.image if clean else None, looks=looks)

    key = (picture.digest, clean.digest if clean else None, str(looks))
    return computed("observed", *key, compute=compute)


def seen(found: Comparison) -> dict[str, Observed]:
    """Label -> what stands out, of the outputs whose job is done."""
    return known(observations(found))
