// What is painted on the canvas of a figure.

import drawLayer from "./layer_paint.js";
import drawLens from "./lens.js";
import { drawLines, outline } from "./lines.js";
import { drawMarks, drawPick } from "./marks.js";
import { onlyLayers } from "./panels.js";
import { drawPins } from "./pins.js";
import { pixelRatio } from "./screen.js";
import { levelOf, shown } from "./sources.js";
import drawPixels from "./values.js";
import { isSmoothed, originOf, VALUES_FROM, visiblePart } from "./view.js";

export default function drawFigure(viewer, { context, canvas }, panels) {
  if (!canvas.width || !canvas.height) return; // in a tab that is not open yet
  context.clearRect(0, 0, canvas.width, canvas.height);
  drawPanels(viewer, context, panels, true);
}

// On any context, from its corner on; `decorate` says whether with what follows the pointer.
export function drawPanels(viewer, context, panels, decorate) {
  if (panels.length === 1) drawPanel(viewer, context, panels[0], decorate);
  else drawWipe(viewer, context, panels, decorate);
}

function drawWipe(viewer, context, panels, decorate) {
  const { width, height } = viewer.canvasSize;
  const divider = Math.round(viewer.state.wipe.at * width);
  const parts = [[0, divider], [divider, width - divider]];
  panels.forEach((panel, i) => {
    context.save();
    context.beginPath();
    context.rect(parts[i][0], 0, parts[i][1], height);
    context.clip();
    drawPanel(viewer, context, panel, decorate);
    context.restore();
  });
  drawDivider(viewer, context, divider);
}

function drawDivider(viewer, context, x) {
  const { height } = viewer.canvasSize;
  const ratio = pixelRatio();
  context.fillStyle = "rgba(0, 0, 0, 0.55)";
  context.fillRect(x - 1, 0, 3, height);
  context.fillStyle = "#fff";
  context.fillRect(x, 0, 1, height);
  context.beginPath();
  context.arc(x + 0.5, height / 2, 11 * ratio, 0, 2 * Math.PI);
  context.fill();
  context.fillStyle = "#333";
  context.font = `${14 * ratio}px sans-serif`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText("↔", x + 0.5, height / 2);
}

function drawPanel(viewer, context, panel, decorate) {
  const found = shown(viewer, panel);
  if (found.missing) return;
  const { zoom } = viewer.state.view;
  drawSource(viewer, context, found.source);
  drawLayer(viewer, context, found.panel);
  const valued = !viewer.frequency && !onlyLayers(found.panel.spec);
  if (zoom >= VALUES_FROM && valued) drawPixels(viewer, context, found);
  drawPeriod(viewer, context, found.source);
  drawRegion(viewer, context);
  drawMarks(viewer, context);
  drawPick(viewer, context);
  drawPins(viewer, context);
  if (!decorate) return;
  drawCrosshair(viewer, context);
  drawLens(viewer, context, found);
}

function drawSource(viewer, context, source) {
  const { ox, oy, zoom } = originOf(viewer);
  const part = visiblePart(viewer, source.width, source.height);
  if (!part.width || !part.height) return;
  const { drawable, scale } = levelOf(source, zoom);
  context.imageSmoothingEnabled = isSmoothed(zoom);
  context.imageSmoothingQuality = "low";
  context.drawImage(
    drawable, part.left * scale, part.top * scale, part.width * scale, part.height * scale,
    ox + part.left * zoom, oy + part.top * zoom, part.width * zoom, part.height * zoom,
  );
}

function drawPeriod(viewer, context, size) {
  const { period, phase } = viewer.state.grid;
  if (!period || period * viewer.state.view.zoom < 4) return;
  context.fillStyle = viewer.accent;
  context.globalAlpha = 0.75;
  drawLines(viewer, context, size, period, phase);
  context.globalAlpha = 1;
}

function drawRegion(viewer, context) {
  const box = viewer.draft || viewer.flashedBox || viewer.state.region;
  if (!box) return;
  outline(context, originOf(viewer), box);
}

function drawCrosshair(viewer, context) {
  if (!viewer.hover) return;
  const { ox, oy, zoom } = originOf(viewer);
  const { width, height } = viewer.canvasSize;
  const x = Math.round(ox + viewer.hover.x * zoom);
  const y = Math.round(oy + viewer.hover.y * zoom);
  const side = Math.max(Math.round(zoom), 1);
  const gap = Math.max(6, side);
  const middle = { x: Math.floor(x + side / 2), y: Math.floor(y + side / 2) };
  const lines = (shift) => {
    context.fillRect(middle.x + shift, 0, 1, y - gap);
    context.fillRect(middle.x + shift, y + side + gap, 1, height);
    context.fillRect(0, middle.y + shift, x - gap, 1);
    context.fillRect(x + side + gap, middle.y + shift, width, 1);
  };
  context.fillStyle = "rgba(0, 0, 0, 0.45)";
  lines(1);
  context.fillStyle = "rgba(255, 255, 255, 0.7)";
  lines(0);
  if (zoom < 4) return;
  context.lineWidth = 1;
  context.strokeStyle = "#000";
  context.strokeRect(x - 1.5, y - 1.5, side + 3, side + 3);
  context.strokeStyle = "#fff";
  context.strokeRect(x - 0.5, y - 0.5, side + 1, side + 1);
}
