// A map brought to the size of the picture that it lies on.

import { clamp } from "./numbers.js";

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
export default function fitted(spec, map, picture) {
  if (!spec.smooth || !map || !picture) return { spec, values: map && map.values };
  const { width, height } = picture;
  const name = `${width} ${height}`;
  map.sizes = map.sizes || {};
  map.sizes[name] = map.sizes[name] || enlarged(map.values, spec, picture);
  return { spec: { ...spec, width, height }, values: map.sizes[name] };
}
