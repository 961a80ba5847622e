// Notes on places of the picture: numbered, in all panels at once. They belong to the picture, not to
// one viewer: what is behind the panels has the same notes wherever it is shown.

import { LONG_MESSAGE_MS, say } from "./actions.js";
import { clamp, sameJson } from "./numbers.js";
import { imageSize } from "./panels.js";
import { requestDraw, tell } from "./requests.js";
import { pixelRatio } from "./screen.js";
import { imagePixel, originOf } from "./view.js";

const RADIUS = 9;
const STEM = 17; // from the place to the middle of its number
const STAGE_SCALE = 1.5;
const MOST_IN_LINK = 1500; // characters, as an address has them
const NOTES = new Map(); // digest of a picture -> its notes, for as long as the page lives

// Taking over -------------------------------------------------------------------------------------

export function takeNotes(viewer, { of, pins, most, longest }) {
  const { state } = viewer;
  if (viewer.noted?.of !== of) viewer.pin = null;
  viewer.noted = { of, most, longest };
  viewer.pinned = Boolean(of) && !viewer.frequency;
  if (!viewer.pinned) return;
  const known = NOTES.get(of);
  if (state.linkedPins) takeLinked(viewer, of);
  else if (pins.length && known?.given !== JSON.stringify(pins)) {
    NOTES.set(of, { pins: pins.map((pin) => ({ ...pin })), given: JSON.stringify(pins) });
  } else if (!known) NOTES.set(of, { pins: [], given: "" });
}

export function pinsOf(viewer) {
  return viewer.pinned ? NOTES.get(viewer.noted.of).pins : [];
}

function setPins(viewer, pins) {
  NOTES.get(viewer.noted.of).pins = pins;
  requestDraw(viewer, true);
}

function ownNotes(viewer) {
  return { of: viewer.noted.of, pins: pinsOf(viewer) };
}

export function tellPins(viewer) {
  if (viewer.component.data.tells_notes) tell(viewer, "notes", ownNotes(viewer));
}

// Python may not know them: of a link, after another page, or where a word of them was lost.
export function tellUnheard(viewer) {
  if (!viewer.settled || !viewer.unsure) return;
  viewer.unsure = false;
  if (!viewer.pinned) return;
  const { heard_notes: heard } = viewer.component.data;
  const none = !heard && !pinsOf(viewer).length;
  if (!none && !sameJson(heard, ownNotes(viewer))) tellPins(viewer);
}

// What a person does ------------------------------------------------------------------------------

export function addPin(viewer, pixel) {
  if (!viewer.pinned) return;
  const { most } = viewer.noted;
  const pins = pinsOf(viewer);
  const place = inside(viewer, pixel);
  const there = pins.findIndex(({ x, y }) => x === place.x && y === place.y);
  if (there >= 0) {
    editPin(viewer, there);
    return;
  }
  if (pins.length >= most) {
    say(viewer, `There are ${most} notes on this picture; no more are kept.`);
    return;
  }
  viewer.state.marks = true;
  setPins(viewer, [...pins, { ...place, text: "" }]);
  editPin(viewer, pins.length);
  tellPins(viewer);
}

export function editPin(viewer, at) {
  viewer.pin = { at, edit: true };
  viewer.draw(); // at once: what is typed next belongs to the note, and is no key of the viewer's
}

// Where the pointer is, else in the middle of what is seen.
export function addPinHere(viewer) {
  const { cx, cy } = viewer.state.view;
  addPin(viewer, viewer.hover || { x: Math.floor(cx), y: Math.floor(cy) });
}

function inside(viewer, { x, y }) {
  const { width, height } = imageSize(viewer);
  return { x: clamp(x, 0, width - 1), y: clamp(y, 0, height - 1) };
}

export function movePin(viewer, at, pixel) {
  const place = inside(viewer, pixel);
  setPins(viewer, pinsOf(viewer).map((pin, i) => (i === at ? { ...pin, ...place } : pin)));
}

export function writePin(viewer, at, text) {
  if (pinsOf(viewer)[at]?.text === text) return;
  setPins(viewer, pinsOf(viewer).map((pin, i) => (i === at ? { ...pin, text } : pin)));
  tellPins(viewer);
}

export function removePin(viewer, at) {
  setPins(viewer, pinsOf(viewer).filter((_, i) => i !== at));
  tellPins(viewer);
}

export function showPin(viewer, at) {
  const { x, y } = pinsOf(viewer)[at];
  Object.assign(viewer.state.view, { cx: x + 0.5, cy: y + 0.5, fit: false });
  requestDraw(viewer);
}

