// The pixels of what is drawn, as they were before a canvas had them: a browser may alter what is
// read from it. Of a halving, the pixels that it is made of, and its scale to them.

const PIXELS = new WeakMap();

export function know(drawable, pixels) {
  PIXELS.set(drawable, { scale: 1, ...pixels });
  return drawable;
}

export function pixelsOf(drawable) {
  return PIXELS.get(drawable);
}

export function knowHalf(drawable, whole) {
  const pixels = pixelsOf(whole);
  return know(drawable, { ...pixels, scale: pixels.scale / 2 });
}
