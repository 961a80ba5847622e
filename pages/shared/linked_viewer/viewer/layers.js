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

function layerSettings(viewer, spec) {
  const known = viewer.state.layers[spec.key];
  if (known) return known;
  const fresh = {
    opacity: spec.opacity, lower: spec.lower ?? -Infinity, upper: spec.upper ?? Infinity,
  };
  viewer.state.layers[spec.key] = fresh;
  return fresh;
}

function setLayer(viewer, key) {
  viewer.state.layer = key;
  requestDraw(viewer);
}

// At an end of the range there is no bound: so it stays when the range becomes another.
function setLayerBound(viewer, name, value) {
  const { low, high } = layersOf(viewer).get(viewer.state.layer);
  const settings = viewer.state.layers[viewer.state.layer];
  settings[name] = value;
  if (name === "lower") settings.upper = Math.max(settings.upper, value);
  if (name === "upper") settings.lower = Math.min(settings.lower, value);
  if (settings.lower <= low) settings.lower = -Infinity;
  if (settings.upper >= high) settings.upper = Infinity;
  requestDraw(viewer);
}

// Painting ----------------------------------------------------------------------------------------

// A panel that lacks the chosen layer, or waits for it, shows its picture alone.
function chosenLayer(viewer, panel) {
  const layer = panel.layers.find(({ spec }) => spec.key === viewer.state.layer);
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
  context.globalAlpha = onlyLayers(panel.spec) ? 1 : layerSettings(viewer, spec).opacity;
  context.imageSmoothingEnabled = cell < 1;
  context.imageSmoothingQuality = "low";
  context.drawImage(
    drawable, 0, 0, source.width * scale, source.height * scale, left, top, right - left, bottom - top,
  );
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
    opacity: slider("Opacity", { min: 0, max: 1, step: 0.05 }, set("opacity")),
    lower: slider("From", { step: "any" }, set("lower")),
    upper: slider("To", { step: "any" }, set("upper")),
    legend: buildLegend("layer-legend"),
    names: element("div", { className: "names", role: "group", "aria-label": "Colours" }),
  };
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
  setOptions(bar.select, [["", "No layer"], ...options], viewer.state.layer);
  const spec = layers.get(viewer.state.layer);
  const named = Boolean(spec) && spec.categories.length > 0;
  bar.opacity.node.hidden = !spec || viewer.panels.every((panel) => onlyLayers(panel.spec));
  for (const part of [bar.lower, bar.upper, bar.legend]) part.node.hidden = !spec || named;
  bar.names.hidden = !named;
  if (!spec) return;
  const settings = layerSettings(viewer, spec);
  refreshOpacity(bar.opacity, settings);
  if (named) refreshNames(bar.names, spec);
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
    setText(value, shortNumber(bound));
  }
  const middle = spec.colours === "diverging" ? shortNumber((spec.low + spec.high) / 2) : "";
  refreshLegend(bar.legend, valueText(spec, spec.low), valueText(spec, spec.high), spec.colours, middle);
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
  const spec = layersOf(viewer).get(viewer.state.layer);
  if (!spec) return "";
  if (spec.categories.length) return spec.label;
  return `${spec.label} ${valueText(spec, spec.low)} to ${valueText(spec, spec.high)}`;
}
