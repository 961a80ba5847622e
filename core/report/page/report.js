// The page of a saved comparison: what its file holds, in the viewer that the dashboard has.

import { element } from "../../viewer/modules/elements.js";
import mount from "../../viewer/modules/main.js";
import chartOf from "./charts.js";
import addressed from "./files.js";
import buildStrip from "./strip.js";

const DATA = "losslens-comparison";
const DAMAGED = "This file is damaged: what it holds cannot be shown.";
const NO_NUMBER = "no number";
const FROM = "Saved from LossLens. Upload this file there, and the same pictures are open again.";

// Style sheets of their own, as in the dashboard. There is no Python to be told anything but that
// another picture is wanted.
async function show(host, viewer, files, onStep = () => {}) {
  const parentElement = host.shadowRoot ?? host.attachShadow({ mode: "open" });
  const data = await addressed(viewer, files);
  return mount({
    data, parentElement, setStateValue() {},
    setTriggerValue: (name, value) => name === "step" && onStep(value),
  });
}

function hostOf() {
  return element("div", { className: "pictures" });
}

function headOf(title) {
  return element("header", {}, element("h1", { text: title }));
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

function sightOf({ title, about, viewer }, files) {
  const host = hostOf();
  const shown = show(host, viewer, files);
  const node = element(
    "section", { className: "sight" }, element("h2", { text: title }),
    element("p", { className: "note", text: about }), host,
  );
  return { node, leave: () => shown.then((leave) => leave()) };
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

// All that is said of one picture, below the viewer that shows them all.
function build({ pictures, cards, files }) {
  const said = element("p", { className: "said" });
  const host = hostOf();
  const below = element("div");
  const strip = buildStrip(pictures, files, (place) => turnTo(place));
  const about = cards.length ? [cardsOf(cards)] : [];
  let shown = 0;
  let seen = [];

  async function turnTo(place) {
    shown = (place + pictures.length) % pictures.length;
    const { viewer, sentence, tables, charts, sights, settings } = pictures[shown];
    strip.mark(shown);
    said.textContent = sentence;
    await show(host, viewer, files, (step) => turnTo(shown + step));
    seen.forEach(({ leave }) => leave());
    seen = sights.map((sight) => sightOf(sight, files));
    below.replaceChildren(
      ...tables.map(tableOf), ...seen.map(({ node }) => node), ...charts.map(chartOf),
      ...(Object.keys(settings).length ? [settingsOf(settings)] : []),
    );
  }

  return { nodes: [said, strip.node, host, below, ...about], turnTo };
}

async function open() {
  const data = JSON.parse(document.getElementById(DATA).textContent);
  document.body.append(headOf(data.title));
  const page = build(data);
  document.body.append(...page.nodes);
  await page.turnTo(data.first);
  document.body.append(element("footer", { text: FROM }));
  unfoldForPrint();
}

open().catch(() => document.body.append(element("p", { role: "alert", text: DAMAGED })));
