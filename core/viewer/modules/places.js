// Thumbnails of places, below the panels: a click takes all panels there.

import { returnContrast, say } from "./actions.js";
import { element } from "./elements.js";
import { layersOf } from "./layers.js";
import { outline } from "./lines.js";
import { clamp } from "./numbers.js";
import { requestDraw } from "./requests.js";
import { pixelRatio } from "./screen.js";
import { kept, levelOf } from "./sources.js";
import { wholeZoom } from "./view.js";

const THUMBNAIL = 72;
const SURROUND = 1.125;
const PLACE_SHARE = 0.5;
const FLASH_MS = 1500;

export function buildPlaces() {
  return element("div", { className: "places", role: "group", "aria-label": "Places" });
}

export function syncPlaces(viewer, places) {
  const panels = viewer.panels.map(({ spec }) => [spec.key, spec.label]);
  const wanted = JSON.stringify([places, panels]);
  const { places: node } = viewer.parts;
  node.hidden = places.length === 0;
  if (node.dataset.places === wanted) return;
  node.dataset.places = wanted;
  viewer.places = places.map((place) => buildPlace(viewer, place));
  const groups = [...new Set(places.map(({ group }) => group))];
  node.replaceChildren(...groups.map((group) => buildGroup(viewer, group)));
}

function buildGroup(viewer, group) {
  const own = viewer.places.filter(({ place }) => place.group === group);
  const row = element("div", { className: "place-row" }, ...own.map(({ node }) => node));
  const heading = element("div", { className: "place-heading", text: group });
  heading.hidden = !group;
  return element("section", { "aria-label": group || "Places" }, heading, row);
}

function buildPlace(viewer, place) {
  const number = viewer.panels.findIndex(({ spec }) => spec.key === place.panel) + 1;
  const canvas = element("canvas", { "aria-hidden": "true" });
  canvas.style.width = canvas.style.height = `${THUMBNAIL}px`;
  const named = [place.group, place.label, place.note, `panel ${number}`].filter(Boolean).join(", ");
  const node = element(
    "button",
    {
      type: "button", className: "place", title: `${named}: show this place in all panels`,
      "aria-label": `Show ${named}`, on: { click: () => showPlace(viewer, place) },
    },
    canvas,
    element("span", { className: "place-label" },
      element("span", { className: "number", text: String(number) }),
      element("span", { text: place.label })),
    element("span", { className: "place-note", text: place.note }),
  );
  return { place, node, canvas, key: "" };
}

// The place fills about half of a panel.
function showPlace(viewer, place) {
  const { region, panel, layer } = place;
  const { width, height } = viewer.canvasSize;
  const { state } = viewer;
  const room = PLACE_SHARE * Math.min(width / region.width, height / region.height);
  const zoom = wholeZoom(room);
  Object.assign(state.view, {
    cx: region.x + region.width / 2, cy: region.y + region.height / 2, zoom, fit: false,
  });
  if (layer && layersOf(viewer).has(layer)) state.layer = layer;
  if (state.layout === "single") state.panel = panel;
  returnContrast(viewer);
  flash(viewer, panel);
  viewer.flashedBox = region;
  say(viewer, [place.label, place.note].filter(Boolean).join(": "));
  requestDraw(viewer, true);
}

function flash(viewer, key) {
  const { figure } = viewer.panels.find(({ spec }) => spec.key === key);
  const { node } = viewer.state.layout === "grid" ? figure : viewer.parts.large;
  endFlash(viewer);
  viewer.flashed = node;
  node.classList.add("flash");
  node.scrollIntoView({ block: "nearest" });
  viewer.flashTimer = setTimeout(() => endFlash(viewer), FLASH_MS);
}

export function endFlash(viewer) {
  clearTimeout(viewer.flashTimer);
  if (viewer.flashed) viewer.flashed.classList.remove("flash");
  viewer.flashed = viewer.flashedBox = null;
  requestDraw(viewer);
}

export function drawPlaces(viewer) {
  for (const thumbnail of viewer.places) drawPlace(viewer, thumbnail);
}

function drawPlace(viewer, thumbnail) {
  const { place, canvas, node } = thumbnail;
  const panel = viewer.panels.find(({ spec }) => spec.key === place.panel);
  const side = Math.round(THUMBNAIL * pixelRatio());
  const key = `${panel && panel.picture ? panel.picture.url : ""} ${side}`;
  if (thumbnail.key === key) return;
  thumbnail.key = key;
  canvas.width = canvas.height = side;
  node.dataset.state = panel && panel.picture ? "ready" : "empty";
  if (panel && panel.picture) paintPlace(canvas.getContext("2d"), panel, place.region, side);
}

function paintPlace(context, panel, region, side) {
  const { picture } = panel;
  const room = side / (SURROUND * Math.max(region.width, region.height));
  const zoom = room >= 1 ? Math.floor(room) : room;
  const ox = placeOrigin(region.x + region.width / 2, picture.width, zoom, side);
  const oy = placeOrigin(region.y + region.height / 2, picture.height, zoom, side);
  const source = kept(panel, "thumbnail", picture.url, () => ({ ...picture }));
  const { drawable, scale } = levelOf(source, zoom);
  context.imageSmoothingEnabled = zoom < 1;
  context.drawImage(
    drawable, 0, 0, picture.width * scale, picture.height * scale,
    ox, oy, picture.width * zoom, picture.height * zoom,
  );
  outline(context, { ox, oy, zoom }, region);
}

// The place in the middle, but no margin where the picture has more on the other side.
function placeOrigin(middle, length, zoom, side) {
  const wanted = Math.round(side / 2 - middle * zoom);
  const rest = side - length * zoom;
  return rest >= 0 ? Math.round(rest / 2) : clamp(wanted, Math.ceil(rest), 0);
}
