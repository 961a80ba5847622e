// The view as text: what "Copy link" adds to the address and a fresh page reads back.

import { say } from "./actions.js";
import { bandFrom, bandText } from "./band.js";
import { clamp, number, short } from "./numbers.js";
import { LAYOUTS, MODES } from "./panels.js";
import { readStage, stageText } from "./stage.js";
import { pinsText, tooLongForLink } from "./pins.js";
import { MOST_ZOOM } from "./view.js";

const NO_LAYER = "-";
export const LINK_NAME = "view";
const LINK_SEPARATOR = "~";
const NO_NOTES = "Link copied, without the notes: they are too long for an address.";

function oneOf(options, text, otherwise) {
  return options.some((option) => option.key === text) ? text : otherwise;
}

function factor(text, otherwise) {
  return clamp(number(text, otherwise), 1, 32);
}

// In this order, for good: a link may be years old. New fields go to the end.
const LINK_FIELDS = [
  [(s) => short(s.view.cx), (s, text) => (s.view.cx = number(text, s.view.cx))],
  [(s) => short(s.view.cy), (s, text) => (s.view.cy = number(text, s.view.cy))],
  [(s) => (s.view.fit ? "fit" : short(s.view.zoom)), readZoom],
  [(s) => s.mode, (s, text) => (s.mode = oneOf(MODES, text, s.mode))],
  [(s) => s.layout, (s, text) => (s.layout = oneOf(LAYOUTS, text, s.layout))],
  [(s) => s.panel, (s, text) => (s.panel = text)],
  [(s) => s.wipe.left, (s, text) => (s.wipe.left = text)],
  [(s) => s.wipe.right, (s, text) => (s.wipe.right = text)],
  [(s) => short(s.wipe.at), (s, text) => (s.wipe.at = clamp(number(text, s.wipe.at), 0, 1))],
  [(s) => short(s.gain), (s, text) => (s.gain = factor(text, s.gain))],
  [(s) => short(s.contrast), (s, text) => (s.contrast = factor(text, s.contrast))],
  [() => "", () => {}], // once the grey that contrast was stretched around
  [(s) => short(s.grid.period), (s, text) => (s.grid.period = wholeNumber(text, s.grid.period))],
  [(s) => short(s.grid.phase[0]), (s, text) => (s.grid.phase[0] = wholeNumber(text, 0))],
  [(s) => short(s.grid.phase[1]), (s, text) => (s.grid.phase[1] = wholeNumber(text, 0))],
  [(s) => (s.layer === "" ? NO_LAYER : s.layer ?? ""), readLayerKey],
  [(s) => layerText(s, "opacity"), (s, text) => readLayer(s, "opacity", text)],
  [(s) => layerText(s, "lower"), (s, text) => readLayer(s, "lower", text)],
  [(s) => layerText(s, "upper"), (s, text) => readLayer(s, "upper", text)],
  [(s) => (s.values ? "" : "plain"), (s, text) => (s.values = text !== "plain")],
  [(s) => (s.marks ? "" : "bare"), (s, text) => (s.marks = text !== "bare")],
  [(s) => (s.band ? bandText(s.band) : ""), (s, text) => (s.band = bandFrom(text))],
  [stageText, readStage],
  [(s, viewer) => pinsText(viewer), (s, text) => (s.linkedPins = text)],
];

function wholeNumber(text, otherwise) {
  return clamp(Math.round(number(text, otherwise)), 0, 4096);
}

function readZoom(state, text) {
  const zoom = number(text, 0);
  state.view.fit = zoom <= 0;
  if (zoom > 0) state.view.zoom = Math.min(zoom, MOST_ZOOM);
}

function readLayerKey(state, text) {
  if (text) state.layer = text === NO_LAYER ? "" : text;
}

function layerText(state, name) {
  const settings = state.layers[state.layer];
  return settings && Number.isFinite(settings[name]) ? short(settings[name]) : "";
}

function readLayer(state, name, text) {
  if (!state.layer || text === "") return;
  const value = number(text, null);
  if (value !== null) state.layers[state.layer] = { ...state.layers[state.layer], [name]: value };
}

// The viewer's key stands first: a page may hold several, and the link means one of them.
export function viewText(viewer) {
  const fields = LINK_FIELDS.map(([write]) => write(viewer.state, viewer));
  return [viewer.key, ...fields].join(LINK_SEPARATOR);
}

export function readView(state, key, text) {
  const [owner, ...parts] = text.split(LINK_SEPARATOR);
  if (owner !== key) return false;
  LINK_FIELDS.forEach(([, read], i) => {
    if (parts[i] !== undefined) read(state, parts[i]);
  });
  return true;
}

function linkTo(viewer) {
  const url = new URL(window.location.href);
  url.searchParams.delete(LINK_NAME);
  const rest = url.search ? `${url.search}&` : "?";
  return `${url.protocol}//${url.host}${url.pathname}${rest}${LINK_NAME}=${encodeURIComponent(viewText(viewer))}${url.hash}`;
}

export async function copyLink(viewer) {
  const link = linkTo(viewer);
  try {
    await navigator.clipboard.writeText(link);
    say(viewer, tooLongForLink(viewer) ? NO_NOTES : "Link copied.");
  } catch {
    offerLink(viewer, link);
  }
}

// Without leave to use the clipboard: the link, selected, to copy by hand.
function offerLink(viewer, link) {
  const { link: field } = viewer.parts;
  field.hidden = false;
  field.value = link;
  field.focus();
  field.select();
  say(viewer, "Copy the link from the field.");
}
