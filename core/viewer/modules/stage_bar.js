// What only the stage has of controls. The others in its one row are those that are there anyway.

import { button, element, makeToolbar, markPressed, segment } from "./elements.js";
import {
  COUNTS, fitsOnStage, isOnStage, keysOnStage, leaveStage, setStageCount, setSurround, SURROUNDS,
} from "./stage.js";

export function buildStageBar(viewer) {
  const counts = segment("Panels on the stage", COUNTS, (key) => setStageCount(viewer, key));
  const surrounds = segment("Surround", SURROUNDS, (key) => setSurround(viewer, key));
  const leave = button("Leave", "Leave the stage (p or Esc)", () => leaveStage(viewer), {
    className: "leave",
  });
  const bar = element("div", { className: "stage-bar" }, counts, surrounds, leave);
  return { node: makeToolbar(bar, "Stage"), counts, surrounds };
}

export function refreshStage(viewer) {
  const { node, counts, surrounds } = viewer.parts.stageBar;
  const { stage, layout } = viewer.state;
  const on = isOnStage(viewer);
  node.hidden = !on;
  viewer.root.dataset.stage = on ? stage.surround : "";
  const shown = on && layout === "grid" ? keysOnStage(viewer) : [];
  for (const { figure, spec } of viewer.panels) {
    figure.node.classList.toggle("active", shown.length > 1 && spec.key === shown[stage.active]);
  }
  if (!on) return;
  markPressed(counts, layout === "grid" ? stage.count : "");
  markPressed(surrounds, stage.surround);
  for (const each of counts.children) each.disabled = !fitsOnStage(viewer, Number(each.dataset.key));
}
