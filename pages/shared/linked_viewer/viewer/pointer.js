// Pointer and wheel.

import { commitRegion, regionBetween, setWipe, showAll, toggleDrawing } from "./actions.js";
import { capture } from "./elements.js";
import requestDraw from "./frame.js";
import { cancelPick, pickSoon } from "./picking.js";
import {
  fitZoom, imagePixel, insideImage, nextPreset, panBy, screenPoint, zoomStep, zoomTo,
} from "./view.js";

const WHEEL_NOTCH = 50;
const PINCH_NOTCH = 12;
const DIVIDER_REACH = 14;
const TAP_DISTANCE = 4;
const DOUBLE_CLICK_ZOOM = 4;

export default function listenToPointer(viewer, canvas) {
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
    viewer.gesture = startPinch(viewer);
  } else viewer.gesture = startGesture(viewer, point);
}

function startGesture(viewer, point) {
  const { layout, wipe } = viewer.state;
  if (viewer.drawing) return { kind: "region", from: imagePixel(viewer, point), start: point };
  const divider = wipe.at * viewer.canvasSize.width;
  const reach = DIVIDER_REACH * window.devicePixelRatio;
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
  const pixel = imagePixel(viewer, point);
  viewer.hover = insideImage(viewer, pixel) ? pixel : null;
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
    if (gesture.kind === "pan") pickSoon(viewer, canvas, screenPoint(canvas, event));
  }
  if (gesture.kind === "region" && viewer.draft) {
    toggleDrawing(viewer);
    commitRegion(viewer, viewer.draft);
  }
  viewer.gesture = viewer.pointers.size ? continuePan(viewer) : null;
}

function isTap({ travel = 0 }) {
  return travel < TAP_DISTANCE * window.devicePixelRatio;
}

// One finger of a pinch is lifted: the other goes on moving the picture, without a jump.
function continuePan(viewer) {
  const [point] = viewer.pointers.values();
  return { kind: "pan", last: point, start: point, travel: Infinity };
}

function onPointerCancel(viewer, canvas, event) {
  viewer.pointers.delete(event.pointerId);
  viewer.gesture = null;
  viewer.draft = null;
  viewer.hover = null;
  requestDraw(viewer);
}

function onPointerLeave(viewer) {
  viewer.hover = null;
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
    zoomTo(viewer, close, screenPoint(canvas, event));
  }
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
  zoomTo(viewer, zoomStep(viewer.state.view.zoom, direction), screenPoint(canvas, event));
}

function showWheelHint(viewer) {
  const { hint } = viewer.parts;
  hint.hidden = false;
  clearTimeout(viewer.hintTimer);
  viewer.hintTimer = setTimeout(() => (hint.hidden = true), 1400);
}
