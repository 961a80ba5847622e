// The pixel that was picked, and the cross at it.

import requestDraw from "./frame.js";
import { pixelCentre, strokeTwice } from "./marks.js";
import { visibleFigures } from "./panels.js";
import tell from "./tell.js";
import { imagePixel, insideImage } from "./view.js";

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
  const ratio = window.devicePixelRatio;
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
