"""Networks that a person keeps: their files in a data folder, each with a note of what it is."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import date
from hashlib import blake2b
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, TypedDict

from ..base.files import FileError, read_plain, signature, write_whole, writing, written_whole
from ..base.json_numbers import dumps, loads
from ..base.shapes import fits
from ..base.words import LONGEST_NAME, name_of
from .labels import OWN

if TYPE_CHECKING:
    from .card import Card
    from .foreign import Network

NETWORKS = "networks"
NOTE = ".json"
NAME_LENGTH = 12  # hexadecimal digits of the digest
WHAT = "A network"
MOST_NOTE = 10**6
"""Bytes of a note."""
GONE = (0, 0, 0)


class Told(TypedDict, total=False):
    """The facts that older notes lack."""

    loss: str
    card: str


class About(Told):
    """The facts of a `Description` that pages show."""

    kind: str
    architecture: str
    arguments: dict[str, Any]
    parameters: int
    stripped: list[str]
    choices: list[str]
    notes: list[str]


@dataclass(frozen=True)
class Kept:
    """A network that was kept: its name, what the person calls it, its file and what it is.

    `choice` is which of the file's weights were chosen, None where there is no choice; `came_as`
    is the name of the file that was brought; `about` is its description's facts; `noise` is the
    level that the network is told, a standard deviation on [0, 1], None where it takes none;
    `stated` is the loss that the person says it was trained with, in its normal form.
    """

    name: str
    label: str
    file: str
    came_as: str
    choice: str | None
    added: str
    about: dict[str, Any]
    noise: float | None = None
    hidden: bool = False
    stated: str = ""

    @property
    def sentence(self) -> str:
        """What it is, for people."""
        facts = [self.about["architecture"], f"{self.about['parameters']:,} parameters"]
        return f"A network of yours, from {self.came_as}: {', '.join(facts)}."

    @property
    def loss(self) -> str:
        """The loss that it was trained with, by its file or by the person; empty if unknown."""
        return self.about.get("loss") or self.stated

    @property
    def story(self) -> Card | None:
        """What its file says of how it was made, None where it says nothing."""
        from .brought import told_card  # needs PyTorch, and the list of what is kept does not

        return told_card(self.name, self.about.get("card", ""))

    @property
    def card(self) -> Card:
        """The card that pages show it by: with all that its file tells."""
        from .brought import brought_card

        return brought_card(
            self.name,
            self.label,
            self.sentence,
            runs=True,
            parameters=self.about["parameters"],
            hidden=self.hidden,
            story=self.story,
        )


class Library:
    """The networks in a folder. Nothing in it is half-written, and a bad note hides no other.

    A network's name is its digest. With an `owner` it is the owner's alone, so that what two
    owners say of the same weights, such as the noise, stays apart wherever names are keys.
    """

    def __init__(self, folder: Path, owner: str = "") -> None:
        self.folder, self.owner = folder, owner

    def add(
        self, write: Callable[[Path], object], came_as: str, choice: str | None = None
    ) -> Kept:
        """Keep a network: `write` puts the file's bytes to the path that it is given.

        What was kept before keeps its label. Raises `ValueError` in one sentence for what cannot
        be opened; then nothing is left behind.
        """
        from .foreign import open_network

        suffix = Path(came_as).suffix.lower()
        with writing(Path(came_as)), TemporaryDirectory(prefix="losslens-incoming-") as beside:
            incoming = Path(beside) / Path(came_as).name
            write(incoming)
            network = open_network(incoming, choice)
            name = OWN + self._named(network.digest)[:NAME_LENGTH]
            former = self.find(name)
            kept = Kept(
                name,
                former.label if former else _label(came_as, choice),
                f"{name}{suffix}",
                came_as,
                choice,
                date.today().isoformat(),
                asdict(network.description),
                network.noise,
                stated=former.stated if former else "",
            )
            with written_whole(self.path(kept)) as file:
                shutil.copyfile(incoming, file)
        try:
            self._note(kept)
        except FileError:
            if former is None:  # a file without a note would be nobody's
                self.path(kept).unlink(missing_ok=True)
            raise
        if former and former.file != kept.file:
            self.path(former).unlink(missing_ok=True)  # the same weights in another kind of file
        return kept

    def add_choice(self, kept: Kept, choice: str) -> Kept:
        """Keep others of the weights in a network's file as well, e.g. plain beside averaged."""
        source = self.path(kept)
        return self.add(lambda path: shutil.copyfile(source, path), kept.came_as, choice)

    def all(self) -> list[Kept]:
        """Every network that is kept, by label."""
        found = filter(None, map(_read, sorted(self.folder.glob(f"{OWN}*{NOTE}"))))
        here = (kept for kept in found if self.path(kept).is_file())
        return sorted(here, key=lambda kept: kept.label.casefold())

    def find(self, name: str) -> Kept | None:
        """The network of this name, None if it is not kept."""
        return next((kept for kept in self.all() if kept.name == name), None)

    def path(self, kept: Kept) -> Path:
        """Where its file is."""
        return self.folder / Path(kept.file).name

    def open(self, kept: Kept) -> Network:
        """Its network. Raises `ValueError` in one sentence where the file cannot be opened."""
        from .foreign import open_network

        network = open_network(self.path(kept), kept.choice)
        if kept.noise is not None:
            network.noise = kept.noise
        return network

    def stamp(self, kept: Kept) -> str:
        """What changes when its file is replaced, or when it is told another noise level."""
        return f"{self.path(kept)} {signature(self.path(kept))} {kept.noise}"

    def size(self, kept: Kept) -> int:
        """Bytes of its file; 0 where it is gone."""
        return (signature(self.path(kept)) or GONE)[1]

    def tell_noise(self, kept: Kept, level: float) -> None:
        """Tell the network another noise level from now on."""
        self._note(replace(kept, noise=level))

    def rename(self, kept: Kept, label: str) -> None:
        """Call it otherwise. Raises `ValueError` for an empty label."""
        self._note(replace(kept, label=name_of(WHAT, label)))

    def state_loss(self, kept: Kept, expression: str) -> None:
        """Note the loss that it was trained with; an empty one is unknown again.

        Raises `ValueError` in one sentence for what is no loss expression.
        """
        from ..losses import parse_loss

        text = expression.strip()
        self._note(replace(kept, stated=parse_loss(text).expression if text else ""))

    def hide(self, kept: Kept, hidden: bool) -> None:
        """Leave it out of what is offered, or offer it again."""
        self._note(replace(kept, hidden=hidden))

    def delete(self, kept: Kept) -> None:
        """Remove its file and its note."""
        for path in (self.path(kept), self.folder / f"{kept.name}{NOTE}"):
            with writing(path, "was not removed"):
                path.unlink(missing_ok=True)

    def room(self) -> tuple[int, int]:
        """Bytes that the networks take, and bytes that are free on their disk."""
        used = sum(map(self.size, self.all()))
        there = next(p for p in (self.folder, *self.folder.parents) if p.is_dir())
        return used, shutil.disk_usage(there).free

    def _named(self, digest: str) -> str:
        """What stands for a digest here, in hexadecimal digits."""
        return blake2b((self.owner + digest).encode()).hexdigest() if self.owner else digest

    def _note(self, kept: Kept) -> None:
        write_whole(self.folder / f"{kept.name}{NOTE}", dumps(asdict(kept), indent=1) + "\n")


def _label(came_as: str, choice: str | None) -> str:
    """What a network is called at first: after its file."""
    stem = Path(came_as).stem
    return name_of(WHAT, f"{stem} ({choice})" if choice else stem)


def _read(path: Path) -> Kept | None:
    """A note, or None where it is none of ours."""
    try:
        document = loads(read_plain(path, MOST_NOTE))
    except ValueError:
        return None
    if not (fits(document, Kept) and fits(document["about"], About)):
        return None
    kept = Kept(**document)
    sound = len(kept.label) <= LONGEST_NAME and 0 <= (kept.noise or 0) <= 1
    return kept if sound and kept.name == path.stem else None
