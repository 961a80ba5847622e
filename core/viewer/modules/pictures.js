// Pictures and layers arrive as media addresses; what is decoded is kept by address.

import { arriving, fetched, forgetUnused, tryLater } from "./arrivals.js";
import { pack } from "./colours.js";
import { HONEST, wordsRead } from "./honesty.js";
import { know } from "./known_pixels.js";
import { clamp } from "./numbers.js";
import { requestDraw } from "./requests.js";

const AS_IT_IS = { premultiplyAlpha: "none", colorSpaceConversion: "none" };
const PLAIN = "application/x-rgb";
const DAMAGED = "damaged on its way";
const NO_PLAIN = "this browser alters pixels that are read, and the server sends no others";

// A picture's pixels are read from a canvas where that gives back what was sent, else sent once
// more as plain bytes. Each picture is judged by itself, by the number that Python took of it.
async function decodePicture(image) {
  const read = HONEST.reads ? await readPicture(image) : null;
  const picture = read && isAsSent(read, image) ? read : await plainPicture(image);
  if (!isAsSent(picture, image)) throw new Error(DAMAGED);
  know(picture.drawable, picture);
  return { ...picture, url: image.url, bytes: new Uint8ClampedArray(picture.words.buffer) };
}

async function readPicture({ url }) {
  const bitmap = await createImageBitmap(await fetched(url), AS_IT_IS);
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  context.drawImage(bitmap, 0, 0);
  return { width, height, drawable: bitmap, words: wordsRead(context, width, height), plain: false };
}

async function plainPicture({ url, width, height }) {
  const blob = await fetched(`${url}?plain`);
  if (blob.type !== PLAIN) throw new Error(NO_PLAIN);
  const rgb = new Uint8Array(await blob.arrayBuffer());
  if (rgb.length !== 3 * width * height) throw new Error(DAMAGED);
  const words = new Uint32Array(width * height);
  for (let i = 0, at = 0; i < words.length; i++, at += 3) words[i] = pack(rgb[at], rgb[at + 1], rgb[at + 2]);
  const image = new ImageData(new Uint8ClampedArray(words.buffer), width, height);
  return { width, height, drawable: await createImageBitmap(image, AS_IT_IS), words, plain: true };
}

// `specs.py` says what the number is: another pixel anywhere makes it another.
function isAsSent({ width, height, words }, image) {
  if (width !== image.width || height !== image.height) return false;
  let sum = 0;
  for (let i = 0; i < words.length; i++) sum = (sum + Math.imul(words[i], 2 * i + 1)) | 0;
  return sum >>> 0 === image.sum;
}

async function blankPicture(url, { width, height }) {
  const image = new ImageData(width, height);
  const words = new Uint32Array(image.data.buffer).fill(pack(0, 0, 0));
  const drawable = know(await createImageBitmap(image), { words, width, height });
  return { url, width, height, drawable, bytes: image.data, words };
}

export function addressOf(image) {
  return image.url || `blank ${image.width} ${image.height}`;
}

function loadPicture(viewer, image) {
  return arriving(viewer, addressOf(image), (url) =>
    image.url ? decodePicture(image) : blankPicture(url, image),
  );
}

async function decodeLayer({ url, width, height }) {
  const buffer = await (await fetched(url)).arrayBuffer();
  if (buffer.byteLength !== 4 * width * height) throw new Error(DAMAGED);
  return { url, values: new Float32Array(buffer) };
}

function loadLayer(viewer, layer) {
  return arriving(viewer, layer.url, () => decodeLayer(layer));
}

function addressesOf(panels) {
  const addresses = new Set();
  for (const panel of panels) {
    if (panel.image) addresses.add(addressOf(panel.image));
    for (const layer of panel.layers) addresses.add(layer.url);
  }
  return addresses;
}

export function dropUnused(viewer) {
  forgetUnused(viewer, addressesOf(viewer.panels.map((panel) => panel.spec)));
}

// A panel that shows something keeps it until everything new is decoded: then all change in one
// frame, and no difference is ever taken between an old and a new picture.
export async function loadPanels(viewer) {
  const generation = ++viewer.generation;
  const jobs = viewer.panels.map((panel) => loadPanel(viewer, panel, generation));
  const results = await Promise.all(jobs);
  if (generation !== viewer.generation) return;
  for (const install of results) install();
  viewer.settled = true;
  dropUnused(viewer);
  tryLater(viewer, loadPanels);
  requestDraw(viewer, true);
}

// What was made of another picture may hold a bitmap that is closed by now.
function setPicture(panel, picture) {
  if (panel.picture !== picture) panel.sources = {};
  panel.picture = picture;
}

async function loadPanel(viewer, panel, generation) {
  const { image, layers } = panel.spec;
  if (!image) setPicture(panel, null);
  const picture = image ? await loadPicture(viewer, image).catch(() => null) : null;
  const maps = await Promise.all(
    layers.map((layer) => loadLayer(viewer, layer).catch(() => null)),
  );
  const install = () => {
    setPicture(panel, picture);
    panel.layers = layers.map((spec, i) => fitted(spec, maps[i], picture));
  };
  if (!panel.picture && generation === viewer.generation) {
    install();
    requestDraw(viewer, true);
  }
  return install;
}

// A map brought to the size of the picture that it lies on.

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
