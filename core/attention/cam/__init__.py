"""CAM (class activation map) methods. To add one: a file here, and its spec in this table.

One pass from a layer to a target (`look`) gives an activation and a gradient; every method in
`CAM_METHODS` makes its map from these two, by the code of the package grad-cam where that can run.
`core.attention.maps` goes the whole way from a network and an image to the maps.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from torch import Tensor

from ...base.table import Table
from .border import BorderShare, border_share, border_width
from .eigen import EIGEN_CAM, EIGEN_GRAD_CAM, SEG_EIGEN_CAM
from .elementwise import GRAD_CAM_ELEMENT_WISE, HI_RES_CAM, LAYER_CAM
from .fem import FEM
from .finish import Finished, counted_by_all, finish
from .kpca import KPCA_CAM
from .layers import (
    NETWORKS,
    TOKENS,
    LayerSpec,
    NetworkSpec,
    NoLayers,
    covered,
    layer_of,
    layers_of,
)
from .library import import_library
from .look import Look, look, vit_looks
from .overlay import overlay
from .packaged import packaged_eigen_cam
from .padding import AS_TRAINED, PADDINGS, REFLECT, PaddingSpec
from .random import RANDOM_CAM
from .score import SENTENCE as SCORE_CAM_SENTENCE
from .score import Stopped, score_cam, score_cam_seconds
from .sign_rule import sign_of, sign_rule
from .spec import CamMethodSpec
from .targets import TARGETS, TargetSpec
from .weighted import GRAD_CAM, GRAD_CAM_PLUS_PLUS, X_GRAD_CAM

CAM_METHODS = Table(
    "CAM method",
    EIGEN_CAM,
    KPCA_CAM,
    GRAD_CAM,
    GRAD_CAM_PLUS_PLUS,
    X_GRAD_CAM,
    HI_RES_CAM,
    LAYER_CAM,
    GRAD_CAM_ELEMENT_WISE,
    EIGEN_GRAD_CAM,
    SEG_EIGEN_CAM,
    FEM,
    RANDOM_CAM,
)

LEFT_OUT: Mapping[str, str] = {
    "ShapleyCAM": "needs second derivatives, which the ViT’s attention does not have; on the "
    "U-Net, which is piecewise linear, it is GradCAM.",
    "FullGrad": "sums the bias gradients of all convolutions; a ViT has only one.",
    "AblationCAM": "replaces a layer inside the network, and leaves it there when it fails.",
    "SESS": "crops the image for a classifier; it fails on networks that return an image.",
    "FinerCAM": "contrasts a class with similar classes; restoration has no classes.",
    "RefineCAM": "multiplies GradCAM++ maps of several layers; on a ViT 83 % of it came out zero.",
}
"""CAM methods of the package that are not offered, and why: the rest of a sentence."""


def why_not(method: str, layer: LayerSpec, target: str) -> str | None:
    """Say why a CAM method is useless at a layer with a target, or return None if it is not.

    Those that need no gradient work at any layer, whatever the target. Raises `ValueError` for an
    unknown CAM method or target.
    """
    spec, wanted = CAM_METHODS[method], TARGETS[target]
    return wanted.why_not(layer) if spec.needs_gradient else None


def attention_maps(
    look: Look, keys: Sequence[str] | None = None, seed: int = 0
) -> dict[str, Tensor]:
    """Return the raw maps `(h, w)` of CAM methods from one look, by key.

    `keys` are by default all methods, without a gradient those that need none. Raises
    `ValueError` for an unknown CAM method, and where one needs a gradient that is missing.
    """
    if keys is None:
        keys = [s.key for s in CAM_METHODS.values() if look.has_gradient or not s.needs_gradient]
    return {key: CAM_METHODS[key](look.activation, look.gradient, seed=seed) for key in keys}


__all__ = [
    "AS_TRAINED",
    "CAM_METHODS",
    "LEFT_OUT",
    "NETWORKS",
    "PADDINGS",
    "REFLECT",
    "SCORE_CAM_SENTENCE",
    "TARGETS",
    "TOKENS",
    "BorderShare",
    "CamMethodSpec",
    "Finished",
    "LayerSpec",
    "Look",
    "NetworkSpec",
    "NoLayers",
    "PaddingSpec",
    "Stopped",
    "TargetSpec",
    "attention_maps",
    "border_share",
    "border_width",
    "counted_by_all",
    "covered",
    "finish",
    "import_library",
    "layer_of",
    "layers_of",
    "look",
    "overlay",
    "packaged_eigen_cam",
    "score_cam",
    "score_cam_seconds",
    "sign_of",
    "sign_rule",
    "vit_looks",
    "why_not",
]
