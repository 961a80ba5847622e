"""Opening a set: from a folder, files, a zip file, or a folder for each role and method."""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path
from types import MappingProxyType

from ..base.file_names import apart_from, harmless_name
from ..base.files import shown, writing
from ..base.words import printable
from ..imaging.photos import SUFFIXES
from ..report.logged import LoggedRun
from ..report.reading import Saved, SavedPanel, read_comparison
from .archive import unpack
from .matlab import MatlabPictures, role_of_variable, variables
from .names import CLEAN, MATLAB, NOISY, SOURCES, role_of
from .pairing import pair
from .picture_set import PictureSet, Source
from .reopened import Reopened
from .roles import assign
from .run import open_run
from .scan import listed

ZIP = ".zip"
SAVED, SAVED_WHOLE = ".html", ".losslens.html"
"""How the names of saved comparisons end: the first is enough, the second is what is written."""
SAVED_ROLES = {"clean": CLEAN, "measurement": NOISY}
"""The roles of a comparison's panels that are no method's."""
NO_OUTPUTS: Mapping[str, Path] = MappingProxyType({})


def open_set(
    paths: Sequence[Path] | Path,
    *,
    clean: Path | None = None,
    noisy: Path | None = None,
    outputs: Mapping[str, Path] = NO_OUTPUTS,
) -> PictureSet:
    """The set of pictures in files, folders and zip files; nothing is decoded yet.

    `clean`, `noisy` and `outputs` (method -> where) say roles; what else lies in `paths` has the
    role that its folder's or its own name says. A zip file is unpacked to a temporary folder that
    lives as long as the set, and so are the pictures of a saved comparison, whose panels say their
    roles. A folder that `core.report.log` wrote is a `RunSet`, after its last step. Raises
    `ValueError` in one sentence for a path that does not exist, a zip file or a comparison that
    is refused, two folders of one role, a run beside anything else, and where there is no picture.
    """
    listed = [Path(paths)] if isinstance(paths, (str, Path)) else [Path(path) for path in paths]
    runs = [path for path in listed if LoggedRun(path).is_there]
    if not runs:
        return _Opening(clean, noisy, outputs).opened(listed)
    if len(listed) > 1 or clean or noisy or outputs:
        raise ValueError(f"'{shown(runs[0])}' is the folder of a run, which is opened alone.")
    return open_run(runs[0])


