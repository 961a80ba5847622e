"""Procedural asphalt, concrete and sand with cracks: painted, cracked, lit and photographed.

Every picture is made in four steps that share one random generator: a material paints its colour
and its height, cracks are carved into both, a low light from one side shades the height, and a
camera adds white balance, vignetting and the blur of its optics. All lengths are in pixels, all
tones are display values in [0, 1].
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy import ndimage

from ..base.table import Table

Shape = tuple[int, int]
Distance = Callable[[np.ndarray, np.ndarray], np.ndarray]
Painter = Callable[[np.random.Generator, Shape], "Surface"]
SMALLEST_SIDE = 16


class Texture(NamedTuple):
    """A picture, uint8 (H, W, 3), and where it is cracked, bool (H, W)."""

    image: np.ndarray
    mask: np.ndarray


@dataclass(frozen=True)
class Optics:
    """What lies between the scene and its pixels: a Gaussian, its sigma drawn from `blur`."""

    blur: tuple[float, float]


SHARP_OPTICS = Optics(blur=(0.3, 0.55))
"""What the shipped variants were trained on and published numbers were measured on: at the low
end hard edges alias, so that the power beyond 0.45 cycles per pixel hardly falls any more."""

PHOTO_OPTICS = Optics(blur=(0.45, 0.55))
"""The power falls up to the corner of the spectrum, as in photos of asphalt, brick and rock."""


@dataclass
class Surface:
    """What a material paints: colour (H, W, 3), height (H, W) in pixels, and how it cracks.

    `relief` is the strength of shading per unit slope, `crack_jag` (H, W) the pixels by which a
    crack's edge moves, `crack_tone` its inside, `crack_radius` the range of its half width.
    """

    colour: np.ndarray
    height: np.ndarray
    relief: float
    crack_jag: np.ndarray
    crack_tone: float
    crack_radius: tuple[float, float]


@dataclass(frozen=True)
class TextureSpec:
    """One material; `paint(generator, (H, W))` gives its uncracked surface."""

    key: str
    label: str
    paint: Painter

    def __call__(
        self,
        *,
        size: Shape = (256, 256),
        seed: int = 0,
        cracks: int = 1,
        optics: Optics = SHARP_OPTICS,
    ) -> Texture:
        """See `make_texture`."""
        if min(size) < SMALLEST_SIDE:
            raise ValueError(
                f"A texture of {size[1]} x {size[0]} pixels is too small; "
                f"the smallest side is {SMALLEST_SIDE}."
            )
        if seed < 0 or cracks < 0:
            raise ValueError(f"Seed {seed} and cracks {cracks} must both be 0 or more.")
        rng = np.random.default_rng([seed, zlib.crc32(self.key.encode())])
        surface = self.paint(rng, size)
        mask = _carve(rng, surface, _crack_distance(rng, size, cracks, surface.crack_radius))
        return Texture(_photograph(rng, _light(rng, surface), optics), mask)


def make_texture(
    key: str,
    *,
    size: Shape = (256, 256),
    seed: int = 0,
    cracks: int = 1,
    optics: Optics = SHARP_OPTICS,
) -> Texture:
    """Make the picture that belongs to a material, a size, a seed and a number of main cracks.

    `size` is (H, W), each at least 16. Gives `Texture(image, mask)`: uint8 (H, W, 3) and
    bool (H, W), true inside the cracks. Other `optics` blur the same scene more or less; its mask
    stays. Raises `ValueError` for an unknown key, a size that is too small and a negative seed or
    number of cracks.
    """
    return TEXTURES[key](size=size, seed=seed, cracks=cracks, optics=optics)


# Noise


def _white(rng: np.random.Generator, shape: Shape) -> np.ndarray:
    return rng.standard_normal(shape, dtype=np.float32)


def _frequencies(shape: Shape) -> tuple[np.ndarray, np.ndarray]:
    """Vertical and horizontal frequency of each `rfft2` bin, in cycles per pixel."""
    return np.fft.fftfreq(shape[0])[:, None], np.fft.rfftfreq(shape[1])[None, :]


def _filtered(rng: np.random.Generator, shape: Shape, gain: np.ndarray) -> np.ndarray:
    """White noise with a spectrum `gain` on `rfft2` bins, mean 0 and standard deviation 1."""
    gain = gain.copy()
    gain[0, 0] = 0
    noise = np.fft.irfft2(np.fft.rfft2(_white(rng, shape)) * gain, s=shape).astype(np.float32)
    return noise / noise.std()


def _fractal(
    rng: np.random.Generator, shape: Shape, *, slope: float, longest: float
) -> np.ndarray:
    """Noise with amplitude 1 / f^slope, flat below 1 / `longest` cycles per pixel."""
    vertical, horizontal = _frequencies(shape)
    return _filtered(rng, shape, np.hypot(np.hypot(vertical, horizontal), 1 / longest) ** -slope)


def _streaks(
    rng: np.random.Generator, shape: Shape, *, angle: float, length: float, width: float
) -> np.ndarray:
    """Noise drawn out to `length` along `angle` (radians) and `width` across it."""
    vertical, horizontal = _frequencies(shape)
    along = horizontal * np.cos(angle) + vertical * np.sin(angle)
    across = vertical * np.cos(angle) - horizontal * np.sin(angle)
    return _filtered(rng, shape, 1 / (1 + (along * length) ** 2 + (across * width) ** 2))


# Stones, grains, pores: many small shapes stamped into one distance field


class Field(NamedTuple):
    """Signed distance to the nearest shape, negative inside, and that shape's number or -1."""

    distance: np.ndarray
    owner: np.ndarray


