// Contrast: each channel is stretched around its local mean, so that fine structure grows and the
// brightness and the colour of a place stay. The mean is that of one picture for all panels:
// whatever differs between two of them differs the more, by the same factor everywhere.

import { pack } from "./colours.js";
import { clamp } from "./numbers.js";
import { panelOfRole, sameSize } from "./panels.js";

const REACH = 16;
// Pixels on a side: twice the widest grid that is looked for, so that no grid is in the mean.
export const MEAN_WINDOW = 2 * REACH + 1;

const MEANS = new WeakMap();

// The picture whose means are taken: clean, else noisy, else the first; its own if sizes differ.
export function meanPicture(viewer, { picture }) {
  const panel = panelOfRole(viewer, "clean") || panelOfRole(viewer, "measurement") || viewer.panels[0];
  const shared = panel && panel.picture;
  return shared && sameSize(shared, picture) ? shared : picture;
}

export function stretched(picture, reference, contrast) {
  const means = localMeans(reference);
  const words = new Uint32Array(picture.words.length);
  const { bytes } = picture;
  const level = (at) => clamp(Math.floor(means[at] + contrast * (bytes[at] - means[at]) + 0.5), 0, 255);
  for (let i = 0, at = 0; i < words.length; i++, at += 4) {
    words[i] = pack(level(at), level(at + 1), level(at + 2));
  }
  return words;
}

// Of each byte, as the bytes lie; at the borders of what there is of the window.
function localMeans(picture) {
  if (!MEANS.has(picture)) MEANS.set(picture, measure(picture));
  return MEANS.get(picture);
}

function measure({ bytes, width, height }) {
  const rows = new Uint32Array(bytes.length);
  const sums = new Uint32Array(bytes.length);
  for (let y = 0; y < height; y++) {
    for (let channel = 0; channel < 3; channel++) slide(bytes, rows, 4 * y * width + channel, 4, width);
  }
  for (let x = 0; x < width; x++) {
    for (let channel = 0; channel < 3; channel++) slide(rows, sums, 4 * x + channel, 4 * width, height);
  }
  const [across, down] = [counts(width), counts(height)];
  return Float32Array.from(sums, (sum, at) => {
    const pixel = at >> 2;
    return sum / (across[pixel % width] * down[Math.floor(pixel / width)]);
  });
}

// The sums of the window along one line of values.
function slide(from, to, start, step, length) {
  let sum = 0;
  for (let i = 0; i < Math.min(REACH, length); i++) sum += from[start + i * step];
  for (let i = 0; i < length; i++) {
    if (i + REACH < length) sum += from[start + (i + REACH) * step];
    if (i > REACH) sum -= from[start + (i - REACH - 1) * step];
    to[start + i * step] = sum;
  }
}

function counts(length) {
  return Array.from({ length }, (_, i) => Math.min(i + REACH, length - 1) - Math.max(i - REACH, 0) + 1);
}
