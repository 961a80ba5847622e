// Colour maps: anchors from colours.json, linear between them. A packed colour is one word of an
// ImageData buffer (little-endian: alpha, blue, green, red).

import { COLOUR_MAPS } from "./assets.js";
import { clamp } from "./numbers.js";

export const CATEGORICAL = "categorical"; // colours one by one, nothing between them

const DIVERGING = "diverging"; // for values with a sign

// What a band without a sign may be coloured with.
export const BAND_COLOURS = Object.keys(COLOUR_MAPS).filter(
  (name) => name !== CATEGORICAL && name !== DIVERGING,
);

export const ANCHORS = Object.fromEntries(
  Object.entries(COLOUR_MAPS).map(([name, colours]) => [
    name,
    colours.map((hex) => [0, 2, 4].map((at) => parseInt(hex.slice(at, at + 2), 16))),
  ]),
);

// Far below a level, far above rounding errors: an exact half goes up, however it was computed.
const TIE = 1e-9;

export function pack(red, green, blue) {
  return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}

export function colourAt(name, t) {
  const anchors = ANCHORS[name];
  const place = clamp(t, 0, 1) * (anchors.length - 1);
  const left = Math.min(Math.floor(place), anchors.length - 2);
  const weight = place - left;
  const mix = (channel) => {
    const [from, to] = [anchors[left][channel], anchors[left + 1][channel]];
    return Math.floor(from + (to - from) * weight + 0.5 + TIE);
  };
  return pack(mix(0), mix(1), mix(2));
}

const TABLES = new Map();

export function colourTable(name, size) {
  const key = `${name} ${size}`;
  if (!TABLES.has(key)) {
    TABLES.set(key, Uint32Array.from({ length: size }, (_, i) => colourAt(name, i / (size - 1))));
  }
  return TABLES.get(key);
}

// One entry per sum of the three channel differences, so the mean is exact: -765 … 765.
export function signedTable(range) {
  return Uint32Array.from({ length: 1531 }, (_, i) =>
    colourAt("diverging", (clamp((i - 765) / (3 * range), -1, 1) + 1) / 2),
  );
}

export function absoluteTable(range) {
  return Uint32Array.from({ length: 766 }, (_, i) => colourAt("magma", i / (3 * range)));
}

export function gradient(name) {
  return `linear-gradient(to right, ${COLOUR_MAPS[name].map((hex) => `#${hex}`).join(", ")})`;
}
