// The bar of the band: its controls, and the plot with two handles.

import {
  bandSentence, bandText, BYS, changeBand, commitBand, pressedPreset, setBand, setBy, setPreset,
  shortShare,
} from "./band.js";
import { BAND_COLOURS, colourAt } from "./colours.js";
import {
  capture, choice, element, makeToolbar, markPressed, segment, setOptions, setText,
} from "./elements.js";
import { hasBand, layerKey, layersOf, layersOnScreen, mapsOnScreen } from "./layers.js";
import { BINS, STRETCH_EPSILON } from "./magnitudes.js";
import { clamp, joined, percent, rounded } from "./numbers.js";
import { pixelRatio } from "./screen.js";

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

// The plot of the band. By value it counts values, zeros apart at the left; by area it shows each
// map's values in order, lowest to highest.

const PLOT_HEIGHT = 64;
const PLOT_MARGIN = { left: 30, right: 14, bottom: 16 };
const ZERO_BIN = { left: 8, width: 12 };

function plotX(plot, share) {
  return PLOT_MARGIN.left + share * (plot.width - PLOT_MARGIN.left - PLOT_MARGIN.right);
}

function plotShare(plot, x) {
  return (x - PLOT_MARGIN.left) / (plot.width - PLOT_MARGIN.left - PLOT_MARGIN.right);
}

function drawPlot(viewer, plot, colours) {
  const { band } = viewer.state;
  const urls = layersOnScreen(viewer).map(({ spec }) => `${spec.url} ${spec.width} ${spec.height}`);
  const bars = band.by === "value" ? bandText(band) : ""; // the order of values knows no band
  const key = [bars, colours, viewer.faint, ...urls].join(" ");
  if (!plot.width || (!preparePlot(viewer, plot) && plot.key === key)) return;
  plot.key = key;
  const { context } = plot;
  const maps = mapsOnScreen(viewer);
  context.clearRect(0, 0, plot.width, PLOT_HEIGHT);
  if (band.by === "value") drawCounts(viewer, plot, maps, colours);
  else drawOrder(viewer, plot, maps);
}

// The axis is drawn when it becomes another one only: text is slow. Says whether it did.
function preparePlot(viewer, plot) {
  const ratio = pixelRatio();
  const wanted = [viewer.state.band.by, plot.width, ratio, viewer.ink, viewer.font].join(" ");
  if (plot.axis === wanted) return false;
  plot.axis = wanted;
  plot.canvas.width = Math.round(plot.width * ratio);
  plot.canvas.height = Math.round((PLOT_HEIGHT + PLOT_MARGIN.bottom) * ratio);
  plot.context.scale(ratio, ratio);
  drawAxis(viewer, plot);
  return true;
}

// Bars in the band have the colours of the maps, the others are grey; heights are logarithmic.
function drawCounts(viewer, plot, maps, colours) {
  const { context } = plot;
  const { band } = viewer.state;
  const ratio = pixelRatio();
  const counts = Array.from({ length: BINS }, (_, bin) => maps.reduce((sum, map) => sum + map.counts[bin], 0));
  const zeros = maps.reduce((sum, map) => sum + map.zeros, 0);
  const most = Math.log1p(Math.max(zeros, ...counts, 1));
  const bar = (from, to, count, style) => {
    const height = (Math.log1p(count) / most) * (PLOT_HEIGHT - 2);
    const [left, right] = [from, to].map((x) => Math.round(x * ratio) / ratio);
    context.fillStyle = style;
    context.fillRect(left, PLOT_HEIGHT - height, right - left, height);
  };
  const all = !band.filtering;
  bar(ZERO_BIN.left, ZERO_BIN.left + ZERO_BIN.width, zeros, all ? barColour(colours, 0) : viewer.faint);
  counts.forEach((count, bin) => {
    const middle = (bin + 0.5) / BINS;
    const inside = all || (middle >= band.lower && middle <= band.upper);
    const style = inside ? barColour(colours, stretchedShare(band, middle)) : viewer.faint;
    bar(plotX(plot, bin / BINS), plotX(plot, (bin + 1) / BINS), count, style);
  });
}

function stretchedShare({ filtering, rescale, lower, upper }, share) {
  return filtering && rescale ? (share - lower) / (upper - lower + STRETCH_EPSILON) : share;
}

function barColour(colours, share) {
  const word = colourAt(colours, colours === "diverging" ? 0.5 + share / 2 : share);
  return `rgb(${word & 255} ${(word >> 8) & 255} ${(word >> 16) & 255})`;
}

// A line per map: over each rank the value that stands there.
function drawOrder(viewer, plot, maps) {
  const { context } = plot;
  const [left, right] = [plotX(plot, 0), plotX(plot, 1)];
  context.strokeStyle = viewer.ink;
  context.globalAlpha = maps.length > 1 ? 0.6 : 1;
  for (const { sorted } of maps.filter((map) => map.sorted.length)) {
    context.beginPath();
    for (let x = left; x <= right; x++) {
      const at = Math.floor(((x - left) / (right - left)) * sorted.length);
      context.lineTo(x, (PLOT_HEIGHT - 1) * (1 - clamp(sorted[Math.min(at, sorted.length - 1)], 0, 1)) + 0.5);
    }
    context.stroke();
  }
  context.globalAlpha = 1;
}

function drawAxis(viewer, plot) {
  const { context } = plot;
  const area = viewer.state.band.by === "area";
  const text = (label, x) => context.fillText(label, x, PLOT_HEIGHT + 4);
  context.fillStyle = viewer.ink;
  context.fillRect(plotX(plot, 0), PLOT_HEIGHT, plotX(plot, 1) - plotX(plot, 0), 1);
  context.font = `10px ${viewer.font}`;
  context.textBaseline = "top";
  context.textAlign = "center";
  for (const share of [0, 0.25, 0.5, 0.75, 1]) {
    context.fillRect(plotX(plot, share), PLOT_HEIGHT, 1, 3);
    text(area ? shortShare(share) : String(share), plotX(plot, share));
  }
  if (area) return;
  context.fillRect(ZERO_BIN.left, PLOT_HEIGHT, ZERO_BIN.width, 1);
  text("=0", ZERO_BIN.left + ZERO_BIN.width / 2);
}
