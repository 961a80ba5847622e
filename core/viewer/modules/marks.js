// Rings at given places, and the cross at the pixel that was picked: the same in every panel.

import { visibleFigures } from "./panels.js";
import { requestDraw, tell } from "./requests.js";
import { pixelRatio } from "./screen.js";
import { imagePixel, insideImage, originOf } from "./view.js";

const RING = 8;
const LABEL_HEIGHT = 12;

// Twice: what is light on dark is seen on every colour.
function strokeTwice(context, ratio, trace) {
  context.lineWidth = 3 * ratio;
  context.strokeStyle = "rgba(0, 0, 0, 0.7)";
  trace();
  context.lineWidth = 1.25 * ratio;
  context.strokeStyle = "#fff";
  trace();
}

function pixelCentre(viewer, { x, y }) {
  const { ox, oy, zoom } = originOf(viewer);
  return { x: ox + (x + 0.5) * zoom, y: oy + (y + 0.5) * zoom };
}

export function drawMarks(viewer, context) {
  if (!viewer.state.marks || !viewer.marks.length) return;
  const ratio = pixelRatio();
  const placed = placedMarks(viewer, context);
  for (const { x, y } of placed) {
    strokeTwice(context, ratio, () => {
      context.beginPath();
      context.arc(x, y, RING * ratio, 0, 2 * Math.PI);
      context.stroke();
    });
  }
  context.textAlign = "left";
  context.textBaseline = "middle";
  context.lineJoin = "round";
  for (const { label, box } of placed) {
    if (!box) continue;
    context.lineWidth = 3 * ratio;
    context.strokeStyle = "rgba(0, 0, 0, 0.7)";
    context.strokeText(label, box.x, box.y + box.height / 2);
    context.fillStyle = "#fff";
    context.fillText(label, box.x, box.y + box.height / 2);
  }
}

// Where the rings and their labels lie: once per view, for all panels. A label goes beside its
// ring, where it covers no other.
function placedMarks(viewer, context) {
  const { width, height } = viewer.canvasSize;
  const ratio = pixelRatio();
  context.font = `${11 * ratio}px ${viewer.font}`;
  const { ox, oy, zoom } = originOf(viewer);
  const key = JSON.stringify([ox, oy, zoom, width, height, ratio, viewer.marks]);
  if (viewer.placed.key === key) return viewer.placed.marks;
  const rings = viewer.marks
    .map((mark) => ({ ...mark, ...pixelCentre(viewer, mark) }))
    .filter(({ x, y }) => x >= 0 && y >= 0 && x <= width && y <= height);
  const taken = rings.map(({ x, y }) => square(x, y, RING * ratio));
  const marks = rings.map((ring) => {
    const size = { width: context.measureText(ring.label).width, height: LABEL_HEIGHT * ratio };
    const box = ring.label && besides(ring, size, (RING + 4) * ratio)
      .find((each) => fits(each, viewer.canvasSize) && !taken.some((other) => overlap(each, other)));
    if (box) taken.push(box);
    return { ...ring, box };
  });
  viewer.placed = { key, marks };
  return marks;
}

function square(x, y, half) {
  return { x: x - half, y: y - half, width: 2 * half, height: 2 * half };
}

function besides({ x, y }, { width, height }, gap) {
  const middle = { x: x - width / 2, y: y - height / 2 };
  const corners = [
    { x: x + gap, y: middle.y }, { x: x - gap - width, y: middle.y },
    { x: middle.x, y: y - gap - height }, { x: middle.x, y: y + gap },
  ];
  return corners.map((corner) => ({ ...corner, width, height }));
}

function fits(box, { width, height }) {
  return box.x >= 0 && box.y >= 0 && box.x + box.width <= width && box.y + box.height <= height;
}

function overlap(a, b) {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

// The pixel that was picked, and the cross at it.

const CROSS = 9;

// A double click is no pick: the first of its clicks waits that long.
const PICK_MS = 250;

function panelUnder(viewer, canvas, point) {
  const { panels } = visibleFigures(viewer).find(({ figure }) => figure.canvas === canvas);
  const right = point.x >= Math.round(viewer.state.wipe.at * viewer.canvasSize.width);
  return panels[panels.length > 1 && right ? 1 : 0];
}

export function pickSoon(viewer, canvas, point) {
  const pixel = imagePixel(viewer, point);
  if (!viewer.picks || !insideImage(viewer, pixel)) return;
  const panel = panelUnder(viewer, canvas, point);
  cancelPick(viewer);
  viewer.picking = pixel;
  viewer.pickTimer = setTimeout(() => {
    viewer.picking = null;
    commitPick(viewer, pixel, panel);
  }, PICK_MS);
  requestDraw(viewer);
}

export function cancelPick(viewer) {
  clearTimeout(viewer.pickTimer);
  viewer.picking = null;
}

function commitPick(viewer, { x, y }, panel) {
  viewer.state.pick = { x, y };
  tell(viewer, "pick", { x, y, panel: panel.spec.key });
  requestDraw(viewer);
}

export function drawPick(viewer, context) {
  const pixel = viewer.picking || viewer.state.pick;
  if (!viewer.picks || !pixel) return;
  const ratio = pixelRatio();
  const { x, y } = pixelCentre(viewer, pixel);
  const inner = Math.max(viewer.state.view.zoom / 2 + ratio, 3 * ratio);
  const outer = inner + CROSS * ratio;
  strokeTwice(context, ratio, () => {
    context.beginPath();
    for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
      context.moveTo(x + dx * inner, y + dy * inner);
      context.lineTo(x + dx * outer, y + dy * outer);
    }
    context.stroke();
  });
}
