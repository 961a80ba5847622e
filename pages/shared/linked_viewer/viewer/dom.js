// Elements. Every text from outside goes in as text, never as markup.

const LAYOUTS = [
  { key: "grid", label: "Side by side", about: "All panels (Escape)" },
  { key: "single", label: "Single", about: "One large panel: number keys flip in place" },
  { key: "wipe", label: "Wipe", about: "Two panels and a divider (w)" },
];
const PERIODS = [0, 2, 4, 8, 16];
const KEY_HELP = [
  ["1 … 9", "show that panel, in place"],
  ["Esc or `", "back to side by side; then: let the wheel scroll the page again"],
  ["hold c", "the clean image in every panel"],
  ["hold n", "the measurement in every panel"],
  ["d", "next view: image, differences"],
  ["v", "values on the pixels (from 16×): on, off"],
  ["w", "wipe; Shift + arrows move the divider"],
  ["arrows, drag", "move"],
  ["+ −, wheel, pinch", "zoom; Ctrl + wheel without a click first"],
  ["0", "fit; double click: fit or 4×"],
  ["g, Delete", "draw a region; clear it"],
  ["m", "marks: on, off"],
  ["Tab, arrows", "on a handle of the band: move it; with Shift ten times as far"],
  ["[ ]", "previous and next picture"],
  ["?", "this help"],
];

function element(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  const { className, text, on = {}, ...attributes } = properties;
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined) node.setAttribute(name, value);
  }
  for (const [event, handler] of Object.entries(on)) node.addEventListener(event, handler);
  node.append(...children);
  return node;
}

function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function button(text, title, onClick, extra = {}) {
  return element("button", { type: "button", text, title, on: { click: onClick }, ...extra });
}

// 16 x 16 line drawings, so that no icon font is asked for.
const ICONS = {
  region: "M2.5 5V2.5H5M7 2.5h2M11 2.5h2.5V5M13.5 7v2M13.5 11v2.5H11M9 13.5H7M5 13.5H2.5V11M2.5 9V7",
  link: "M6.5 9.5l3-3M7 4.8l1.3-1.3a2.8 2.8 0 0 1 4 4L11 8.8M9 11.2l-1.3 1.3a2.8 2.8 0 0 1-4-4L5 7.2",
  save: "M8 2v8.5M4.5 7 8 10.5 11.5 7M2.5 13.5h11",
  marks: "M8 3.2a4.8 4.8 0 1 0 0 9.6a4.8 4.8 0 1 0 0-9.6M8 7v2M7 8h2",
  full: "M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10",
};

function iconButton(icon, text, title, onClick) {
  const name = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(name, "svg");
  const path = document.createElementNS(name, "path");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", ICONS[icon]);
  svg.append(path);
  const node = button("", title, onClick, { "aria-label": text, className: "icon" });
  node.append(svg, element("span", { text }));
  return node;
}

function segment(label, items, onPick) {
  const buttons = items.map((item) =>
    button(item.label, item.about, () => onPick(item.key), { "data-key": item.key }),
  );
  return element("div", { className: "segment", role: "group", "aria-label": label }, ...buttons);
}

function markPressed(group, key) {
  for (const node of group.children) {
    node.setAttribute("aria-pressed", String(node.dataset.key === String(key)));
  }
}

function slider(label, properties, onInput) {
  const input = element("input", { type: "range", "aria-label": label, ...properties });
  const value = element("output");
  const name = element("span", { text: label });
  input.addEventListener("input", () => onInput(Number(input.value)));
  const node = element("label", { className: "slider" }, name, input, value);
  return { node, name, input, value };
}

function choice(label, onPick) {
  const select = element("select", { "aria-label": label });
  select.addEventListener("change", () => onPick(select.value));
  return select;
}

function setOptions(select, options, value) {
  const wanted = JSON.stringify(options);
  if (select.dataset.options !== wanted) {
    select.dataset.options = wanted;
    select.replaceChildren(
      ...options.map(([key, text, disabled]) =>
        element("option", { value: key, text, disabled: disabled ? "" : undefined }),
      ),
    );
  }
  select.value = value;
}

// Buttons side by side, and in their stead one select where there is no room (the style decides).
function chooser(label, items, onPick) {
  const buttons = segment(label, items, onPick);
  const select = choice(label, (key) => onPick(items.find((item) => String(item.key) === key).key));
  return { node: element("div", { className: "chooser" }, buttons, select), buttons, select };
}

