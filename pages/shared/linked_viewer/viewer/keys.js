// Keys. All of them reach the viewer that has the focus; a few of the page's reach the one that is
// looked at, so that flipping through the panels needs no click first.

import {
  clearRegion, hold, nextMode, setLayout, setPanel, setWipe, showAll, toggleDrawing,
  toggleHelp, toggleMarks, toggleValues,
} from "./actions.js";
import requestDraw from "./frame.js";
import { nextPreset, panBy, zoomTo } from "./view.js";

const PAN_STEP = 64;

function panKey(dx, dy) {
  return (viewer, event) => {
    const { wipe, layout } = viewer.state;
    if (event.shiftKey && layout === "wipe") setWipe(viewer, { at: wipe.at + 0.02 * dx });
    else panBy(viewer, -dx * PAN_STEP, -dy * PAN_STEP);
  };
}

function zoomKey(direction) {
  return (viewer) => zoomTo(viewer, nextPreset(viewer.state.view.zoom, direction));
}

function backToGrid(viewer) {
  if (!viewer.parts.help.hidden) toggleHelp(viewer);
  else if (viewer.drawing && !viewer.draws) toggleDrawing(viewer);
  else if (viewer.state.layout !== "grid") setLayout(viewer, "grid");
  else viewer.root.getRootNode().activeElement?.blur();
}

function step(by) {
  return (viewer) => viewer.component.setTriggerValue("step", by);
}

const KEYS = {
  ArrowLeft: panKey(-1, 0), ArrowRight: panKey(1, 0), ArrowUp: panKey(0, -1), ArrowDown: panKey(0, 1),
  "+": zoomKey(1), "=": zoomKey(1), "-": zoomKey(-1), 0: showAll,
  Escape: backToGrid, "`": backToGrid,
  d: nextMode, g: toggleDrawing, m: toggleMarks, v: toggleValues,
  w: (viewer) => setLayout(viewer, viewer.state.layout === "wipe" ? "grid" : "wipe"),
  c: (viewer, event) => event.repeat || hold(viewer, "clean"),
  n: (viewer, event) => event.repeat || hold(viewer, "measurement"),
  "[": step(-1), "]": step(1), "?": toggleHelp, Delete: clearRegion, Backspace: clearRegion,
};

const HELD_KEYS = ["c", "n"];
const LEAVE_KEYS = ["Escape", "`"];

// Streamlit's own: clear the caches, run again.
const PLATFORM_KEYS = ["c", "r"];

const FIELDS = "input, textarea, select, iframe, [contenteditable]";

const ALIVE = new Set();
let lastUsed = null;

function flipKey(viewer, key) {
  const panel = /^[1-9]$/.test(key) ? viewer.panels[Number(key) - 1] : undefined;
  return panel && (() => setPanel(viewer, panel.spec.key));
}

function isEntry(target) {
  return target.matches("input, select, textarea");
}

function onKeyDown(viewer, event) {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (PLATFORM_KEYS.includes(key)) event.stopPropagation();
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (isEntry(event.target)) {
    if (key !== "Escape") event.stopPropagation();
    return;
  }
  const action = flipKey(viewer, key) || KEYS[key];
  if (!action) return;
  event.stopPropagation();
  event.preventDefault();
  action(viewer, event);
}

function onKeyUp(viewer, event) {
  if (!HELD_KEYS.includes(event.key.toLowerCase())) return;
  event.stopPropagation();
  hold(viewer, null);
}

function listenToRoot(viewer) {
  const { root } = viewer;
  root.addEventListener("keydown", (event) => onKeyDown(viewer, event));
  root.addEventListener("keyup", (event) => onKeyUp(viewer, event));
  root.addEventListener("focusin", () => setFocused(viewer, true));
  root.addEventListener("focusout", (event) => {
    if (!root.contains(event.relatedTarget)) setFocused(viewer, false);
  });
  root.addEventListener("pointerdown", () => (lastUsed = viewer));
  root.addEventListener("fullscreenchange", () => requestDraw(viewer, true));
}

function setFocused(viewer, focused) {
  viewer.focused = focused;
  if (focused) {
    lastUsed = viewer;
    viewer.parts.hint.hidden = true;
  } else viewer.held = null;
  requestDraw(viewer);
}

// Keys of the page --------------------------------------------------------------------------------

// Escape means other things to the page where there is nothing to leave.
function pageAction(viewer, key) {
  if (key === "?") return toggleHelp;
  const inside = !viewer.parts.help.hidden || viewer.state.layout !== "grid";
  return LEAVE_KEYS.includes(key) ? inside && backToGrid : flipKey(viewer, key);
}

export function listenToKeys(viewer) {
  if (!ALIVE.size) document.addEventListener("keydown", onPageKey);
  ALIVE.add(viewer);
  listenToRoot(viewer);
}

export function forgetKeys(viewer) {
  ALIVE.delete(viewer);
  if (lastUsed === viewer) lastUsed = null;
  if (!ALIVE.size) document.removeEventListener("keydown", onPageKey);
}

function onPageKey(event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (inField() || document.querySelector('[aria-modal="true"]')) return;
  const viewer = lookedAt();
  const action = viewer && pageAction(viewer, event.key);
  if (!action) return;
  event.preventDefault();
  action(viewer);
}

function inField() {
  let node = document.activeElement;
  while (node?.shadowRoot?.activeElement) node = node.shadowRoot.activeElement;
  return Boolean(node?.matches(FIELDS));
}

// The one last used, if it is in sight, else the first one that is.
function lookedAt() {
  const tops = [...ALIVE].map((viewer) => ({ viewer, box: viewer.parts.panels.getBoundingClientRect() }));
  const seen = tops.filter(({ box }) => box.height && box.bottom > 0 && box.top < window.innerHeight);
  if (seen.some(({ viewer }) => viewer === lastUsed)) return lastUsed;
  return seen.sort((a, b) => a.box.top - b.box.top)[0]?.viewer;
}
