// The toolbar, the picker of panels below it, and the list of keys that it opens.

import {
  setLayout, setMode, setPanel, setWipe, showAll, toggleDrawing, toggleFullScreen, toggleHelp,
  toggleMarks,
} from "./actions.js";
import {
  button, choice, chooser, element, iconButton, makeToolbar, markPressed, segment, setOptions,
} from "./elements.js";
import { hasLens, isLensOn, toggleLens } from "./lens.js";
import { copyLink } from "./link.js";
import { lacksReference, LAYOUTS, MODE, MODES, referenceOf } from "./panels.js";
import saveView from "./save.js";
import { pinsOf, toggleNoting } from "./pins.js";
import { toggleStage } from "./stage.js";
import { zoomName, ZOOMS, zoomTo } from "./view.js";

export function buildToolbar(viewer) {
  const zooms = [
    { key: "fit", label: "Fit", about: "The whole image, as large as the panel allows (0)" },
    ...ZOOMS.map((zoom) => ({
      key: zoom,
      label: zoom === 1 ? "1:1" : `${zoom}×`,
      about: `1 image pixel = ${zoom} screen pixel${zoom > 1 ? "s" : ""}`,
    })),
  ];
  const parts = {
    layouts: segment("Layout", LAYOUTS, (key) => setLayout(viewer, key)),
    modes: chooser("View", MODES, (key) => setMode(viewer, key)),
    zooms: chooser("Zoom", zooms, (key) => (key === "fit" ? showAll(viewer) : zoomTo(viewer, key))),
    tools: buildTools(viewer),
  };
  const groups = [parts.layouts, parts.modes.node, parts.zooms.node, parts.tools.node];
  parts.node = makeToolbar(element("div", { className: "toolbar" }, ...groups), "Viewer");
  return parts;
}

function buildTools(viewer) {
  const region = iconButton(
    "region", "Draw region", "Drag a rectangle in any panel (g)", () => toggleDrawing(viewer),
  );
  const marks = iconButton("marks", "Marks", "Rings, labels and notes: on, off (m)", () => toggleMarks(viewer));
  const lens = iconButton(
    "lens", "Lens", "Magnify one band of the detail under the pointer, amplified (hold x)", () => toggleLens(viewer),
  );
  const note = iconButton(
    "note", "Note", "Put a note on a place (Shift + click, or t)", () => toggleNoting(viewer),
  );
  const link = iconButton("link", "Copy link", "Copy a link to this very view", () => copyLink(viewer));
  link.hidden = window.location.protocol === "about:"; // in a notebook, where it has no address
  const help = button("?", "Keys", () => toggleHelp(viewer), { "aria-label": "Key help" });
  for (const each of [lens, help]) each.classList.add("staged");
  const full = iconButton("full", "Full screen", "Full screen", () => toggleFullScreen(viewer));
  full.classList.add("roomy");
  const node = element(
    "div", { className: "tools" }, marks, lens, note, region, link,
    iconButton("save", "Save view", "Save the panels with their labels as PNG", () => saveView(viewer)),
    iconButton("stage", "Stage", "For a room: large, with one row of controls (p)", () => toggleStage(viewer)),
    full, help,
  );
  return { node, marks, lens, note, region, help };
}

export function refreshToolbar(viewer) {
  const { state } = viewer;
  const { toolbar } = viewer.parts;
  markPressed(toolbar.layouts, state.layout);
  markPressed(toolbar.modes.buttons, state.mode);
  for (const node of toolbar.modes.buttons.children) refreshMode(viewer, node);
  const modes = MODES.map((mode) => [mode.key, mode.label, lacksReference(viewer, mode)]);
  setOptions(toolbar.modes.select, modes, state.mode);
  toolbar.layouts.hidden = viewer.panels.length < 2;
  toolbar.modes.node.hidden = !MODES.some((mode) => referenceOf(viewer, mode));
  refreshZooms(viewer);
  refreshTools(viewer);
}

// The select also names a zoom between the steps.
function refreshZooms(viewer) {
  const { buttons, select } = viewer.parts.toolbar.zooms;
  const { fit, zoom } = viewer.state.view;
  const key = fit ? "fit" : String(zoom);
  markPressed(buttons, key);
  const options = [...buttons.children].map((node) => [node.dataset.key, node.textContent]);
  if (!options.some(([known]) => known === key)) options.push([key, zoomName(zoom), true]);
  setOptions(select, options, key);
}

