// Pictures and layers arrive as media addresses; what is decoded is kept by address.

import { pack } from "./colours.js";
import { clamp } from "./numbers.js";
import { requestDraw } from "./requests.js";

async function fetchBlob(url) {
  const response = await fetch(new URL(url, window.location.origin));
  if (!response.ok) throw new Error(`${response.status}`);
  return response.blob();
}

async function decodePicture(url) {
  const options = { premultiplyAlpha: "none", colorSpaceConversion: "none" };
  const bitmap = await createImageBitmap(await fetchBlob(url), options);
  const { width, height } = bitmap;
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(bitmap, 0, 0);
  const bytes = context.getImageData(0, 0, width, height).data;
  return { url, width, height, drawable: bitmap, bytes, words: new Uint32Array(bytes.buffer) };
}

async function blankPicture(url, { width, height }) {
  const image = new ImageData(width, height);
  const words = new Uint32Array(image.data.buffer).fill(pack(0, 0, 0));
  return { url, width, height, drawable: await createImageBitmap(image), bytes: image.data, words };
}

function addressOf(image) {
  return image.url || `blank ${image.width} ${image.height}`;
}

function loadPicture(viewer, image) {
  const decode = image.url ? decodePicture : (url) => blankPicture(url, image);
  return load(viewer, addressOf(image), decode);
}

async function decodeLayer(url) {
  const buffer = await (await fetchBlob(url)).arrayBuffer();
  return { url, values: new Float32Array(buffer) };
}

function load(viewer, url, decode) {
  if (!viewer.loaded.has(url)) viewer.loaded.set(url, decode(url));
  return viewer.loaded.get(url);
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
  const used = addressesOf(viewer.panels.map((panel) => panel.spec));
  for (const [url, promise] of viewer.loaded) {
    if (used.has(url)) continue;
    viewer.loaded.delete(url);
    promise.then((picture) => picture.drawable && picture.drawable.close(), () => {});
  }
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
  panel.failed = false;
  const picture = image ? await loadPicture(viewer, image).catch(() => null) : null;
  const maps = await Promise.all(
    layers.map((layer) => load(viewer, layer.url, decodeLayer).catch(() => null)),
  );
  const install = () => {
    setPicture(panel, picture);
    panel.failed = Boolean(image) && !picture;
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
