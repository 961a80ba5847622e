// The list of keys.

import { toggleHelp } from "./actions.js";
import { button, element } from "./elements.js";

const KEY_HELP = [
  ["1 … 9", "show that panel, in place"],
  ["Esc or `", "back to side by side; then: let the wheel scroll the page again"],
  ["hold c", "the clean image in every panel"],
  ["hold n", "the noisy image in every panel"],
  ["d", "next view: image, differences"],
  ["v", "values on the pixels (from 16×): on, off"],
  ["w", "wipe; Shift + arrows move the divider"],
  ["arrows, drag", "move"],
  ["+ −, wheel, pinch", "zoom; Ctrl + wheel without a click first"],
  ["0", "fit; double click: fit or 4×"],
  ["g, Delete", "draw a region; clear it"],
  ["m", "marks: on, off"],
  ["Tab, arrows", "in a bar: left and right move, up and down change a value; on a handle of the band: move it, with Shift ten times as far"],
  ["[ ]", "previous and next picture"],
  ["?", "this help"],
];

export default function buildHelp(viewer) {
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