// The toolbar -------------------------------------------------------------------------------------

function buildToolbar(viewer) {
  const zooms = [
    { key: "fit", label: "Fit", about: "The whole image (0)" },
    ...ZOOMS.map((zoom) => ({
      key: zoom,
      label: zoom === 1 ? "1:1" : `${zoom}×`,
      about: `1 image pixel = ${zoom} screen pixel${zoom > 1 ? "s" : ""}`,
    })),
  ];
  const parts = {
    layouts: segment("Layout", LAYOUTS, (key) => setLayout(viewer, key)),
    modes: chooser("View", MODES, (key) => setMode(viewer, key)),
    zooms: chooser("Zoom", zooms, (key) => (key === "fit" ? fitView(viewer) : zoomTo(viewer, key))),
    tools: buildTools(viewer),
  };
  parts.node = element(
    "div", { className: "toolbar", role: "toolbar", "aria-label": "Viewer" },
    parts.layouts, parts.modes.node, parts.zooms.node, parts.tools.node,
  );
  return parts;
}

function buildGridControl(viewer) {
  const period = choice("Grid period", (value) => setGrid(viewer, { period: Number(value) }));
  const phase = ["x", "y"].map((axis, at) => {
    const input = element("input", {
      type: "number", min: 0, step: 1, "aria-label": `Grid phase ${axis}`,
      title: `Grid phase ${axis}, in image pixels`,
    });
    input.addEventListener("input", () => setGridPhase(viewer, at, Number(input.value)));
    return input;
  });
  period.title = "Lines every so many image pixels: the network's strides and patches";
  const node = element("div", { className: "grid-control" }, period, ...phase);
  return { node, period, phase };
}

function buildTools(viewer) {
  const region = iconButton(
    "region", "Draw region", "Drag a rectangle in any panel (g)", () => toggleDrawing(viewer),
  );
  const marks = iconButton("marks", "Marks", "Rings and labels: on, off (m)", () => toggleMarks(viewer));
  const help = button("?", "Keys", () => toggleHelp(viewer), { "aria-label": "Key help" });
  const node = element(
    "div", { className: "tools" }, marks, region,
    iconButton("link", "Copy link", "Copy a link to this very view", () => copyLink(viewer)),
    iconButton("save", "Save view", "Save the panels with their labels as PNG", () => saveView(viewer)),
    iconButton("full", "Full screen", "Full screen", () => toggleFullScreen(viewer)),
    help,
  );
  return { node, marks, region, help };
}

function buildLegend(className = "") {
  const low = element("span");
  const bar = element("i");
  const high = element("span");
  const node = element("div", { className: `legend ${className}` }, low, bar, high);
  return { node, low, bar, high };
}

function buildStatus(viewer) {
  const parts = {
    badge: buildBadge(),
    clear: button("", "Clear the region (Delete)", () => clearRegion(viewer), { className: "chip" }),
    message: element("span", { className: "message", role: "status", "aria-live": "polite" }),
    grid: buildGridControl(viewer),
    gain: slider("Gain", { min: 0, max: 5, step: 1 }, (step) => setGain(viewer, 2 ** step)),
    legend: buildLegend(),
  };
  parts.node = element(
    "div", { className: "status" },
    parts.badge.node, parts.clear, parts.message, parts.grid.node, parts.gain.node, parts.legend.node,
  );
  return parts;
}

// What the scale is, and in words where there is room.
function buildBadge() {
  const scale = element("span");
  const words = element("span", { className: "words" });
  return { node: element("span", { className: "badge" }, scale, words), scale, words };
}

function buildHelp(viewer) {
  const rows = KEY_HELP.flatMap(([keys, does]) => [
    element("dt", { text: keys }),
    element("dd", { text: does }),
  ]);
  const node = element(
    "div", { className: "help", role: "dialog", "aria-label": "Keys" },
    element("div", { className: "help-head" }, element("strong", { text: "Keys" }),
      button("Close", "Close (?)", () => toggleHelp(viewer))),
    element("p", { text: "Click a panel first, so that the keys and the wheel reach it." }),
    element("dl", {}, ...rows),
  );
  node.hidden = true;
  return node;
}

function buildPicker(viewer) {
  const panels = element("div", { className: "segment", role: "group", "aria-label": "Panel" });
  const left = choice("Left of the divider", (key) => setWipe(viewer, { left: key }));
  const right = choice("Right of the divider", (key) => setWipe(viewer, { right: key }));
  const sides = element("div", { className: "sides" }, left, right);
  const node = element("div", { className: "picker" }, panels, sides);
  return { node, panels, sides, left, right };
}

