// Layers: scalar maps over the pictures, coloured here. The bar has their controls and the legend.

// What all panels say alike of a layer comes once, under its key.
function withLayers(panels, shared) {
  return panels.map((spec) => ({
    ...spec,
    layers: spec.layers.map((own) => ({ ...shared[own.key], ...own })),
  }));
}

function layersOf(viewer) {
  const layers = new Map();
  for (const panel of viewer.panels) {
    for (const layer of panel.spec.layers) if (!layers.has(layer.key)) layers.set(layer.key, layer);
  }
  return layers;
}

// The state holds what the person wished for, "" for no layer and null for nothing yet: it may be
// missing for a while, as long as maps of another picture are being computed.
function layerKey(viewer) {
  const layers = layersOf(viewer);
  const wish = viewer.state.layer;
  return wish === "" || layers.has(wish) ? wish : layers.keys().next().value || "";
}

// What the page gives, and over it what the person has changed.
function layerSettings(viewer, spec) {
  const { opacity, lower, upper } = spec;
  const given = { opacity, lower: lower ?? -Infinity, upper: upper ?? Infinity };
  return { ...given, ...viewer.state.layers[spec.key] };
}

function setLayer(viewer, key) {
  viewer.state.layer = key;
  requestDraw(viewer, true);
}

function setOpacity(viewer, opacity) {
  if (hasBand(viewer)) changeBand(viewer, { opacity });
  else setLayerBound(viewer, "opacity", opacity);
}

// At an end of the range there is no bound: so it stays when the range becomes another.
function setLayerBound(viewer, name, value) {
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

// Painting ----------------------------------------------------------------------------------------

// A panel that lacks the chosen layer, or waits for it, shows its picture alone.
function chosenLayer(viewer, panel) {
  const layer = panel.layers.find(({ spec }) => spec.key === layerKey(viewer));
  return layer && layer.values ? layer : null;
}

function extentOf({ extent }, { width, height }) {
  const [x, y, w, h] = extent || [0, 0, width, height];
  return { x, y, width: w, height: h };
}

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
function drawLayer(viewer, context, panel) {
  const source = layerSource(viewer, panel);
  if (!source) return;
  const { spec } = chosenLayer(viewer, panel);
  const { ox, oy, zoom } = originOf(viewer);
  const { width, height } = panel.picture;
  const extent = extentOf(spec, panel.picture);
  const place = zoom < 1 ? (at) => at : Math.round;
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

// Values ------------------------------------------------------------------------------------------

function valueText(spec, value) {
  if (spec.categories.length) return spec.categories[value] || "";
  if (Number.isNaN(value)) return "";
  const digits = shortNumber(value);
  const text = spec.colours === "diverging" && value > 0 ? `+${digits}` : digits;
  return spec.unit ? `${text} ${spec.unit}` : text;
}

// Nothing where the layer says nothing: outside its part, or where it is undefined.
function layerReadout(viewer, panel, x, y) {
  const layer = chosenLayer(viewer, panel);
  if (!layer) return "";
  const { spec, values } = layer;
  const extent = extentOf(spec, panel.picture);
  const column = Math.floor(((x + 0.5 - extent.x) * spec.width) / extent.width);
  const row = Math.floor(((y + 0.5 - extent.y) * spec.height) / extent.height);
  const inside = column >= 0 && column < spec.width && row >= 0 && row < spec.height;
  return inside ? valueText(spec, values[row * spec.width + column]) : "";
}

// The bar -----------------------------------------------------------------------------------------

function buildLayerBar(viewer) {
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
  parts.node = element(
    "div", { className: "toolbar layer-bar", role: "toolbar", "aria-label": "Layer" },
    parts.select, parts.opacity.node, parts.lower.node, parts.upper.node, parts.legend.node,
    parts.names,
  );
  return parts;
}

function refreshLayerBar(viewer) {
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

function drawsLayersOnly(viewer) {
  return viewer.panels.length > 0 && viewer.panels.every((panel) => onlyLayers(panel.spec));
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

// A sentence on the chosen layer's map, such as why it is empty.
function mapNote(viewer, panel) {
  const layer = panel.layers.find(({ spec }) => spec.key === layerKey(viewer));
  return layer ? layer.spec.note : "";
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
function layerSentence(viewer) {
  const spec = layersOf(viewer).get(layerKey(viewer));
  if (!spec) return "";
  if (spec.categories.length) return spec.label;
  if (spec.banded) return joined(spec.label, bandSentence(viewer.state.band));
  return `${spec.label} ${valueText(spec, spec.low)} to ${valueText(spec, spec.high)}`;
}
