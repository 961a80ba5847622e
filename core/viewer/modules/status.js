// The line of the status: what the view is, messages, region, grid, gain and the colour scale.

import {
  clearRegion, gainName, resetGain, setGain, setGrid, setGridPhase, USUAL,
} from "./actions.js";
import {
  buildLegend, button, choice, element, refreshLegend, setOptions, setText, slider,
} from "./elements.js";
import { lensText } from "./lens.js";
import { sameJson, shortNumber } from "./numbers.js";
import { drawsLayersOnly, panelOfRole } from "./panels.js";
import { differenceRange, MEAN_WINDOW } from "./sources.js";
import { isSmoothed, zoomName } from "./view.js";

const ALTERED =
  "This browser alters what a page reads from a picture: read-outs, differences and contrast are computed from the pixels as the server sent them";
const PERIODS = [0, 2, 4, 8, 16];
const GAINS = {
  contrast: {
    label: "Contrast",
    about: `Stretches each channel around its local mean: over the ${MEAN_WINDOW} × ${MEAN_WINDOW} pixels around a pixel of the clean image (without one, of the noisy image), the same in all panels`,
  },
  gain: { label: "Gain", about: "How far a difference is amplified, the same in all panels" },
};

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

export function buildStatus(viewer) {
  const parts = {
    badge: buildBadge(),
    clear: button("", "Clear the region (Delete)", () => clearRegion(viewer), { className: "chip" }),
    message: element("span", { className: "message", role: "status", "aria-live": "polite" }),
    grid: buildGridControl(viewer),
    gain: slider("Gain", { min: 0, max: 5, step: 1 }, (step) => setGain(viewer, 2 ** step)),
    reset: buildReset(viewer),
    legend: buildLegend(),
  };
  parts.node = element(
    "div", { className: "status" },
    parts.badge.node, parts.clear, parts.message, parts.grid.node, parts.gain.node, parts.reset,
    parts.legend.node,
  );
  return parts;
}

function buildReset(viewer) {
  const extra = { className: "chip", "aria-label": "Reset" };
  const node = button("↺", "", () => resetGain(viewer), extra);
  node.append(element("span", { className: "words", text: " Reset" }));
  return node;
}

// What the scale is, and in words where there is room.
function buildBadge() {
  const scale = element("span");
  const words = element("span", { className: "words" });
  return { node: element("span", { className: "badge" }, scale, words), scale, words };
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

export function refreshStatus(viewer) {
  const { badge, message } = viewer.parts.status;
  const [scale, words] = badgeTexts(viewer);
  badge.node.title = readsPlain(viewer) ? ALTERED : "";
  setText(badge.scale, scale);
  setText(badge.words, words);
  setText(message, viewer.message || lensText(viewer) || standingMessage(viewer));
  refreshRegion(viewer);
  refreshGridControl(viewer);
  refreshGain(viewer);
  refreshScale(viewer);
}

function refreshRegion(viewer) {
  const { clear } = viewer.parts.status;
  const box = viewer.state.region;
  clear.hidden = !box;
  setText(clear, box ? `${regionName(viewer, box)}  ✕` : "");
}

// The page may call the region that it gave otherwise, such as in pixels of a larger picture.
function regionName({ given, regionLabel }, box) {
  if (regionLabel && sameJson(box, given.region)) return regionLabel;
  return `Region ${box.width} × ${box.height} at ${box.x}, ${box.y}`;
}

function refreshGain(viewer) {
  const { state } = viewer;
  const { gain: { node, name, value, input }, reset } = viewer.parts.status;
  const what = gainName(viewer);
  const factor = state[what];
  const { label, about } = GAINS[what];
  node.hidden = viewer.frequency || drawsLayersOnly(viewer);
  node.title = about;
  reset.hidden = node.hidden || factor === USUAL[what];
  reset.title = `${label} back to ×${USUAL[what]}`;
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
  if (mode === "image") refreshLegend(legend, ...contrastEnds(viewer.state.contrast), "grey");
  else if (mode === "absolute") refreshLegend(legend, "0", `${range} levels`, "magma");
  else refreshLegend(legend, `−${range}`, `+${range} levels`, "diverging", "0");
}

// The levels that become black and white.
function contrastEnds(contrast) {
  const half = Math.round(127.5 / contrast);
  return contrast === 1 ? ["0", "255"] : [`local mean − ${half}`, `+ ${half} levels`];
}

// What is true of the pixels: how they lie on the screen, and where their numbers come from.
export function badgeTexts(viewer) {
  const [scale, words] = scaleTexts(viewer);
  return [scale, readsPlain(viewer) ? `${words} · numbers from the server` : words];
}

function scaleTexts(viewer) {
  const { zoom } = viewer.state.view;
  if (!viewer.toScale) return [`${zoomName(zoom)} · scaled by the browser`, ": image pixels are not equal squares"];
  if (isSmoothed(zoom)) {
    return [`${zoomName(zoom)} · smoothed`, zoom < 1 ? " below 1:1" : " between whole zooms"];
  }
  const what = viewer.frequency ? "frequency" : "image pixel";
  return [`lossless · ${zoomName(zoom)}`, ` · 1 ${what} = ${sideText(zoom)}`];
}

function sideText(zoom) {
  if (!Number.isInteger(zoom)) return `${Math.floor(zoom)} or ${Math.ceil(zoom)} screen pixels`;
  return `${zoom} screen pixel${zoom > 1 ? "s" : ""}`;
}

// Where the browser alters what is read from a canvas.
function readsPlain({ panels }) {
  return panels.some(({ picture }) => picture?.plain);
}

function standingMessage(viewer) {
  const { state } = viewer;
  if (viewer.drawing) return viewer.draws ? "" : "Drag a rectangle in any panel.";
  const { period } = state.grid;
  if (period && period * state.view.zoom < 4) return `Zoom in to see the grid of ${period} px.`;
  if (viewer.frequency) return "";
  const judged = panelOfRole(viewer, "measurement") && !panelOfRole(viewer, "clean");
  return judged ? "No clean image: differences to it are off." : "";
}