function refreshMode(viewer, node) {
  const mode = MODE[node.dataset.key];
  const missing = lacksReference(viewer, mode);
  node.disabled = missing;
  const noun = mode.reference === "clean" ? "a clean image" : "a noisy image";
  node.title = missing ? `This view needs ${noun}, and there is none.` : `${mode.about} (d)`;
}

function refreshTools(viewer) {
  const { marks, lens, note, region, help } = viewer.parts.toolbar.tools;
  marks.hidden = viewer.marks.length === 0 && pinsOf(viewer).length === 0;
  note.hidden = !viewer.pinned;
  note.setAttribute("aria-pressed", String(viewer.noting));
  marks.setAttribute("aria-pressed", String(viewer.state.marks));
  lens.hidden = !hasLens(viewer);
  lens.setAttribute("aria-pressed", String(isLensOn(viewer)));
  region.hidden = viewer.frequency || !viewer.regions || viewer.draws;
  region.setAttribute("aria-pressed", String(viewer.drawing));
  help.setAttribute("aria-expanded", String(!viewer.parts.help.hidden));
}

// Which panel is shown alone, and which two share a wipe.

export function buildPicker(viewer) {
  const panels = makeToolbar(element("div", { className: "segment" }), "Panel");
  const left = choice("Left of the divider", (key) => setWipe(viewer, { left: key }));
  const right = choice("Right of the divider", (key) => setWipe(viewer, { right: key }));
  const sides = element("div", { className: "sides" }, left, right);
  const node = element("div", { className: "picker" }, panels, sides);
  return { node, panels, sides, left, right };
}

export function refreshPicker(viewer) {
  const { node, panels, sides, left, right } = viewer.parts.picker;
  const { layout, panel, wipe } = viewer.state;
  node.hidden = layout === "grid";
  panels.hidden = layout !== "single";
  sides.hidden = layout !== "wipe";
  const options = viewer.panels.map(({ spec }) => [spec.key, spec.label]);
  setOptions(left, options, wipe.left);
  setOptions(right, options, wipe.right);
  const wanted = JSON.stringify(options);
  if (panels.dataset.options !== wanted) {
    panels.dataset.options = wanted;
    panels.replaceChildren(...options.map(([key, text], i) =>
      button(`${i + 1}  ${text}`, `Show ${text} (${i + 1})`, () => setPanel(viewer, key), {
        "data-key": key,
      }),
    ));
  }
  markPressed(panels, panel);
}

// The list of keys.

const KEY_HELP = [
  ["1 … 9", "show that panel, in place"],
  ["Esc or `", "back to side by side; then: let the wheel scroll the page again"],
  ["hold c", "the clean image in every panel"],
  ["hold n", "the noisy image in every panel"],
  ["d", "next view: image, differences"],
  ["hold x", "lens: one band of the detail, amplified; the wheel amplifies, b is the next band"],
  ["v", "values on the pixels (from 16×): on, off"],
  ["w", "wipe; Shift + arrows move the divider"],
  ["p", "stage: the viewer fills the window, large, for a room; p or Esc leaves"],
  ["on the stage", "1 … 9, ← → choose the panel, ↑ ↓ the place; o: 1, 2 or 4 panels; s: black, white; Shift + arrows move"],
  ["arrows, drag", "move"],
  ["+ −, wheel, pinch", "zoom; Ctrl + wheel without a click first"],
  ["0", "fit; double click: fit or 4×"],
  ["g, Delete", "draw a region; clear it"],
  ["Shift + click, t", "a note on that place; drag its number to move it"],
  ["m", "marks and notes: on, off"],
  ["Tab, arrows", "in a bar: left and right move, up and down change a value; on a handle of the band: move it, with Shift ten times as far"],
  ["[ ]", "previous and next picture"],
  ["?", "this help"],
];

export function buildHelp(viewer) {
  const rows = KEY_HELP.flatMap(([keys, does]) => [
    element("dt", { text: keys }),
    element("dd", { text: does }),
  ]);
  const node = element(
    "div", { className: "help", role: "dialog", "aria-label": "Keys" },
    element("div", { className: "help-head" }, element("strong", { text: "Keys" }),
      button("Close", "Close (?)", () => toggleHelp(viewer))),
    element("p", { text: "The number keys, Esc and ? work at once. Click a panel first for the other keys and the wheel." }),
    element("dl", {}, ...rows),
  );
  node.hidden = true;
  return node;
}
