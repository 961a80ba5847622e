// The pictures and maps that the file holds, as addresses. Equal ones stand in it once, and have one.

import unpacked from "./maps.js";

const MAP = "application/x-losslens-map";
const LOST = "This picture is damaged.";
const MOST_SIDE = 32_768;
const ADDRESSES = new Map();

async function madeAddress({ kind, data, ...file }) {
  const response = await fetch(`data:application/octet-stream;base64,${data}`);
  const blob = new Blob([await response.blob()], { type: kind });
  return URL.createObjectURL(kind === MAP ? await unpacked(blob, file) : blob);
}

// What the file does not hold, or holds damaged, has none.
export function addressOf(files, name) {
  if (!Object.hasOwn(files, name)) return Promise.resolve(null);
  if (!ADDRESSES.has(name)) ADDRESSES.set(name, madeAddress(files[name]).catch(() => null));
  return ADDRESSES.get(name);
}

function isSide(value) {
  return Number.isInteger(value) && value > 0 && value <= MOST_SIDE;
}

async function placed(one, files) {
  if (!one) return one;
  if (!isSide(one.width) || !isSide(one.height)) throw new Error(`${one.width} x ${one.height} pixels`);
  return { ...one, url: one.url === null ? null : await addressOf(files, one.url) };
}

async function placedPanel(panel, layers, files) {
  const image = await placed(panel.image, files);
  const own = panel.layers.map((layer) => placed({ ...layers[layer.key], ...layer }, files));
  const maps = (await Promise.all(own)).filter((layer) => layer.url);
  const isLost = image && !image.url && panel.image.url;
  return { ...panel, layers: maps, ...(isLost ? { image: null, error: LOST } : { image }) };
}

// A viewer's message, its names replaced.
export default async function addressed(viewer, files) {
  const panels = viewer.panels.map((panel) => placedPanel(panel, viewer.layers, files));
  return { ...viewer, panels: await Promise.all(panels) };
}
