// A figure is a panel on the page: head, canvas and what stands over it.

import { isLost, lostSentence } from "./arrivals.js";
import { keptText } from "./band.js";
import { button, element, setText } from "./elements.js";
import { listenToPointer } from "./input.js";
import { layerKey, layerReadout, mapNote } from "./layers.js";
import { joined, signedText } from "./numbers.js";
import { difference, MODE, onlyLayers, panelOfRole } from "./panels.js";
import { isPictureLost, shown } from "./sources.js";
import { isOnStage, putOnStage, repairStage } from "./stage.js";

export function buildFigure(viewer, key) {
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
    lost: element("span"),
    shift: { left: 0, top: 0 },
  };
  parts.alarm = element(
    "div", { className: "lost", role: "status" }, parts.lost,
    button("Try again", "Ask the server for it again", () => viewer.tryAgain(), { className: "chip" }),
  );
  parts.alarm.hidden = true;
  parts.frame = element("div", { className: "frame" }, canvas, parts.readout, parts.empty, parts.alarm);
  parts.head = element(
    "figcaption", {},
    element("div", { className: "title" }, parts.number, parts.label, parts.tag),
    parts.caption,
  );
  parts.head.addEventListener("click", () => isOnStage(viewer) && key && putOnStage(viewer, key));
  parts.node = element("figure", { "data-panel-key": key }, parts.head, parts.frame);
  listenToPointer(viewer, canvas);
  viewer.canvases.add(canvas);
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
export function syncPanels(viewer, specs) {
  const known = new Map(viewer.panels.map((panel) => [panel.spec.key, panel]));
  viewer.panels = specs.map((spec, i) => {
    const panel = known.get(spec.key) || newPanel(viewer, spec);
    known.delete(spec.key);
    panel.spec = spec;
    describeFigure(panel.figure, spec, String(i + 1));
    return panel;
  });
  for (const { figure } of known.values()) {
    viewer.canvases.remove(figure.canvas);
    figure.node.remove();
  }
  const nodes = viewer.panels.map((panel) => panel.figure.node);
  if (nodes.some((node, i) => viewer.parts.panels.children[i] !== node)) {
    viewer.parts.panels.prepend(...nodes);
  }
  repairChoices(viewer);
}

function newPanel(viewer, spec) {
  const figure = buildFigure(viewer, spec.key);
  return { spec, figure, picture: null, layers: [], sources: {} };
}

// A view may name panels that are not there.
export function repairChoices(viewer) {
  const { state, panels } = viewer;
  const has = (key) => panels.some((panel) => panel.spec.key === key);
  const first = (role) => (panelOfRole(viewer, role) || panels[0] || { spec: {} }).spec.key;
  if (!has(state.panel)) state.panel = first("output");
  if (!has(state.wipe.left)) state.wipe.left = first("measurement");
  if (!has(state.wipe.right)) state.wipe.right = first("output");
  repairStage(viewer);
}

export function refreshFigure(viewer, { figure, panels }) {
  const found = panels.map((panel) => shown(viewer, panel));
  if (figure === viewer.parts.large) describeLarge(viewer, panels);
  const missing = found.find((each) => each.missing);
  const lost = found.map(({ panel }) => lostText(viewer, panel)).find(Boolean) || "";
  setText(figure.lost, lost);
  figure.alarm.hidden = !lost;
  setText(figure.empty, missing ? missing.missing : "");
  figure.empty.hidden = !missing || Boolean(lost);
  figure.node.dataset.state = missing ? stateOf(viewer, missing.panel) : "ready";
  setText(figure.tag, found.map((each) => tagText(viewer, each)).filter(Boolean)[0] || "");
  setText(figure.kept, panels.map((panel) => keptText(viewer, panel)).filter(Boolean).join("  |  "));
  setText(figure.mapNote, panels.map((panel) => mapNote(viewer, panel)).filter(Boolean).join("  |  "));
  setText(figure.readout, found.map((each) => readoutText(viewer, each)).join("  |  "));
  figure.readout.hidden = !viewer.hover || Boolean(missing);
}

// What did not arrive of a panel: its picture, or else the map that is chosen.
function lostText(viewer, panel) {
  if (isPictureLost(viewer, panel)) return lostSentence(viewer, "The picture", panel.spec.image.url);
  const map = panel.spec.layers.find(({ key }) => key === layerKey(viewer));
  return map && isLost(viewer, map.url) ? lostSentence(viewer, `The map “${map.label}”`, map.url) : "";
}

function stateOf(viewer, panel) {
  if (isPictureLost(viewer, panel)) return "failed";
  return panel.spec.image ? "loading" : "computing";
}

function describeLarge(viewer, panels) {
  const { large } = viewer.parts;
  const numbers = panels.map((panel) => String(viewer.panels.indexOf(panel) + 1)).join(" | ");
  const join = (name) => panels.map((panel) => panel.spec[name]).join("  |  ");
  const caption = panels.length > 1 ? [] : panels[0].spec.caption;
  describeFigure(large, { label: join("label"), caption, note: join("note") }, numbers);
  setText(viewer.parts.note, panels.length > 1 ? "" : panels[0].spec.note);
  large.canvas.dataset.panelKey = panels.map((panel) => panel.spec.key).join("|");
}

function tagText(viewer, { mode, panel }) {
  if (viewer.held) return panel.spec.role === viewer.held ? `${panel.spec.label} (held)` : "";
  const wanted = MODE[viewer.state.mode];
  return mode === MODE.image && wanted !== mode ? "reference, as image" : "";
}

// What the pixel under the cursor says: of a picture its values, of a spectrum its frequency.

function readoutText(viewer, { panel, mode, reference, missing }) {
  if (!viewer.hover || missing) return "";
  const { x, y } = viewer.hover;
  const { width, height } = panel.picture;
  if (x >= width || y >= height) return `${x}, ${y}: outside`;
  const value = layerReadout(viewer, panel, x, y);
  if (viewer.frequency) return joined(frequencyText(frequencyAt(x, y, panel.picture)), value);
  if (onlyLayers(panel.spec)) return joined(`${x}, ${y}`, value);
  const levels = channelValues({ panel, mode, reference }, 4 * (y * width + x));
  return `${x}, ${y}: ${levels.join(" ")}${value && `  (${value})`}`;
}

function channelValues({ panel, mode, reference }, at) {
  const channels = [at, at + 1, at + 2];
  if (!reference) return channels.map((i) => String(panel.picture.bytes[i]));
  return channels.map((i) =>
    signedText(difference(mode, panel.picture, reference.picture, i)),
  );
}

// The pixel (x, y) of a shifted spectrum: zero stands at [floor(H / 2), floor(W / 2)]. Whole steps
// are divided once, so that 0.25 is 0.25.
function frequencyAt(x, y, { width, height }) {
  return [(x - Math.floor(width / 2)) / width, (y - Math.floor(height / 2)) / height];
}

function frequencyText([fx, fy]) {
  const size = Math.hypot(fx, fy);
  const period = size ? `period ${(1 / size).toFixed(2)} px` : "mean";
  return `fx ${signedFrequency(fx)}, fy ${signedFrequency(fy)} · ${size.toFixed(3)} cycles/px · ${period}`;
}

function signedFrequency(value) {
  const digits = Math.abs(value).toFixed(3);
  if (!Number(digits)) return digits;
  return `${value > 0 ? "+" : "−"}${digits}`;
}