class _Opening:
    """A set as it is put together: which files claim to be what, and where they are."""

    def __init__(
        self, clean: Path | None, noisy: Path | None, outputs: Mapping[str, Path]
    ) -> None:
        taken = [role for role in SOURCES if role in outputs]
        if taken:
            raise ValueError(f"'{taken[0]}' is no name for a method: it says a role.")
        given = {CLEAN: clean, NOISY: noisy, **outputs}
        self.given = {role: Path(path) for role, path in given.items() if path is not None}
        self.claims: dict[str, dict[str, str]] = defaultdict(dict)
        self.sources: dict[str, Source] = {}
        self.unpacked: list[_Temporary] = []
        self.reopened: Reopened | None = None

    def opened(self, paths: Sequence[Path]) -> PictureSet:
        for role, path in self.given.items():
            self.add(role, path)
        saved = [path for path in paths if is_saved(path)]
        for path in saved:
            self.add_saved(path)
        if rest := [path for path in paths if path not in saved]:
            self.add_by_names(rest)
        every = [*self.given.values(), *paths]
        if not self.sources:
            where = " and ".join(f"'{path}'" for path in every) or "no path"
            raise ValueError(
                f"There is no picture in {where}; known are {', '.join(sorted(SUFFIXES))}."
            )
        pairing, reopened = pair(self.claims), self.reopened if len(every) == 1 else None
        if reopened:
            pairing = replace(pairing, roles=reopened.in_order(pairing.roles))
        return PictureSet(_name_of(paths or every), pairing, self.sources, self.unpacked, reopened)

    def add(self, role: str, path: Path) -> None:
        """All that lies at a path, in one role."""
        for inner, place in listed([self.unpacked_at(path)]).items():
            file = f"{role}/{inner}"
            if is_matlab(inner):
                self.add_arrays(file, place, role)
            else:
                self.claim(role, file, inner, Source(place))

    def add_by_names(self, paths: Sequence[Path]) -> None:
        """What lies at paths, in the roles that names say."""
        folders = [self.unpacked_at(path) for path in paths]
        found = listed(folders)
        pictures = [file for file in found if not is_matlab(file)]
        for file in found.keys() - set(pictures):
            self.add_arrays(file, found[file])
        for role, names in assign(pictures, plain=self.plain(paths)).items():
            for file, name in names.items():
                self.claim(role, file, name, Source(found[file]))

    def plain(self, paths: Sequence[Path]) -> str:
        """The role of files whose names say none.

        One folder says it by its own name, which is a method's beside what was given by role.
        """
        own = _name_of(paths)
        if self.given:
            return role_of(own) or own
        return (role_of(own) if len(paths) == 1 and paths[0].is_dir() else None) or CLEAN

    def add_saved(self, path: Path) -> None:
        """The pictures of a saved comparison: each method is called as its panel."""
        found = read_comparison(path)
        folder, names = self.new_folder(), _names_of(found)
        roles: dict[str, str] = {}
        for number, (name, picture) in enumerate(zip(names, found.pictures, strict=True)):
            for place, panel in enumerate(picture.panels):
                role = roles[panel.key] = _role_of(panel, path)
                file = folder / f"{number}-{place}.webp"
                with writing(file):
                    file.write_bytes(panel.data)
                _set_time(file, panel.data)
                self.claim(role, f"{path.name}/{role}/{name}", name, Source(str(file)))
        called = [Path(name).stem for name in names]
        shown = dict(zip(called, found.pictures, strict=True))
        pins = {name: one.pins for name, one in shown.items()}
        maps = {name: one.maps for name, one in shown.items() if one.maps}
        self.reopened = Reopened(found.resumed, roles, called[found.first], pins, maps)

    def add_arrays(self, file: str, place: str, role: str | None = None) -> None:
        """The arrays of a Matlab file, in a role or in those that their names say."""
        path = Path(place)
        for variable in variables(path):
            pictures = MatlabPictures(path, variable)
            of = role or role_of_variable(variable.name, path)
            for name, at in variable.names():
                self.claim(
                    of, f"{file}: {variable.name} {name}", name, Source(place, pictures, at)
                )

    def claim(self, role: str, file: str, name: str, source: Source) -> None:
        self.claims[role][file] = name
        self.sources[file] = source

    def unpacked_at(self, path: Path) -> Path:
        """The folder that a zip file is unpacked to; any other path as it is."""
        if not path.is_file() or path.suffix.lower() != ZIP:
            return path
        inner = self.new_folder() / path.stem
        inner.mkdir()
        unpack(path, inner)
        return inner

    def new_folder(self) -> Path:
        """A folder that lives as long as the set."""
        self.unpacked.append(_Temporary())
        return self.unpacked[-1].path


class _Temporary:
    """A folder that is removed with the last that holds this object."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="losslens-set-"))
        weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)


def _names_of(found: Saved) -> list[str]:
    """What the files of each picture are called: no two alike."""
    names: list[str] = []
    for picture in found.pictures:
        taken = {name.casefold() for name in names}
        names.append(apart_from(f"{harmless_name(picture.title)}.webp", taken))
    return names


def _role_of(panel: SavedPanel, path: Path) -> str:
    role = SAVED_ROLES.get(panel.role, panel.label)
    if panel.role not in SAVED_ROLES and role in SOURCES:
        raise ValueError(f"'{shown(path)}' calls a method '{role}', which says a role.")
    return role


def _set_time(file: Path, data: bytes) -> None:
    """A time of the content's own: the same comparison gives the same set, another another."""
    number = int.from_bytes(blake2b(data, digest_size=4).digest()) // 2  # the year 2004 at most
    os.utime(file, (0, number))


def is_saved(path: Path) -> bool:
    """Whether a file is read as a saved comparison."""
    return path.suffix.lower() == SAVED and path.is_file()


def is_matlab(file: str) -> bool:
    return file.lower().endswith(MATLAB)


def stem_of(name: str) -> str:
    """What a file is called, without the end that says its kind."""
    return name.removesuffix(SAVED_WHOLE) if name.endswith(SAVED_WHOLE) else Path(name).stem


def _name_of(paths: Sequence[Path]) -> str:
    """What people call it: the folder's or file's name, or that of the folder around several."""
    places = [os.path.abspath(path) for path in paths]
    if len(places) == 1:
        return printable(
            stem_of(paths[0].name) if paths[0].is_file() else os.path.basename(places[0])
        )
    together = os.path.commonpath([os.path.dirname(place) for place in places])
    return printable(os.path.basename(together))
