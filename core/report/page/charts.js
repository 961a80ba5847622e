// Curves over one axis, a row of them under each title. A name hides its curve in all rows, and the
// values under the pointer are told below.

import { element } from "../../viewer/modules/elements.js";
import { clamp } from "../../viewer/modules/numbers.js";

const SVG = "http://www.w3.org/2000/svg";
const [MOST_WIDTH, LEAST_WIDTH, HEIGHT, LEFT, RIGHT, TOP, FOOT] = [860, 320, 170, 52, 12, 6, 22];
const PAGE_MARGINS = 40;
const DASHES = { dash: "7 4", dot: "2 3" };
const STEPS = [1, 2, 5, 10];
const MOST_TICKS = 5;
const NO_NUMBER = "—";

function drawn(tag, attributes, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

function scale([low, high], from, to) {
  return (value) => from + ((value - low) / (high - low)) * (to - from);
}

function rangeOf(curves) {
  const values = curves.flatMap((curve) => curve.values).filter(Number.isFinite);
  const [low, high] = values.length ? [Math.min(...values), Math.max(...values)] : [0, 1];
  const room = 0.05 * (high - low) || 1;
  return [low - room, high + room];
}

function roundTicks([low, high]) {
  const raw = (high - low) / MOST_TICKS;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * STEPS.find((each) => each * power >= raw);
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, i) => (first + i) * step);
}

function written(value) {
  return Number.isFinite(value) ? String(Number(value.toPrecision(3))).replace("-", "−") : NO_NUMBER;
}

// What is no number leaves a gap.
function pathOf(values, places, x, y) {
  let pen = "M";
  return values.map((value, i) => {
    if (!Number.isFinite(value)) return (pen = "M", "");
    const point = `${pen}${x(places[i]).toFixed(1)} ${y(value).toFixed(1)}`;
    pen = "L";
    return point;
  }).join("");
}

function lineOf(curve, places, x, y) {
  const line = drawn("path", { d: pathOf(curve.values, places, x, y), stroke: curve.colour });
  if (DASHES[curve.dash]) line.setAttribute("stroke-dasharray", DASHES[curve.dash]);
  line.dataset.label = curve.label;
  return line;
}

function gridOf(ticks, range, width, x, y) {
  const upright = Object.entries(ticks).flatMap(([text, at]) => [
    drawn("line", { x1: x(at), x2: x(at), y1: TOP, y2: HEIGHT - FOOT }),
    drawn("text", { x: x(at), y: HEIGHT - FOOT + 15, "text-anchor": "middle" }, text),
  ]);
  const level = roundTicks(range).flatMap((at) => [
    drawn("line", { x1: LEFT, x2: width - RIGHT, y1: y(at), y2: y(at) }),
    drawn("text", { x: LEFT - 6, y: y(at) + 4, "text-anchor": "end" }, written(at)),
  ]);
  return drawn("g", { class: "grid" }, ...upright, ...level);
}

// As wide as there is room, so that its letters are as large as all others.
function widthNow() {
  return clamp(document.documentElement.clientWidth - PAGE_MARGINS, LEAST_WIDTH, MOST_WIDTH);
}

function rowOf(title, curves, chart, width, tell) {
  const { places, ticks } = chart;
  const range = rangeOf(curves);
  const x = scale([0, places.at(-1)], LEFT, width - RIGHT);
  const y = scale(range, HEIGHT - FOOT, TOP);
  const cursor = drawn("line", { y1: TOP, y2: HEIGHT - FOOT, class: "cursor", visibility: "hidden" });
  const lines = curves.map((curve) => lineOf(curve, places, x, y));
  const svg = drawn(
    "svg", { viewBox: `0 0 ${width} ${HEIGHT}`, role: "img" },
    gridOf(ticks, range, width, x, y), drawn("g", { class: "lines" }, ...lines), cursor,
  );
  svg.setAttribute("aria-label", title);
  svg.addEventListener("pointermove", (event) => {
    const box = svg.getBoundingClientRect();
    const at = nearest(places, ((event.clientX - box.left) / box.width) * width, x);
    for (const end of ["x1", "x2"]) cursor.setAttribute(end, x(places[at]));
    cursor.setAttribute("visibility", "visible");
    tell(`${title} at ${places[at]} (1/${(1 / places[at]).toFixed(2)}): ${valuesAt(curves, at)}`);
  });
  svg.addEventListener("pointerleave", () => cursor.setAttribute("visibility", "hidden"));
  return element("figure", {}, element("figcaption", { text: title }), svg);
}

function nearest(places, wanted, x) {
  const distances = places.map((place) => Math.abs(x(place) - wanted));
  return distances.indexOf(Math.min(...distances));
}

function valuesAt(curves, at) {
  return curves.map(({ label, values }) => `${label} ${written(values[at])}`).join(" · ");
}

function swatchOf({ colour, dash }) {
  const line = drawn("line", { x2: 18, y1: 2, y2: 2, stroke: colour, "stroke-dasharray": DASHES[dash] ?? "none" });
  return drawn("svg", { viewBox: "0 0 18 4", class: "swatch" }, line);
}

function namesOf(curves, rows) {
  const buttons = curves.map((curve) => {
    const { label } = curve;
    const swatch = swatchOf(curve);
    const node = element("button", { type: "button", "aria-pressed": "true" }, swatch, element("span", { text: label }));
    node.addEventListener("click", () => {
      const on = node.getAttribute("aria-pressed") !== "true";
      node.setAttribute("aria-pressed", String(on));
      for (const line of rows.flatMap((row) => [...row.querySelectorAll("path")])) {
        if (line.dataset.label === label) line.style.display = on ? "" : "none";
      }
    });
    return node;
  });
  return element("div", { className: "names" }, ...buttons);
}

export default function chartOf(chart) {
  const told = element("output", { text: "\u00a0" });
  const width = widthNow();
  const rows = Object.entries(chart.rows).map(([title, curves]) =>
    rowOf(title, curves, chart, width, (text) => (told.textContent = text)),
  );
  const curves = Object.values(chart.rows)[0] ?? [];
  return element(
    "section", { className: "chart" }, element("h2", { text: chart.title }),
    element("p", { className: "note", text: chart.about }), namesOf(curves, rows),
    ...rows, element("p", { className: "note", text: chart.axis }), told,
  );
}