FAR = np.float32(99)


def _stamp(shape: Shape, x: np.ndarray, y: np.ndarray, reach: int, distance: Distance) -> Field:
    """Stamp shapes at centres `x`, `y`; `distance(dx, dy)` maps (n, p, p) offsets to distances."""
    offset = np.arange(-reach, reach + 1, dtype=np.int32)
    columns = np.floor(x).astype(np.int32)[:, None, None] + offset[None, None, :]
    rows = np.floor(y).astype(np.int32)[:, None, None] + offset[None, :, None]
    dx = columns - x[:, None, None].astype(np.float32)
    dy = rows - y[:, None, None].astype(np.float32)
    value = distance(dx, dy)
    inside = (columns >= 0) & (columns < shape[1]) & (rows >= 0) & (rows < shape[0])
    keep = np.nonzero(inside & (value < reach))
    pixel = (rows * shape[1] + columns)[keep]
    value = value[keep]
    field = np.full(shape[0] * shape[1], FAR)
    np.minimum.at(field, pixel, value)
    owner = np.full(shape[0] * shape[1], -1, dtype=np.int32)
    nearest = value == field[pixel]
    owner[pixel[nearest]] = keep[0][nearest]
    return Field(field.reshape(shape), owner.reshape(shape))


def _merge(first: Field, second: Field) -> Field:
    """Both fields as one; the second's shapes are numbered after the first's."""
    shift = first.owner.max(initial=-1) + 1
    nearer = second.distance < first.distance
    owner = np.where(second.owner >= 0, second.owner + shift, -1)
    return Field(
        np.where(nearer, second.distance, first.distance),
        np.where(nearer, owner, first.owner),
    )


def _scatter(rng: np.random.Generator, shape: Shape, count: float) -> np.ndarray:
    """About `count` uniform random points, (2, n) x and y; a grid would show in a spectrum."""
    side = np.array([[shape[1]], [shape[0]]])
    return rng.random((2, rng.poisson(count))) * side


def _polygons(rng: np.random.Generator, radius: np.ndarray, sides: int) -> Distance:
    """Irregular convex polygons, one per radius: the angular outline of crushed stone."""
    count = len(radius)
    turn = rng.uniform(0, 2 * np.pi, (count, 1))
    wobble = rng.uniform(-0.35, 0.35, (count, sides))
    angle = turn + (np.arange(sides) + wobble) * (2 * np.pi / sides)
    edge = (radius[:, None] * rng.uniform(0.6, 1.15, (count, sides))).astype(np.float32)
    cosine, sine = np.cos(angle).astype(np.float32), np.sin(angle).astype(np.float32)

    def distance(dx: np.ndarray, dy: np.ndarray) -> np.ndarray:
        nearest = np.full(np.broadcast_shapes(dx.shape, dy.shape), -FAR)
        for side in range(sides):
            pick = (slice(None), side, None, None)
            plane = dx * cosine[pick] + dy * sine[pick] - edge[pick]
            np.maximum(nearest, plane, out=nearest)
        return nearest

    return distance


