// The page of a saved comparison: what its file holds, in the viewer that the dashboard has.

import { element } from "../../viewer/modules/elements.js";
import mount from "../../viewer/modules/main.js";

const DATA = "losslens-comparison";
const DAMAGED = "This file is damaged: what it holds cannot be shown.";
const NO_NUMBER = "no number";
const FROM = "Saved from LossLens. Upload this file there, and the same pictures are open again.";

async function addressOf({ kind, data }) {
  const response = await fetch(`data:${kind};base64,${data}`);
  return URL.createObjectURL(await response.blob());
}

// Equal pictures stand once in the file, and have one address.
async function addressed(viewer, files) {
  const entries = Object.entries(files).map(async ([name, file]) => [name, await addressOf(file)]);
  const urls = new Map(await Promise.all(entries));
  const placed = (one) => one && { ...one, url: urls.get(one.url) ?? null };
  const panels = viewer.panels.map((panel) => ({
    ...panel, image: placed(panel.image), layers: panel.layers.map(placed),
  }));
  return { ...viewer, panels };
}

// Style sheets of their own, as in the dashboard. There is no Python to be told anything.
function show(data) {
  const host = element("div", { className: "pictures" });
  document.body.append(host);
  const parentElement = host.attachShadow({ mode: "open" });
  mount({ data, parentElement, setStateValue() {}, setTriggerValue() {} });
}

function headOf({ title, sentence }) {
  return element("header", {}, element("h1", { text: title }), element("p", { text: sentence }));
}

function tableOf({ title, columns, about, lines, notes }) {
  const heads = columns.map((text, i) => element("th", { scope: "col", text, title: about[i] }));
  const rows = lines.map(({ label, cells }) =>
    element("tr", {}, element("th", { scope: "row", text: label }), ...cells.map(cellOf)),
  );
  const table = element(
    "table", {}, element("caption", { text: title }),
    element("thead", {}, element("tr", {}, element("td"), ...heads)), element("tbody", {}, ...rows),
  );
  const said = notes.map((text) => element("p", { className: "note", text }));
  return element("section", { className: "numbers" }, ...(columns.length ? [table] : []), ...said);
}

function cellOf({ text, best }) {
  return element("td", { className: best ? "best" : "", text });
}

function factsOf(facts) {
  const said = Object.entries(facts).filter(([, text]) => text !== "");
  const pairs = said.map(([heading, text]) =>
    element("div", {}, element("dt", { text: heading }), element("dd", { text: String(text ?? NO_NUMBER) })),
  );
  return element("dl", {}, ...pairs);
}

function cardOf({ label, sentence, facts }) {
  return element(
    "details", {}, element("summary", { text: label }), element("p", { text: sentence }),
    factsOf(facts),
  );
}

function settingsOf(settings) {
  return element("section", {}, element("h2", { text: "Settings" }), factsOf(settings));
}

function cardsOf(cards) {
  return element("section", {}, element("h2", { text: "What each entry is" }), ...cards.map(cardOf));
}

// On paper nobody unfolds anything.
function unfoldForPrint() {
  let folded = [];
  window.addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("details:not([open])")];
    folded.forEach((node) => (node.open = true));
  });
  window.addEventListener("afterprint", () => folded.forEach((node) => (node.open = false)));
}

async function open() {
  const { viewer, files, ...said } = JSON.parse(document.getElementById(DATA).textContent);
  document.body.append(headOf(said));
  show(await addressed(viewer, files));
  document.body.append(...said.tables.map(tableOf));
  if (Object.keys(said.settings).length) document.body.append(settingsOf(said.settings));
  if (said.cards.length) document.body.append(cardsOf(said.cards));
  document.body.append(element("footer", { text: FROM }));
  unfoldForPrint();
}

open().catch(() => document.body.append(element("p", { role: "alert", text: DAMAGED })));
