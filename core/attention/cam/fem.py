"""FEM: channels weighted by how much of the picture they stand out on."""

from __future__ import annotations

from .library import library
from .spec import CamMethodSpec

SIGMAS = 2  # the library's k

FEM = CamMethodSpec(
    key="fem",
    label="FEM",
    sentence="Each channel times the share of places where it is two standard deviations above "
    "its mean, added up. It sees no target.",
    reference='Fuad et al., "Features understanding in 3D CNNs" (2020)',
    needs_gradient=False,
    signed=False,
    function=library("FEM", k=SIGMAS),
)
