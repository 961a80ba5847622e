// Values on the pixels, from a zoom on that leaves room for them.

import { pack } from "./colours.js";
import { HONEST, wordsRead } from "./honesty.js";
import { drawLines, overlayFor } from "./lines.js";
import { signedText } from "./numbers.js";
import { difference } from "./panels.js";
import { originOf, visiblePart } from "./view.js";

const GRID_COLOUR = "rgba(128, 128, 128, 0.55)";

// 3 x 5 dots: what still fits three times into a pixel of 16.
const DOTS = {
  0: "111101101101111", 1: "010110010010111", 2: "111001111100111", 3: "111001011001111",
  4: "101101111001001", 5: "111100111001111", 6: "111100111101111", 7: "111001001010010",
  8: "111101111101111", 9: "111101111001111", "+": "000010111010000", "−": "000000111000000",
};

const INKS = [
  [[255, 179, 179], [182, 242, 182], [188, 210, 255]],
  [[122, 0, 0], [0, 77, 0], [0, 32, 122]],
];
const DOTS_BELOW = 24; // there writing is too small to be read
const COLUMNS = 48;

export default function drawPixels(viewer, context, found) {
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

// Every value that can occur, in both inks, once per zoom. What a browser writes can only be had by
// reading it: where it alters that, all numbers are dots.
function spritesFor(viewer, zoom, signed) {
  const key = `${zoom} ${signed}`;
  if (viewer.sprites && viewer.sprites.key === key) return viewer.sprites;
  const offset = signed ? 255 : 0;
  const cell = { width: zoom - 1, height: Math.floor((zoom - 1) / 3) };
  const count = (256 + offset) * 6;
  const size = { width: COLUMNS * cell.width, height: Math.ceil(count / COLUMNS) * cell.height };
  const write = zoom < DOTS_BELOW || !HONEST.reads ? dotted : written;
  const entries = Array.from({ length: count }, (_, place) => {
    const value = Math.floor(place / 6) - offset;
    return {
      text: signed ? signedText(value) : String(value), ink: INKS[Math.floor(place / 3) % 2][place % 3],
      x: (place % COLUMNS) * cell.width, y: Math.floor(place / COLUMNS) * cell.height,
    };
  });
  const words = write(entries, size, cell);
  viewer.sprites = { key, words, stride: size.width, ...cell, columns: COLUMNS, offset };
  return viewer.sprites;
}

// As large as the longest number fits.
function dotted(entries, size, { width, height }) {
  const words = new Uint32Array(size.width * size.height);
  const longest = Math.max(...entries.map(({ text }) => text.length));
  const side = Math.max(1, Math.min(Math.floor((width + 1) / (4 * longest)), Math.floor(height / 5)));
  for (const { text, ink, x, y } of entries) {
    const word = pack(...ink);
    const left = x + Math.floor((width - side * (4 * text.length - 1)) / 2);
    [...text].forEach((character, i) => {
      [...DOTS[character]].forEach((dot, at) => {
        if (dot === "0") return;
        const first = (y + side * Math.floor(at / 3)) * size.width + left + side * (4 * i + (at % 3));
        for (let row = 0; row < side; row++) words.fill(word, first + row * size.width, first + row * size.width + side);
      });
    });
  }
  return words;
}

function written(entries, size, { width, height }) {
  const sheet = new OffscreenCanvas(size.width, size.height);
  const context = sheet.getContext("2d", { willReadFrequently: true });
  context.font = `${Math.min(height, 16)}px ui-monospace, monospace`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  for (const { text, ink, x, y } of entries) {
    context.fillStyle = `rgb(${ink.join(" ")})`;
    context.fillText(text, x + width / 2, y + height / 2 + 0.5, width);
  }
  return wordsRead(context, size.width, size.height);
}
