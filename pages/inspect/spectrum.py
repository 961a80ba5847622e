"""At which frequencies each variant gains and loses."""

from __future__ import annotations

from pages.shared.workbench import workbench

bench = workbench()
