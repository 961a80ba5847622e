"""FEM: channels weighted by the share of places with an unusually high activation."""

from __future__ import annotations

from .library import by_library
from .spec import CamMethodSpec

SIGMAS = 2  # the package's k

FEM = CamMethodSpec(
    key="fem",
    label="FEM",
    sentence="Sum over the channels, each weighted by the share of places that lie two standard "
    "deviations above its mean. It uses no target.",
    reference='Fuad et al., "Features understanding in 3D CNNs" (2020)',
    needs_gradient=False,
    signed=False,
    function=by_library("FEM", k=SIGMAS),
)
