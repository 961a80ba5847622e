// Layers: scalar maps over the pictures. Which there are, which is chosen, and what they say.

import { measured } from "./magnitudes.js";
import { shortNumber } from "./numbers.js";
import { visibleFigures } from "./panels.js";
import { requestDraw } from "./requests.js";

// What all panels say alike of a layer comes once, under its key.
export function withLayers(panels, shared) {
  return panels.map((spec) => ({
    ...spec,
    layers: spec.layers.map((own) => ({ ...shared[own.key], ...own })),
  }));
}

export function layersOf(viewer) {
  const layers = new Map();
  for (const panel of viewer.panels) {
    for (const layer of panel.spec.layers) if (!layers.has(layer.key)) layers.set(layer.key, layer);
  }
  return layers;
}

// The state holds what the person wished for, "" for no layer and null for nothing yet: it may be
// missing for a while, as long as maps of another picture are being computed.
export function layerKey(viewer) {
  const layers = layersOf(viewer);
  const wish = viewer.state.layer;
  return wish === "" || layers.has(wish) ? wish : layers.keys().next().value || "";
}

// What the page gives, and over it what the person has changed.
export function layerSettings(viewer, spec) {
  const { opacity, lower, upper } = spec;
  const given = { opacity, lower: lower ?? -Infinity, upper: upper ?? Infinity };
  return { ...given, ...viewer.state.layers[spec.key] };
}

// At an end of the range there is no bound: so it stays when the range becomes another.
export function setLayerBound(viewer, name, value) {
  const key = layerKey(viewer);
  const spec = layersOf(viewer).get(key);
  const changed = { [name]: value };
  const { lower, upper } = layerSettings(viewer, spec);
  if (name === "lower") changed.upper = Math.max(upper, value);
  if (name === "upper") changed.lower = Math.min(lower, value);
  if (changed.lower <= spec.low) changed.lower = -Infinity;
  if (changed.upper >= spec.high) changed.upper = Infinity;
  viewer.state.layer = key;
  viewer.state.layers[key] = { ...viewer.state.layers[key], ...changed };
  requestDraw(viewer);
}

// A panel that lacks the chosen layer, or waits for it, shows its picture alone.
export function chosenLayer(viewer, panel) {
  const layer = panel.layers.find(({ spec }) => spec.key === layerKey(viewer));
  return layer && layer.values ? layer : null;
}

export function extentOf({ extent }, { width, height }) {
  const [x, y, w, h] = extent || [0, 0, width, height];
  return { x, y, width: w, height: h };
}

export function valueText(spec, value) {
  if (spec.categories.length) return spec.categories[value] || "";
  if (Number.isNaN(value)) return "";
  const digits = shortNumber(value);
  const text = spec.colours === "diverging" && value > 0 ? `+${digits}` : digits;
  return spec.unit ? `${text} ${spec.unit}` : text;
}

// Nothing where the layer says nothing: outside its part, or where it is undefined.
export function layerReadout(viewer, panel, x, y) {
  const layer = chosenLayer(viewer, panel);
  if (!layer) return "";
  const { spec, values } = layer;
  const extent = extentOf(spec, panel.picture);
  const column = Math.floor(((x + 0.5 - extent.x) * spec.width) / extent.width);
  const row = Math.floor(((y + 0.5 - extent.y) * spec.height) / extent.height);
  const inside = column >= 0 && column < spec.width && row >= 0 && row < spec.height;
  return inside ? valueText(spec, values[row * spec.width + column]) : "";
}

// A sentence on the chosen layer's map, such as why it is empty.
export function mapNote(viewer, panel) {
  const layer = panel.layers.find(({ spec }) => spec.key === layerKey(viewer));
  return layer ? layer.spec.note : "";
}

export function hasBand(viewer) {
  return Boolean(layersOf(viewer).get(layerKey(viewer))?.banded);
}

export function layersOnScreen(viewer) {
  const panels = visibleFigures(viewer).flatMap((figure) => figure.panels);
  const layers = panels.map((panel) => chosenLayer(viewer, panel)).filter((layer) => layer?.spec.banded);
  return [...new Map(layers.map((layer) => [layer.values, layer])).values()];
}

// The maps of the panels that are shown, each once: what is counted, and what Otsu's threshold is of.
export function mapsOnScreen(viewer) {
  return layersOnScreen(viewer).map(({ values }) => measured(values));
}

export function setLayer(viewer, key) {
  viewer.state.layer = key;
  requestDraw(viewer, true);
}
