// Elements, and the toolbars that they stand in. Every text from outside goes in as text, never as
// markup.

import { gradient } from "./colours.js";

export function element(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  const { className, text, on = {}, ...attributes } = properties;
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined) node.setAttribute(name, value);
  }
  for (const [event, handler] of Object.entries(on)) node.addEventListener(event, handler);
  node.append(...children);
  return node;
}

export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

export function button(text, title, onClick, extra = {}) {
  return element("button", { type: "button", text, title, on: { click: onClick }, ...extra });
}

// 16 x 16 line drawings, so that no icon font is asked for.
const ICONS = {
  region: "M2.5 5V2.5H5M7 2.5h2M11 2.5h2.5V5M13.5 7v2M13.5 11v2.5H11M9 13.5H7M5 13.5H2.5V11M2.5 9V7",
  link: "M6.5 9.5l3-3M7 4.8l1.3-1.3a2.8 2.8 0 0 1 4 4L11 8.8M9 11.2l-1.3 1.3a2.8 2.8 0 0 1-4-4L5 7.2",
  save: "M8 2v8.5M4.5 7 8 10.5 11.5 7M2.5 13.5h11",
  marks: "M8 3.2a4.8 4.8 0 1 0 0 9.6a4.8 4.8 0 1 0 0-9.6M8 7v2M7 8h2",
  lens: "M6.8 2.5a4.3 4.3 0 1 0 0 8.6a4.3 4.3 0 1 0 0-8.6M10 10l3.6 3.6M5.2 6.8h3.2M6.8 5.2v3.2",
  note: "M8 14.2V10M8 1.8a4.1 4.1 0 1 0 0 8.2a4.1 4.1 0 1 0 0-8.2M8 4v3.8M6.1 5.9h3.8",
  stage: "M2 3.5h12v7.5H2zM8 11v2M5 13.5h6",
  full: "M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10",
};

export function iconButton(icon, text, title, onClick) {
  const name = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(name, "svg");
  const path = document.createElementNS(name, "path");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", ICONS[icon]);
  svg.append(path);
  const node = button("", title, onClick, { "aria-label": text, className: "icon" });
  node.append(svg, element("span", { text }));
  return node;
}

export function segment(label, items, onPick) {
  const buttons = items.map((item) =>
    button(item.label, item.about, () => onPick(item.key), { "data-key": item.key }),
  );
  return element("div", { className: "segment", role: "group", "aria-label": label }, ...buttons);
}

export function markPressed(group, key) {
  for (const node of group.children) {
    node.setAttribute("aria-pressed", String(node.dataset.key === String(key)));
  }
}

export function slider(label, properties, onInput) {
  const input = element("input", { type: "range", "aria-label": label, ...properties });
  const value = element("output");
  const name = element("span", { text: label });
  input.addEventListener("input", () => onInput(Number(input.value)));
  const node = element("label", { className: "slider" }, name, input, value);
  return { node, name, input, value };
}

export function choice(label, onPick) {
  const select = element("select", { "aria-label": label });
  select.addEventListener("change", () => onPick(select.value));
  return select;
}

export function setOptions(select, options, value) {
  const wanted = JSON.stringify(options);
  if (select.dataset.options !== wanted) {
    select.dataset.options = wanted;
    select.replaceChildren(
      ...options.map(([key, text, disabled]) =>
        element("option", { value: key, text, disabled: disabled ? "" : undefined }),
      ),
    );
  }
  select.value = value;
}

// Buttons side by side, and in their stead one select where there is no room (the style decides).
export function chooser(label, items, onPick) {
  const buttons = segment(label, items, onPick);
  const select = choice(label, (key) => onPick(items.find((item) => String(item.key) === key).key));
  return { node: element("div", { className: "chooser" }, buttons, select), buttons, select };
}

// A pointer that scripts made up cannot be captured; the gesture works without.
export function capture(canvas, pointerId) {
  try {
    canvas.setPointerCapture(pointerId);
  } catch (error) {
    if (error.name !== "NotFoundError") throw error;
  }
}

// A strip of colours with the numbers at its ends.

export function buildLegend(className = "") {
  const low = element("span");
  const bar = element("i");
  const high = element("span");
  const node = element("div", { className: `legend ${className}` }, low, bar, high);
  return { node, low, bar, high };
}

export function refreshLegend(legend, low, high, colours, middle = "") {
  setText(legend.low, low);
  setText(legend.bar, middle);
  setText(legend.high, high);
  if (legend.bar.dataset.colours === colours) return;
  legend.bar.dataset.colours = colours;
  legend.bar.style.background = gradient(colours);
}

// A toolbar as ARIA has it: one stop of the Tab key, and arrow keys between its controls. Left,
// Right, Home and End move; Up and Down change the value of a list or a slider.

const MOVES = {
  ArrowLeft: (at, count) => (at + count - 1) % count,
  ArrowRight: (at, count) => (at + 1) % count,
  Home: () => 0,
  End: (at, count) => count - 1,
};

function controlsOf(bar) {
  const all = [...bar.querySelectorAll("button, select, input")];
  return all.filter((node) => !node.disabled && node.offsetParent !== null);
}

// What is shown changes with the room and the state: the stop is the last one used, or the first.
export function settleToolbar(bar) {
  const controls = controlsOf(bar);
  const known = controls.find((node) => node.tabIndex === 0 && node.dataset.stop);
  setStop(bar, known || controls[0]);
}

function setStop(bar, stop) {
  for (const node of bar.querySelectorAll("button, select, input")) {
    const own = node === stop;
    if (node.tabIndex !== (own ? 0 : -1)) node.tabIndex = own ? 0 : -1;
    if (own) node.dataset.stop = "true";
    else delete node.dataset.stop;
  }
}

export function makeToolbar(bar, label) {
  bar.setAttribute("role", "toolbar");
  bar.setAttribute("aria-label", label);
  bar.addEventListener("focusin", (event) => setStop(bar, event.target));
  bar.addEventListener("keydown", (event) => {
    const move = MOVES[event.key];
    if (!move || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const controls = controlsOf(bar);
    event.preventDefault();
    event.stopPropagation();
    controls[move(controls.indexOf(event.target), controls.length)]?.focus();
  });
  return bar;
}
