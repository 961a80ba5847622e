"""The laws of the house that concern core: imports run one way, and every spec is in its table."""

from __future__ import annotations

import ast
import importlib
from pathlib import Path

import pytest

from core.artifacts import ARTIFACTS, ArtifactSpec
from core.attention.cam import CAM_METHODS, CamMethodSpec
from core.degradations import DEGRADATIONS, DegradationSpec
from core.losses import LOSSES, LossSpec
from core.metrics import METRICS, MetricSpec
from core.models import MODELS, ModelSpec

CORE = Path(__file__).resolve().parents[2] / "core"
FILES = sorted(CORE.rglob("*.py"))
# From the ground up: a file imports only from steps below its own, or from its own package.
STEPS = (
    {"json_numbers", "statistics"},
    {"table", "figures", "expression", "processes", "folders", "command", "quantity", "labels"},
    {"images", "spectrum", "vit", "threshold"},
    {"textures", "measured_costs", "photos", "parts", "export"},
    {"gallery", "metrics", "degradations"},
    {"losses", "models", "ring", "map_agreement"},
    {"artifacts", "blind_spots", "methods", "attention", "cards"},
    {"checkpoints", "equal_mse"},
    {"restore", "training", "story", "window_scores", "crack_scores"},
    {"evaluate", "train", "sweep"},
    {"leaderboard"},
    {"benchmarks"},
    {"bench", "cost"},
    {"readme"},
)
STEP = {name: number for number, names in enumerate(STEPS) for name in names}
KINDS = {
    "methods": (CAM_METHODS, CamMethodSpec),
    "artifacts": (ARTIFACTS, ArtifactSpec),
    "losses": (LOSSES, LossSpec),
    "metrics": (METRICS, MetricSpec),
    "models": (MODELS, ModelSpec),
    "degradations": (DEGRADATIONS, DegradationSpec),
}


def home(path: Path) -> str:
    """The first name below core that a file belongs to."""
    return path.relative_to(CORE).parts[0].removesuffix(".py")


def imported(path: Path) -> set[str]:
    """The first names below core that a file imports, its own package left out."""
    package = ["core", *path.relative_to(CORE).parts[:-1]]
    names = set()
    for node in ast.walk(ast.parse(path.read_text("utf8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = package[: len(package) - node.level + 1]
            dotted = [*base, *(node.module or "").split(".")]
            full = [part for part in dotted if part]
            names |= {full[1]} if len(full) > 1 else {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.module.startswith("core"), "inside core, imports are relative"
    return names - {home(path)}


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(CORE)))
def test_imports_run_one_way(path):
    if home(path) == "__init__":
        assert imported(path) == set()
        return
    for name in imported(path):
        assert STEP[name] < STEP[home(path)], f"{home(path)} imports {name}"


@pytest.mark.parametrize("kind", KINDS)
def test_a_spec_that_is_written_is_listed(kind):
    table, spec_type = KINDS[kind]
    found = set()
    for path in sorted((CORE / kind).glob("*.py")):
        module = importlib.import_module(f"core.{kind}.{path.stem}".removesuffix(".__init__"))
        found |= {value.key for value in vars(module).values() if isinstance(value, spec_type)}
    assert found == set(table)
