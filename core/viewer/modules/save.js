// The view as a file.

import { say } from "./actions.js";
import { element } from "./elements.js";
import { framed, HONEST } from "./honesty.js";
import { layerSentence } from "./layer_bar.js";
import { noteLines } from "./pin_list.js";
import { joined, short } from "./numbers.js";
import { drawPanels } from "./paint.js";
import { MODE, visibleFigures } from "./panels.js";
import pngOf from "./png.js";
import { pixelRatio } from "./screen.js";
import { badgeTexts } from "./status.js";
import VectorContext from "./vector.js";

const FOOT = 26;
const LINE = 17;

// The first that works here. A browser that alters what is read from a canvas alters files of it.
const WAYS = [
  {
    works: () => HONEST.saves, ending: "png",
    make: (viewer) => new Promise((done) => canvasOf(viewer).toBlob(done, "image/png")),
  },
  {
    works: () => HONEST.frames, ending: "png",
    async make(viewer) {
      const canvas = canvasOf(viewer);
      return pngOf({ words: await framed(canvas), width: canvas.width, height: canvas.height });
    },
  },
  {
    works: () => true, ending: "svg",
    said: "Saved as SVG: this browser alters pictures that a page saves as PNG.",
    make(viewer) {
      const { width, height } = sizeOf(viewer);
      const context = new VectorContext(width, height);
      compose(viewer, context);
      return context.file();
    },
  },
];

export default async function saveView(viewer) {
  const { ending, make, said } = WAYS.find(({ works }) => works());
  download(await make(viewer), `${viewer.name}.${ending}`);
  if (said) say(viewer, said);
}

function boxOf(viewer) {
  return viewer.parts.panels.getBoundingClientRect();
}

function sizeOf(viewer) {
  const box = boxOf(viewer);
  const whole = (length) => Math.ceil(length * pixelRatio());
  return { width: whole(box.width), height: whole(box.height + FOOT + LINE * noteLines(viewer).length) };
}

function canvasOf(viewer) {
  const canvas = element("canvas", sizeOf(viewer));
  compose(viewer, canvas.getContext("2d"));
  return canvas;
}

function compose(viewer, context) {
  const { width, height } = sizeOf(viewer);
  const style = getComputedStyle(viewer.root);
  context.fillStyle = style.backgroundColor;
  context.fillRect(0, 0, width, height);
  context.fillStyle = style.color;
  for (const { figure, panels } of visibleFigures(viewer)) {
    writeHead(viewer, context, figure, style.fontFamily);
    drawFigure(viewer, context, figure, panels);
  }
  context.font = `${12 * pixelRatio()}px ${style.fontFamily}`;
  [viewSentence(viewer), ...noteLines(viewer)].forEach((text, i) =>
    context.fillText(text, 0, (boxOf(viewer).height + FOOT - 8 + LINE * i) * pixelRatio(), width),
  );
}

function cornerOf(viewer, node) {
  const [own, box] = [node.getBoundingClientRect(), boxOf(viewer)];
  const whole = (length) => Math.round(length * pixelRatio());
  return { x: whole(own.left - box.left), y: whole(own.top - box.top) };
}

function writeHead(viewer, context, figure, font) {
  const ratio = pixelRatio();
  const { x } = cornerOf(viewer, figure.canvas);
  const { y } = cornerOf(viewer, figure.head);
  const lines = [`${figure.number.textContent}  ${figure.label.textContent}`,
    [...figure.caption.children].map((node) => node.textContent).filter(Boolean).join(" · ")];
  lines.forEach((text, i) => {
    context.font = `${i ? "" : "600 "}${(i ? 11 : 13) * ratio}px ${font}`;
    context.fillText(text, x, y + (14 + 17 * i) * ratio, figure.canvas.width);
  });
}

function drawFigure(viewer, context, { canvas }, panels) {
  const { x, y } = cornerOf(viewer, canvas);
  context.save();
  context.translate(x, y);
  context.beginPath();
  context.rect(0, 0, canvas.width, canvas.height);
  context.clip();
  drawPanels(viewer, context, panels, false);
  context.restore();
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
