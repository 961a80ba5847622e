// Lines on the picture's own pixels.

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
  const line = Math.max(1, Math.round(window.devicePixelRatio));
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
