// The threshold band: which magnitudes of a banded layer are kept, in what words and colours.

import { BAND_COLOURS } from "./colours.js";
import { chosenLayer, mapsOnScreen } from "./layers.js";
import { bandedValues, countBelow, countUpTo, keptOf, measured, otsu } from "./magnitudes.js";
import { number, percent, rounded, short } from "./numbers.js";
import { requestDraw, tell } from "./requests.js";

export const BYS = [
  { key: "value", label: "By value", about: "The band holds values, the same in every panel" },
  {
    key: "area", label: "By area",
    about: "The band holds ranks among a panel's own pixels: the same area of every map",
  },
];

export function bandText({ lower, upper, by, filtering, rescale, contour, colours, opacity }) {
  const flags = [filtering, rescale, contour].map(Number).join("");
  return [short(lower, 6), short(upper, 6), by, flags, colours, short(opacity)].join(",");
}

export function bandFrom(text) {
  const [lower, upper, by, flags, colours, opacity] = text.split(",");
  const numbers = [lower, upper, opacity].map((each) => number(each || "", -1));
  const known = BYS.some(({ key }) => key === by) && BAND_COLOURS.includes(colours);
  const inside = numbers.every((each) => each >= 0 && each <= 1) && numbers[0] <= numbers[1];
  if (!known || !inside || !/^[01]{3}$/.test(flags)) return null;
  const [filtering, rescale, contour] = [...flags].map((flag) => flag === "1");
  return {
    lower: numbers[0], upper: numbers[1], by, filtering, rescale, contour, colours, opacity: numbers[2],
  };
}

export function changeBand(viewer, change) {
  Object.assign(viewer.state.band, change);
  requestDraw(viewer);
}

// Told to Python when it is let go, and only what Python does not know yet.
export function commitBand(viewer) {
  const text = bandText(viewer.state.band);
  if (text === viewer.toldBand) return;
  viewer.toldBand = text;
  viewer.sentBands.push(text);
  tell(viewer, "band", { band: { ...viewer.state.band } });
}

export function setBand(viewer, change) {
  changeBand(viewer, change);
  commitBand(viewer);
}

// Taken over at first and when it changes. What comes back of what was sent from here is no change:
// the person may be two steps further by then. A band in the address is the person's own.
export function takeBand(viewer, given) {
  const text = bandText(given);
  const before = viewer.given.band;
  if (text === before) return;
  const echo = viewer.sentBands.indexOf(text);
  viewer.sentBands.splice(0, echo + 1);
  if (echo >= 0) return;
  viewer.toldBand = text;
  if (before === undefined && viewer.linked && viewer.state.band) commitBand(viewer);
  else viewer.state.band = { ...given };
}

// The same pixels, as well as numbers of the other kind can say it.
export function setBy(viewer, by) {
  const { band } = viewer.state;
  const maps = mapsOnScreen(viewer);
  if (by === band.by) return;
  const convert = by === "area" ? rankOf : valueOf;
  const [lower, upper] = maps.length
    ? [convert(maps, band.lower, countBelow), convert(maps, band.upper, countUpTo)]
    : [band.lower, band.upper];
  setBand(viewer, { by, lower, upper: Math.max(lower, upper) });
}

function rankOf(maps, value, count) {
  const total = maps.reduce((sum, { sorted }) => sum + sorted.length, 0);
  const bound = Math.fround(value);
  return rounded(maps.reduce((sum, { sorted }) => sum + count(sorted, bound), 0) / Math.max(total, 1));
}

function valueOf(maps, rank) {
  let [low, high] = [0, 1];
  for (let i = 0; i < 20; i++) {
    const middle = (low + high) / 2;
    if (rankOf(maps, middle, countBelow) < rank) low = middle;
    else high = middle;
  }
  return rounded(high);
}

// Otsu's threshold is rounded down, or the value itself would be left out.
export function setPreset(viewer, { by, lower, upper }) {
  if (lower === null) viewer.otsu = Math.floor(otsu(mapsOnScreen(viewer)) * 1e4) / 1e4;
  setBand(viewer, { by, lower: lower ?? viewer.otsu, upper, filtering: true });
}

// Otsu's threshold depends on the maps: the button is pressed while the one that it gave stands.
export function pressedPreset({ presets, state: { band }, otsu: threshold }) {
  const same = ({ by, lower, upper }) =>
    by === band.by && (lower ?? threshold) === band.lower && upper === band.upper;
  return band.filtering ? presets.find(same)?.key : undefined;
}

export function bandSentence({ by, lower, upper, filtering }) {
  if (!filtering) return "Everything is drawn.";
  if (by === "value") return `Kept: values ${lower.toFixed(2)} to ${upper.toFixed(2)}`;
  if (upper === 1) return `Kept: the top ${shortShare(1 - lower)} of each panel`;
  return `Kept: ranks ${shortShare(lower)} to ${shortShare(upper)}, lowest first`;
}

export function shortShare(share) {
  return `${short(100 * share, 1)} %`;
}

export function keptText(viewer, panel) {
  const layer = chosenLayer(viewer, panel);
  if (!layer || !layer.spec.banded) return "";
  if (!viewer.state.band.filtering) return "not filtered: all of the map";
  const { area, mass } = keptOf(measured(layer.values), viewer.state.band);
  return `kept ${percent(area, 1)} of the area, ${percent(mass, 0)} of the attention`;
}

// What scripts and tests may read: the values of the panel `key` that are coloured.
export function bandedIn(viewer, key) {
  const panel = viewer.panels.find(({ spec }) => spec.key === key);
  const layer = panel && chosenLayer(viewer, panel);
  return layer && layer.spec.banded ? bandedValues(measured(layer.values), viewer.state.band) : null;
}

export function bandColours(viewer, spec) {
  return spec.colours === "diverging" ? spec.colours : viewer.state.band.colours;
}
