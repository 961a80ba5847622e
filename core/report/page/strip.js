// The pictures of a file in a row, small: a click shows one. A single one needs no strip.

import { element } from "../../viewer/modules/elements.js";
import { addressOf } from "./files.js";

function frameOf(picture, files, onClick) {
  const image = element("img", { alt: "" });
  const panel = picture.viewer.panels.find((one) => one.image?.url);
  if (panel) addressOf(files, panel.image.url).then((url) => url && (image.src = url));
  return element("button", { type: "button", on: { click: onClick } }, image, element("span", { text: picture.title }));
}

export default function buildStrip(pictures, files, onPick) {
  const frames = pictures.length > 1 ? pictures.map((one, i) => frameOf(one, files, () => onPick(i))) : [];
  const node = element("nav", { className: "strip", "aria-label": "Pictures" }, ...frames);
  node.hidden = !frames.length;
  const mark = (place) => frames.forEach((frame, i) => frame.setAttribute("aria-current", String(i === place)));
  return { node, mark };
}
