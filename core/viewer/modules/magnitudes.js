// What a band keeps of a map. A map is sorted once; then a step of the band is two searches in it
// and one pass over the pixels.

export const STRETCH_EPSILON = 1e-8; // a band of one value gives 0
const RANK_ROUNDING = 1e-9; // 0.29 of 100 pixels are 29, though 0.29 * 100 is a little less
export const BINS = 100;
const SIGN_BIT = 0x80000000;
const INFINITE_WORD = 0x7f800000; // and above it the words of NaN
const MEASURED = new WeakMap();

export function measured(values) {
  if (!MEASURED.has(values)) MEASURED.set(values, measure(values));
  return MEASURED.get(values);
}

// Magnitudes of the defined pixels, lowest first, their running sums, how often each occurs, and
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

export function countBelow(sorted, bound) {
  return leading(sorted, (value) => value < bound);
}

export function countUpTo(sorted, bound) {
  return leading(sorted, (value) => value <= bound);
}

// The band's bounds as values of this map. Its values are float32, so bounds are compared as such.
function boundsIn(sorted, { by, lower, upper }) {
  if (by === "value") return [Math.fround(lower), Math.fround(upper)];
  const [start, stop] = [lower, upper].map((rank) => Math.floor(rank * sorted.length + RANK_ROUNDING));
  return start < stop ? [sorted[start], sorted[stop - 1]] : [Infinity, -Infinity];
}

// Places from `start` to before `stop` are kept; zeros never. Shares are of the defined pixels.
export function keptOf({ sorted, sums, zeros }, band) {
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
export function bandTable(map, band, table, show) {
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

export function tableSize({ sorted, signed }) {
  return (signed ? 2 : 1) * (sorted.length + 1);
}

// The values that are coloured: NaN where nothing is drawn.
export function bandedValues(map, band) {
  const empty = new Float32Array(tableSize(map)).fill(NaN);
  const table = bandTable(map, band, empty, (value) => value);
  return Float32Array.from(map.places, (place) => table[place]);
}

// Otsu (1979) over the values themselves: the smallest of the upper class, 0 where all are one.
export function otsu(maps) {
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
