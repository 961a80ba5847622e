// Pointer, wheel and keys.

import {
  clearRegion, commitRegion, hold, nextMode, regionBetween, setLayout, setPanel, setWipe, showAll,
  toggleDrawing, toggleHelp, toggleMarks, toggleValues,
} from "./actions.js";
import { capture } from "./elements.js";
import { holdLens, isLensOn, nextBand, setLensGain } from "./lens.js";
import { cancelPick, pickSoon } from "./marks.js";
import {
  addPin, addPinHere, dragPin, editPin, pinAt, startPin, tellPins, toggleNoting,
} from "./pins.js";
import { questionKey } from "./question.js";
import { requestDraw } from "./requests.js";
import { pixelRatio } from "./screen.js";
import {
  flipOnStage, followFullScreen, isOnStage, leaveStage, moveOnStage, nextStageCount, nextSurround,
  putOnStage, toggleStage,
} from "./stage.js";
import {
  fitZoom, imagePixel, insideImage, nextPreset, panBy, screenPoint, zoomStep, zoomTo,
} from "./view.js";

const WHEEL_NOTCH = 50;
const PINCH_NOTCH = 12;
const DIVIDER_REACH = 14;
const TAP_DISTANCE = 4;
const LONG_PRESS = 450; // milliseconds
const DOUBLE_CLICK_ZOOM = 4;

export function listenToPointer(viewer, canvas) {
  const handlers = {
    pointerdown: onPointerDown, pointermove: onPointerMove, pointerup: onPointerUp,
    pointercancel: onPointerCancel, pointerleave: onPointerLeave, dblclick: onDoubleClick,
    wheel: onWheel,
  };
  for (const [name, handler] of Object.entries(handlers)) {
    canvas.addEventListener(name, (event) => handler(viewer, canvas, event), { passive: false });
  }
}

function focusViewer(viewer) {
  viewer.parts.panels.focus({ preventScroll: true });
}

function onPointerDown(viewer, canvas, event) {
  if (event.button !== 0) return;
  if (event.pointerType === "mouse") focusViewer(viewer);
  capture(canvas, event.pointerId);
  const point = screenPoint(canvas, event);
  viewer.pointers.set(event.pointerId, point);
  if (viewer.pointers.size === 2) {
    viewer.draft = null;
    holdLens(viewer, false);
    viewer.gesture = startPinch(viewer);
  } else {
    viewer.gesture = startGesture(viewer, point, event.shiftKey);
    if (event.pointerType !== "mouse") lensSoon(viewer, viewer.gesture, point);
  }
}

// A finger that rests: the lens stands where it is, and follows it.
function lensSoon(viewer, gesture, point) {
  setTimeout(() => {
    const rests = viewer.gesture === gesture && gesture.kind === "pan" && isTap(gesture);
    if (!rests || viewer.pointers.size !== 1) return;
    viewer.pointer = point;
    viewer.gesture = { kind: "lens", travel: Infinity };
    holdLens(viewer, true);
  }, LONG_PRESS);
}

function startGesture(viewer, point, shifted) {
  const { layout, wipe } = viewer.state;
  if (viewer.pinned && (shifted || viewer.noting)) return { kind: "note", start: point };
  const pin = pinAt(viewer, point);
  if (pin >= 0) return startPin(viewer, pin, point);
  if (viewer.drawing) return { kind: "region", from: imagePixel(viewer, point), start: point };
  const divider = wipe.at * viewer.canvasSize.width;
  const reach = DIVIDER_REACH * pixelRatio();
  if (layout === "wipe" && Math.abs(point.x - divider) <= reach) return { kind: "divider", start: point };
  return { kind: "pan", last: point, start: point };
}

function pinchOf(viewer) {
  const [a, b] = [...viewer.pointers.values()];
  return {
    distance: Math.hypot(a.x - b.x, a.y - b.y),
    middle: { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 },
  };
}

function startPinch(viewer) {
  return { kind: "pinch", ...pinchOf(viewer), zoom: viewer.state.view.zoom, travel: Infinity };
}

const MOVES = {
  note() {}, // it stands where it began
  pin: dragPin,
  lens() {}, // it is drawn where the pointer is
  pan(viewer, gesture, point) {
    panBy(viewer, point.x - gesture.last.x, point.y - gesture.last.y);
    gesture.last = point;
  },
  divider(viewer, gesture, point) {
    setWipe(viewer, { at: point.x / viewer.canvasSize.width });
  },
  region(viewer, gesture, point) {
    viewer.draft = regionBetween(viewer, gesture.from, imagePixel(viewer, point));
  },
  pinch(viewer, gesture) {
    if (viewer.pointers.size < 2) return;
    const { distance, middle } = pinchOf(viewer);
    panBy(viewer, middle.x - gesture.middle.x, middle.y - gesture.middle.y);
    gesture.middle = middle;
    zoomTo(viewer, (gesture.zoom * distance) / gesture.distance, middle);
  },
};

