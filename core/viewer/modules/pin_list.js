// The list of notes beside the panels: a line each, with its number, its text, and a button that
// removes it. A number is where its keys are: arrows move the note.

import { button, element } from "./elements.js";
import { movePin, pinsOf, removePin, showPin, tellPins, writePin } from "./pins.js";
import { requestDraw } from "./requests.js";

const FAR = 10; // image pixels of an arrow with Shift
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export function buildPinList() {
  const rows = element("ol");
  const head = element("strong", { text: "Notes" });
  return { node: element("section", { className: "notes", "aria-label": "Notes" }, head, rows), rows };
}

function buildRow(viewer, at) {
  const number = button(String(at + 1), "Go there; arrows move the note, with Shift ten times as far; Delete removes it", () => showPin(viewer, at), {
    className: "pin",
  });
  const text = element("textarea", { rows: "1", maxlength: viewer.noted.longest, placeholder: "What is seen here?" });
  const remove = button("✕", `Remove note ${at + 1}`, () => removeRow(viewer, at), {
    "aria-label": `Remove note ${at + 1}`, className: "remove",
  });
  number.addEventListener("keydown", (event) => onNumberKey(viewer, at, event));
  number.addEventListener("blur", () => tellMoved(viewer));
  text.addEventListener("change", () => writePin(viewer, at, oneLine(text.value)));
  text.addEventListener("keydown", (event) => onTextKey(viewer, event));
  for (const node of [number, text]) node.addEventListener("focus", () => choosePin(viewer, at));
  return { node: element("li", {}, number, text, remove), number, text };
}

function choosePin(viewer, at) {
  viewer.pin = { at };
  requestDraw(viewer);
}

function onNumberKey(viewer, at, event) {
  const step = STEPS[event.key];
  const removes = event.key === "Delete" || event.key === "Backspace";
  if ((!step && !removes) || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  event.stopPropagation();
  if (removes) {
    removeRow(viewer, at);
    return;
  }
  const { x, y } = pinsOf(viewer)[at];
  const far = event.shiftKey ? FAR : 1;
  movePin(viewer, at, { x: x + far * step[0], y: y + far * step[1] });
  viewer.moved = true;
}

// Of many steps Python hears once.
function tellMoved(viewer) {
  if (!viewer.moved) return;
  viewer.moved = false;
  tellPins(viewer);
}

function onTextKey(viewer, event) {
  if (event.key !== "Enter" && event.key !== "Escape") return;
  event.preventDefault();
  event.stopPropagation();
  viewer.parts.panels.focus({ preventScroll: true });
}

// What is pasted may have several.
function oneLine(text) {
  return text.replace(/\s+/g, " ").trim();
}

function removeRow(viewer, at) {
  viewer.pin = null;
  removePin(viewer, at);
  viewer.parts.panels.focus({ preventScroll: true });
}

export function refreshPinList(viewer) {
  const { node, rows } = viewer.parts.pinList;
  const pins = pinsOf(viewer);
  node.hidden = pins.length === 0;
  const { pinRows } = viewer;
  while (pinRows.length > pins.length) pinRows.pop().node.remove();
  while (pinRows.length < pins.length) {
    const row = buildRow(viewer, pinRows.length);
    pinRows.push(row);
    rows.append(row.node);
  }
  pins.forEach(({ x, y, text }, at) => refreshRow(viewer, pinRows[at], at, x, y, text));
  if (viewer.pin?.edit) {
    delete viewer.pin.edit;
    pinRows[viewer.pin.at].text.focus({ preventScroll: true });
  }
}

function refreshRow(viewer, row, at, x, y, text) {
  const { number, text: field } = row;
  number.setAttribute("aria-label", `Note ${at + 1} at ${x}, ${y}`);
  field.setAttribute("aria-label", `Text of note ${at + 1}`);
  if (field !== viewer.root.getRootNode().activeElement && field.value !== text) field.value = text;
}

// What stands under a saved view.
export function noteLines(viewer) {
  return viewer.state.marks ? pinsOf(viewer).map(({ x, y, text }, i) => `${i + 1} (${x}, ${y})  ${text}`) : [];
}
