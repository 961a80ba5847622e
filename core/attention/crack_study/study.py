"""The measurement of the crack study: every map scored on every picture."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from tqdm import tqdm

from ...statistics import Interval, paired
from ...variants.store import load_variant
from ..cam import CAM_METHODS, layers_of
from ..maps import raw_maps
from .hits import LOWERS, Hit, Ranked, Score, score
from .maps import BASELINE, LAYERS_OF, MAIN, SIGN_FLIPPED, Place, all_maps, crack_on_grid
from .pictures import Sample, protocol
from .ratios import quotient_of, ratio_of
from .results import Best, Claim, Layer, Results, Row

DIGITS = 4


def measure(pictures: Sequence[Sample], wanted: Sequence[Place]) -> Results:
    """Score every map of `wanted` on every picture, with a progress bar on standard error."""
    scores = _scores(pictures, wanted)
    masks = [picture.mask for picture in pictures]
    return Results(
        pictures=len(pictures),
        protocol=protocol(pictures),
        crack_share=round(float(np.mean([mask.mean() for mask in masks])), DIGITS),
        layers=tuple(_layers(pictures[0], masks)),
        rows=tuple(_row(place, method, scores) for place, method in scores),
        claims=tuple(_claims(scores)),
    )


Scores = dict[tuple[Place, str], list[Score]]


def _scores(pictures: Sequence[Sample], wanted: Sequence[Place]) -> Scores:
    models = {name: load_variant(name) for name in dict.fromkeys(p.variant for p in wanted)}
    found: Scores = {}
    bar = tqdm(wanted, desc="Scoring attention maps", unit="layer", disable=None)
    for place in bar:
        for picture in pictures:
            for key, values in all_maps(models[place.variant], picture, place).items():
                found.setdefault((place, key), []).append(score(values, picture.mask))
    return found


def _layers(picture: Sample, masks: Sequence[np.ndarray]) -> Iterator[Layer]:
    model = load_variant(MAIN)
    for spec in layers_of(model):
        if spec.key in LAYERS_OF[spec.network]:
            raw = raw_maps(model, picture.image, spec.key, methods=[BASELINE])[BASELINE]
            grid = tuple(raw.cells.shape)
            best = [Ranked(crack_on_grid(mask, grid), mask).average_precision for mask in masks]
            yield Layer(spec.key, spec.label, spec.network, grid, _short(paired(np.array(best))))


def _row(place: Place, method: str, scores: Scores) -> Row:
    mine, random = scores[place, method], scores[place, BASELINE]
    precision = np.array([one.average_precision for one in mine])
    chance = np.array([one.average_precision for one in random])
    sweeps = {by: _mean_hits([one.sweeps[by].hits for one in mine]) for by in LOWERS}
    source = np.mean([one.source for one in mine], axis=0)
    return Row(
        place.variant,
        place.network,
        place.layer,
        method,
        _short(paired(precision)),
        _short(paired(precision, chance)),
        _short(ratio_of(_pairs(mine))),
        Hit(*_rounded(source)),
        {by: _best(LOWERS[by], hits) for by, hits in sweeps.items()},
        {by: _rounded(hits[:, 2], 3) for by, hits in sweeps.items() if place.variant == MAIN},
    )


def _mean_hits(hits: Sequence[tuple[Hit, ...]]) -> np.ndarray:
    """Return the means over pictures of precision, recall, IoU and area, `(lowers, 4)`."""
    return np.array(hits).mean(axis=0)


def _best(lowers: Sequence[float], hits: np.ndarray) -> Best:
    place = int(hits[:, 2].argmax())
    return Best(lowers[place], *_rounded(hits[place]))


def _pairs(scores: Sequence[Score]) -> np.ndarray:
    return np.array([one.inside_outside for one in scores])


def _rounded(values: Iterable[float], digits: int = DIGITS) -> tuple[float, ...]:
    return tuple(round(float(value), digits) for value in values)


def _short(interval: Interval) -> Interval:
    return Interval(*_rounded(interval))


def _claims(scores: Scores) -> Iterator[Claim]:
    """Yield the claim by each CAM method that was scored on every network, over all its layers."""
    for method in (*CAM_METHODS, *SIGN_FLIPPED.values()):
        found = [_of(scores, network, method) for network in LAYERS_OF]
        if all(found):
            vit, unet = (np.mean(list(map(_pairs, one)), axis=0) for one in found)
            ratios = ratio_of(vit), ratio_of(unet), quotient_of(vit, unet)
            yield Claim(method, *map(_short, ratios))


def _of(scores: Scores, network: str, method: str) -> list[list[Score]]:
    return [
        found
        for (place, key), found in scores.items()
        if (place.variant, place.network, key) == (MAIN, network, method)
    ]