function onPointerMove(viewer, canvas, event) {
  const point = screenPoint(canvas, event);
  viewer.pointer = point;
  if (viewer.pointers.has(event.pointerId)) {
    viewer.pointers.set(event.pointerId, point);
    if (viewer.gesture) followGesture(viewer, viewer.gesture, point);
  }
  showCursor(viewer, canvas, point);
  requestDraw(viewer);
}

function followGesture(viewer, gesture, point) {
  const { start, travel = 0 } = gesture;
  if (start) gesture.travel = Math.max(travel, Math.hypot(point.x - start.x, point.y - start.y));
  MOVES[gesture.kind](viewer, gesture, point);
}

function showCursor(viewer, canvas, point) {
  const { layout, wipe } = viewer.state;
  const near = Math.abs(point.x - wipe.at * viewer.canvasSize.width) <= DIVIDER_REACH;
  canvas.classList.toggle("divider", layout === "wipe" && near && !viewer.drawing);
}

function onPointerUp(viewer, canvas, event) {
  const { gesture } = viewer;
  if (!viewer.pointers.delete(event.pointerId) || !gesture) return;
  if (isTap(gesture)) {
    if (event.pointerType !== "mouse") focusViewer(viewer);
    if (gesture.kind === "note") noteAt(viewer, gesture.start);
    if (gesture.kind === "pin") editPin(viewer, gesture.at);
    if (gesture.kind === "pan") pickSoon(viewer, canvas, screenPoint(canvas, event));
  }
  if (gesture.kind === "pin" && !isTap(gesture)) tellPins(viewer);
  if (gesture.kind === "region" && viewer.draft) {
    toggleDrawing(viewer);
    commitRegion(viewer, viewer.draft);
  }
  if (gesture.kind === "lens") holdLens(viewer, false);
  viewer.gesture = viewer.pointers.size ? continuePan(viewer) : null;
}

function noteAt(viewer, point) {
  const pixel = imagePixel(viewer, point);
  if (viewer.noting) toggleNoting(viewer);
  if (insideImage(viewer, pixel)) addPin(viewer, pixel);
}

function isTap({ travel = 0 }) {
  return travel < TAP_DISTANCE * pixelRatio();
}

// One finger of a pinch is lifted: the other goes on moving the picture, without a jump.
function continuePan(viewer) {
  const [point] = viewer.pointers.values();
  return { kind: "pan", last: point, start: point, travel: Infinity };
}

function onPointerCancel(viewer, canvas, event) {
  viewer.pointers.delete(event.pointerId);
  viewer.gesture = null;
  holdLens(viewer, false);
  viewer.draft = null;
  viewer.pointer = null;
  requestDraw(viewer);
}

function onPointerLeave(viewer) {
  viewer.pointer = null;
  requestDraw(viewer);
}

function onDoubleClick(viewer, canvas, event) {
  event.preventDefault();
  cancelPick(viewer);
  const { view } = viewer.state;
  const fit = fitZoom(viewer);
  if (!view.fit && view.zoom > fit) showAll(viewer);
  else {
    const close = fit < DOUBLE_CLICK_ZOOM ? DOUBLE_CLICK_ZOOM : nextPreset(fit, 1);
    zoomTo(viewer, close, pointOf(viewer, canvas, event));
  }
}

// Events of a wheel name whole CSS pixels, those of a pointer also what lies between.
function pointOf(viewer, canvas, event) {
  return viewer.pointer || screenPoint(canvas, event);
}

function onWheel(viewer, canvas, event) {
  if (!viewer.focused && !event.ctrlKey) {
    showWheelHint(viewer);
    return;
  }
  event.preventDefault();
  event.stopPropagation();
  const delta = event.deltaMode === 1 ? event.deltaY * 40 : event.deltaY;
  viewer.wheel = Math.sign(delta) === Math.sign(viewer.wheel) ? viewer.wheel + delta : delta;
  const notch = Math.abs(delta) >= WHEEL_NOTCH ? WHEEL_NOTCH : PINCH_NOTCH;
  if (Math.abs(viewer.wheel) < notch) return;
  const direction = -Math.sign(viewer.wheel);
  viewer.wheel = 0;
  if (isLensOn(viewer)) {
    setLensGain(viewer, viewer.state.lens.gain * 2 ** direction);
    return;
  }
  zoomTo(viewer, zoomStep(viewer.state.view.zoom, direction), pointOf(viewer, canvas, event));
}

function showWheelHint(viewer) {
  const { hint } = viewer.parts;
  hint.hidden = false;
  clearTimeout(viewer.hintTimer);
  viewer.hintTimer = setTimeout(() => (hint.hidden = true), 1400);
}

// Keys. All of them reach the viewer that has the focus; a few of the page's reach the one that is
// looked at, so that flipping through the panels needs no click first.

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
  else if (viewer.noting) toggleNoting(viewer);
  else if (isOnStage(viewer)) leaveStage(viewer);
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
  x: (viewer) => holdLens(viewer, true),
  b: (viewer) => isLensOn(viewer) && nextBand(viewer),
  p: toggleStage, t: addPinHere, "[": step(-1), "]": step(1), "?": toggleHelp, Delete: clearRegion, Backspace: clearRegion,
};

