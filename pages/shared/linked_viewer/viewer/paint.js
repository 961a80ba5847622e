// What is painted on the canvas of a figure.

import drawLayer from "./layer_paint.js";
import { drawLines, outline, overlayFor } from "./lines.js";
import { drawMarks, drawPick } from "./marks.js";
import { signedText } from "./numbers.js";
import { difference, onlyLayers } from "./panels.js";
import { levelOf, shown } from "./sources.js";
import { isSmoothed, originOf, VALUES_FROM, visiblePart } from "./view.js";

export default function drawFigure(viewer, figure, panels, decorate = true) {
  const { context, canvas } = figure;
  if (!canvas.width || !canvas.height) return; // in a tab that is not open yet
  context.clearRect(0, 0, canvas.width, canvas.height);
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
  const ratio = window.devicePixelRatio;
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
  if (decorate) drawCrosshair(viewer, context);
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

// Values on the pixels.

const GRID_COLOUR = "rgba(128, 128, 128, 0.55)";

// 3 x 5 dots: what still fits three times into a pixel of 16.
const DOTS = {
  0: "111101101101111", 1: "010110010010111", 2: "111001111100111", 3: "111001011001111",
  4: "101101111001001", 5: "111100111001111", 6: "111100111101111", 7: "111001001010010",
  8: "111101111101111", 9: "111101111001111", "+": "000010111010000", "−": "000000111000000",
};

const INKS = [
  ["#ffb3b3", "#b6f2b6", "#bcd2ff"],
  ["#7a0000", "#004d00", "#00207a"],
];

function drawPixels(viewer, context, found) {
  const { source } = found;
  context.fillStyle = GRID_COLOUR;
  drawLines(viewer, context, source, 1, [0, 0]);
  if (viewer.state.values) drawValues(viewer, context, found);
}

// Thousands of numbers a frame: copied as words into one overlay, not drawn one by one.
function drawValues(viewer, context, found) {
  const { source } = found;
  const { ox, oy, zoom } = originOf(viewer);
  const sprites = spritesFor(viewer, Math.floor(zoom), Boolean(found.reference));
  const overlay = overlayFor(viewer);
  const part = visiblePart(viewer, source.width, source.height);
  overlay.words.fill(0);
  for (let y = part.top; y < part.top + part.height; y++) {
    for (let x = part.left; x < part.left + part.width; x++) {
      const corner = { x: Math.round(ox + x * zoom) + 1, y: Math.round(oy + y * zoom) + 1 };
      copyValues(overlay, sprites, found, y * source.width + x, corner);
    }
  }
  overlay.context.putImageData(overlay.image, 0, 0);
  context.drawImage(overlay.canvas, 0, 0);
}

function copyValues(overlay, sprites, { panel, mode, reference, source }, pixel, corner) {
  const dark = isLight(source.words[pixel]) ? 1 : 0;
  const { picture } = panel;
  for (let channel = 0; channel < 3; channel++) {
    const at = 4 * pixel + channel;
    const value = reference ? difference(mode, picture, reference.picture, at) : picture.bytes[at];
    const place = ((value + sprites.offset) * 2 + dark) * 3 + channel;
    copySprite(overlay, sprites, place, corner.x, corner.y + channel * sprites.height);
  }
}

function copySprite({ image, words }, sprites, place, x, y) {
  const fromX = (place % sprites.columns) * sprites.width;
  const fromY = Math.floor(place / sprites.columns) * sprites.height;
  const [left, right] = [Math.max(-x, 0), Math.min(image.width - x, sprites.width)];
  const [top, bottom] = [Math.max(-y, 0), Math.min(image.height - y, sprites.height)];
  for (let row = top; row < bottom; row++) {
    const from = (fromY + row) * sprites.stride + fromX;
    const to = (y + row) * image.width + x;
    for (let i = left; i < right; i++) words[to + i] = sprites.words[from + i];
  }
}

function isLight(word) {
  const red = word & 255;
  const green = (word >> 8) & 255;
  const blue = (word >> 16) & 255;
  return 0.299 * red + 0.587 * green + 0.114 * blue > 125;
}

// Every value that can occur, in both inks, once per zoom.
function spritesFor(viewer, zoom, signed) {
  const key = `${zoom} ${signed}`;
  if (viewer.sprites && viewer.sprites.key === key) return viewer.sprites;
  const offset = signed ? 255 : 0;
  const width = zoom - 1;
  const height = Math.floor((zoom - 1) / 3);
  const columns = 48;
  const count = (256 + offset) * 6;
  const sheet = new OffscreenCanvas(columns * width, Math.ceil(count / columns) * height);
  const context = sheet.getContext("2d", { willReadFrequently: true });
  for (let place = 0; place < count; place++) {
    const value = Math.floor(place / 6) - offset;
    const text = signed ? signedText(value) : String(value);
    context.fillStyle = INKS[Math.floor(place / 3) % 2][place % 3];
    const x = (place % columns) * width;
    const y = Math.floor(place / columns) * height;
    if (zoom < 24) drawDots(context, text, x, y, width);
    else drawNumber(context, text, x, y, width, height);
  }
  const { data } = context.getImageData(0, 0, sheet.width, sheet.height);
  const words = new Uint32Array(data.buffer);
  viewer.sprites = { key, words, stride: sheet.width, width, height, columns, offset };
  return viewer.sprites;
}

function drawDots(context, text, x, y, width) {
  const left = x + Math.floor((width - (4 * text.length - 1)) / 2);
  [...text].forEach((character, i) => {
    [...DOTS[character]].forEach((dot, at) => {
      if (dot === "1") context.fillRect(left + 4 * i + (at % 3), y + Math.floor(at / 3), 1, 1);
    });
  });
}

function drawNumber(context, text, x, y, width, height) {
  context.font = `${Math.min(height, 16)}px ui-monospace, monospace`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(text, x + width / 2, y + height / 2 + 0.5, width);
}
