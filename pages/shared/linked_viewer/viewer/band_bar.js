// The bar of the band: its controls, and the plot with two handles.

import {
  bandSentence, BYS, changeBand, commitBand, pressedPreset, setBand, setBy, setPreset, shortShare,
} from "./band.js";
import { drawPlot, plotShare, plotX } from "./band_plot.js";
import { BAND_COLOURS } from "./colours.js";
import {
  capture, choice, element, markPressed, segment, setOptions, setText,
} from "./elements.js";
import { hasBand, layerKey, layersOf, mapsOnScreen } from "./layers.js";
import { clamp, joined, percent, rounded } from "./numbers.js";
import { makeToolbar } from "./roving.js";

const BAND_TOGGLES = [
  { key: "filtering", label: "Filter", about: "Show only what lies in the band, or all" },
  {
    key: "rescale", label: "Stretch",
    about: "Stretch what is kept over all colours: a colour then means something else for every band and panel",
  },
  { key: "contour", label: "Outline", about: "A line around what is kept" },
];

const HANDLE_REACH = 16;

const BAND_STEPS = {
  ArrowLeft: -0.01, ArrowDown: -0.01, ArrowRight: 0.01, ArrowUp: 0.01, PageDown: -0.1, PageUp: 0.1,
  Home: -1, End: 1,
};

export function buildBandBar(viewer) {
  const parts = {
    presets: segment("Presets", viewer.presets.map(({ key, label, sentence }) => ({ key, label, about: sentence })),
      (key) => setPreset(viewer, viewer.presets.find((preset) => preset.key === key))),
    bys: segment("Band", BYS, (by) => setBy(viewer, by)),
    toggles: segment("Drawing", BAND_TOGGLES, (key) => setBand(viewer, { [key]: !viewer.state.band[key] })),
    colours: choice("Colour map", (colours) => setBand(viewer, { colours })),
    plot: buildPlot(viewer),
    text: element("output", { className: "band-text" }),
    scope: element("span", { className: "band-scope" }),
  };
  setOptions(parts.colours, BAND_COLOURS.map((name) => [name, name]), BAND_COLOURS[0]);
  const controls = element(
    "div", { className: "toolbar" }, parts.presets, parts.bys, parts.toggles, parts.colours,
  );
  parts.node = element(
    "div", { className: "band-bar", role: "group", "aria-label": "Threshold band" },
    makeToolbar(controls, "Band"),
    parts.plot.node,
    element("div", { className: "band-line" }, parts.text, parts.scope),
  );
  return parts;
}

function buildPlot(viewer) {
  const canvas = element("canvas", { "aria-hidden": "true" });
  const parts = {
    canvas,
    context: canvas.getContext("2d"),
    both: buildHandle(viewer, "both", "Whole band"),
    lower: buildHandle(viewer, "lower", "Lower bound"),
    upper: buildHandle(viewer, "upper", "Upper bound"),
    width: 0,
  };
  parts.node = element("div", { className: "band-plot" }, canvas, parts.both, parts.lower, parts.upper);
  const handlers = {
    pointerdown: onBandDown, pointermove: onBandMove, pointerup: onBandUp, pointercancel: onBandCancel,
  };
  for (const [name, handler] of Object.entries(handlers)) {
    parts.node.addEventListener(name, (event) => handler(viewer, event));
  }
  return parts;
}

function buildHandle(viewer, kind, label) {
  return element("div", {
    className: `band-${kind}`, role: "slider", tabindex: "0", "aria-label": label,
    "aria-valuemin": 0, "aria-valuemax": 1, "aria-orientation": "horizontal",
    on: {
      keydown: (event) => onBandKey(viewer, kind, event),
      keyup: (event) => event.key in BAND_STEPS && commitBand(viewer),
      blur: () => commitBand(viewer),
    },
  });
}

// Each takes the band where the gesture began and says where it is after `shift`.
const BAND_MOVES = {
  lower: ({ lower, upper }, shift) => ({ lower: clamp(rounded(lower + shift), 0, upper) }),
  upper: ({ lower, upper }, shift) => ({ upper: clamp(rounded(upper + shift), lower, 1) }),
  both({ lower, upper }, shift) {
    const by = clamp(shift, -lower, 1 - upper);
    return { lower: rounded(lower + by), upper: rounded(upper + by) };
  },
};

// A band that moves is meant to filter.
function moveBand(viewer, kind, from, shift) {
  changeBand(viewer, { ...BAND_MOVES[kind](from, shift), filtering: true });
}

