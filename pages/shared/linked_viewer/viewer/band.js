// The threshold band: which magnitudes of a banded layer are kept, and what is drawn of them. A map
// is sorted once; then a step of the band is two searches in it and one pass over the pixels.

const BYS = [
  { key: "value", label: "By value", about: "The band holds values, the same in every panel" },
  {
    key: "area", label: "By area",
    about: "The band holds ranks among a panel's own pixels: the same area of every map",
  },
];
const BAND_TOGGLES = [
  { key: "filtering", label: "Filter", about: "Show only what lies in the band, or all" },
  {
    key: "rescale", label: "Stretch",
    about: "Stretch what is kept over all colours, as the articles do: colours then mean something else for every band and panel",
  },
  { key: "contour", label: "Outline", about: "A line around what is kept" },
];
const STRETCH_EPSILON = 1e-8; // the articles': a band of one value gives 0
const RANK_ROUNDING = 1e-9; // 0.29 of 100 pixels are 29, though 0.29 * 100 is a little less
const BINS = 100;
const SIGN_BIT = 0x80000000;
const INFINITE_WORD = 0x7f800000; // and above it the words of NaN

// Maps --------------------------------------------------------------------------------------------

const MEASURED = new WeakMap();

function measured(values) {
  if (!MEASURED.has(values)) MEASURED.set(values, measure(values));
  return MEASURED.get(values);
}

// Magnitudes of the defined pixels, coldest first, their running sums, how often each occurs, and
// for each pixel the first place of its magnitude among them: undefined ones stand behind all, and
// negative ones in a second round. Without the sign, the words of floats are in the floats' order.
function measure(values) {
  const words = new Uint32Array(values.buffer).map((word) => word & ~SIGN_BIT);
  const magnitudes = new Float32Array(words.buffer);
  const order = ascending(words);
  const size = leading(order, (at) => words[at] < INFINITE_WORD);
  const map = {
    sorted: new Float32Array(size), sums: new Float64Array(size + 1), counts: new Uint32Array(BINS),
    places: new Uint32Array(values.length).fill(size), signed: values.some((value) => value < 0),
    undefinedCount: values.length - size,
  };
  for (let i = 0, first = 0; i < size; i++) {
    const value = (map.sorted[i] = magnitudes[order[i]]);
    if (value !== map.sorted[first]) first = i;
    map.sums[i + 1] = map.sums[i] + value;
    if (value > 0) map.counts[Math.min(Math.floor(value * BINS), BINS - 1)]++;
    map.places[order[i]] = values[order[i]] < 0 ? first + size + 1 : first;
  }
  return { ...map, zeros: countUpTo(map.sorted, 0) };
}

// Where the words stand, in ascending order: by their lower halves, then by their upper ones.
function ascending(words) {
  let order = new Uint32Array(words.length).map((_, i) => i);
  for (const shift of [0, 16]) {
    const next = new Uint32Array(words.length);
    const starts = new Uint32Array(65537);
    for (const word of words) starts[((word >>> shift) & 65535) + 1]++;
    for (let i = 1; i < starts.length; i++) starts[i] += starts[i - 1];
    for (const at of order) next[starts[(words[at] >>> shift) & 65535]++] = at;
    order = next;
  }
  return order;
}

// How many of the ascending values come before the first one of which `before` no longer holds.
function leading(sorted, before) {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (before(sorted[middle])) low = middle + 1;
    else high = middle;
  }
  return low;
}

function countBelow(sorted, bound) {
  return leading(sorted, (value) => value < bound);
}

function countUpTo(sorted, bound) {
  return leading(sorted, (value) => value <= bound);
}

// Bilinear between the centres of pixels; beyond the outermost centres the outermost value.
function samplePlaces(from, to) {
  return Array.from({ length: to }, (_, i) => {
    const place = clamp(((i + 0.5) * from) / to - 0.5, 0, from - 1);
    const first = Math.floor(place);
    return { first, second: Math.min(first + 1, from - 1), weight: place - first };
  });
}

function enlarged(values, { width, height }, size) {
  const columns = samplePlaces(width, size.width);
  const out = new Float32Array(size.width * size.height);
  const between = (a, b, weight) => (weight ? a + (b - a) * weight : a);
  samplePlaces(height, size.height).forEach((row, y) => {
    columns.forEach(({ first, second, weight }, x) => {
      const along = (line) => between(values[line * width + first], values[line * width + second], weight);
      out[y * size.width + x] = between(along(row.first), along(row.second), row.weight);
    });
  });
  return out;
}

// A loaded map as this panel shows it: brought to the size of the picture, once, if it is smooth.
function fitted(spec, map, picture) {
  if (!spec.smooth || !map || !picture) return { spec, values: map && map.values };
  const { width, height } = picture;
  const name = `${width} ${height}`;
  map.sizes = map.sizes || {};
  map.sizes[name] = map.sizes[name] || enlarged(map.values, spec, picture);
  return { spec: { ...spec, width, height }, values: map.sizes[name] };
}

