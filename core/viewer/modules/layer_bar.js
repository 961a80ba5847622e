// The bar of the layers: controls and legend.

import { COLOUR_MAPS } from "./assets.js";
import { bandColours, bandSentence, changeBand, commitBand } from "./band.js";
import { CATEGORICAL } from "./colours.js";
import {
  buildLegend, choice, element, makeToolbar, refreshLegend, setOptions, setText, slider,
} from "./elements.js";
import {
  hasBand, layerKey, layerSettings, layersOf, setLayer, setLayerBound, valueText,
} from "./layers.js";
import { clamp, joined, shortNumber } from "./numbers.js";
import { drawsLayersOnly } from "./panels.js";

function setOpacity(viewer, opacity) {
  if (hasBand(viewer)) changeBand(viewer, { opacity });
  else setLayerBound(viewer, "opacity", opacity);
}

export function buildLayerBar(viewer) {
  const set = (name) => (value) => setLayerBound(viewer, name, value);
  const parts = {
    select: choice("Layer", (key) => setLayer(viewer, key)),
    opacity: slider("Opacity", { min: 0, max: 1, step: 0.05 }, (value) => setOpacity(viewer, value)),
    lower: slider("From", { step: "any" }, set("lower")),
    upper: slider("To", { step: "any" }, set("upper")),
    legend: buildLegend("layer-legend"),
    names: element("div", { className: "names", role: "group", "aria-label": "Colours" }),
  };
  parts.opacity.input.addEventListener("change", () => hasBand(viewer) && commitBand(viewer));
  const bar = element(
    "div", { className: "toolbar layer-bar" },
    parts.select, parts.opacity.node, parts.lower.node, parts.upper.node, parts.legend.node,
    parts.names,
  );
  parts.node = makeToolbar(bar, "Layer");
  return parts;
}

export function refreshLayerBar(viewer) {
  const bar = viewer.parts.layerBar;
  const layers = layersOf(viewer);
  bar.node.hidden = layers.size === 0;
  if (!layers.size) return;
  const options = [...layers.values()].map((spec) => [spec.key, spec.label]);
  setOptions(bar.select, [["", "No layer"], ...options], layerKey(viewer));
  const spec = layers.get(layerKey(viewer));
  const named = Boolean(spec) && spec.categories.length > 0;
  const banded = Boolean(spec) && spec.banded;
  bar.opacity.node.hidden = !spec || drawsLayersOnly(viewer);
  for (const part of [bar.lower, bar.upper]) part.node.hidden = !spec || named || banded;
  bar.legend.node.hidden = !spec || named;
  bar.names.hidden = !named;
  if (!spec) return;
  const settings = layerSettings(viewer, spec);
  refreshOpacity(bar.opacity, banded ? viewer.state.band : settings);
  if (banded) refreshBandLegend(viewer, bar.legend, spec);
  else if (named) refreshNames(bar.names, spec);
  else refreshBounds(bar, spec, settings);
}

function refreshOpacity({ input, value }, { opacity }) {
  input.value = opacity;
  setText(value, `${Math.round(opacity * 100)} %`);
}

function refreshBounds(bar, spec, settings) {
  for (const name of ["lower", "upper"]) {
    const { input, value } = bar[name];
    const bound = clamp(settings[name], spec.low, spec.high);
    input.min = spec.low;
    input.max = spec.high;
    input.value = bound;
    input.setAttribute("aria-valuetext", valueText(spec, bound));
    setText(value, shortNumber(bound));
  }
  const middle = spec.colours === "diverging" ? shortNumber((spec.low + spec.high) / 2) : "";
  refreshLegend(bar.legend, valueText(spec, spec.low), valueText(spec, spec.high), spec.colours, middle);
}

// Stretched colours mean the least and the most that is kept, of each map for itself.
function refreshBandLegend(viewer, legend, spec) {
  const { filtering, rescale } = viewer.state.band;
  const signed = spec.colours === "diverging";
  const [low, high] = filtering && rescale
    ? [signed ? "−most" : "least kept", signed ? "+most" : "most kept"]
    : [valueText(spec, spec.low), valueText(spec, spec.high)];
  refreshLegend(legend, low, high, bandColours(viewer, spec), signed ? "0" : "");
}

function refreshNames(node, { categories }) {
  const wanted = JSON.stringify(categories);
  if (node.dataset.names === wanted) return;
  node.dataset.names = wanted;
  node.replaceChildren(...categories.map((text, i) => {
    const colour = element("i", { "aria-hidden": "true" });
    colour.style.background = `#${COLOUR_MAPS[CATEGORICAL][i]}`;
    return element("span", { className: "name" }, colour, element("span", { text }));
  }));
}

// What stands under a saved view.
export function layerSentence(viewer) {
  const spec = layersOf(viewer).get(layerKey(viewer));
  if (!spec) return "";
  if (spec.categories.length) return spec.label;
  if (spec.banded) return joined(spec.label, bandSentence(viewer.state.band));
  return `${spec.label} ${valueText(spec, spec.low)} to ${valueText(spec, spec.high)}`;
}
