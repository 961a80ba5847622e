"""What a table was measured with: all that its numbers depend on, as a document."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ..artifacts import VALIDATED
from ..degradations import DEGRADATIONS, Degradation, parse_degradation
from ..imaging.decoding import BY_TYPE, RANGES
from ..metrics import METRICS, OURS, MetricSpec, ProtocolSpec, parse_protocol
from ..variants.card import Card
from ..variants.store import list_variants, read_card, variant_file
from .networks import BroughtNetwork

FORMAT = 1
MEASUREMENT = "measurement"
"""The row of what every variant was given."""
AS_GIVEN = "as given"
"""The degradation of pairs: nobody knows it."""
DEFAULT_DEGRADATION = "gaussian_noise(sigma=0.15)"
LIBRARIES = (
    "torch", "numpy", "scipy", "pillow", "imagecodecs", "simplejpeg", "tifffile", "scikit-image",
)  # fmt: skip


@dataclass(frozen=True)
class Settings:
    """Which variants, degradations and metrics, and the side of the centre crop if there is one.

    `metrics` are as `protocol` measures them; `outputs` are methods whose results come as files,
    `networks` those that somebody brings; `values` says how values deeper than 8 bits are read, a
    key of `core.imaging.decoding.RANGES`.
    Raises `ValueError` for a name that is not known and for one that comes twice.
    """

    cards: tuple[Card, ...]
    degradations: tuple[Degradation, ...]
    metrics: tuple[MetricSpec, ...]
    folder: Path
    crop: int | None = None
    protocol: ProtocolSpec = OURS
    outputs: tuple[str, ...] = ()
    values: str = BY_TYPE.key
    networks: tuple[BroughtNetwork, ...] = ()

    def __post_init__(self) -> None:
        _ = RANGES[self.values]
        _once("variant", self.variants)
        _once("degradation", [str(degradation) for degradation in self.degradations])
        _once("metric", [metric.key for metric in self.metrics])

    @property
    def variants(self) -> list[str]:
        """The names in the order of the table: the measurement, what runs, the outputs."""
        return [MEASUREMENT, *self.run, *self.outputs]

    @property
    def run(self) -> list[str]:
        """The names of what is run: variants, then the networks that were brought."""
        return [one.name for one in (*self.cards, *self.networks)]

    @property
    def parameters(self) -> list[str]:
        """The names that the degradations write, each once: columns of the table."""
        return list(dict.fromkeys(n for d in self.degradations for n in d.written))

    def document(self, device: str) -> dict[str, Any]:
        """All that the numbers depend on but the images, ready for JSON."""
        return {
            "format": FORMAT,
            "variants": {
                **{card.name: _identity(card, self.folder) for card in self.cards},
                **{one.name: one.identity for one in self.networks},
            },
            "degradations": [str(degradation) for degradation in self.degradations],
            "outputs": list(self.outputs),
            "metrics": [metric.key for metric in self.metrics],
            "protocol": self.protocol.key,
            "absent": self.absent(),
            "crop": self.crop,
            "values": self.values,
            "device": device,
            "versions": {name: version(name) for name in LIBRARIES},
        }

    def absent(self) -> dict[str, str]:
        """Metrics that cannot be measured on this machine -> why, in one sentence."""
        found = {metric.key: metric.absent() for metric in self.metrics}
        return {key: why for key, why in found.items() if why}


def make_settings(
    variants: Sequence[str],
    degradations: Sequence[str],
    metrics: Sequence[str],
    folder: Path,
    crop: int | None,
    *,
    trained: bool = False,
    protocol: str = OURS.key,
    outputs: Sequence[str] = (),
    values: str = BY_TYPE.key,
    networks: Sequence[BroughtNetwork] = (),
) -> Settings:
    """Settings from names; an empty list stands for all, and for the default degradation.

    Beside `outputs` and `networks` it stands for no variant. Their names must be none of a
    variant's.

    `trained` leaves classical variants out of "all" and counts hidden ones in; its default
    degradations are those that they were trained on, and its default metrics also what a card says
    of grids. `protocol` is read by `parse_protocol`; `values` says how deep ones are read. Raises
    `ValueError` for what does not exist, listing what does.
    """
    if crop is not None and crop < 1:
        raise ValueError(f"--crop is {crop}; it must be at least 1.")
    known = {card.name: card for card in list_variants(folder, hidden=trained)}
    brought = [*(one.name for one in networks), *outputs]
    _check_new(brought, folder)
    every = [name for name, card in known.items() if card.trained or not trained]
    wanted = variants or ([] if brought else every)
    cards = tuple(known.get(name) or read_card(name, folder) for name in wanted)
    own = dict.fromkeys(own_degradation(card) for card in cards if trained and card.trained)
    default = list(own) or [DEFAULT_DEGRADATION]
    chosen = parse_protocol(protocol)
    return Settings(
        cards,
        tuple(parse_degradation(text) for text in degradations or default),
        (
            *(chosen.apply(METRICS[key]) for key in metrics or METRICS),
            *(VALIDATED if trained else ()),
        ),
        folder,
        crop,
        chosen,
        tuple(outputs),
        values,
        tuple(networks),
    )


def own_degradation(card: Card) -> str:
    """What a trained variant is validated on: its degradation at the table's defaults.

    With the switches that it was trained with.
    """
    spec = DEGRADATIONS[card.degradation["key"]]
    return str(Degradation(spec, spec.values(card.degradation.get("switches", {}))))


def _check_new(brought: Sequence[str], folder: Path) -> None:
    """Raise `ValueError` for what is brought under the name of a variant, measured or not."""
    variants = list_variants(folder, hidden=True) if brought else []
    taken = {MEASUREMENT, *(card.name for card in variants)}
    for name in brought:
        if name in taken:
            raise ValueError(f"'{name}' is the name of a variant; give what you bring another.")


def _once(kind: str, names: Sequence[str]) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"The {kind} '{twice[0]}' is listed twice.")


def _identity(card: Card, folder: Path) -> dict[str, Any]:
    """What makes a variant this one: its network, and the digests of its weights and its ViT."""
    weights = weights_sha256(variant_file(card.name, folder)) if card.trained else None
    encoder = card.encoder["sha256"] if card.encoder else None
    return {
        "model": card.model,
        "arguments": card.arguments,
        "loss": card.loss,
        "weights_sha256": weights,
        "encoder_sha256": encoder,
    }


def weights_sha256(path: Path) -> str:
    """SHA-256 of a variant file's tensors; its card, which may be rewritten, does not count."""
    with path.open("rb") as file:
        header = int.from_bytes(file.read(8), "little")
        file.seek(8 + header)
        return hashlib.file_digest(file, "sha256").hexdigest()
