"""app.py as a module of another name: the platform starts whatever is called `app`."""

from __future__ import annotations

import importlib.util
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
spec = importlib.util.spec_from_file_location("losslens_app", ROOT / "app.py")
real = importlib.util.module_from_spec(spec)
spec.loader.exec_module(real)
