"""An attention map drawn over its image, as the package grad-cam draws it."""

from __future__ import annotations

import numpy as np


def overlay(
    picture: np.ndarray, values: np.ndarray, kept: np.ndarray, opacity: float
) -> np.ndarray:
    """Draw `values` `(H, W)` in [0, 1] in jet over an image, uint8 `(H, W, 3)`, where `kept`.

    Elsewhere the image stays as it is; the package paints what was dropped dark blue. As in the
    package the brightest channel is stretched to 255 after blending. `kept` is bool `(H, W)`,
    `opacity` of the map lies in [0, 1].
    """
    # Imported here: the package brings OpenCV and matplotlib, which takes seconds.
    from pytorch_grad_cam.utils.image import show_cam_on_image

    blended = show_cam_on_image(
        picture.astype(np.float32) / 255,
        values.astype(np.float32),
        use_rgb=True,
        image_weight=1 - opacity,
    )
    return np.where(kept[..., None], blended, picture)
