// The screen's own pixels. A box can be told in them: where that agrees with the ratio that the
// browser names, it also tells whether a canvas is laid out as meant. Where the two do not agree,
// one of them is made up: by Gecko the ratio, so that nobody is known by their screen; by others
// the size, while they play the part of another screen.

const IN_SCREEN_PIXELS = { box: "device-pixel-content-box" };
const GECKO = CSS.supports("-moz-appearance", "none");
const UNITS = 60; // of a CSS pixel: Gecko makes a screen pixel of a whole number of them
const MOST_STEPS = 40;

let measured = 0; // in the place of the ratio that is named
let played = false;

// Screen pixels per CSS pixel.
export function pixelRatio() {
  return measured || window.devicePixelRatio;
}

// CSS pixels that are whole screen pixels. A browser lays boxes out on those of its own screen:
// where it plays the part of another, whole CSS pixels are what it knows.
export function pixelStep() {
  const ratio = pixelRatio();
  const whole = (length) => Math.abs(length - Math.round(length)) < 0.001;
  if (whole(ratio)) return 1;
  const steps = played ? Array.from({ length: MOST_STEPS }, (_, i) => i + 1) : [];
  return steps.find((step) => whole(step * ratio)) || 1 / ratio;
}

// The screen pixel where a box begins, for a place in CSS pixels. A half, left by scrolling, goes down.
export function screenPixel(at) {
  return Math.ceil(at * pixelRatio() - 0.501);
}

// How far what `node` stands in is scrolled, where that matters to its layout.
export function scrolledBy(node) {
  const by = { left: 0, top: 0 };
  for (let at = played ? node : null; at; at = at.parentNode ?? at.host) {
    by.left += at.scrollLeft || 0;
    by.top += at.scrollTop || 0;
  }
  return by;
}

function observe(observer, node) {
  try {
    observer.observe(node, IN_SCREEN_PIXELS);
  } catch {
    observer.observe(node); // a browser that does not tell it
  }
}

function sizeOf({ devicePixelContentBoxSize: told }) {
  return told ? { width: told[0].inlineSize, height: told[0].blockSize } : null;
}

function takeRatio(entry) {
  const [css, told] = [entry.contentBoxSize[0].inlineSize, sizeOf(entry)];
  if (!css || !told) return;
  const agrees = Math.abs(told.width - css * window.devicePixelRatio) <= 1;
  played = !GECKO && !agrees;
  measured = GECKO && !agrees ? UNITS / Math.round((UNITS * css) / told.width) : 0;
}

// Calls back whenever the size of `node` or of a screen pixel may be another.
export function watchScreen(node, onChange) {
  const observer = new ResizeObserver((entries) => {
    entries.forEach(takeRatio);
    onChange();
  });
  observe(observer, node);
  window.addEventListener("resize", onChange);
  window.visualViewport?.addEventListener("resize", onChange);
  return () => {
    observer.disconnect();
    window.removeEventListener("resize", onChange);
    window.visualViewport?.removeEventListener("resize", onChange);
  };
}

// How large canvases are on the screen, by canvas.
export function watchCanvases(onChange) {
  const sizes = new Map();
  const observer = new ResizeObserver((entries) => {
    for (const entry of entries) sizes.set(entry.target, sizeOf(entry));
    onChange();
  });
  return {
    sizes,
    add: (canvas) => observe(observer, canvas),
    remove(canvas) {
      observer.unobserve(canvas);
      sizes.delete(canvas);
    },
    end: () => observer.disconnect(),
  };
}

// Whether one pixel of each canvas is one of the screen's, as far as the browser tells: nobody has
// magnified the page, nor laid the canvas out or moved it at another size.
export function isToScale(sizes, canvases) {
  const magnified = (window.visualViewport?.scale ?? 1) !== 1;
  return !magnified && canvases.every((canvas) => fits(canvas, sizes.get(canvas)));
}

function fits(canvas, told) {
  const { width, height } = canvas.getBoundingClientRect();
  const near = (length, wanted) => Math.abs(length * pixelRatio() - wanted) < 0.5;
  const laidOut = !told || played || (told.width === canvas.width && told.height === canvas.height);
  return laidOut && near(width, canvas.width) && near(height, canvas.height);
}
