// Life of a viewer: one per place in the page, kept over reruns; its view also over page changes.

import { lendContrast, returnContrast, setMode, toggleDrawing, USUAL } from "./actions.js";
import { freshArrivals, stopTrying, tryNow } from "./arrivals.js";
import { STYLE } from "./assets.js";
import { bandedIn, bandText, takeBand } from "./band.js";
import { buildBandBar } from "./band_bar.js";
import draw from "./draw.js";
import { element } from "./elements.js";
import { buildFigure, syncPanels } from "./figures.js";
import { forgetKeys, listenToKeys } from "./input.js";
import { buildLayerBar } from "./layer_bar.js";
import { withLayers } from "./layers.js";
import { USUAL_LENS } from "./lens.js";
import { buildLensBar } from "./lens_bar.js";
import { LINK_NAME, readView } from "./link.js";
import { cancelPick } from "./marks.js";
import { sameJson } from "./numbers.js";
import { imageSize, MODE, panelOfRole, referenceOf, sameSize } from "./panels.js";
import { buildPinList } from "./pin_list.js";
import { takeNotes } from "./pins.js";
import { dropUnused, loadPanels } from "./pictures.js";
import { buildPlaces, endFlash, syncPlaces } from "./places.js";
import { buildQuestion, takeQuestion } from "./question.js";
import { requestDraw } from "./requests.js";
import { takeSavedView, tellView } from "./saved_view.js";
import { pixelRatio, watchCanvases, watchScreen } from "./screen.js";
import { enterStage, isOnStage, leaveStage, USUAL_STAGE } from "./stage.js";
import { buildStageBar } from "./stage_bar.js";
import { buildStatus } from "./status.js";
import { buildHelp, buildPicker, buildToolbar } from "./toolbar.js";
import { wholeZoom } from "./view.js";

const VIEWERS = new WeakMap();
const REMEMBERED = new Map();

function freshState() {
  return {
    view: { cx: 0, cy: 0, zoom: 1, fit: true },
    layout: "grid", mode: "image", panel: null,
    wipe: { left: null, right: null, at: 0.5 },
    ...USUAL, ownContrast: null,
    grid: { period: 0, phase: [0, 0] }, lens: { ...USUAL_LENS },
    stage: { ...USUAL_STAGE }, linkedPins: "", layer: null, layers: {}, band: null, region: null, values: true, marks: true, pick: null,
  };
}

function firstState(key) {
  const kept = REMEMBERED.get(key);
  if (kept) return { ...kept, linked: false };
  const state = freshState();
  const text = new URLSearchParams(window.location.search).get(LINK_NAME) || "";
  return { state, serial: null, savedSerial: null, linked: readView(state, key, text) };
}

function build(component) {
  const { data, parentElement } = component;
  const root = element("div", { className: "viewer" });
  const viewer = {
    root, component, key: data.key, presets: data.presets, ...firstState(data.key),
    panels: [], arrivals: freshArrivals(), generation: 0, settled: false,
    pointers: new Map(), gesture: null, draft: null, pointer: null, hover: null, held: null, lensHeld: false, lensSheet: null,
    drawing: false, focused: false, filling: false, toScale: true, wheel: 0, message: "", sprites: null, overlay: null,
    canvasSize: { width: 0, height: 0 }, height: data.height, gap: 10, frame: 0, rearrange: true,
    given: { region: undefined, grid: undefined, band: undefined, told: null },
    bandGesture: null, toldBand: "", sentBands: [],
    frequency: false, marks: [], placed: {}, places: [], flashed: null, picks: false, picking: null,
    noted: null, pinned: false, noting: false, pin: null, pinRows: [], moved: false, unsure: false,
    question: null, asked: null,
  };
  viewer.draw = () => draw(viewer);
  viewer.tryAgain = () => tryNow(viewer, loadPanels);
  viewer.canvases = watchCanvases(() => requestDraw(viewer));
  viewer.parts = buildParts(viewer);
  root.append(element("style", { text: STYLE }), ...viewer.parts.order);
  root.bandedValues = (key) => bandedIn(viewer, key);
  parentElement.append(root);
  viewer.toolbars = [...root.querySelectorAll('[role="toolbar"]')];
  listenToKeys(viewer);
  viewer.leaveScreen = watchScreen(root, () => requestDraw(viewer, true));
  viewer.endTelling = tellView(viewer);
  return viewer;
}

function buildParts(viewer) {
  const parts = {
    question: buildQuestion(),
    stageBar: buildStageBar(viewer),
    toolbar: buildToolbar(viewer),
    layerBar: buildLayerBar(viewer),
    bandBar: buildBandBar(viewer),
    lensBar: buildLensBar(viewer),
    status: buildStatus(viewer),
    picker: buildPicker(viewer),
    pinList: buildPinList(),
    places: buildPlaces(),
    help: buildHelp(viewer),
  };
  parts.large = buildFigure(viewer, "");
  parts.large.node.classList.add("large");
  parts.note = element("p", { className: "note" });
  parts.large.node.append(parts.note);
  parts.hint = element("div", { className: "hint", text: "Click to zoom with the wheel, or hold Ctrl" });
  parts.hint.hidden = true;
  parts.panels = element(
    "div",
    {
      className: "panels", tabindex: "0", role: "group",
      "aria-label": "Linked image panels. Press ? for keys.",
    },
    parts.large.node, parts.hint,
  );
  parts.link = element("input", { className: "link", readonly: "", "aria-label": "Link to this view" });
  parts.link.hidden = true;
  parts.link.addEventListener("blur", () => (parts.link.hidden = true));
  const controls = element(
    "div", { className: "controls" },
    parts.question.node, parts.stageBar.node, parts.toolbar.node, parts.layerBar.node, parts.bandBar.node, parts.lensBar.node,
    parts.link, parts.status.node, parts.picker.node,
  );
  const body = element("div", { className: "body" }, parts.panels, parts.pinList.node);
  parts.order = [controls, body, parts.places, parts.help];
  return parts;
}

