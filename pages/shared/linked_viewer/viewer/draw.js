// Painting: everything from the one state.

import { alignToScreen, arrange } from "./arrange.js";
import { bandText } from "./band.js";
import { refreshBandBar } from "./band_bar.js";
import { refreshFigure } from "./figures.js";
import { refreshLayerBar } from "./layer_bar.js";
import drawFigure from "./paint.js";
import { visibleFigures } from "./panels.js";
import { refreshPicker } from "./picker.js";
import { drawPlaces } from "./places.js";
import { settleToolbar } from "./roving.js";
import { refreshStatus } from "./status.js";
import { refreshToolbar } from "./toolbar.js";
import { settleView } from "./view.js";

export default function draw(viewer) {
  const started = performance.now();
  const { rearrange } = viewer;
  viewer.rearrange = false;
  if (rearrange) arrange(viewer);
  settleView(viewer);
  alignToScreen(visibleFigures(viewer).map(({ figure }) => figure));
  for (const { figure, panels } of visibleFigures(viewer)) drawFigure(viewer, figure, panels);
  drawPlaces(viewer);
  refresh(viewer);
  if (rearrange) viewer.toolbars.forEach(settleToolbar);
  viewer.root.dataset.drawMs = (performance.now() - started).toFixed(1);
}

function refresh(viewer) {
  refreshToolbar(viewer);
  refreshLayerBar(viewer);
  refreshBandBar(viewer);
  refreshStatus(viewer);
  refreshPicker(viewer);
  for (const figure of visibleFigures(viewer)) refreshFigure(viewer, figure);
  refreshAttributes(viewer);
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
    ready: String(ready), focused: String(viewer.focused),
  });
}
