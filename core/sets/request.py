"""What to open, from a command to the dashboard that it starts: as text in the environment."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..base.json_numbers import dumps

if TYPE_CHECKING:
    from . import PictureSet

OPENED = "LOSSLENS_OPEN"
"""The environment's name for it."""
ALLOW_PATHS = "LOSSLENS_ALLOW_PATHS"
"""In the environment: 1 lets visitors name folders of the server's machine."""


@dataclass(frozen=True)
class Request:
    """The arguments of `open_set`: paths, or a folder for each role and method.

    `results` are files of `core.evaluate`, which may come alone.
    """

    paths: Sequence[Path]
    clean: Path | None
    noisy: Path | None
    outputs: Mapping[str, Path]
    results: Sequence[Path] = ()

    @property
    def has_pictures(self) -> bool:
        """Whether a set is to be opened."""
        return bool(self.paths or self.clean or self.noisy or self.outputs)

    def open(self) -> PictureSet:
        """The set. Raises `ValueError` in one sentence where there is none."""
        from . import open_set

        return open_set(self.paths, clean=self.clean, noisy=self.noisy, outputs=self.outputs)

    @property
    def text(self) -> str:
        """The same as JSON, its paths absolute."""
        return dumps(
            {
                "paths": [str(path.absolute()) for path in self.paths],
                "clean": str(self.clean.absolute()) if self.clean else None,
                "noisy": str(self.noisy.absolute()) if self.noisy else None,
                "outputs": {name: str(path.absolute()) for name, path in self.outputs.items()},
                "results": [str(path.absolute()) for path in self.results],
            }
        )

    @classmethod
    def parse(cls, text: str) -> Request:
        """What `text` says."""
        document = json.loads(text)
        clean, noisy = (Path(document[r]) if document[r] else None for r in ("clean", "noisy"))
        outputs = {name: Path(path) for name, path in document["outputs"].items()}
        paths, results = ([Path(path) for path in document[key]] for key in ("paths", "results"))
        return cls(paths, clean, noisy, outputs, tuple(results))
