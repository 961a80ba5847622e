// A magnifier under the pointer, in all panels at once: one band of the detail of each picture,
// amplified around a middle grey. `core.imaging.detail_bands` says what a band is.

import { pack } from "./colours.js";
import { know } from "./known_pixels.js";
import { clamp } from "./numbers.js";
import { onlyLayers, panelOfRole, sameSize } from "./panels.js";
import { requestDraw } from "./requests.js";
import { pixelRatio } from "./screen.js";
import { originOf } from "./view.js";

// Levels of the decomposition, from the first to the one before the last.
const ERROR = "error";
export const BANDS = [
  { key: "band-2", label: "2 px", first: 0, last: 1, about: "The finest detail: a grid of 2 px" },
  { key: "band-4", label: "4 px", first: 1, last: 2, about: "Detail of about 4 px" },
  { key: "band-8", label: "8 px", first: 2, last: 3, about: "Detail of about 8 px" },
  { key: "high", label: "All fine", first: 0, last: 3, about: "The three together: a high-pass" },
  { key: ERROR, label: "− clean", about: "What the clean picture does not have" },
];
export const USUAL_LENS = { on: false, band: "band-2", gain: 8 };

const MOST_GAIN = 64;
const DIAMETER = 190; // CSS pixels
const LEAST_SCALE = 3;
const GREY = 128;
const LUMA = [0.299, 0.587, 0.114];
const STEPS = [1, 2, 4];
const MARGIN = STEPS.reduce((sum, step) => sum + step, 0);

export function hasLens(viewer) {
  return !viewer.frequency && viewer.panels.some(({ spec }) => !onlyLayers(spec));
}

export function isLensOn(viewer) {
  return (viewer.state.lens.on || viewer.lensHeld) && hasLens(viewer);
}

export function toggleLens(viewer) {
  viewer.state.lens.on = !viewer.state.lens.on;
  requestDraw(viewer, true);
}

export function holdLens(viewer, held) {
  if (viewer.lensHeld === held) return;
  viewer.lensHeld = held;
  requestDraw(viewer);
}

// What a held lens shows, in words.
export function lensText(viewer) {
  const { gain, on } = viewer.state.lens;
  if (on || !isLensOn(viewer)) return "";
  return `Lens: ${bandOf(viewer).label} ×${gain} (wheel: amplify, b: next)`;
}

export function setBand(viewer, key) {
  viewer.state.lens.band = key;
  requestDraw(viewer);
}

// Without a clean picture there is nothing that an output has and it has not.
export function bandsOf(viewer) {
  return panelOfRole(viewer, "clean") ? BANDS : BANDS.filter(({ key }) => key !== ERROR);
}

function bandOf(viewer) {
  const bands = bandsOf(viewer);
  return bands.find(({ key }) => key === viewer.state.lens.band) || bands[0];
}

export function nextBand(viewer) {
  const bands = bandsOf(viewer);
  setBand(viewer, bands[(bands.indexOf(bandOf(viewer)) + 1) % bands.length].key);
}

export function setLensGain(viewer, factor) {
  viewer.state.lens.gain = clamp(factor, 1, MOST_GAIN);
  requestDraw(viewer);
}

// The part of a picture that a lens shows, and how large its pixels are on the screen.
export function lensOver(viewer, { x, y }) {
  const { ox, oy, zoom } = originOf(viewer);
  const scale = Math.max(2 * Math.ceil(zoom), LEAST_SCALE * Math.ceil(pixelRatio()));
  const reach = Math.ceil((DIAMETER * pixelRatio()) / scale / 2);
  const middle = { x: Math.round(ox + (x + 0.5) * zoom), y: Math.round(oy + (y + 0.5) * zoom) };
  return { left: x - reach, top: y - reach, side: 2 * reach + 1, scale, middle };
}

export default function drawLens(viewer, context, { panel }) {
  if (!viewer.hover || !isLensOn(viewer) || onlyLayers(panel.spec)) return;
  const lens = lensOver(viewer, viewer.hover);
  const values = lensValues(viewer, panel.picture, lens);
  const sheet = sheetFor(viewer, lens.side);
  fill(sheet.words, values, panel.picture, lens, viewer.state.lens.gain);
  sheet.context.putImageData(sheet.image, 0, 0);
  const { x, y } = lens.middle;
  const radius = Math.round((DIAMETER * pixelRatio()) / 2);
  const size = lens.side * lens.scale;
  const corner = (at) => at - Math.floor(size / 2);
  context.save();
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.clip();
  context.imageSmoothingEnabled = false;
  context.drawImage(sheet.canvas, corner(x), corner(y), size, size);
  context.restore();
  drawRing(context, x, y, radius);
}