// Near a handle that one, between them the whole band, outside the nearer one, which jumps there.
function bandGrip(plot, { lower, upper }, at) {
  const reach = HANDLE_REACH / (plotX(plot, 1) - plotX(plot, 0));
  const [fromLower, fromUpper] = [Math.abs(at - lower), Math.abs(at - upper)];
  const lowerIsNearer = fromLower === fromUpper ? at < lower || lower === 1 : fromLower < fromUpper;
  const nearer = lowerIsNearer ? "lower" : "upper";
  if (Math.min(fromLower, fromUpper) <= Math.min(reach, Math.max((upper - lower) / 3, 0.02))) return { kind: nearer };
  if (at > lower && at < upper) return { kind: "both" };
  return { kind: nearer, jump: true };
}

function onBandDown(viewer, event) {
  if (event.button !== 0 || viewer.bandGesture) return;
  const { plot } = viewer.parts.bandBar;
  const { band } = viewer.state;
  const corner = plot.node.getBoundingClientRect().left; // asked once: it costs a layout
  const at = plotShare(plot, event.clientX - corner);
  const { kind, jump } = bandGrip(plot, band, at);
  capture(plot.node, event.pointerId);
  event.preventDefault();
  if (event.pointerType === "mouse") plot[kind].focus({ preventScroll: true });
  const from = { ...band };
  viewer.bandGesture = { kind, from, grabbed: jump ? from[kind] : at, corner, pointer: event.pointerId };
  if (jump) moveBand(viewer, kind, from, at - from[kind]);
}

function onBandMove(viewer, event) {
  const gesture = viewer.bandGesture;
  if (!gesture || gesture.pointer !== event.pointerId) return;
  const at = plotShare(viewer.parts.bandBar.plot, event.clientX - gesture.corner);
  moveBand(viewer, gesture.kind, gesture.from, at - gesture.grabbed);
}

function onBandUp(viewer, event) {
  if (!viewer.bandGesture || viewer.bandGesture.pointer !== event.pointerId) return;
  viewer.bandGesture = null;
  commitBand(viewer);
}

function onBandCancel(viewer, event) {
  if (!viewer.bandGesture || viewer.bandGesture.pointer !== event.pointerId) return;
  changeBand(viewer, viewer.bandGesture.from);
  viewer.bandGesture = null;
}

function onBandKey(viewer, kind, event) {
  if (!(event.key in BAND_STEPS) || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  event.stopPropagation();
  moveBand(viewer, kind, viewer.state.band, BAND_STEPS[event.key] * (event.shiftKey ? 10 : 1));
}

export function measurePlot(viewer) {
  const { plot } = viewer.parts.bandBar;
  viewer.parts.bandBar.node.hidden = !hasBand(viewer);
  plot.width = plot.node.clientWidth;
}

export function refreshBandBar(viewer) {
  const bar = viewer.parts.bandBar;
  bar.node.hidden = !hasBand(viewer);
  if (bar.node.hidden) return;
  if (!bar.plot.width) measurePlot(viewer);
  const { band } = viewer.state;
  const signed = layersOf(viewer).get(layerKey(viewer)).colours === "diverging";
  markPressed(bar.bys, band.by);
  markPressed(bar.presets, pressedPreset(viewer));
  for (const node of bar.toggles.children) node.setAttribute("aria-pressed", String(band[node.dataset.key]));
  bar.colours.hidden = signed;
  bar.colours.value = band.colours;
  refreshHandles(bar.plot, band);
  setText(bar.text, bandSentence(band));
  setText(bar.scope, scopeText(viewer, signed));
  drawPlot(viewer, bar.plot, signed ? "diverging" : band.colours);
}

function refreshHandles(plot, band) {
  for (const [kind, share] of [["lower", band.lower], ["upper", band.upper], ["both", band.lower]]) {
    plot[kind].style.left = `${plotX(plot, share)}px`;
    plot[kind].setAttribute("aria-valuenow", share);
    plot[kind].setAttribute("aria-valuetext", kind === "both" ? bandSentence(band) : boundText(band, share));
  }
  plot.both.style.width = `${plotX(plot, band.upper) - plotX(plot, band.lower)}px`;
  plot.node.dataset.filtering = String(band.filtering);
}

function boundText({ by }, share) {
  return by === "area" ? `${shortShare(share)} of the pixels are lower` : String(share);
}

function scopeText(viewer, signed) {
  const maps = mapsOnScreen(viewer);
  const count = (name) => maps.reduce((sum, map) => sum + map[name], 0);
  const pixels = maps.reduce((sum, { sorted }) => sum + sorted.length, 0);
  const what = viewer.state.band.by === "value" ? "log counts" : "lowest to highest";
  return joined(
    maps.length === 1 ? "1 map" : `${maps.length} maps`,
    signed ? `magnitudes, ${what}` : `values, ${what}`,
    pixels ? `${percent(count("zeros") / pixels, 0)} zeros` : "no values",
    count("undefinedCount") ? `${count("undefinedCount")} undefined` : "",
  );
}
