"""CAM methods that multiply activation and gradient elementwise and sum over the channels."""

from __future__ import annotations

from .library import by_library
from .spec import CamMethodSpec

HI_RES_CAM = CamMethodSpec(
    key="hi_res_cam",
    label="HiResCAM",
    sentence="Activation times gradient, elementwise, summed over the channels.",
    reference='Draelos and Carin, "Use HiResCAM instead of Grad-CAM" (2020)',
    needs_gradient=True,
    signed=False,
    function=by_library("HiResCAM"),
)
LAYER_CAM = CamMethodSpec(
    key="layer_cam",
    label="LayerCAM",
    sentence="Activation times the positive part of the gradient, elementwise, summed over the "
    "channels.",
    reference='Jiang et al., "LayerCAM" (2021)',
    needs_gradient=True,
    signed=False,
    function=by_library("LayerCAM"),
)
GRAD_CAM_ELEMENT_WISE = CamMethodSpec(
    key="grad_cam_element_wise",
    label="GradCAMElementWise",
    sentence="The positive part of activation times gradient, elementwise, summed over the "
    "channels.",
    reference='Gildenblat et al., "PyTorch library for CAM methods" (2021)',
    needs_gradient=True,
    signed=False,
    function=by_library("GradCAMElementWise"),
)
