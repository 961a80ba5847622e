"""Where each variant is blurry, checkered or discoloured, and by how much."""

from __future__ import annotations

from pages.shared.workbench import workbench

bench = workbench()
