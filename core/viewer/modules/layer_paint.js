// Layers as they are coloured and drawn over a picture.

import { bandColours } from "./band.js";
import { ANCHORS, CATEGORICAL, colourTable } from "./colours.js";
import { know } from "./known_pixels.js";
import { chosenLayer, extentOf, layerSettings } from "./layers.js";
import { drawContour } from "./lines.js";
import { bandTable, measured, tableSize } from "./magnitudes.js";
import { clamp } from "./numbers.js";
import { onlyLayers, sameSize } from "./panels.js";
import { kept, levelOf, painted } from "./sources.js";
import { originOf } from "./view.js";

function insideBounds(spec, { lower, upper }) {
  const least = lower <= spec.low ? -Infinity : lower;
  const most = upper >= spec.high ? Infinity : upper;
  return (value) => value >= least && value <= most;
}

function colouredRange({ spec, values }, settings) {
  const table = colourTable(spec.colours, 256);
  const inside = insideBounds(spec, settings);
  const words = new Uint32Array(values.length);
  const scale = 255 / (spec.high - spec.low);
  for (let i = 0; i < words.length; i++) {
    const value = values[i];
    if (inside(value)) words[i] = table[clamp(Math.floor((value - spec.low) * scale + 0.5), 0, 255)];
  }
  return words;
}

function colouredCategories({ spec, values }) {
  const table = colourTable(CATEGORICAL, ANCHORS[CATEGORICAL].length);
  const words = new Uint32Array(values.length);
  values.forEach((value, i) => {
    if (value < spec.categories.length) words[i] = table[value];
  });
  return words;
}

// Colours by place first, then one look-up per pixel, into a canvas that the panel keeps.
function paintBand(sheet, map, band, { low, high }, colours) {
  const shades = colourTable(colours, 256);
  const scale = 255 / (high - low);
  const table = bandTable(map, band, new Uint32Array(tableSize(map)), (value) =>
    shades[clamp(Math.floor((value - low) * scale + 0.5), 0, 255)],
  );
  const { places } = map;
  const { words } = sheet;
  for (let i = 0; i < words.length; i++) words[i] = table[places[i]];
  sheet.context.putImageData(sheet.image, 0, 0);
}

function sheetOf(panel, { width, height }) {
  const known = panel.sheet;
  if (known && sameSize(known.image, { width, height })) return known;
  const canvas = new OffscreenCanvas(width, height);
  const image = new ImageData(width, height);
  const words = new Uint32Array(image.data.buffer);
  know(canvas, { words, width, height });
  panel.sheet = { canvas, context: canvas.getContext("2d"), image, words };
  return panel.sheet;
}

function bandedSource(viewer, panel, { spec, values }) {
  const { band } = viewer.state;
  const { by, lower, upper, filtering, rescale } = band;
  const colours = bandColours(viewer, spec);
  const key = [spec.url, spec.width, spec.height, by, lower, upper, filtering, rescale, colours].join(" ");
  return kept(panel, "layer", key, () => {
    const { width, height } = spec;
    const sheet = sheetOf(panel, spec);
    paintBand(sheet, measured(values), band, spec, colours);
    return { width, height, words: sheet.words, drawable: sheet.canvas };
  });
}

function layerSource(viewer, panel) {
  const layer = chosenLayer(viewer, panel);
  if (!layer) return null;
  const { spec } = layer;
  if (spec.banded) return bandedSource(viewer, panel, layer);
  const settings = layerSettings(viewer, spec);
  const { low, high, colours, categories } = spec;
  const key = [spec.url, low, high, colours, categories, settings.lower, settings.upper].join(" ");
  return kept(panel, "layer", key, () => {
    const words = categories.length ? colouredCategories(layer) : colouredRange(layer, settings);
    const { width, height } = spec;
    return { width, height, words, drawable: painted(words, width, height) };
  });
}

// Hard cells over the layer's part of the image; cells smaller than a screen pixel as their means.
export default function drawLayer(viewer, context, panel) {
  const source = layerSource(viewer, panel);
  if (!source) return;
  const { spec } = chosenLayer(viewer, panel);
  const { ox, oy, zoom } = originOf(viewer);
  const { width, height } = panel.picture;
  const extent = extentOf(spec, panel.picture);
  const place = Number.isInteger(zoom) ? Math.round : (at) => at;
  const [left, top] = [place(ox + extent.x * zoom), place(oy + extent.y * zoom)];
  const right = place(ox + (extent.x + extent.width) * zoom);
  const bottom = place(oy + (extent.y + extent.height) * zoom);
  const cell = Math.min((right - left) / source.width, (bottom - top) / source.height);
  const { drawable, scale } = levelOf(source, cell);
  context.save();
  context.beginPath();
  context.rect(ox, oy, width * zoom, height * zoom);
  context.clip();
  const { opacity } = spec.banded ? viewer.state.band : layerSettings(viewer, spec);
  context.globalAlpha = onlyLayers(panel.spec) ? 1 : opacity;
  context.imageSmoothingEnabled = cell < 1;
  context.imageSmoothingQuality = "low";
  context.drawImage(
    drawable, 0, 0, source.width * scale, source.height * scale, left, top, right - left, bottom - top,
  );
  const { filtering, contour } = viewer.state.band;
  if (spec.banded && filtering && contour) drawContour(viewer, context, source, { left, top, right, bottom });
  context.restore();
}