// What is kept ------------------------------------------------------------------------------------

// The band's bounds as values of this map. Its values are float32, so bounds are compared as such.
function boundsIn(sorted, { by, lower, upper }) {
  if (by === "value") return [Math.fround(lower), Math.fround(upper)];
  const [start, stop] = [lower, upper].map((rank) => Math.floor(rank * sorted.length + RANK_ROUNDING));
  return start < stop ? [sorted[start], sorted[stop - 1]] : [Infinity, -Infinity];
}

// Places from `start` to before `stop` are kept; zeros never. Shares are of the defined pixels.
function keptOf({ sorted, sums, zeros }, band) {
  if (!band.filtering) return { start: 0, stop: sorted.length, area: 1, mass: 1 };
  const [least, most] = boundsIn(sorted, band);
  const start = Math.max(zeros, countBelow(sorted, least));
  const stop = Math.max(start, countUpTo(sorted, most));
  return {
    start, stop, area: (stop - start) / Math.max(sorted.length, 1),
    mass: (sums[stop] - sums[start]) / (sums[sorted.length] || 1),
  };
}

// What is drawn of a pixel by its place, `show` of the value that is coloured: nothing elsewhere.
function bandTable(map, band, table, show) {
  const { sorted, signed } = map;
  const { start, stop } = keptOf(map, band);
  const stretch = band.filtering && band.rescale && start < stop;
  const shift = stretch ? sorted[start] : 0;
  const scale = stretch ? 1 / (sorted[stop - 1] - shift + STRETCH_EPSILON) : 1;
  for (let i = start; i < stop; i++) {
    const value = (sorted[i] - shift) * scale;
    table[i] = show(value);
    if (signed) table[i + sorted.length + 1] = show(-value);
  }
  return table;
}

function tableSize({ sorted, signed }) {
  return (signed ? 2 : 1) * (sorted.length + 1);
}

// The values that are coloured: NaN where nothing is drawn.
function bandedValues(map, band) {
  const empty = new Float32Array(tableSize(map)).fill(NaN);
  const table = bandTable(map, band, empty, (value) => value);
  return Float32Array.from(map.places, (place) => table[place]);
}

// Colours by place first, then one look-up per pixel, into a canvas that the panel keeps.
function paintBand(sheet, map, band, { low, high }, colours) {
  const shades = colourTable(colours, 256);
  const scale = 255 / (high - low);
  const table = bandTable(map, band, new Uint32Array(tableSize(map)), (value) =>
    shades[clamp(Math.floor((value - low) * scale + 0.5), 0, 255)],
  );
  const { places } = map;
  const { words } = sheet;
  for (let i = 0; i < words.length; i++) words[i] = table[places[i]];
  sheet.context.putImageData(sheet.image, 0, 0);
}

function sheetOf(panel, { width, height }) {
  const known = panel.sheet;
  if (known && sameSize(known.image, { width, height })) return known;
  const canvas = new OffscreenCanvas(width, height);
  const image = new ImageData(width, height);
  const words = new Uint32Array(image.data.buffer);
  panel.sheet = { canvas, context: canvas.getContext("2d"), image, words };
  return panel.sheet;
}

function bandColours(viewer, spec) {
  return spec.colours === "diverging" ? spec.colours : viewer.state.band.colours;
}

function bandedSource(viewer, panel, { spec, values }) {
  const { band } = viewer.state;
  const { by, lower, upper, filtering, rescale } = band;
  const colours = bandColours(viewer, spec);
  const key = [spec.url, spec.width, spec.height, by, lower, upper, filtering, rescale, colours].join(" ");
  return kept(panel, "layer", key, () => {
    const { width, height } = spec;
    const sheet = sheetOf(panel, spec);
    paintBand(sheet, measured(values), band, spec, colours);
    return { width, height, words: sheet.words, drawable: sheet.canvas };
  });
}

// What scripts and tests may read: the values of the panel `key` that are coloured.
function bandedIn(viewer, key) {
  const panel = viewer.panels.find(({ spec }) => spec.key === key);
  const layer = panel && chosenLayer(viewer, panel);
  return layer && layer.spec.banded ? bandedValues(measured(layer.values), viewer.state.band) : null;
}

function keptText(viewer, panel) {
  const layer = chosenLayer(viewer, panel);
  if (!layer || !layer.spec.banded) return "";
  if (!viewer.state.band.filtering) return "not filtered: all of the map";
  const { area, mass } = keptOf(measured(layer.values), viewer.state.band);
  return `kept ${percent(area, 1)} of the area, ${percent(mass, 0)} of the attention`;
}

function percent(share, digits) {
  return `${(100 * share).toFixed(digits)} %`;
}

// The outline -------------------------------------------------------------------------------------

