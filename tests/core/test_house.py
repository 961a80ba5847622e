"""The laws of the house that concern core: imports run one way, and every spec is in its table."""

from __future__ import annotations

import ast
import importlib.util
import re
from functools import cache
from pathlib import Path

import pytest

from core.artifacts import ARTIFACTS, ArtifactSpec
from core.attention.cam import CAM_METHODS, CamMethodSpec
from core.base.paths import ROOT
from core.degradations import DEGRADATIONS, DegradationSpec
from core.losses import LOSSES, LossSpec
from core.metrics import METRICS, MetricSpec
from core.models import MODELS, ModelSpec
from core.report.figure import PRESETS, FigurePreset
from core.sets.check import CHECKS, CheckSpec

CORE = ROOT / "core"
FILES = sorted(CORE.rglob("*.py"))
PACKAGES = {path.name for path in CORE.iterdir() if path.is_dir() and path.name != "__pycache__"}
LOOSE = {"figures", "notebook"}
COMMANDS = {path.parent.name for path in CORE.glob("*/__main__.py")}
KINDS = {
    "attention.cam": (CAM_METHODS, CamMethodSpec),
    "artifacts": (ARTIFACTS, ArtifactSpec),
    "losses": (LOSSES, LossSpec),
    "metrics": (METRICS, MetricSpec),
    "models": (MODELS, ModelSpec),
    "report.figure": (PRESETS, FigurePreset),
    "degradations": (DEGRADATIONS, DegradationSpec),
    "sets.check": (CHECKS, CheckSpec),
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


@cache
def graph() -> dict[str, set[str]]:
    """Each package of core -> the packages that it imports."""
    found: dict[str, set[str]] = {}
    for path in FILES:
        found.setdefault(home(path), set()).update(imported(path))
    return found


def test_modules_that_texts_name_exist():
    """Programs that tests and benchmarks start are texts, which no linter reads."""
    named = set()
    for folder in ("core", "pages", "tests", "docs", "checkpoints"):
        for path in [*(CORE.parent / folder).rglob("*.py"), *(CORE.parent / folder).glob("*.md")]:
            text = path.read_text("utf8")
            named |= set(re.findall(r"^ *(?:from|import) (core[.\w]*)", text, re.MULTILINE))
            named |= set(re.findall(r"python -m (core[.\w]*\w)", text))
    assert {"core.bench", "core.variants"} <= named
    assert not [name for name in named if importlib.util.find_spec(name) is None]


def test_there_are_imports_to_judge():
    found = graph()
    assert PACKAGES <= set(found) and {"base", "imaging"} <= found["metrics"]


def test_core_has_packages_and_two_loose_modules():
    assert {path.stem for path in CORE.glob("*.py")} == {"__init__", *LOOSE}
    assert all((path.parent / "__init__.py").is_file() for path in FILES)


def test_tests_mirror_the_packages_of_core():
    """A package has a folder of tests with its name, and a loose module a file beside them."""
    here = ROOT / "tests" / "core"
    folders = {path.parent.name for path in here.glob("*/test_*.py")}
    assert folders == PACKAGES - {"__pycache__"}
    files = {path.stem for path in here.glob("test_*.py")}
    assert files == {"test_house", *(f"test_{name}" for name in LOOSE)}
    assert all((here / folder / "__init__.py").is_file() for folder in folders)


def test_imports_in_core_run_in_no_circle():
    """Packages are taken away one after another, each when it imports none that is left."""
    left = graph()
    while free := [name for name, names in left.items() if not names & set(left)]:
        left = {name: names for name, names in left.items() if name not in free}
    assert not left


def test_only_commands_import_commands():
    for name, names in graph().items():
        assert name in COMMANDS or not names & COMMANDS, name


@pytest.mark.parametrize("kind", KINDS)
def test_a_spec_that_is_written_is_listed(kind):
    table, spec_type = KINDS[kind]
    found = set()
    for path in sorted(CORE.joinpath(*kind.split(".")).glob("*.py")):
        module = importlib.import_module(f"core.{kind}.{path.stem}".removesuffix(".__init__"))
        found |= {value.key for value in vars(module).values() if isinstance(value, spec_type)}
    assert found == set(table)
