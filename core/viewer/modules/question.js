// A question about the panels: number keys answer it; where nothing is asked, Enter goes on. The
// pictures are shown together, once all are there, so that none is told by when it comes.

import { button, element, makeToolbar, setText } from "./elements.js";
import { requestDraw, tell } from "./requests.js";
import { enterStage, isOnStage, leaveStage } from "./stage.js";

const GO_ON = ["Enter", " "];

export function buildQuestion() {
  const text = element("strong", { "aria-live": "polite" });
  const answers = makeToolbar(element("div", { className: "answers" }), "Answers");
  return { node: element("div", { className: "question" }, text, answers), text, answers };
}

// Each is asked on the stage, unless the person has left it.
export function takeQuestion(viewer, question) {
  const former = viewer.question;
  viewer.question = question;
  viewer.root.classList.toggle("asking", Boolean(question));
  if (!question) {
    if (former) leaveStage(viewer);
    return;
  }
  viewer.pinned = false; // a note on a picture would tell it again
  if (former?.serial === question.serial) return;
  viewer.asked = { since: 0, answered: false };
  const { stage } = viewer.state;
  stage.keys = viewer.panels.map(({ spec }) => spec.key);
  if (stage.count > 1 || !former) stage.count = stage.keys.length > 2 ? 4 : 2;
  stage.active = 0;
  if (!former && !isOnStage(viewer)) enterStage(viewer);
}

export function refreshQuestion(viewer) {
  const { question, parts: { question: { node, text, answers } } } = viewer;
  node.hidden = !question;
  if (!question) return;
  setText(text, question.text);
  const wanted = String(question.answers);
  if (answers.dataset.count !== wanted) {
    answers.dataset.count = wanted;
    answers.replaceChildren(...buttonsOf(viewer, question.answers));
    requestDraw(viewer, true);
  }
  if (viewer.root.dataset.ready === "true") viewer.asked.since ||= performance.now();
  viewer.root.dataset.asked = viewer.asked.answered ? "answered" : String(question.serial);
}

function buttonsOf(viewer, count) {
  if (!count) return [button("Next", "Enter", () => answer(viewer, 0))];
  return Array.from({ length: count }, (_, i) =>
    button(String(i + 1), `Picture ${i + 1} (${i + 1})`, () => answer(viewer, i + 1)),
  );
}

// Once, and nothing that nobody has seen yet.
function answer(viewer, choice) {
  const { asked, question } = viewer;
  if (!asked.since || asked.answered) return;
  asked.answered = true;
  const seconds = (performance.now() - asked.since) / 1000;
  tell(viewer, "answer", { question: question.serial, choice, seconds });
  requestDraw(viewer);
}

export function questionKey(viewer, key) {
  const { question } = viewer;
  if (!question) return null;
  if (!question.answers) return GO_ON.includes(key) ? () => answer(viewer, 0) : null;
  if (!/^[1-9]$/.test(key)) return null;
  return () => Number(key) <= question.answers && answer(viewer, Number(key));
}
