// Painting: everything from the one state.

import { bandText } from "./band.js";
import { measurePlot, refreshBandBar } from "./band_bar.js";
import { settleToolbar } from "./elements.js";
import { refreshFigure } from "./figures.js";
import { refreshLayerBar } from "./layer_bar.js";
import { refreshLensBar } from "./lens_bar.js";
import { clamp } from "./numbers.js";
import drawFigure from "./paint.js";
import { imageSize, visibleFigures } from "./panels.js";
import { refreshPinList } from "./pin_list.js";
import { tellUnheard } from "./pins.js";
import { drawPlaces } from "./places.js";
import { refreshQuestion } from "./question.js";
import { requestDraw } from "./requests.js";
import { isToScale, pixelRatio, pixelStep, scrolledBy } from "./screen.js";
import { isOnStage } from "./stage.js";
import { refreshStage } from "./stage_bar.js";
import { refreshStatus } from "./status.js";
import { refreshPicker, refreshToolbar } from "./toolbar.js";
import { imagePixel, insideImage, settleView } from "./view.js";

export default function draw(viewer) {
  const started = performance.now();
  const { rearrange } = viewer;
  viewer.rearrange = false;
  refreshPinList(viewer);
  if (rearrange) arrange(viewer);
  settleView(viewer);
  const figures = visibleFigures(viewer);
  alignToScreen(figures.map(({ figure }) => figure));
  viewer.hover = pixelUnder(viewer);
  for (const { figure, panels } of figures) drawFigure(viewer, figure, panels);
  if (rearrange) requestDraw(viewer); // once the browser has laid out what was arranged
  else viewer.toScale = isToScale(viewer.canvases.sizes, figures.map(({ figure }) => figure.canvas));
  drawPlaces(viewer);
  refresh(viewer);
  if (rearrange) viewer.toolbars.forEach(settleToolbar);
  tellUnheard(viewer);
  viewer.root.dataset.drawMs = (performance.now() - started).toFixed(1);
}

// The view may have moved below a pointer that rests.
function pixelUnder(viewer) {
  const pixel = viewer.pointer && imagePixel(viewer, viewer.pointer);
  return pixel && insideImage(viewer, pixel) ? pixel : null;
}

function refresh(viewer) {
  refreshStage(viewer);
  refreshToolbar(viewer);
  refreshLayerBar(viewer);
  refreshBandBar(viewer);
  refreshLensBar(viewer);
  refreshStatus(viewer);
  refreshPicker(viewer);
  for (const figure of visibleFigures(viewer)) refreshFigure(viewer, figure);
  refreshAttributes(viewer);
  refreshQuestion(viewer);
}

// What scripts and tests may read of the view.
function refreshAttributes(viewer) {
  const { state, root } = viewer;
  const figures = visibleFigures(viewer);
  const ready =
    viewer.settled && figures.every(({ figure }) => figure.node.dataset.state === "ready");
  Object.assign(root.dataset, {
    zoom: state.view.zoom, cx: state.view.cx, cy: state.view.cy, fit: state.view.fit,
    mode: state.mode, layout: state.layout, panel: state.panel, wipe: state.wipe.at,
    axes: viewer.frequency ? "frequency" : "pixels", band: bandText(state.band),
    ready: String(ready), focused: String(viewer.focused), ratio: pixelRatio(),
  });
}

// Sizes: how many columns, and how large a canvas.

const NARROW = 560;

function columnsFor(viewer, width, count) {
  if (viewer.columns && width >= NARROW) return Math.min(viewer.columns, count);
  if (count === 1) return 1;
  if (width < NARROW) return 2;
  const most = clamp(Math.floor(width / 250), 1, count);
  return Math.ceil(count / Math.ceil(count / most));
}

// Full screen: the number of columns that makes the panels largest. Four on the stage stand two by
// two, with room for their labels.
function columnsForScreen(viewer, { width, height }, count, aspect) {
  if (isOnStage(viewer) && count > 2) return 2;
  const side = (columns) =>
    Math.min(width / columns, (height / Math.ceil(count / columns) - 60) / aspect);
  const all = Array.from({ length: count }, (_, i) => i + 1);
  return all.reduce((best, columns) => (side(columns) > side(best) ? columns : best), 1);
}

function arrange(viewer) {
  const { root, parts } = viewer;
  measurePlot(viewer);
  const size = imageSize(viewer) || { width: 1, height: 1 };
  const aspect = size.height / size.width;
  const full = isOnStage(viewer) || root.getRootNode().fullscreenElement === root;
  const shown = visibleFigures(viewer).map(({ figure }) => figure);
  const count = Math.max(shown.length, 1);
  const room = { width: parts.panels.clientWidth, height: heightLeft(viewer, full) };
  const columns = full
    ? columnsForScreen(viewer, room, count, aspect)
    : columnsFor(viewer, room.width, count);
  const rows = full ? Math.ceil(count / columns) : 1;
  const width = (room.width - viewer.gap * (columns - 1)) / columns;
  const most = full ? room.height / rows - 52 : room.height;
  const height = Math.min(tallest(viewer, width, count) * aspect, most);
  parts.panels.style.gridTemplateColumns = `repeat(${columns}, minmax(0, 1fr))`;
  for (const figure of [parts.large, ...viewer.panels.map((panel) => panel.figure)]) {
    figure.node.hidden = !shown.includes(figure);
    figure.node.style.order = shown.indexOf(figure);
  }
  resize(viewer, Math.max(width, 0), height);
}

// Of many panels a phone shows three rows at once, so they are less tall than wide.
function tallest(viewer, width, count) {
  const crowded = viewer.parts.panels.clientWidth < NARROW && count > 4;
  return crowded ? 0.84 * width : width;
}

function heightLeft(viewer, full) {
  if (!full) return viewer.height;
  const below = isOnStage(viewer) ? viewer.parts.pinList.node.offsetHeight : 0;
  return window.innerHeight - viewer.parts.panels.offsetTop - 16 - below;
}

// Whole screen pixels, so that one pixel of a canvas is one of the screen.
function resize(viewer, width, height) {
  const [ratio, step] = [pixelRatio(), pixelStep()];
  const whole = (length) => Math.max(Math.round(Math.floor(length / step + 0.01) * step * ratio), 0);
  const size = { width: whole(width), height: whole(height) };
  viewer.canvasSize = size;
  for (const { figure } of visibleFigures(viewer)) {
    const { canvas } = figure;
    if (canvas.width !== size.width) canvas.width = size.width;
    if (canvas.height !== size.height) canvas.height = size.height;
    canvas.style.width = `${size.width / ratio}px`;
    canvas.style.height = `${size.height / ratio}px`;
  }
}

// A canvas whose box starts at a fraction of a pixel is painted beside it or blurred: each is moved
// on by that fraction.
function alignToScreen(figures) {
  const step = pixelStep();
  const scrolled = scrolledBy(figures[0]?.canvas);
  const boxes = figures.map(({ canvas }) => canvas.getBoundingClientRect());
  figures.forEach(({ frame, shift }, i) => {
    for (const side of ["left", "top"]) {
      const own = boxes[i][side] + scrolled[side] - shift[side];
      const wanted = Math.ceil(own / step - 0.01) * step - own;
      if (Math.abs(wanted - shift[side]) < 0.01) continue;
      shift[side] = wanted;
      frame.style[side] = `${wanted}px`;
    }
  });
}