// Panels ------------------------------------------------------------------------------------------

function buildFigure(viewer, key) {
  const canvas = element("canvas", { role: "img", "data-panel-key": key });
  const parts = {
    canvas,
    context: canvas.getContext("2d"),
    number: element("span", { className: "number" }),
    label: element("span", { className: "label" }),
    tag: element("span", { className: "tag" }),
    caption: element("div", { className: "caption" }),
    kept: element("span", { className: "kept" }),
    mapNote: element("span", { className: "map-note" }),
    readout: element("output", { className: "readout" }),
    empty: element("div", { className: "empty" }),
    shift: { left: 0, top: 0 },
  };
  parts.frame = element("div", { className: "frame" }, canvas, parts.readout, parts.empty);
  parts.head = element(
    "figcaption", {},
    element("div", { className: "title" }, parts.number, parts.label, parts.tag),
    parts.caption,
  );
  parts.node = element("figure", { "data-panel-key": key }, parts.head, parts.frame);
  listenToPointer(viewer, canvas);
  return parts;
}

function describeFigure(figure, spec, number) {
  setText(figure.number, number);
  setText(figure.label, spec.label);
  const wanted = spec.caption.join("\n");
  if (figure.caption.dataset.text !== wanted) {
    figure.caption.dataset.text = wanted;
    const texts = spec.caption.map((text) => element("span", { text }));
    figure.caption.replaceChildren(...texts, figure.kept, figure.mapNote);
  }
  figure.head.title = spec.note;
  figure.canvas.setAttribute("aria-label", [spec.label, ...spec.caption, spec.note].join(". "));
}

// Panels are kept by key, so that new data never lose a canvas or its view.
function syncPanels(viewer, specs) {
  const known = new Map(viewer.panels.map((panel) => [panel.spec.key, panel]));
  viewer.panels = specs.map((spec, i) => {
    const panel = known.get(spec.key) || newPanel(viewer, spec);
    known.delete(spec.key);
    panel.spec = spec;
    describeFigure(panel.figure, spec, String(i + 1));
    return panel;
  });
  for (const panel of known.values()) panel.figure.node.remove();
  const nodes = viewer.panels.map((panel) => panel.figure.node);
  if (nodes.some((node, i) => viewer.parts.panels.children[i] !== node)) {
    viewer.parts.panels.prepend(...nodes);
  }
  repairChoices(viewer);
}

function newPanel(viewer, spec) {
  const figure = buildFigure(viewer, spec.key);
  return { spec, figure, picture: null, failed: false, layers: [], sources: {} };
}

function repairChoices(viewer) {
  const { state, panels } = viewer;
  const has = (key) => panels.some((panel) => panel.spec.key === key);
  const first = (role) => (panelOfRole(viewer, role) || panels[0] || { spec: {} }).spec.key;
  if (!has(state.panel)) state.panel = first("output");
  if (!has(state.wipe.left)) state.wipe.left = first("measurement");
  if (!has(state.wipe.right)) state.wipe.right = first("output");
}

// Bringing the elements up to date with the state -----------------------------------------------

function refresh(viewer) {
  refreshToolbar(viewer);
  refreshLayerBar(viewer);
  refreshBandBar(viewer);
  refreshStatus(viewer);
  refreshPicker(viewer);
  for (const figure of visibleFigures(viewer)) refreshFigure(viewer, figure);
  refreshAttributes(viewer);
}

function refreshToolbar(viewer) {
  const { state } = viewer;
  const { toolbar } = viewer.parts;
  markPressed(toolbar.layouts, state.layout);
  markPressed(toolbar.modes.buttons, state.mode);
  for (const node of toolbar.modes.buttons.children) refreshMode(viewer, node);
  const modes = MODES.map((mode) => [mode.key, mode.label, lacksReference(viewer, mode)]);
  setOptions(toolbar.modes.select, modes, state.mode);
  toolbar.layouts.hidden = viewer.panels.length < 2;
  toolbar.modes.node.hidden = !MODES.some((mode) => referenceOf(viewer, mode));
  refreshZooms(viewer);
  refreshTools(viewer);
}

