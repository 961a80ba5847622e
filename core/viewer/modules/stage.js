// The stage: for a room to look at. The viewer fills the window, with one row of controls, large
// labels, and one, two or four panels on black or white. Zoom, place and what is flipped to stay.

import { element } from "./elements.js";
import { requestDraw } from "./requests.js";

export const COUNTS = [
  { key: 1, label: "1", about: "One panel (o)" },
  { key: 2, label: "2", about: "Two panels side by side (o)" },
  { key: 4, label: "4", about: "Four panels (o)" },
];

export const SURROUNDS = [
  { key: "black", label: "Black", about: "Black around the pictures (s)" },
  { key: "white", label: "White", about: "White around the pictures (s)" },
];

export const USUAL_STAGE = { on: false, count: 2, keys: [], active: 1, surround: "black" };

export function isOnStage(viewer) {
  return viewer.state.stage.on;
}

// The keys of the panels that stand there, in their order.
export function keysOnStage({ state, panels }) {
  const { count, keys } = state.stage;
  return keys.slice(0, Math.min(count, panels.length));
}

// There may be others than there were: what is gone makes room for the clean one and the outputs.
export function repairStage({ state, panels }) {
  const { stage } = state;
  const known = panels.map(({ spec }) => spec.key);
  const last = panels.filter(({ spec }) => spec.role === "measurement").map(({ spec }) => spec.key);
  const first = known.filter((key) => !last.includes(key));
  stage.keys = [...new Set([...stage.keys.filter((key) => known.includes(key)), ...first, ...last])];
  stage.active = Math.min(stage.active, Math.max(Math.min(stage.count, known.length) - 1, 0));
}

// Filling the window ------------------------------------------------------------------------------

// Full screen where the browser grants it; else over everything on the page.
async function fillWindow(viewer) {
  const { root } = viewer;
  // Nobody pressed anything where a link leads here: the browser would refuse, and complain.
  if (navigator.userActivation?.isActive === false) {
    layOver(root);
    return;
  }
  try {
    await root.requestFullscreen();
    if (!isOnStage(viewer)) freeWindow(viewer);
  } catch {
    if (isOnStage(viewer)) layOver(root);
  }
}

// In the browser's topmost layer: no ancestor can cut it off there, nothing lies above it.
function layOver(root) {
  if (!root.isConnected || !root.showPopover) return; // the style keeps it in place
  root.popover = "manual";
  root.showPopover();
}

function freeWindow({ root }) {
  if (root.popover) root.hidePopover();
  root.removeAttribute("popover");
  if (root.getRootNode().fullscreenElement === root) document.exitFullscreen().catch(() => {});
}

// The page below stays as long as it is, or it would be scrolled elsewhere.
function holdPlace(root) {
  const place = element("div");
  place.style.height = `${root.offsetHeight}px`;
  root.before(place);
  return place;
}

export function enterStage(viewer) {
  const { state, parts, root } = viewer;
  if (!viewer.panels.length) return;
  state.stage.on = true;
  repairStage(viewer);
  if (state.layout === "single") {
    state.layout = "grid";
    state.stage.count = 1;
    putOnStage(viewer, state.panel);
  }
  viewer.kept = holdPlace(root);
  root.classList.add("on-stage");
  root.tabIndex = -1; // a click beside the pictures leaves the keys here
  viewer.filling = true;
  fillWindow(viewer).then(() => {
    viewer.filling = false;
    if (!isOnStage(viewer)) return; // left meanwhile: the person is elsewhere
    parts.panels.focus({ preventScroll: true });
    requestDraw(viewer, true);
  });
  parts.panels.focus({ preventScroll: true });
  requestDraw(viewer, true);
}

// One panel there is one panel here.
export function leaveStage(viewer) {
  const { state } = viewer;
  if (!state.stage.on) return;
  state.stage.on = false;
  if (state.layout === "grid" && state.stage.count === 1) {
    state.layout = "single";
    [state.panel] = state.stage.keys;
  }
  viewer.kept.remove();
  viewer.root.classList.remove("on-stage");
  viewer.root.removeAttribute("tabindex");
  freeWindow(viewer);
  requestDraw(viewer, true);
}

export function toggleStage(viewer) {
  if (isOnStage(viewer)) leaveStage(viewer);
  else enterStage(viewer);
}

// The browser has keys of its own for leaving full screen.
export function followFullScreen(viewer) {
  const full = viewer.root.getRootNode().fullscreenElement === viewer.root;
  if (!full && isOnStage(viewer) && !viewer.filling && !viewer.root.popover) leaveStage(viewer);
  requestDraw(viewer, true);
}

// What stands there -------------------------------------------------------------------------------

// The active panel is the one that other panels are put in the place of.
export function putOnStage(viewer, key) {
  const { state } = viewer;
  const { stage } = state;
  const at = stage.keys.indexOf(key);
  if (at >= 0 && at < keysOnStage(viewer).length) stage.active = at;
  else swap(stage, stage.active, at);
  state.layout = "grid";
  requestDraw(viewer, true);
}

function swap({ keys }, a, b) {
  if (b >= 0) [keys[a], keys[b]] = [keys[b], keys[a]];
}

// The next panel that does not stand there yet, in place of the active one; alone, simply the next.
export function flipOnStage(viewer, by) {
  const { stage } = viewer.state;
  const known = viewer.panels.map(({ spec }) => spec.key);
  const shown = keysOnStage(viewer);
  const own = shown[stage.active];
  for (let step = 1, at = known.indexOf(own); step < known.length; step++) {
    const key = known[(at + by * step + known.length * step) % known.length];
    if (!shown.includes(key)) return putOnStage(viewer, key);
  }
}

export function moveOnStage(viewer, by) {
  const { stage } = viewer.state;
  const count = keysOnStage(viewer).length;
  stage.active = (stage.active + by + count) % count;
  requestDraw(viewer);
}

// The active panel stays among those that are shown.
export function setStageCount(viewer, count) {
  const { state } = viewer;
  const { stage } = state;
  if (stage.active >= count) {
    swap(stage, 0, stage.active);
    stage.active = 0;
  }
  if (count > stage.count && stage.count === 1) stage.active = 1;
  stage.count = count;
  state.layout = "grid";
  repairStage(viewer);
  requestDraw(viewer, true);
}

// More than half of the places are taken.
export function fitsOnStage({ panels }, count) {
  return count === 1 || panels.length > count / 2;
}

export function nextStageCount(viewer) {
  const counts = COUNTS.map(({ key }) => key).filter((count) => fitsOnStage(viewer, count));
  setStageCount(viewer, counts[(counts.indexOf(viewer.state.stage.count) + 1) % counts.length]);
}

export function setSurround(viewer, surround) {
  viewer.state.stage.surround = surround;
  requestDraw(viewer);
}

export function nextSurround(viewer) {
  setSurround(viewer, viewer.state.stage.surround === "black" ? "white" : "black");
}

// In a link: how many panels, the surround's first letter, and the panels.

export function stageText({ stage }) {
  if (!stage.on) return "";
  return [`${stage.count}${stage.surround[0]}`, ...stage.keys.slice(0, stage.count)].join(",");
}

export function readStage({ stage }, text) {
  const [form, ...keys] = text.split(",");
  const count = COUNTS.find(({ key }) => String(key) === form[0])?.key;
  const surround = SURROUNDS.find(({ key }) => key[0] === form[1])?.key;
  if (!count || !surround || form.length > 2) return;
  Object.assign(stage, { on: true, count, surround, keys, active: count - 1 });
}
