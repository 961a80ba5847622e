"""JPEGs, whole and cut."""

from __future__ import annotations

from functools import partial

import numpy as np
from PIL import Image

from tests.core.imaging.writers import cut_scan, saved, taller, with_fewer_scans

from ..case import Case
from .expected import HEIGHT, LOSSY, WIDTH, refused, shown, smooth


def jpeg(**options) -> bytes:
    return saved(smooth(), "JPEG", quality=95, **options)


def noisy_jpeg(**options) -> bytes:
    """Whose data are long enough to be cut."""
    noise = np.random.default_rng(0).integers(0, 256, (48, 64, 3), dtype=np.uint8)
    return saved(noise, "JPEG", quality=90, **options)


def rare_jpeg(**options) -> bytes:
    from imagecodecs import jpeg8_encode

    values = np.zeros((HEIGHT, WIDTH), np.uint8 if "lossless" in options else np.uint16)
    return jpeg8_encode(values, **options)


def _jpegs() -> list[Case]:
    kinds = {
        "baseline": {},
        "progressive": {"progressive": True},
        "restart markers": {"restart_marker_blocks": 4},
        "full chroma": {"subsampling": 0},
    }
    cases = [
        shown(f"JPEG, {name}", partial(jpeg, **options), smooth(), LOSSY)
        for name, options in kinds.items()
    ]
    for name, options in kinds.items():
        whole = partial(noisy_jpeg, **options)
        cases += [
            refused(
                f"JPEG, {name}, the last byte of its data missing, an end marker behind",
                lambda whole=whole: whole()[:-3] + b"\xff\xd9",
                "JPEG",
            ),
            *(
                refused(
                    f"JPEG, {name}, {share:.0%} of its data, an end marker behind",
                    lambda whole=whole, share=share: cut_scan(whole(), share),
                    "JPEG",
                )
                for share in (0.9, 0.5, 0.1)
            ),
            refused(
                f"JPEG, {name}, cut in half",
                lambda whole=whole: whole()[: len(whole()) // 2],
                "JPEG",
            ),
            refused(
                f"JPEG, {name}, of doubled height", lambda whole=whole: taller(whole()), "JPEG"
            ),
            shown(
                f"JPEG, {name}, rubbish behind its end",
                lambda options=options: jpeg(**options) + b"rubbish",
                smooth(),
                LOSSY,
            ),
        ]
    return [
        *cases,
        shown(
            "JPEG, stray bytes before its end",
            lambda: jpeg()[:-2] + b"abcdefgh" + jpeg()[-2:],
            smooth(),
            LOSSY,
            "extraneous bytes",
        ),
        refused("JPEG, 12 bits", partial(rare_jpeg, bitspersample=12), "have 12 bits"),
        refused("JPEG, lossless", partial(rare_jpeg, lossless=True), "lossless kind"),
        refused("JPEG, no end marker", lambda: jpeg()[:-2], "Premature end"),
        shown(
            "JPEG, progressive, its first scans only",
            lambda: with_fewer_scans(jpeg(progressive=True), 4),
            smooth(),
            40,
            "last scans are missing",
        ),
        shown(
            "JPEG, CMYK",
            partial(saved, Image.fromarray(smooth()).convert("CMYK"), "JPEG", quality=95),
            smooth(),
            LOSSY,
            "CMYK by the plain formula",
        ),
        shown(
            "JPEG, grey",
            partial(saved, smooth()[..., 0], "JPEG", quality=95),
            smooth()[..., [0, 0, 0]],
            LOSSY,
        ),
    ]


CASES = [*_jpegs()]
