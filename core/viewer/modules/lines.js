// Lines on the picture's own pixels, and the sheet that many of them are written on.

import { know } from "./known_pixels.js";
import { pixelRatio } from "./screen.js";
import { originOf, visiblePart } from "./view.js";

export function drawLines(viewer, context, size, step, phase) {
  const { ox, oy, zoom } = originOf(viewer);
  const part = visiblePart(viewer, size.width, size.height);
  const right = part.left + part.width;
  const bottom = part.top + part.height;
  const first = (start, offset) => Math.ceil((start - offset) / step) * step + offset;
  for (let x = first(part.left, phase[0]); x <= right; x += step) {
    context.fillRect(Math.round(ox + x * zoom), oy + part.top * zoom, 1, part.height * zoom);
  }
  for (let y = first(part.top, phase[1]); y <= bottom; y += step) {
    context.fillRect(ox + part.left * zoom, Math.round(oy + y * zoom), part.width * zoom, 1);
  }
}

export function outline(context, { ox, oy, zoom }, box) {
  const line = Math.max(1, Math.round(pixelRatio()));
  const [left, right] = [box.x, box.x + box.width].map((x) => Math.round(ox + x * zoom));
  const [top, bottom] = [box.y, box.y + box.height].map((y) => Math.round(oy + y * zoom));
  const edges = [left, top, right - left, bottom - top];
  const outside = (by) => [edges[0] - by, edges[1] - by, edges[2] + 2 * by, edges[3] + 2 * by];
  context.lineWidth = line;
  context.strokeStyle = "rgba(0, 0, 0, 0.75)";
  context.strokeRect(...outside(line * 1.5));
  context.strokeStyle = "#fff";
  context.strokeRect(...outside(line * 0.5));
}

// A sheet of the canvas's size whose pixels are written as words, then drawn at once.

export function overlayFor(viewer) {
  const { width, height } = viewer.canvasSize;
  const known = viewer.overlay;
  if (known && known.canvas.width === width && known.canvas.height === height) return known;
  const canvas = new OffscreenCanvas(width, height);
  const image = new ImageData(width, height);
  const words = new Uint32Array(image.data.buffer);
  know(canvas, { words, width, height });
  viewer.overlay = { canvas, context: canvas.getContext("2d"), image, words };
  return viewer.overlay;
}

// The outline of what the band keeps.

const LIGHT_LINE = 0xffffffff;
const DARK_LINE = 0xff101010;

// Between a kept cell and one that is not: a light line inside, a dark one outside, so that it
// shows on anything. Whole screen pixels, copied into one overlay.
export function drawContour(viewer, context, { words, width, height }, { left, top, right, bottom }) {
  const overlay = overlayFor(viewer);
  const screen = { words: overlay.words, ...viewer.canvasSize };
  const line = Math.max(1, Math.round(pixelRatio()));
  const edges = (count, from, to) =>
    Int32Array.from({ length: count + 1 }, (_, i) => Math.round(from + ((to - from) * i) / count));
  const [xs, ys] = [edges(width, left, right), edges(height, top, bottom)];
  overlay.words.fill(0);
  for (let y = 0; y < height; y++) {
    if (ys[y + 1] < 0 || ys[y] > screen.height) continue;
    for (let x = 0, at = y * width; x < width; x++, at++) {
      const own = words[at] !== 0;
      if (x + 1 < width && own !== (words[at + 1] !== 0)) {
        drawEdge(screen, own, xs[x + 1], ys[y], line, ys[y + 1] - ys[y], line, 0);
      }
      if (y + 1 < height && own !== (words[at + width] !== 0)) {
        drawEdge(screen, own, xs[x], ys[y + 1], xs[x + 1] - xs[x], line, 0, line);
      }
    }
  }
  overlay.context.putImageData(overlay.image, 0, 0);
  context.globalAlpha = 1;
  context.drawImage(overlay.canvas, 0, 0);
}

// The lines on both sides of an edge at (x, y), the first of them (dx, dy) before it.
function drawEdge(screen, keptFirst, x, y, width, height, dx, dy) {
  fillWords(screen, x - dx, y - dy, width, height, keptFirst ? LIGHT_LINE : DARK_LINE);
  fillWords(screen, x, y, width, height, keptFirst ? DARK_LINE : LIGHT_LINE);
}

function fillWords(screen, x, y, width, height, word) {
  const left = Math.max(x, 0);
  const right = Math.min(x + width, screen.width);
  const bottom = Math.min(y + height, screen.height);
  for (let row = Math.max(y, 0); row < bottom; row++) {
    const end = row * screen.width + right;
    for (let at = row * screen.width + left; at < end; at++) screen.words[at] = word;
  }
}
