// The plot of the band. By value it counts values, zeros apart at the left; by area it shows each
// map's values in order, lowest to highest.

import { bandText, shortShare } from "./band.js";
import { colourAt } from "./colours.js";
import { layersOnScreen, mapsOnScreen } from "./layers.js";
import { BINS, STRETCH_EPSILON } from "./magnitudes.js";
import { clamp } from "./numbers.js";

const PLOT_HEIGHT = 64;
const PLOT_MARGIN = { left: 30, right: 14, bottom: 16 };
const ZERO_BIN = { left: 8, width: 12 };

export function plotX(plot, share) {
  return PLOT_MARGIN.left + share * (plot.width - PLOT_MARGIN.left - PLOT_MARGIN.right);
}

export function plotShare(plot, x) {
  return (x - PLOT_MARGIN.left) / (plot.width - PLOT_MARGIN.left - PLOT_MARGIN.right);
}

export function drawPlot(viewer, plot, colours) {
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
  const ratio = window.devicePixelRatio;
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
  const ratio = window.devicePixelRatio;
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