def _discs(radius: np.ndarray) -> Distance:
    """Discs, one per radius."""
    return lambda dx, dy: np.sqrt(dx * dx + dy * dy) - radius[:, None, None].astype(np.float32)


def _stones(
    rng: np.random.Generator, shape: Shape, radii: list[float], share: list[float]
) -> Field:
    """Stones of several mean radii, the largest first; small ones fill the gaps between them."""
    field = Field(np.full(shape, FAR), np.full(shape, -1, dtype=np.int32))
    for mean, keep in zip(radii, share, strict=True):
        x, y = _scatter(rng, shape, keep * shape[0] * shape[1] / (2.1 * mean + 0.6) ** 2)
        radius = (mean * rng.lognormal(0, 0.22, len(x))).astype(np.float32)
        free = field.distance[y.astype(np.int32), x.astype(np.int32)] > 0.6 * radius
        x, y, radius = x[free], y[free], radius[free]
        reach = int(np.ceil(1.6 * mean)) + 1
        field = _merge(field, _stamp(shape, x, y, reach, _polygons(rng, radius, 6)))
    return field


def _cover(distance: np.ndarray, softness: float = 0.5) -> np.ndarray:
    """Share of each pixel that lies inside: 1 for distances below -softness, 0 above it."""
    return np.clip(0.5 - distance / (2 * softness), 0, 1)


def _per_owner(rng: np.random.Generator, owner: np.ndarray) -> np.ndarray:
    """One standard normal number per shape, spread over its pixels."""
    values = rng.standard_normal(int(owner.max(initial=0)) + 2, dtype=np.float32)
    return values[owner]


def _tinted(tone: np.ndarray, warmth: np.ndarray | float) -> np.ndarray:
    """Grey `tone` (H, W) made warmer (positive) or cooler (negative): (H, W, 3)."""
    warm = np.asarray(warmth, dtype=np.float32)
    return np.stack([tone * (1 + warm), tone * (1 + 0.15 * warm), tone * (1 - warm)], axis=-1)


# Materials


def _paint_asphalt(rng: np.random.Generator, shape: Shape) -> Surface:
    """Dark binder, crushed stone of four sizes, bright specks, stains."""
    scale = rng.uniform(0.6, 1.5)
    wear = rng.uniform(0.35, 1.0)
    density = rng.uniform(0.6, 1.0)
    radii = [4.2 * scale, 2.3 * scale, 1.3 * scale, 0.8]
    share = [0.25 * rng.random() ** 2, 0.4 * density, 1.2 * density, 1.0 * density]
    stones = _stones(rng, shape, radii, share)
    cover = _cover(stones.distance)

    grit = _fractal(rng, shape, slope=0.15, longest=8)
    binder = rng.uniform(0.15, 0.3) * (1 + 0.24 * grit)
    own = _per_owner(rng, stones.owner)
    chip = rng.uniform(0.32, 0.5) * np.exp(rng.uniform(0.22, 0.4) * np.clip(own, -2, 2.2))
    chip = chip * (1 + 0.12 * _white(rng, shape))
    film = np.clip(wear + 0.25 * _per_owner(rng, stones.owner), 0.1, 1)
    tone = binder + (chip - binder) * cover * film
    stains = _fractal(rng, shape, slope=1.6, longest=200)
    tone = tone * (1 + rng.uniform(0.03, 0.12) * stains)
    rust = np.clip(_per_owner(rng, stones.owner), -0.4, 3)
    warmth = rng.uniform(-0.01, 0.08) + cover * rng.uniform(0.02, 0.07) * rust
    dome = np.clip(-stones.distance, -1, 1.6 * scale)
    height = dome * (0.9 + 0.25 * own) + 0.35 * _fractal(rng, shape, slope=0.5, longest=20)
    jag = 1.3 * scale * _fractal(rng, shape, slope=1.0, longest=10) + 0.5 * np.maximum(dome, 0)
    tone_inside = rng.uniform(0.03, 0.08)
    return Surface(_tinted(tone, warmth), height, 0.24, jag, tone_inside, (0.9, 2.5))


