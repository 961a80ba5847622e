// One view for all panels: centre in image pixels, zoom in screen (device) pixels per image pixel.
// Who zooms goes from 1:1 up by whole numbers, and the origin is a whole screen pixel: every image
// pixel is the same square of screen pixels, in every panel. A fit fills the panel instead, at
// whatever zoom that takes.

import { clamp, short } from "./numbers.js";
import { imageSize } from "./panels.js";
import { requestDraw } from "./requests.js";
import { pixelRatio, screenPixel } from "./screen.js";

export const ZOOMS = [1, 2, 4, 8, 16, 32];
export const MOST_ZOOM = 64;
export const VALUES_FROM = 16;
const HARD_FROM = 4;
const PARTS = 64; // of a screen pixel: 36.99999 are 37, however they were computed
const FIT_SLACK = 0.02; // a margin that nobody sees, for whole pixels

export function fitZoom(viewer) {
  const size = imageSize(viewer);
  const { width, height } = viewer.canvasSize;
  if (!size || !width) return 1;
  const zoom = Math.min(width / size.width, height / size.height, MOST_ZOOM);
  return zoom >= 1 && zoom % 1 < FIT_SLACK ? Math.floor(zoom) : zoom;
}

export function wholeZoom(zoom) {
  return zoom >= 1 ? Math.min(Math.round(zoom), MOST_ZOOM) : zoom;
}

export function settleView(viewer) {
  const { view } = viewer.state;
  const size = imageSize(viewer);
  if (!size) return;
  const fit = fitZoom(viewer);
  if (view.fit) Object.assign(view, { zoom: fit, cx: size.width / 2, cy: size.height / 2 });
  view.zoom = clamp(view.zoom, Math.min(fit, 1), MOST_ZOOM);
  view.cx = clamp(view.cx, 0, size.width);
  view.cy = clamp(view.cy, 0, size.height);
}

export function originOf(viewer) {
  const { cx, cy, zoom } = viewer.state.view;
  const { width, height } = viewer.canvasSize;
  return { zoom, ox: Math.round(width / 2 - cx * zoom), oy: Math.round(height / 2 - cy * zoom) };
}

export function fitView(viewer) {
  viewer.state.view.fit = true;
  requestDraw(viewer);
}

export function zoomTo(viewer, zoom, at = null) {
  const { view } = viewer.state;
  const { width, height } = viewer.canvasSize;
  const point = at || { x: width / 2, y: height / 2 };
  const { ox, oy, zoom: before } = originOf(viewer);
  const after = wholeZoom(clamp(zoom, Math.min(fitZoom(viewer), 1), MOST_ZOOM));
  view.cx = (point.x - ox) / before - (point.x - width / 2) / after;
  view.cy = (point.y - oy) / before - (point.y - height / 2) / after;
  view.zoom = after;
  view.fit = false;
  requestDraw(viewer);
}

// A wheel step: a quarter more or less, at least one whole factor, and never past 1:1 unseen.
export function zoomStep(zoom, direction) {
  if (direction > 0) return zoom < 1 ? Math.min(zoom * 1.25, 1) : Math.max(zoom + 1, zoom * 1.25);
  if (zoom <= 1) return zoom / 1.25;
  return Math.max(1, Math.min(zoom - 1, zoom / 1.25));
}

export function nextPreset(zoom, direction) {
  const presets = [...ZOOMS, MOST_ZOOM];
  if (direction > 0) return presets.find((preset) => preset > zoom) || MOST_ZOOM;
  return presets.reverse().find((preset) => preset < zoom) || 0;
}

// Between whole zooms some pixels are one screen pixel wider than others: that would draw a pattern
// of its own, until they are large enough for one not to matter.
export function isSmoothed(zoom) {
  return zoom < HARD_FROM && !Number.isInteger(zoom);
}

export function zoomName(zoom) {
  return zoom === 1 ? "1:1" : `${short(zoom, 2)}×`;
}

export function panBy(viewer, dx, dy) {
  const { view } = viewer.state;
  view.cx -= dx / view.zoom;
  view.cy -= dy / view.zoom;
  view.fit = false;
  requestDraw(viewer);
}

// The screen pixel under a pointer, from the canvas's corner on.
export function screenPoint(canvas, event) {
  const box = canvas.getBoundingClientRect();
  const place = (at) => Math.round(at * pixelRatio() * PARTS) / PARTS;
  return {
    x: place(event.clientX) - screenPixel(box.left),
    y: place(event.clientY) - screenPixel(box.top),
  };
}

export function imagePixel(viewer, point) {
  const { ox, oy, zoom } = originOf(viewer);
  return { x: Math.floor((point.x - ox) / zoom), y: Math.floor((point.y - oy) / zoom) };
}

export function insideImage(viewer, { x, y }) {
  const size = imageSize(viewer);
  return Boolean(size) && x >= 0 && y >= 0 && x < size.width && y < size.height;
}

// The part of the image that a panel shows, in whole image pixels.
export function visiblePart(viewer, width, height) {
  const { ox, oy, zoom } = originOf(viewer);
  const { width: w, height: h } = viewer.canvasSize;
  const left = clamp(Math.floor(-ox / zoom), 0, width);
  const top = clamp(Math.floor(-oy / zoom), 0, height);
  const right = clamp(Math.ceil((w - ox) / zoom), 0, width);
  const bottom = clamp(Math.ceil((h - oy) / zoom), 0, height);
  return { left, top, width: right - left, height: bottom - top };
}
