// Whether this browser gives a page back what the page drew. Some add noise to whatever is read
// from a canvas, or answer with noise alone, so that pages cannot tell people apart.

import { pack } from "./colours.js";

const SIDE = 64;

// Every pixel unlike its neighbours: what is of one colour is sometimes left alone.
function knownWords() {
  return Uint32Array.from({ length: SIDE * SIDE }, (_, i) =>
    pack((37 * i) % 256, (59 * i + 7 * (i >> 6)) % 256, (i ^ (i >> 5)) % 256),
  );
}

// The known picture, and words below it: some browsers alter a canvas only once it holds text.
function known(canvas, words) {
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.fillText("0123456789", 2, SIDE + 12);
  const bytes = new Uint8ClampedArray(words.buffer);
  context.putImageData(new ImageData(bytes, SIDE, SIDE), 0, 0);
  return context;
}

function sameWords(a, b) {
  return a.length === b.length && a.every((word, i) => word === b[i]);
}

export function wordsRead(context, width, height) {
  return new Uint32Array(context.getImageData(0, 0, width, height).data.buffer);
}

function readsTrue(words) {
  const context = known(new OffscreenCanvas(SIDE, SIDE + 16), words);
  return sameWords(wordsRead(context, SIDE, SIDE), words);
}

function knownCanvas(words) {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: SIDE, height: SIDE + 16 });
  known(canvas, words);
  return canvas;
}

async function savesTrue(words) {
  const canvas = knownCanvas(words);
  const blob = await new Promise((done) => canvas.toBlob(done, "image/png"));
  const bitmap = await createImageBitmap(blob);
  const context = new OffscreenCanvas(SIDE, SIDE + 16).getContext("2d", { willReadFrequently: true });
  context.drawImage(bitmap, 0, 0);
  return sameWords(wordsRead(context, SIDE, SIDE), words);
}

// A canvas as a frame of a film: not every browser that alters what is read alters this.
export async function framed(canvas) {
  const { width, height } = canvas;
  const words = new Uint32Array(width * height);
  const frame = new VideoFrame(canvas, { timestamp: 0 });
  try {
    const layout = [{ offset: 0, stride: 4 * width }];
    await frame.copyTo(words, { format: "RGBA", layout });
  } finally {
    frame.close();
  }
  return words;
}

async function framesTrue(words) {
  const canvas = knownCanvas(words);
  return sameWords((await framed(canvas)).subarray(0, words.length), words);
}

async function passes(test) {
  try {
    return await test(knownWords());
  } catch {
    return false; // not to be had here
  }
}

// Once per page, before any picture is read: whether pixels that are read, files of a canvas, and
// frames of it are what was drawn.
const reads = await passes(readsTrue);
const saves = reads && (await passes(savesTrue));
const frames = saves || (await passes(framesTrue));

export const HONEST = { reads, saves, frames };
