// The view as a file.

import { element } from "./elements.js";
import { layerSentence } from "./layer_bar.js";
import { joined, short } from "./numbers.js";
import drawFigure from "./paint.js";
import { MODE, visibleFigures } from "./panels.js";
import { requestDraw } from "./requests.js";
import { badgeTexts } from "./status.js";

export default function saveView(viewer) {
  const figures = visibleFigures(viewer);
  const box = viewer.parts.panels.getBoundingClientRect();
  const ratio = window.devicePixelRatio;
  const foot = 26;
  const canvas = element("canvas", {
    width: Math.ceil(box.width * ratio), height: Math.ceil((box.height + foot) * ratio),
  });
  const context = canvas.getContext("2d");
  const style = getComputedStyle(viewer.root);
  context.fillStyle = style.backgroundColor;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.fillStyle = style.color;
  for (const { figure, panels } of figures) {
    drawFigure(viewer, figure, panels, false);
    saveFigure(context, figure, box, ratio, style.fontFamily);
  }
  context.font = `${12 * ratio}px ${style.fontFamily}`;
  context.fillText(viewSentence(viewer), 0, (box.height + foot - 8) * ratio);
  canvas.toBlob((blob) => download(blob, `${viewer.name}.png`), "image/png");
  requestDraw(viewer);
}

function saveFigure(context, figure, box, ratio, font) {
  const head = figure.head.getBoundingClientRect();
  const place = figure.canvas.getBoundingClientRect();
  const x = Math.round((place.left - box.left) * ratio);
  const width = figure.canvas.width;
  const lines = [`${figure.number.textContent}  ${figure.label.textContent}`,
    [...figure.caption.children].map((node) => node.textContent).filter(Boolean).join(" · ")];
  lines.forEach((text, i) => {
    context.font = `${i ? "" : "600 "}${(i ? 11 : 13) * ratio}px ${font}`;
    context.fillText(text, x, (head.top - box.top + 14 + 17 * i) * ratio, width);
  });
  context.drawImage(figure.canvas, x, Math.round((place.top - box.top) * ratio));
}

function viewSentence(viewer) {
  const { cx, cy } = viewer.state.view;
  const mode = MODE[viewer.state.mode];
  const { low, high } = viewer.parts.status.legend;
  const scale = `${low.textContent} to ${high.textContent}`;
  const shown = viewer.frequency ? "" : `${mode.label} · ${scale}`;
  const place = `centre ${short(cx)}, ${short(cy)}`;
  return joined("LossLens", shown, layerSentence(viewer), place, badgeTexts(viewer).join(""));
}

function download(blob, name) {
  const url = URL.createObjectURL(blob);
  element("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}
