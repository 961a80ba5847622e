"""Where each variant is blurry, checkered or discoloured, by how much, and why."""

from __future__ import annotations

from pages.artifacts.blind_spots import blind_spots_view
from pages.artifacts.equal_mse import equal_mse_view
from pages.artifacts.maps import maps_view
from pages.artifacts.upsampling import upsampling_view
from pages.shared.choose import choose
from pages.shared.workbench import workbench

STUDIES = {
    "maps": ("Where is it wrong?", maps_view),
    "upsampling": ("Loss or architecture?", upsampling_view),
    "blind-spots": ("What a loss cannot see", blind_spots_view),
    "equal-mse": ("Equal MSE, different look", equal_mse_view),
}


bench = workbench()
_, study = STUDIES[choose("study", "Study", {key: label for key, (label, _) in STUDIES.items()})]
study(bench)
