// What a person can do: each changes the state and asks for a frame. Only the region and the
// step to another picture are told to Python.

const LIVE_MESSAGE_MS = 2500;

function setLayout(viewer, layout) {
  viewer.state.layout = layout;
  requestDraw(viewer, true);
}

function setPanel(viewer, key) {
  viewer.state.panel = key;
  setLayout(viewer, "single");
}

function setWipe(viewer, change) {
  Object.assign(viewer.state.wipe, change);
  viewer.state.wipe.at = clamp(viewer.state.wipe.at, 0, 1);
  setLayout(viewer, "wipe");
}

function setMode(viewer, key) {
  const mode = MODE[key];
  if (!mode || (mode.reference && !referenceOf(viewer, mode))) return;
  viewer.state.mode = key;
  requestDraw(viewer);
}

function nextMode(viewer) {
  const usable = MODES.filter((mode) => !mode.reference || referenceOf(viewer, mode));
  const at = usable.findIndex((mode) => mode.key === viewer.state.mode);
  setMode(viewer, usable[(at + 1) % usable.length].key);
}

function setGain(viewer, factor) {
  if (viewer.state.mode !== "image") viewer.state.gain = factor;
  else {
    viewer.state.contrast = factor;
    centreContrast(viewer);
  }
  requestDraw(viewer);
}

function centreContrast(viewer) {
  const mean = meanInView(viewer);
  if (mean === null) return;
  viewer.state.centre = mean;
  viewer.centreOnArrival = false;
}

// The stretched window lies around the mean of what is in view, of one picture for all panels.
function meanInView(viewer) {
  const panel = panelOfRole(viewer, "clean") || panelOfRole(viewer, "measurement") || viewer.panels[0];
  if (!panel || !panel.picture) return null;
  const { width, height, bytes } = panel.picture;
  const part = visiblePart(viewer, width, height);
  let sum = 0;
  for (let y = part.top; y < part.top + part.height; y++) {
    const row = 4 * (y * width + part.left);
    for (let at = row; at < row + 4 * part.width; at += 4) {
      sum += bytes[at] + bytes[at + 1] + bytes[at + 2];
    }
  }
  const count = 3 * part.width * part.height;
  return count ? Math.round(sum / count) : null;
}

function setGrid(viewer, change) {
  const { grid } = viewer.state;
  Object.assign(grid, change);
  grid.phase = grid.phase.map((shift) => (grid.period ? shift % grid.period : 0));
  requestDraw(viewer);
}

function setGridPhase(viewer, at, value) {
  const phase = [...viewer.state.grid.phase];
  phase[at] = Math.max(0, Math.round(value) || 0);
  setGrid(viewer, { phase });
}

function toggleValues(viewer) {
  viewer.state.values = !viewer.state.values;
  requestDraw(viewer);
}

function hold(viewer, role) {
  if (role && !panelOfRole(viewer, role)) {
    say(viewer, role === "clean" ? "There is no clean image." : "There is no measurement.");
    return;
  }
  viewer.held = role;
  requestDraw(viewer);
}

function say(viewer, text) {
  viewer.message = text;
  clearTimeout(viewer.messageTimer);
  viewer.messageTimer = setTimeout(() => {
    viewer.message = "";
    requestDraw(viewer);
  }, LIVE_MESSAGE_MS);
  requestDraw(viewer);
}

function toggleHelp(viewer) {
  const { help } = viewer.parts;
  help.hidden = !help.hidden;
  requestDraw(viewer);
}

function toggleFullScreen(viewer) {
  const { root } = viewer;
  const full = root.getRootNode().fullscreenElement === root;
  const change = full ? document.exitFullscreen() : root.requestFullscreen();
  change.catch(() => say(viewer, "This browser does not allow full screen here."));
}

// Region ------------------------------------------------------------------------------------------

function toggleDrawing(viewer) {
  if (viewer.frequency || !viewer.regions) return;
  viewer.drawing = !viewer.drawing;
  viewer.parts.panels.classList.toggle("drawing", viewer.drawing);
  requestDraw(viewer);
}

function regionBetween(viewer, from, to) {
  const { width, height } = imageSize(viewer);
  const left = clamp(Math.min(from.x, to.x), 0, width - 1);
  const top = clamp(Math.min(from.y, to.y), 0, height - 1);
  const right = clamp(Math.max(from.x, to.x), 0, width - 1);
  const bottom = clamp(Math.max(from.y, to.y), 0, height - 1);
  return { x: left, y: top, width: right - left + 1, height: bottom - top + 1 };
}

// Python is called only when the value differs from what this viewer sent last, and the region may
// have come from elsewhere since: the serial makes every commit differ.
let commits = 0;

function commitRegion(viewer, region) {
  viewer.draft = null;
  viewer.state.region = region;
  viewer.component.setStateValue("region", { box: region, serial: ++commits });
  requestDraw(viewer);
}

function clearRegion(viewer) {
  if (viewer.state.region) commitRegion(viewer, null);
}
