"""The zip of everything that Compare shows: pictures, numbers and settings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from core.viewer import Pin
from pages.compare.pins import notes_on
from pages.shared.comparison import Comparison, base_panels
from pages.shared.downloads import download
from pages.shared.numbers import so_far
from pages.shared.values import Picture

if TYPE_CHECKING:
    from core.metrics import ProtocolSpec

Rows = list[dict[str, str | float]]


def offer_archive(found: Comparison, protocol: ProtocolSpec, *, pending: bool) -> None:
    """The button; nothing to download before all is there.

    The numbers are taken now: when it is clicked, the store may have dropped their jobs.
    """
    download(
        "Download pictures and numbers",
        partial(
            archive,
            found,
            protocol,
            [] if pending else numbers_of(found, protocol),
            notes_on(base_panels(found)),
        ),
        found.bench.file_name("comparison", extension="zip"),
        "application/zip",
        key="comparison_download",
        disabled=pending,
    )


def numbers_of(found: Comparison, protocol: ProtocolSpec) -> Rows:
    """A row for every picture and place."""
    return [
        {"image": label, "place": region.text if region else "whole"}
        | {"noise": found.bench.noise, "protocol": protocol.key}
        | {key: number.value for key, number in row.items()}
        for region in dict.fromkeys((None, found.region))
        for label, row in so_far(found.numbers(region, protocol.key)).items()
    ]


def archive(
    found: Comparison, protocol: ProtocolSpec, rows: Rows, notes: Sequence[Pin] = ()
) -> bytes:
    """The zip's bytes: a PNG each, `metrics.csv`, `settings.json`, and `notes.csv` if any."""
    from core.imaging.export import export_zip

    bench = found.bench
    pictures = {"clean": bench.clean.array} if bench.clean else {}
    pictures["measurement"] = bench.measurement.array
    pictures |= {name: picture.array for name, picture in found.outputs.items()}
    settings = {
        "picture": bench.source.label,
        "set": bench.source.given.set_name if bench.source.given else None,
        "digest": bench.source.digest,
        "part": bench.part.text if bench.part else None,
        "region": found.region.text if found.region else None,
        "degradation": bench.degradation,
        "parameters": dict(bench.parameters),
        "noise": bench.noise,
        "protocol": {"key": protocol.key, "metrics": protocol.metrics, "how": protocol.sentence},
        "variants": {card.name: card.loss or None for card in bench.cards},
        "notes": [asdict(pin) for pin in notes],
    }
    numbered = [{"number": i, **asdict(pin)} for i, pin in enumerate(notes, 1)]
    beyond = beyond_range(bench.measurement)
    return export_zip(pictures, rows, settings, beyond, {"notes": numbered} if notes else {})


def beyond_range(measurement: Picture) -> dict[str, np.ndarray]:
    """The measurement's own values, float32 (H, W, 3), where a PNG of it had to be clipped."""
    low, high = (float(value) for value in measurement.image.aminmax())
    within = low >= 0 and high <= 1
    return {} if within else {"measurement": measurement.image.permute(1, 2, 0).numpy()}