// What Python gives is taken over when it changes, the first always; between changes the person's
// own stands.
function takeGiven(viewer, data) {
  const { state, given } = viewer;
  const answered = data.told !== null && data.told !== given.told;
  if (answered || !sameJson(data.region, given.region)) state.region = data.region;
  if (!sameJson(data.grid, given.grid) && data.grid) {
    state.grid = { period: data.grid.period, phase: [...data.grid.phase] };
  }
  takeBand(viewer, data.band);
  viewer.given = {
    region: data.region, grid: data.grid, band: bandText(data.band), told: data.told,
  };
}

// A command is executed once: not again on the next rerun, nor after coming back to the page. A
// view in the address was asked for more explicitly than whatever the page starts with.
function obey(viewer, goto) {
  if (!goto || goto.serial === viewer.serial) return;
  viewer.serial = goto.serial;
  if (viewer.linked) return;
  const { state } = viewer;
  const { cx, cy, zoom } = goto;
  if (zoom === null) state.view.fit = true;
  // In whole screen pixels, so that it is as large on a dense screen.
  else Object.assign(state.view, { cx, cy, zoom: wholeZoom(zoom * onePixel()), fit: false });
  if (goto.mode !== null) setMode(viewer, goto.mode);
  if (goto.gain === null) returnContrast(viewer);
  else if (state.mode === "image") lendContrast(viewer, goto.gain);
  else state.gain = goto.gain;
}

function onePixel() {
  return Math.max(1, Math.round(pixelRatio()));
}

function forgetOtherSize(viewer) {
  const size = imageSize(viewer);
  if (size && viewer.size && !sameSize(size, viewer.size)) {
    viewer.state.view.fit = true;
    viewer.state.pick = null;
  }
  if (size) viewer.size = { width: size.width, height: size.height };
}

// The picture behind the panels: what a preset showed is not in another one.
function leaveOtherPicture(viewer) {
  const panel = panelOfRole(viewer, "clean") || panelOfRole(viewer, "measurement") || viewer.panels[0];
  const address = panel?.spec.image?.url;
  if (!address) return;
  if (viewer.picture && viewer.picture !== address) returnContrast(viewer);
  viewer.picture = address;
}

// Where a plain drag draws the region, it always does.
function takeDrag(viewer, drag) {
  viewer.draws = drag === "region";
  if (viewer.draws && !viewer.drawing) toggleDrawing(viewer);
}

function apply(viewer, component) {
  const { data } = component;
  viewer.component = component;
  viewer.height = data.height;
  const style = getComputedStyle(viewer.root);
  viewer.accent = style.getPropertyValue("--st-primary-color") || "#f63";
  viewer.font = style.fontFamily;
  viewer.ink = style.color;
  viewer.faint = style.getPropertyValue("--st-border-color") || "#ccc";
  viewer.frequency = data.axes === "frequency";
  viewer.picks = data.picks;
  viewer.regions = data.regions;
  viewer.regionLabel = data.region_label;
  viewer.name = data.name;
  takeDrag(viewer, data.drag);
  viewer.columns = data.columns;
  viewer.marks = data.marks;
  syncPanels(viewer, withLayers(data.panels, data.layers));
  syncPlaces(viewer, data.places);
  forgetOtherSize(viewer);
  leaveOtherPicture(viewer);
  takeGiven(viewer, data);
  takeNotes(viewer, data.notes);
  viewer.unsure = true;
  takeQuestion(viewer, data.question);
  obey(viewer, data.goto);
  takeSavedView(viewer, data.saved, freshState);
  viewer.linked = false;
  viewer.arrivals.round = 0;
  if (MODE[viewer.state.mode].reference && !referenceOf(viewer, MODE[viewer.state.mode])) {
    viewer.state.mode = "image";
  }
  if (isOnStage(viewer) && !viewer.root.classList.contains("on-stage")) enterStage(viewer);
  loadPanels(viewer);
  requestDraw(viewer, true);
}

function remember(viewer) {
  const { key, state, serial, savedSerial, size, picture } = viewer;
  REMEMBERED.set(key, { state, serial, savedSerial, size, picture });
}

function destroy(viewer, parentElement) {
  leaveStage(viewer);
  remember(viewer);
  viewer.leaveScreen();
  viewer.endTelling();
  viewer.canvases.end();
  stopTrying(viewer);
  forgetKeys(viewer);
  cancelAnimationFrame(viewer.frame);
  clearTimeout(viewer.messageTimer);
  clearTimeout(viewer.hintTimer);
  cancelPick(viewer);
  endFlash(viewer);
  viewer.generation++;
  viewer.panels = [];
  dropUnused(viewer);
  viewer.root.remove();
  VIEWERS.delete(parentElement);
}

export default function mount(component) {
  const { parentElement } = component;
  const viewer = VIEWERS.get(parentElement) || build(component);
  VIEWERS.set(parentElement, viewer);
  apply(viewer, component);
  // A call that another one has overtaken no longer owns the viewer.
  return () => viewer.component === component && destroy(viewer, parentElement);
}