const LIGHT_LINE = 0xffffffff;
const DARK_LINE = 0xff101010;

// Between a kept cell and one that is not: a light line inside, a dark one outside, so that it
// shows on anything. Whole screen pixels, copied into one overlay.
function drawContour(viewer, context, { words, width, height }, { left, top, right, bottom }) {
  const overlay = overlayFor(viewer);
  const screen = { words: overlay.words, ...viewer.canvasSize };
  const line = Math.max(1, Math.round(window.devicePixelRatio));
  const edges = (count, from, to) =>
    Int32Array.from({ length: count + 1 }, (_, i) => Math.round(from + ((to - from) * i) / count));
  const [xs, ys] = [edges(width, left, right), edges(height, top, bottom)];
  overlay.words.fill(0);
  for (let y = 0; y < height; y++) {
    if (ys[y + 1] < 0 || ys[y] > screen.height) continue;
    for (let x = 0, at = y * width; x < width; x++, at++) {
      const own = words[at] !== 0;
      if (x + 1 < width && own !== (words[at + 1] !== 0)) {
        drawEdge(screen, own, xs[x + 1], ys[y], line, ys[y + 1] - ys[y], line, 0);
      }
      if (y + 1 < height && own !== (words[at + width] !== 0)) {
        drawEdge(screen, own, xs[x], ys[y + 1], xs[x + 1] - xs[x], line, 0, line);
      }
    }
  }
  overlay.context.putImageData(overlay.image, 0, 0);
  context.globalAlpha = 1;
  context.drawImage(overlay.canvas, 0, 0);
}

// The lines on both sides of an edge at (x, y), the first of them (dx, dy) before it.
function drawEdge(screen, keptFirst, x, y, width, height, dx, dy) {
  fillWords(screen, x - dx, y - dy, width, height, keptFirst ? LIGHT_LINE : DARK_LINE);
  fillWords(screen, x, y, width, height, keptFirst ? DARK_LINE : LIGHT_LINE);
}

function fillWords(screen, x, y, width, height, word) {
  const left = Math.max(x, 0);
  const right = Math.min(x + width, screen.width);
  const bottom = Math.min(y + height, screen.height);
  for (let row = Math.max(y, 0); row < bottom; row++) {
    const end = row * screen.width + right;
    for (let at = row * screen.width + left; at < end; at++) screen.words[at] = word;
  }
}

// Changes -----------------------------------------------------------------------------------------

function bandText({ lower, upper, by, filtering, rescale, contour, colours, opacity }) {
  const flags = [filtering, rescale, contour].map(Number).join("");
  return [short(lower, 6), short(upper, 6), by, flags, colours, short(opacity)].join(",");
}

function bandFrom(text) {
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

function changeBand(viewer, change) {
  Object.assign(viewer.state.band, change);
  requestDraw(viewer);
}

// Told to Python when it is let go, and only what Python does not know yet.
function commitBand(viewer) {
  const text = bandText(viewer.state.band);
  if (text === viewer.toldBand) return;
  viewer.toldBand = text;
  viewer.sentBands.push(text);
  viewer.component.setStateValue("band", { band: { ...viewer.state.band }, serial: ++commits });
}

function setBand(viewer, change) {
  changeBand(viewer, change);
  commitBand(viewer);
}

// Taken over at first and when it changes. What comes back of what was sent from here is no change:
// the person may be two steps further by then. A band in the address is the person's own.
function takeBand(viewer, given) {
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
function setBy(viewer, by) {
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

function rounded(share) {
  return Math.round(clamp(share, 0, 1) * 1000) / 1000;
}

// Presets -----------------------------------------------------------------------------------------

// Otsu (1979) over the values themselves: the smallest of the upper class, 0 where all are one.
function otsu(maps) {
  const sorted = new Float32Array(maps.reduce((sum, map) => sum + map.sorted.length, 0));
  maps.reduce((at, map) => (sorted.set(map.sorted, at), at + map.sorted.length), 0);
  sorted.sort();
  const total = sorted.reduce((sum, value) => sum + value, 0);
  let [best, threshold, sum] = [0, 0, 0];
  for (let i = 1; i < sorted.length; i++) {
    sum += sorted[i - 1];
    if (sorted[i] === sorted[i - 1]) continue;
    const apart = (total - sum) / (sorted.length - i) - sum / i;
    const variance = i * (sorted.length - i) * apart ** 2;
    if (variance > best) [best, threshold] = [variance, sorted[i]];
  }
  return threshold;
}

// Otsu's threshold is rounded down, or the value itself would be left out.
function setPreset(viewer, { by, lower, upper }) {
  if (lower === null) viewer.otsu = Math.floor(otsu(mapsOnScreen(viewer)) * 1e4) / 1e4;
  setBand(viewer, { by, lower: lower ?? viewer.otsu, upper, filtering: true });
}