// On the stage arrows choose what stands there; with Shift, and in a wipe, they do as elsewhere.
function stageKey(choose, otherwise) {
  return (viewer, event) => {
    if (event.shiftKey || viewer.state.layout === "wipe") otherwise(viewer, event);
    else choose(viewer);
  };
}

const STAGE_KEYS = {
  ArrowLeft: stageKey((viewer) => flipOnStage(viewer, -1), panKey(-1, 0)),
  ArrowRight: stageKey((viewer) => flipOnStage(viewer, 1), panKey(1, 0)),
  ArrowUp: stageKey((viewer) => moveOnStage(viewer, -1), panKey(0, -1)),
  ArrowDown: stageKey((viewer) => moveOnStage(viewer, 1), panKey(0, 1)),
  o: nextStageCount, s: nextSurround,
};

const RELEASES = {
  c: (viewer) => hold(viewer, null), n: (viewer) => hold(viewer, null), x: (viewer) => holdLens(viewer, false),
};
const LEAVE_KEYS = ["Escape", "`"];

// Streamlit's own: clear the caches, run again.
const PLATFORM_KEYS = ["c", "r"];

const FIELDS = "input, textarea, select, iframe, [contenteditable]";

const ALIVE = new Set();
let lastUsed = null;

function flipKey(viewer, key) {
  const panel = /^[1-9]$/.test(key) ? viewer.panels[Number(key) - 1] : undefined;
  return panel && (() => showPanel(viewer, panel.spec.key));
}

function showPanel(viewer, key) {
  if (isOnStage(viewer)) putOnStage(viewer, key);
  else setPanel(viewer, key);
}

function actionOf(viewer, key) {
  return questionKey(viewer, key) || flipKey(viewer, key) || (isOnStage(viewer) && STAGE_KEYS[key]) || KEYS[key];
}

function plainKey({ key }) {
  return key.length === 1 ? key.toLowerCase() : key;
}

function isEntry(target) {
  return target.matches("input, select, textarea");
}

// Keys that press the button that has the focus.
function isPressed(target, key) {
  return target.matches("button") && (key === "Enter" || key === " ");
}

function onKeyDown(viewer, event) {
  const key = plainKey(event);
  if (PLATFORM_KEYS.includes(key)) event.stopPropagation();
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (isEntry(event.target)) {
    if (key !== "Escape") event.stopPropagation();
    return;
  }
  const action = actionOf(viewer, key);
  if (!action || isPressed(event.target, key)) return;
  event.stopPropagation();
  event.preventDefault();
  action(viewer, event);
}

function onKeyUp(viewer, event) {
  const release = RELEASES[event.key.toLowerCase()];
  if (!release) return;
  event.stopPropagation();
  release(viewer);
}

function listenToRoot(viewer) {
  const { root } = viewer;
  root.addEventListener("keydown", (event) => onKeyDown(viewer, event));
  root.addEventListener("keyup", (event) => onKeyUp(viewer, event));
  root.addEventListener("focusin", () => setFocused(viewer, true));
  root.addEventListener("focusout", (event) => {
    if (root.contains(event.relatedTarget)) return;
    if (isOnStage(viewer)) viewer.parts.panels.focus(); // nothing else is seen
    else setFocused(viewer, false);
  });
  root.addEventListener("pointerdown", () => (lastUsed = viewer));
  root.addEventListener("fullscreenchange", () => followFullScreen(viewer));
}

function setFocused(viewer, focused) {
  viewer.focused = focused;
  if (focused) {
    lastUsed = viewer;
    viewer.parts.hint.hidden = true;
  } else {
    viewer.held = null;
    holdLens(viewer, false);
  }
  requestDraw(viewer);
}

// Keys of the page --------------------------------------------------------------------------------

// Escape means other things to the page where there is nothing to leave.
function pageAction(viewer, key) {
  if (isOnStage(viewer)) {
    viewer.parts.panels.focus(); // what is held is let go there
    return actionOf(viewer, key);
  }
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
  const action = viewer && pageAction(viewer, plainKey(event));
  if (!action) return;
  event.preventDefault();
  action(viewer, event);
}

function inField() {
  let node = document.activeElement;
  while (node?.shadowRoot?.activeElement) node = node.shadowRoot.activeElement;
  return Boolean(node?.matches(FIELDS));
}

// The one on the stage; the one last used, if it is in sight; else the first one that is.
function lookedAt() {
  const staged = [...ALIVE].find(isOnStage);
  if (staged) return staged;
  const tops = [...ALIVE].map((viewer) => ({ viewer, box: viewer.parts.panels.getBoundingClientRect() }));
  const seen = tops.filter(({ box }) => box.height && box.bottom > 0 && box.top < window.innerHeight);
  if (seen.some(({ viewer }) => viewer === lastUsed)) return lastUsed;
  return seen.sort((a, b) => a.box.top - b.box.top)[0]?.viewer;
}
