"""CAM methods that sum the channels, each weighted by one number from its gradient."""

from __future__ import annotations

from .library import by_library
from .spec import CamMethodSpec

GRAD_CAM = CamMethodSpec(
    key="grad_cam",
    label="GradCAM",
    sentence="Sum over the channels, each weighted by the mean of its gradient.",
    reference='Selvaraju et al., "Grad-CAM" (2017)',
    needs_gradient=True,
    signed=False,
    function=by_library("GradCAM"),
)
GRAD_CAM_PLUS_PLUS = CamMethodSpec(
    key="grad_cam_plus_plus",
    label="GradCAM++",
    sentence="Sum over the channels, each weighted by a weighted sum of its positive gradients. "
    "The only method here whose map changes when the target is multiplied by a constant.",
    reference='Chattopadhay et al., "Grad-CAM++" (2018)',
    needs_gradient=True,
    signed=False,
    function=by_library("GradCAMPlusPlus"),
)
X_GRAD_CAM = CamMethodSpec(
    key="x_grad_cam",
    label="XGradCAM",
    sentence="Sum over the channels, each weighted by the activation-weighted mean of its "
    "gradient.",
    reference='Fu et al., "Axiom-based Grad-CAM" (2020)',
    needs_gradient=True,
    signed=False,
    function=by_library("XGradCAM"),
)
