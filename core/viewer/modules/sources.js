// A source is what is painted for a panel: the picture itself, its contrast stretched, or its
// difference to a reference, coloured. Each is made once and kept until its key changes.

import { isLost } from "./arrivals.js";
import { absoluteTable, pack, signedTable } from "./colours.js";
import { know, knowHalf } from "./known_pixels.js";
import { clamp } from "./numbers.js";
import { MODE, onlyLayers, panelOfRole, referenceOf, sameSize } from "./panels.js";

export function differenceRange(viewer) {
  return 256 / viewer.state.gain;
}

function colouredSigned(picture, reference, sign, table) {
  const words = new Uint32Array(picture.words.length);
  const a = picture.bytes;
  const b = reference.bytes;
  for (let i = 0, at = 0; i < words.length; i++, at += 4) {
    const sum = a[at] - b[at] + a[at + 1] - b[at + 1] + a[at + 2] - b[at + 2];
    words[i] = table[sign * sum + 765];
  }
  return words;
}

function colouredAbsolute(picture, reference, table) {
  const words = new Uint32Array(picture.words.length);
  const a = picture.bytes;
  const b = reference.bytes;
  for (let i = 0, at = 0; i < words.length; i++, at += 4) {
    words[i] = table[
      Math.abs(a[at] - b[at]) + Math.abs(a[at + 1] - b[at + 1]) + Math.abs(a[at + 2] - b[at + 2])
    ];
  }
  return words;
}

export function painted(words, width, height) {
  const canvas = new OffscreenCanvas(width, height);
  const bytes = new Uint8ClampedArray(words.buffer);
  canvas.getContext("2d").putImageData(new ImageData(bytes, width, height), 0, 0);
  return know(canvas, { words, width, height });
}

export function kept(panel, slot, key, make) {
  if (!panel.sources[slot] || panel.sources[slot].key !== key) {
    panel.sources[slot] = { key, levels: [], ...make() };
  }
  return panel.sources[slot];
}

function imageSource(viewer, panel) {
  const { picture } = panel;
  const { contrast } = viewer.state;
  const reference = meanPicture(viewer, panel);
  const around = contrast === 1 ? "" : reference.url;
  return kept(panel, "image", `${picture.url} ${contrast} ${around}`, () => {
    if (contrast === 1) return { ...picture };
    const { width, height } = picture;
    const words = stretched(picture, reference, contrast);
    return { width, height, words, drawable: painted(words, width, height) };
  });
}

function differenceSource(viewer, panel, reference, mode) {
  const { picture } = panel;
  const range = differenceRange(viewer);
  const key = `${mode.key} ${picture.url} ${reference.picture.url} ${range}`;
  return kept(panel, "difference", key, () => {
    const { width, height } = picture;
    const words =
      mode.key === "absolute"
        ? colouredAbsolute(picture, reference.picture, absoluteTable(range))
        : colouredSigned(picture, reference.picture, mode.sign, signedTable(range));
    return { width, height, words, drawable: painted(words, width, height) };
  });
}

// What stands in a panel: {panel, mode, reference, source} or {missing: a sentence}.
export function shown(viewer, own) {
  const panel = (viewer.held && panelOfRole(viewer, viewer.held)) || own;
  const mode = viewer.held ? MODE.image : MODE[viewer.state.mode];
  if (!panel.spec.image) return { panel, missing: panel.spec.error || "computing…" };
  if (!panel.picture) return { panel, missing: isPictureLost(viewer, panel) ? "not here" : "loading…" };
  const reference = referenceOf(viewer, mode);
  if (!reference || reference === panel || onlyLayers(panel.spec)) {
    return { panel, mode: MODE.image, source: imageSource(viewer, panel) };
  }
  if (!reference.picture) return { panel, missing: withoutReference(viewer, reference) };
  if (!sameSize(panel.picture, reference.picture)) return { panel, missing: sizesDiffer(panel, reference) };
  return { panel, mode, reference, source: differenceSource(viewer, panel, reference, mode) };
}

export function isPictureLost(viewer, { picture, spec: { image } }) {
  return Boolean(image) && !picture && isLost(viewer, image.url);
}

function withoutReference(viewer, reference) {
  const { label } = reference.spec;
  return isPictureLost(viewer, reference) ? `No difference: ${label} did not arrive.` : `waiting for ${label}`;
}

function sizesDiffer(panel, reference) {
  const size = ({ picture }) => `${picture.width} × ${picture.height}`;
  return `No difference: ${size(panel)} here, ${size(reference)} in ${reference.spec.label}.`;
}

// Below 1:1 a source is drawn from its own halvings, each the mean of 2 x 2, made once.
export function levelOf(source, zoom) {
  const wanted = zoom >= 1 ? 0 : Math.floor(Math.log2(1 / zoom));
  let level = { drawable: source.drawable, width: source.width, height: source.height };
  for (let k = 1; k <= wanted; k++) {
    source.levels[k] = source.levels[k] || halved(level);
    level = source.levels[k];
  }
  return { drawable: level.drawable, scale: 2 ** -wanted };
}

function halved({ drawable, width, height }) {
  const half = { width: width / 2, height: height / 2 };
  const canvas = new OffscreenCanvas(Math.ceil(half.width), Math.ceil(half.height));
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "low";
  context.drawImage(drawable, 0, 0, width, height, 0, 0, half.width, half.height);
  return { drawable: knowHalf(canvas, drawable), ...half };
}

// Contrast: each channel is stretched around its local mean, so that fine structure grows and the
// brightness and the colour of a place stay. The mean is that of one picture for all panels:
// whatever differs between two of them differs the more, by the same factor everywhere.

const REACH = 16;
// Pixels on a side: twice the widest grid that is looked for, so that no grid is in the mean.
export const MEAN_WINDOW = 2 * REACH + 1;

const MEANS = new WeakMap();

// The picture whose means are taken: clean, else noisy, else the first; its own if sizes differ,
// or if it shows another scene.
function meanPicture(viewer, { picture, spec }) {
  if (spec.apart) return picture;
  const panel = panelOfRole(viewer, "clean") || panelOfRole(viewer, "measurement") || viewer.panels[0];
  const shared = panel && panel.picture;
  return shared && sameSize(shared, picture) ? shared : picture;
}

function stretched(picture, reference, contrast) {
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
