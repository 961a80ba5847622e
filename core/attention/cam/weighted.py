"""CAM methods that weigh each channel by one number, taken from its gradient, and add them up."""

from __future__ import annotations

from .library import library
from .spec import CamMethodSpec

GRAD_CAM = CamMethodSpec(
    key="grad_cam",
    label="GradCAM",
    sentence="Each channel times the mean of its gradient, added up.",
    reference='Selvaraju et al., "Grad-CAM" (2017)',
    needs_gradient=True,
    signed=False,
    function=library("GradCAM"),
)
GRAD_CAM_PLUS_PLUS = CamMethodSpec(
    key="grad_cam_plus_plus",
    label="GradCAM++",
    sentence="Each channel times a weighted sum of its positive gradients, added up. The only "
    "one that changes when the target is multiplied by a number.",
    reference='Chattopadhay et al., "Grad-CAM++" (2018)',
    needs_gradient=True,
    signed=False,
    function=library("GradCAMPlusPlus"),
)
X_GRAD_CAM = CamMethodSpec(
    key="x_grad_cam",
    label="XGradCAM",
    sentence="Each channel times the mean of its gradient, weighted by the channel itself, "
    "added up.",
    reference='Fu et al., "Axiom-based Grad-CAM" (2020)',
    needs_gradient=True,
    signed=False,
    function=library("XGradCAM"),
)