def _paint_concrete(rng: np.random.Generator, shape: Shape) -> Surface:
    """Light mottled paste, fine sand, air holes, trowel marks, at times a form line."""
    blotches = _fractal(rng, shape, slope=rng.uniform(1.3, 1.9), longest=rng.uniform(60, 250))
    grain = _fractal(rng, shape, slope=rng.uniform(0.0, 0.4), longest=12)
    angle = rng.uniform(0, np.pi)
    trowel = _streaks(rng, shape, angle=angle, length=rng.uniform(120, 400), width=8)
    brush = _streaks(rng, shape, angle=angle, length=60, width=2) * 0.8 * rng.random() ** 4
    tone = rng.uniform(0.5, 0.74) * (
        1
        + rng.uniform(0.02, 0.07) * blotches
        + rng.uniform(0.02, 0.045) * grain
        + rng.uniform(0.005, 0.02) * trowel
        + 0.03 * brush
    )
    sand = _stones(rng, shape, [rng.uniform(1.2, 2.2), 0.8], [0.12, rng.uniform(0.1, 0.4)])
    tint = rng.uniform(0.04, 0.12) * _per_owner(rng, sand.owner)
    tone = tone * (1 + tint * _cover(sand.distance))
    pores = _pores(rng, shape)
    hole = _cover(pores, 0.8)
    bowl = np.clip(-pores, 0, 3)
    tone = tone * (1 - rng.uniform(0.3, 0.5) * hole - 0.05 * bowl)
    rough = _fractal(rng, shape, slope=rng.uniform(0.7, 1.3), longest=30)
    height = (
        rng.uniform(0.2, 0.6) * rough
        + 0.35 * brush
        + 0.15 * trowel
        - 1.2 * hole
        - 0.9 * bowl
        + _form_line(rng, shape)
    )
    warmth = rng.uniform(-0.01, 0.06) + 0.008 * _fractal(rng, shape, slope=1.6, longest=200)
    jag = 0.45 * _fractal(rng, shape, slope=0.9, longest=8)
    return Surface(_tinted(tone, warmth), height, 0.13, jag, rng.uniform(0.1, 0.24), (0.4, 2.2))


def _pores(rng: np.random.Generator, shape: Shape) -> np.ndarray:
    """Distance to air holes: many pinholes, few large ones."""
    x, y = _scatter(rng, shape, shape[0] * shape[1] / 65536 * rng.uniform(15, 140))
    radius = np.minimum(0.55 * (1 - rng.random(len(x))) ** -0.45, 3.6) * rng.uniform(0.8, 1.3)
    outline = _polygons(rng, radius.astype(np.float32), 9)
    return _stamp(shape, x, y, 8, outline).distance


def _form_line(rng: np.random.Generator, shape: Shape) -> np.ndarray:
    """The step that a joint between two form boards leaves, on about a third of all pictures."""
    angle = rng.choice([0.0, np.pi / 2]) + rng.normal(0, 0.02)
    rows, columns = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    across = columns * np.cos(angle) + rows * np.sin(angle) - rng.uniform(0.1, 0.9) * max(shape)
    seen = float(rng.random() < 0.35)
    return seen * (0.8 / (1 + np.exp(-across / 1.2)) - 1.1 * np.exp(-((across / 1.5) ** 2)))


def _paint_sand(rng: np.random.Generator, shape: Shape) -> Surface:
    """Many-coloured grains on a bed of wind ripples."""
    mean = rng.uniform(0.75, 1.35)
    grains = _grains(rng, shape, 0.3 / mean**2)
    own = _per_owner(rng, grains)
    dark = _per_owner(rng, grains) < -rng.uniform(1.4, 2.2)
    length = rng.uniform(28, 80)
    ripple = _ripples(rng, shape, length)
    tone = rng.uniform(0.46, 0.63) * np.exp(rng.uniform(0.08, 0.17) * own)
    tone = np.where(dark, rng.uniform(0.4, 0.65) * tone, tone)
    tone = tone * (1 + 0.05 * _fractal(rng, shape, slope=1.5, longest=150) + 0.03 * ripple)
    tone = tone * (1 + 0.05 * _white(rng, shape))
    warmth = rng.uniform(0.1, 0.22) + 0.05 * np.clip(_per_owner(rng, grains), -1.2, 2.5)
    height = (
        0.45 * own
        + rng.uniform(0.8, 2.0) * _fractal(rng, shape, slope=1.4, longest=60)
        + rng.uniform(0.02, 0.3) * length * ripple
    )
    jag = 0.7 * _fractal(rng, shape, slope=0.9, longest=10) + 0.25 * own
    return Surface(_tinted(tone, warmth), height, 0.2, jag, rng.uniform(0.12, 0.22), (0.6, 2.5))


