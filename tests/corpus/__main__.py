"""Writes `docs/inputs.md`: every case by kind, with its outcome."""

from __future__ import annotations

from collections import Counter
from importlib import import_module
from pkgutil import iter_modules

from core.base.files import write_whole
from core.base.paths import ROOT

from . import __path__ as FOLDER
from .case import Case

PAGE = ROOT / "docs" / "inputs.md"
FRAME = {"case", "__main__"}


def kinds() -> dict[str, list[Case]]:
    """Kind -> its cases; the first line of a module's docstring is the kind's heading."""
    names = sorted(
        module.name
        for module in iter_modules(FOLDER)
        if module.name not in FRAME and not module.name.startswith("test_")
    )
    modules = [import_module(f"{__package__}.{name}") for name in names]
    return {module.__doc__.splitlines()[0].rstrip("."): module.CASES for module in modules}


def page() -> str:
    """The page's whole text."""
    found = kinds()
    total = sum(map(len, found.values()))
    parts = [
        "# Bad and unusual input\n",
        f"What LossLens does with {total} inputs that are damaged, unusual or hostile. Each is "
        "made by the tests (`tests/corpus/`), which check the outcome. "
        "`python -m tests.corpus` writes this page.\n",
    ]
    for kind, cases in found.items():
        counts = Counter(case.outcome for case in cases)
        summary = ", ".join(f"{count} {outcome}" for outcome, count in counts.most_common())
        rows = [f"| {case.name} | {case.outcome} |" for case in cases]
        parts += [f"## {kind}\n", f"{summary}.\n", "| input | outcome |\n|---|---|"]
        parts += ["\n".join(rows) + "\n"]
    return "\n".join(parts)


if __name__ == "__main__":
    write_whole(PAGE, page())