function drawRing(context, x, y, radius) {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  for (const [width, colour] of [[4, "rgba(0, 0, 0, 0.6)"], [2, "#fff"]]) {
    context.lineWidth = width * Math.ceil(pixelRatio());
    context.strokeStyle = colour;
    context.stroke();
  }
}

// One sheet for all panels: each is painted before the next.
function sheetFor(viewer, side) {
  if (viewer.lensSheet?.image.width === side) return viewer.lensSheet;
  const canvas = new OffscreenCanvas(side, side);
  const image = new ImageData(side, side);
  const words = new Uint32Array(image.data.buffer);
  know(canvas, { words, width: side, height: side });
  viewer.lensSheet = { canvas, context: canvas.getContext("2d"), image, words };
  return viewer.lensSheet;
}

function fill(words, values, picture, { left, top, side }, gain) {
  for (let row = 0, at = 0; row < side; row++) {
    const outside = top + row < 0 || top + row >= picture.height;
    for (let column = 0; column < side; column++, at++) {
      if (outside || left + column < 0 || left + column >= picture.width) words[at] = pack(0, 0, 0);
      else {
        const level = clamp(Math.floor(GREY + gain * values[at] + 0.5), 0, 255);
        words[at] = pack(level, level, level);
      }
    }
  }
}

function lensValues(viewer, picture, lens) {
  const band = bandOf(viewer);
  if (band.key !== ERROR) return bandValues(picture, lens, band);
  const clean = panelOfRole(viewer, "clean")?.picture;
  const own = lumaOf(picture, lens, 0);
  if (!clean || !sameSize(clean, picture)) return own.fill(0);
  const other = lumaOf(clean, lens, 0);
  return own.map((value, i) => value - other[i]);
}

// The difference of two smoothings, in 8-bit levels.
export function bandValues(picture, lens, { first, last }) {
  let level = { values: lumaOf(picture, lens, MARGIN), margin: MARGIN };
  const kept = [cropped(level, lens.side)];
  for (const step of STEPS.slice(0, last)) {
    level = smoothed(level, lens.side, step);
    kept.push(cropped(level, lens.side));
  }
  return kept[first].map((value, i) => value - kept[last][i]);
}

// With `margin` pixels on each side; beyond its border a picture is mirrored at its outermost pixels.
function lumaOf({ bytes, width, height }, { left, top, side }, margin) {
  const whole = side + 2 * margin;
  const columns = Array.from({ length: whole }, (_, i) => 4 * mirrored(left - margin + i, width));
  const values = new Float32Array(whole * whole);
  for (let row = 0, at = 0; row < whole; row++) {
    const start = 4 * width * mirrored(top - margin + row, height);
    for (let column = 0; column < whole; column++, at++) {
      const i = start + columns[column];
      values[at] = LUMA[0] * bytes[i] + LUMA[1] * bytes[i + 1] + LUMA[2] * bytes[i + 2];
    }
  }
  return values;
}

function mirrored(place, length) {
  if (length === 1) return 0;
  const period = 2 * (length - 1);
  const within = ((place % period) + period) % period;
  return Math.min(within, period - within);
}

// 1 2 1 along x, then along y, its taps `step` pixels apart: what is left of the margin is less.
function smoothed({ values, margin }, side, step) {
  const whole = side + 2 * margin;
  const left = whole - 2 * step;
  const across = new Float32Array(whole * left);
  for (let row = 0, at = 0; row < whole; row++) {
    for (let column = 0; column < left; column++, at++) {
      const i = row * whole + column;
      across[at] = (values[i] + 2 * values[i + step] + values[i + 2 * step]) / 4;
    }
  }
  const both = new Float32Array(left * left);
  for (let i = 0; i < both.length; i++) {
    both[i] = (across[i] + 2 * across[i + step * left] + across[i + 2 * step * left]) / 4;
  }
  return { values: both, margin: margin - step };
}

function cropped({ values, margin }, side) {
  const whole = side + 2 * margin;
  const kept = new Float32Array(side * side);
  for (let row = 0; row < side; row++) {
    const start = (row + margin) * whole + margin;
    kept.set(values.subarray(start, start + side), row * side);
  }
  return kept;
}