// The select also names a zoom between the steps.
function refreshZooms(viewer) {
  const { buttons, select } = viewer.parts.toolbar.zooms;
  const { fit, zoom } = viewer.state.view;
  const key = fit ? "fit" : String(zoom);
  markPressed(buttons, key);
  const options = [...buttons.children].map((node) => [node.dataset.key, node.textContent]);
  if (!options.some(([known]) => known === key)) options.push([key, zoomName(zoom), true]);
  setOptions(select, options, key);
}

function zoomName(zoom) {
  if (zoom < 1) return `${zoom.toFixed(2)}×`;
  return zoom === 1 ? "1:1" : `${zoom}×`;
}

function lacksReference(viewer, mode) {
  return Boolean(mode.reference) && !referenceOf(viewer, mode);
}

function refreshMode(viewer, node) {
  const mode = MODE[node.dataset.key];
  const missing = lacksReference(viewer, mode);
  node.disabled = missing;
  const noun = mode.reference === "clean" ? "a clean image" : "the measurement";
  node.title = missing ? `This view needs ${noun}, and there is none.` : `${mode.about} (d)`;
}

function refreshGridControl(viewer) {
  const { grid } = viewer.parts.status;
  const { period, phase } = viewer.state.grid;
  grid.node.hidden = viewer.frequency;
  const periods = [...new Set([...PERIODS, period])].sort((a, b) => a - b);
  setOptions(
    grid.period, periods.map((p) => [String(p), p ? `Grid ${p} px` : "Grid off"]), String(period),
  );
  grid.phase.forEach((input, at) => {
    input.hidden = !period;
    input.max = Math.max(period - 1, 0);
    if (Number(input.value) !== phase[at] || input.value === "") input.value = phase[at];
  });
}

function refreshTools(viewer) {
  const { marks, region, help } = viewer.parts.toolbar.tools;
  marks.hidden = viewer.marks.length === 0;
  marks.setAttribute("aria-pressed", String(viewer.state.marks));
  region.hidden = viewer.frequency || !viewer.regions;
  region.setAttribute("aria-pressed", String(viewer.drawing));
  help.setAttribute("aria-expanded", String(!viewer.parts.help.hidden));
}

function shortNumber(value) {
  return String(Number(value.toPrecision(3))).replace(/^-/, "−");
}

function refreshLegend(legend, low, high, colours, middle = "") {
  setText(legend.low, low);
  setText(legend.bar, middle);
  setText(legend.high, high);
  if (legend.bar.dataset.colours === colours) return;
  legend.bar.dataset.colours = colours;
  legend.bar.style.background = gradient(colours);
}

function refreshStatus(viewer) {
  const { badge, message } = viewer.parts.status;
  const [scale, words] = badgeTexts(viewer);
  setText(badge.scale, scale);
  setText(badge.words, words);
  setText(message, viewer.message || standingMessage(viewer));
  refreshRegion(viewer);
  refreshGridControl(viewer);
  refreshGain(viewer);
  refreshScale(viewer);
}

function refreshRegion(viewer) {
  const { clear } = viewer.parts.status;
  const box = viewer.state.region;
  clear.hidden = !box;
  setText(clear, box ? `Region ${box.width} × ${box.height} at ${box.x}, ${box.y}  ✕` : "");
}

function refreshGain(viewer) {
  const { state } = viewer;
  const { node, name, value, input } = viewer.parts.status.gain;
  node.hidden = viewer.frequency || drawsLayersOnly(viewer);
  const image = state.mode === "image";
  const factor = image ? state.contrast : state.gain;
  const label = image ? "Contrast" : "Gain";
  setText(name, label);
  setText(value, `×${shortNumber(factor)}`);
  input.setAttribute("aria-label", label);
  input.value = Math.log2(factor);
}

// One locked scale for all panels, with its numbers.
function refreshScale(viewer) {
  const { legend } = viewer.parts.status;
  const { mode } = viewer.state;
  const range = shortNumber(differenceRange(viewer));
  legend.node.hidden = viewer.frequency || drawsLayersOnly(viewer);
  legend.node.dataset.mode = mode;
  legend.node.dataset.plain = String(mode === "image" && viewer.state.contrast === 1);
  if (mode === "image") {
    const [low, high] = levelWindow(viewer).map((level) => String(Math.round(level)));
    refreshLegend(legend, low, high, "grey");
  } else if (mode === "absolute") refreshLegend(legend, "0", `${range} levels`, "magma");
  else refreshLegend(legend, `−${range}`, `+${range} levels`, "diverging", "0");
}

