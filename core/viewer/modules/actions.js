// What a person can do: each changes the state and asks for a frame. Only the region and the step
// to another picture are told to Python.

import { clamp } from "./numbers.js";
import { imageSize, MODE, MODES, panelOfRole, referenceOf } from "./panels.js";
import { requestDraw, tell } from "./requests.js";
import { fitView } from "./view.js";

const LIVE_MESSAGE_MS = 2500;
export const LONG_MESSAGE_MS = 12000; // for a whole sentence
export const USUAL = { contrast: 1, gain: 8 };

export function setLayout(viewer, layout) {
  viewer.state.layout = layout;
  requestDraw(viewer, true);
}

export function setPanel(viewer, key) {
  viewer.state.panel = key;
  setLayout(viewer, "single");
}

export function setWipe(viewer, change) {
  Object.assign(viewer.state.wipe, change);
  viewer.state.wipe.at = clamp(viewer.state.wipe.at, 0, 1);
  setLayout(viewer, "wipe");
}

export function setMode(viewer, key) {
  const mode = MODE[key];
  if (!mode || (mode.reference && !referenceOf(viewer, mode))) return;
  viewer.state.mode = key;
  requestDraw(viewer);
}

export function nextMode(viewer) {
  const usable = MODES.filter((mode) => !mode.reference || referenceOf(viewer, mode));
  const at = usable.findIndex((mode) => mode.key === viewer.state.mode);
  setMode(viewer, usable[(at + 1) % usable.length].key);
}

export function setGain(viewer, factor) {
  viewer.state[gainName(viewer)] = factor;
  if (gainName(viewer) === "contrast") viewer.state.ownContrast = null;
  requestDraw(viewer);
}

// What the slider of the gain sets: of pictures their contrast, of differences their gain.
export function gainName(viewer) {
  return viewer.state.mode === "image" ? "contrast" : "gain";
}

export function resetGain(viewer) {
  setGain(viewer, USUAL[gainName(viewer)]);
}

// What a preset of the page sets. The person's own contrast is kept aside until they leave it: by
// a fit, another place, another picture or another preset.
export function lendContrast(viewer, contrast) {
  const { state } = viewer;
  state.ownContrast ??= state.contrast;
  state.contrast = contrast;
}

export function returnContrast(viewer) {
  const { state } = viewer;
  state.contrast = state.ownContrast ?? state.contrast;
  state.ownContrast = null;
}

export function showAll(viewer) {
  returnContrast(viewer);
  fitView(viewer);
}

export function setGrid(viewer, change) {
  const { grid } = viewer.state;
  Object.assign(grid, change);
  grid.phase = grid.phase.map((shift) => (grid.period ? shift % grid.period : 0));
  requestDraw(viewer);
}

export function setGridPhase(viewer, at, value) {
  const phase = [...viewer.state.grid.phase];
  phase[at] = Math.max(0, Math.round(value) || 0);
  setGrid(viewer, { phase });
}

export function toggleValues(viewer) {
  viewer.state.values = !viewer.state.values;
  requestDraw(viewer);
}

export function toggleMarks(viewer) {
  viewer.state.marks = !viewer.state.marks;
  requestDraw(viewer);
}

export function hold(viewer, role) {
  if (role && !panelOfRole(viewer, role)) {
    say(viewer, role === "clean" ? "There is no clean image." : "There is no noisy image.");
    return;
  }
  viewer.held = role;
  requestDraw(viewer);
}

export function say(viewer, text, milliseconds = LIVE_MESSAGE_MS) {
  viewer.message = text;
  clearTimeout(viewer.messageTimer);
  viewer.messageTimer = setTimeout(() => {
    viewer.message = "";
    requestDraw(viewer);
  }, milliseconds);
  requestDraw(viewer);
}

export function toggleHelp(viewer) {
  const { help } = viewer.parts;
  help.hidden = !help.hidden;
  requestDraw(viewer);
}

export function toggleFullScreen(viewer) {
  const { root } = viewer;
  const full = root.getRootNode().fullscreenElement === root;
  const change = full ? document.exitFullscreen() : root.requestFullscreen();
  change.catch(() => say(viewer, "This browser does not allow full screen here."));
}

export function toggleDrawing(viewer) {
  if (viewer.frequency || !viewer.regions) return;
  viewer.drawing = viewer.draws || !viewer.drawing;
  viewer.parts.panels.classList.toggle("drawing", viewer.drawing);
  requestDraw(viewer);
}

// Nothing where the whole of a drag lies beside the picture.
export function regionBetween(viewer, from, to) {
  const { width, height } = imageSize(viewer);
  const beside = (axis, length) => Math.max(from[axis], to[axis]) < 0 || Math.min(from[axis], to[axis]) >= length;
  if (beside("x", width) || beside("y", height)) return null;
  const left = clamp(Math.min(from.x, to.x), 0, width - 1);
  const top = clamp(Math.min(from.y, to.y), 0, height - 1);
  const right = clamp(Math.max(from.x, to.x), 0, width - 1);
  const bottom = clamp(Math.max(from.y, to.y), 0, height - 1);
  return { x: left, y: top, width: right - left + 1, height: bottom - top + 1 };
}

export function commitRegion(viewer, region) {
  viewer.draft = null;
  viewer.state.region = region;
  viewer.given.region = region; // what is told need not be given back
  tell(viewer, "region", { box: region });
  requestDraw(viewer);
}

export function clearRegion(viewer) {
  if (viewer.state.region) commitRegion(viewer, null);
}