export function toggleNoting(viewer) {
  viewer.noting = !viewer.noting;
  viewer.parts.panels.classList.toggle("drawing", viewer.noting);
  if (viewer.noting) say(viewer, "Click or tap a place in any panel.");
  requestDraw(viewer);
}

// Drawing -----------------------------------------------------------------------------------------

function sizes(viewer) {
  const scale = pixelRatio() * (viewer.state.stage.on ? STAGE_SCALE : 1);
  return { radius: RADIUS * scale, stem: STEM * scale, line: scale };
}

function placed(viewer) {
  const { ox, oy, zoom } = originOf(viewer);
  return pinsOf(viewer).map(({ x, y }) => ({ x: ox + (x + 0.5) * zoom, y: oy + (y + 0.5) * zoom }));
}

export function drawPins(viewer, context) {
  if (!viewer.state.marks) return;
  const { radius, stem, line } = sizes(viewer);
  placed(viewer).forEach(({ x, y }, i) => {
    context.lineWidth = 2 * line;
    context.strokeStyle = "#fff";
    context.fillStyle = i === viewer.pin?.at ? "#b3261e" : "#16324f";
    for (const trace of [() => stemAt(context, x, y, stem - radius), () => circle(context, x, y - stem, radius)]) {
      context.beginPath();
      trace();
      context.stroke();
    }
    context.fill();
    context.fillStyle = "#fff";
    context.font = `600 ${1.25 * radius}px ${viewer.font}`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillText(String(i + 1), x, y - stem);
  });
}

function stemAt(context, x, y, length) {
  context.moveTo(x, y);
  context.lineTo(x, y - length);
}

function circle(context, x, y, radius) {
  context.arc(x, y, radius, 0, 2 * Math.PI);
}

// The number under a point of the screen; none as long as they are not drawn.
export function pinAt(viewer, point) {
  if (!viewer.state.marks) return -1;
  const { radius, stem } = sizes(viewer);
  return placed(viewer).findLastIndex(({ x, y }) => Math.hypot(point.x - x, point.y - (y - stem)) <= radius);
}

export function startPin(viewer, at, point) {
  const own = placed(viewer)[at];
  viewer.pin = { at };
  return { kind: "pin", at, start: point, by: { x: own.x - point.x, y: own.y - point.y } };
}

export function dragPin(viewer, { at, by }, point) {
  movePin(viewer, at, imagePixel(viewer, { x: point.x + by.x, y: point.y + by.y }));
}

// In a link ---------------------------------------------------------------------------------------
// x.y.text*x.y.text: numbers to the base of 36, a blank as _, and what means something else after !.

const ESCAPES = { "!": "!e", _: "!u", "*": "!s", "~": "!t", " ": "_" };
const PLAIN = Object.fromEntries(Object.entries(ESCAPES).map(([sign, written]) => [written, sign]));
const UNREADABLE = /!(?![eust])|[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/u;

export function pinsText(viewer) {
  const text = pinsOf(viewer).map(textOf).join("*");
  return encodeURIComponent(text).length <= MOST_IN_LINK ? text : "";
}

function textOf({ x, y, text }) {
  return `${x.toString(36)}.${y.toString(36)}.${text.replace(/[!_*~ ]/g, (sign) => ESCAPES[sign])}`;
}

export function tooLongForLink(viewer) {
  return pinsOf(viewer).length > 0 && !pinsText(viewer);
}

function readPin(text, { width, height }, longest) {
  const [, x, y, note] = text.match(/^([0-9a-z]{1,4})\.([0-9a-z]{1,4})\.(.*)$/su) || [];
  if (note === undefined || UNREADABLE.test(note)) return null;
  const pin = { x: parseInt(x, 36), y: parseInt(y, 36), text: note.replace(/![eust]|_/g, (sign) => PLAIN[sign]) };
  return pin.x < width && pin.y < height && [...pin.text].length <= longest ? pin : null;
}

// All of them, or null.
export function readPins(text, size, most, longest) {
  const parts = text.split("*");
  const pins = parts.length <= most ? parts.map((part) => readPin(part, size, longest)) : [null];
  return pins.every(Boolean) ? pins : null;
}

function takeLinked(viewer, of) {
  const { most, longest } = viewer.noted;
  const pins = readPins(viewer.state.linkedPins, imageSize(viewer), most, longest);
  viewer.state.linkedPins = "";
  NOTES.set(of, { pins: pins || [], given: "" });
  if (!pins) say(viewer, `The notes of this link cannot be read: a picture has at most ${most}, of ${longest} characters, all on it.`, LONG_MESSAGE_MS);
}