def _grains(rng: np.random.Generator, shape: Shape, density: float) -> np.ndarray:
    """The number of the grain (H, W) that each pixel shows; `density` is grains per pixel."""
    centre = rng.random(shape) < density
    centre[0, 0] = True
    number = np.cumsum(centre).reshape(shape).astype(np.int32)
    rows, columns = ndimage.distance_transform_edt(
        ~centre, return_distances=False, return_indices=True
    )
    return number[rows, columns]


def _ripples(rng: np.random.Generator, shape: Shape, length: float) -> np.ndarray:
    """Wind ripples `length` apart, amplitude about 1: gentle up, steep down, bent crests."""
    rows, columns = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    angle = rng.uniform(0, 2 * np.pi)
    bend = 0.22 * length * _fractal(rng, shape, slope=2.2, longest=4 * length)
    phase = 2 * np.pi * (columns * np.cos(angle) + rows * np.sin(angle) + bend) / length
    strength = 0.75 + 0.25 * _fractal(rng, shape, slope=2.0, longest=3 * length)
    return strength * np.sin(phase + 0.6 * np.sin(phase))


# Cracks


def _displaced(rng: np.random.Generator, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """A fractal line from start to end, (n, 2) x and y: random midpoint displacement."""
    line = np.stack([start, end])
    while np.hypot(*(line[1] - line[0])) > 1.5:
        step = np.diff(line, axis=0)
        normal = np.stack([-step[:, 1], step[:, 0]], axis=1)
        shift = np.clip(rng.normal(0, 0.13, (len(step), 1)), -0.35, 0.35)
        line = np.insert(line, np.arange(1, len(line)), line[:-1] + step / 2 + normal * shift, 0)
    return line


def _main_crack(rng: np.random.Generator, shape: Shape) -> np.ndarray:
    """A line across the picture, from beyond one edge to beyond the opposite one."""
    side = np.array([shape[1], shape[0]], dtype=float)
    angle = rng.uniform(0, 2 * np.pi)
    direction = np.array([np.cos(angle), np.sin(angle)])
    middle = side * rng.uniform(0.3, 0.7, 2)
    half = np.hypot(*side) / 2 * rng.uniform(0.75, 1.1, 2)
    return _displaced(rng, middle - half[0] * direction, middle + half[1] * direction)


def _branch(rng: np.random.Generator, line: np.ndarray, reach: float) -> np.ndarray:
    """A line that leaves another one at 25 to 70 degrees."""
    place = int(rng.integers(len(line) // 5, 4 * len(line) // 5 + 1))
    ahead = line[min(place + 4, len(line) - 1)] - line[max(place - 4, 0)]
    turn = np.deg2rad(rng.uniform(25, 70)) * rng.choice([-1, 1]) + rng.choice([0, np.pi])
    angle = np.arctan2(ahead[1], ahead[0]) + turn
    end = line[place] + reach * np.array([np.cos(angle), np.sin(angle)])
    return _displaced(rng, line[place], end)


def _radii(rng: np.random.Generator, count: int, widest: float, *, taper: bool) -> np.ndarray:
    """Half widths along a crack: wandering up to `widest`, thin at both ends or thinning out."""
    wander = ndimage.gaussian_filter1d(rng.standard_normal(count), 12, mode="reflect")
    wander = wander / max(float(wander.std()), 1e-6)
    along = np.linspace(0, 1, count)
    end = 1 - 0.85 * along if taper else np.minimum(1, 0.2 + 6 * np.minimum(along, 1 - along))
    return np.clip(widest * end * (0.7 + 0.3 * wander), 0.4, 2.5)


def _crack_distance(
    rng: np.random.Generator, shape: Shape, cracks: int, radius: tuple[float, float]
) -> np.ndarray:
    """Signed distance (H, W) to all cracks, their branches and their branches' branches."""
    field = np.full(shape, FAR)
    for _ in range(cracks):
        widest = rng.uniform(*radius)
        line = _main_crack(rng, shape)
        lines = [(line, _radii(rng, len(line), widest, taper=False))]
        for _ in range(int(rng.integers(0, 5))):
            parent, half = lines[int(rng.integers(len(lines)))]
            child = _branch(rng, parent, min(shape) * rng.uniform(0.12, 0.45))
            thin = float(half.mean()) * rng.uniform(0.4, 0.8)
            lines.append((child, _radii(rng, len(child), thin, taper=True)))
        points = np.concatenate([line for line, _ in lines])
        halves = np.concatenate([half for _, half in lines])
        stamped = _stamp(shape, points[:, 0], points[:, 1], 7, _discs(halves))
        field = np.minimum(field, stamped.distance)
    return field


def _carve(rng: np.random.Generator, surface: Surface, distance: np.ndarray) -> np.ndarray:
    """Cut cracks into colour and height, in place; gives their mask, bool (H, W)."""
    shape = distance.shape
    jagged = distance + np.clip(surface.crack_jag, -2.2, 1.6) * np.clip(
        0.35 + 0.7 * distance, 0.1, 1
    )
    inside = _cover(jagged, 0.7)
    patchy = np.clip(0.5 + 0.7 * _fractal(rng, shape, slope=1.2, longest=40), 0, 1)
    rim = np.clip(1 - np.abs(jagged - 1.6) / 1.8, 0, 1) * patchy * (1 - inside)
    debris = np.clip(_fractal(rng, shape, slope=0.4, longest=6) - 1.3, 0, 1.2)
    floor = surface.crack_tone * (1 + 0.25 * _white(rng, shape)) + 0.12 * debris
    depth = np.clip(-jagged, 0, 2.5) / 2.5
    dark = surface.colour * (0.32 - 0.2 * depth)[..., None] + 0.5 * floor[..., None]
    surface.colour *= (1 + 0.14 * rim)[..., None]
    surface.colour += (dark - surface.colour) * inside[..., None]
    surface.height *= 1 - 0.8 * inside
    surface.height -= (0.5 + 1.6 * depth) * inside + 0.3 * rim
    return jagged < 0.1


# Light and camera


def _light(rng: np.random.Generator, surface: Surface) -> np.ndarray:
    """Shade the height by a low light from one side and by the sky that hollows do not see."""
    angle = rng.uniform(0, 2 * np.pi)
    down, right = np.gradient(surface.height)
    slope = right * np.cos(angle) + down * np.sin(angle)
    hollow = surface.height - ndimage.gaussian_filter(surface.height, 2.5)
    strength = surface.relief * rng.uniform(0.7, 1.3)
    shade = 1 + strength * np.tanh(slope) + 0.4 * strength * np.tanh(hollow)
    return surface.colour * shade[..., None]


def _photograph(rng: np.random.Generator, scene: np.ndarray, optics: Optics) -> np.ndarray:
    """Uneven light, white balance, exposure, optical blur: a scene (H, W, 3) becomes uint8."""
    shape = scene.shape[:2]
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    y, x = y / shape[0] - 0.5, x / shape[1] - 0.5
    angle, tilt = rng.uniform(0, 2 * np.pi), rng.uniform(0, 0.22)
    falloff = rng.uniform(0, 0.25)
    light = 1 + tilt * (x * np.cos(angle) + y * np.sin(angle)) - falloff * (x * x + y * y)
    temperature, tint = rng.normal(0, 0.03), rng.normal(0.004, 0.006)
    balance = np.array([1 + tint + temperature, 1.0, 1 + tint - temperature])
    exposure = rng.uniform(0.85, 1.15)
    sigma = rng.uniform(*optics.blur)
    image = scene * light[..., None] * (balance * exposure).astype(np.float32)
    image = ndimage.gaussian_filter(image, (sigma, sigma, 0), truncate=3.0)
    return np.rint(255 * np.clip(image, 0, 1)).astype(np.uint8)


TEXTURES: Table[TextureSpec] = Table(
    "texture",
    TextureSpec("asphalt", "Asphalt", _paint_asphalt),
    TextureSpec("concrete", "Concrete", _paint_concrete),
    TextureSpec("sand", "Sand", _paint_sand),
)
