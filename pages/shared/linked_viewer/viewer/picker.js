// Which panel is shown alone, and which two share a wipe.

import { setPanel, setWipe } from "./actions.js";
import { button, choice, element, markPressed, setOptions } from "./elements.js";
import { makeToolbar } from "./roving.js";

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