function badgeTexts(viewer) {
  const { zoom } = viewer.state.view;
  const name = `lossless · ${zoomName(zoom)}`;
  if (zoom < 1) return [`${name} · smoothed below 1:1`, ""];
  const what = viewer.frequency ? "frequency" : "image pixel";
  return [name, ` · 1 ${what} = ${zoom} screen pixel${zoom > 1 ? "s" : ""}`];
}

function standingMessage(viewer) {
  const { state } = viewer;
  if (viewer.drawing) return "Drag a rectangle in any panel.";
  const { period } = state.grid;
  if (period && period * state.view.zoom < 4) return `Zoom in to see the grid of ${period} px.`;
  if (viewer.frequency) return "";
  const judged = panelOfRole(viewer, "measurement") && !panelOfRole(viewer, "clean");
  return judged ? "No clean image: differences to it are off." : "";
}

function refreshPicker(viewer) {
  const { node, panels, sides, left, right } = viewer.parts.picker;
  const { layout, panel, wipe } = viewer.state;
  node.hidden = layout === "grid";
  panels.hidden = layout !== "single";
  sides.hidden = layout !== "wipe";
  const options = viewer.panels.map(({ spec }) => [spec.key, spec.label]);
  setOptions(left, options, wipe.left);
  setOptions(right, options, wipe.right);
  const wanted = JSON.stringify(options);
  if (panels.dataset.options !== wanted) {
    panels.dataset.options = wanted;
    panels.replaceChildren(...options.map(([key, text], i) =>
      button(`${i + 1}  ${text}`, `Show ${text} (${i + 1})`, () => setPanel(viewer, key), {
        "data-key": key,
      }),
    ));
  }
  markPressed(panels, panel);
}

function refreshFigure(viewer, { figure, panels }) {
  const found = panels.map((panel) => shown(viewer, panel));
  if (figure === viewer.parts.stage) describeStage(viewer, panels);
  const missing = found.find((each) => each.missing);
  setText(figure.empty, missing ? missing.missing : "");
  figure.empty.hidden = !missing;
  figure.node.dataset.state = missing ? stateOf(missing.panel) : "ready";
  setText(figure.tag, found.map((each) => tagText(viewer, each)).filter(Boolean)[0] || "");
  setText(figure.kept, panels.map((panel) => keptText(viewer, panel)).filter(Boolean).join("  |  "));
  setText(figure.mapNote, panels.map((panel) => mapNote(viewer, panel)).filter(Boolean).join("  |  "));
  setText(figure.readout, found.map((each) => readoutText(viewer, each)).join("  |  "));
  figure.readout.hidden = !viewer.hover || Boolean(missing);
}

function stateOf(panel) {
  if (panel.failed) return "failed";
  return panel.spec.image ? "loading" : "computing";
}

function describeStage(viewer, panels) {
  const { stage } = viewer.parts;
  const numbers = panels.map((panel) => String(viewer.panels.indexOf(panel) + 1)).join(" | ");
  const join = (name) => panels.map((panel) => panel.spec[name]).join("  |  ");
  const caption = panels.length > 1 ? [] : panels[0].spec.caption;
  describeFigure(stage, { label: join("label"), caption, note: join("note") }, numbers);
  setText(viewer.parts.note, panels.length > 1 ? "" : panels[0].spec.note);
  stage.canvas.dataset.panelKey = panels.map((panel) => panel.spec.key).join("|");
}

function tagText(viewer, { mode, panel }) {
  if (viewer.held) return panel.spec.role === viewer.held ? `${panel.spec.label} (held)` : "";
  const wanted = MODE[viewer.state.mode];
  return mode === MODE.image && wanted !== mode ? "reference, as image" : "";
}

// What scripts and tests may read of the view.
function refreshAttributes(viewer) {
  const { state, root } = viewer;
  const figures = visibleFigures(viewer);
  const ready =
    viewer.settled && figures.every(({ figure }) => figure.node.dataset.state === "ready");
  Object.assign(root.dataset, {
    zoom: state.view.zoom, cx: state.view.cx, cy: state.view.cy, fit: state.view.fit,
    mode: state.mode, layout: state.layout, panel: state.panel, wipe: state.wipe.at,
    axes: viewer.frequency ? "frequency" : "pixels", band: bandText(state.band),
    ready: String(ready), focused: String(viewer.focused),
  });
}
