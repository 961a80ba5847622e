// Asks whether anything that a part of the page waits for is there, and then has that part run.
//
// The platform sends what it is told within one moment in one message, which runs one part of the
// page: of the news for two parts one would be lost, and of a click beside news the click. So news
// are told one after the other, not while a person acts, and again where the part did not run. And
// each goes at once: a click that came before the message would run the part, and not what it is for.

const PAUSE = 400;
const NOTHING = 204;
const HANDS_OFF = 150;
const AGAIN = 5000;
const ACTS = ["pointerdown", "pointerup", "click", "keydown", "input", "change"];
const asking = new WeakMap();
let turn = null;
let acted = 0;

export default function watch({ data, parentElement, setTriggerValue }) {
  turn ??= begin();
  asking.get(parentElement)?.abort();
  const over = new AbortController();
  asking.set(parentElement, over);
  (parentElement.host ?? parentElement).dataset.waitsFor = data.waitsFor;
  ask(data.news, over.signal, () => setTriggerValue("there", true));
  return () => asking.get(parentElement).abort();
}

function begin() {
  for (const act of ACTS) addEventListener(act, () => (acted = Date.now()), { capture: true });
  return Promise.resolve();
}

async function ask(address, signal, tell) {
  for (let again = AGAIN; !signal.aborted; ) {
    await pause(PAUSE);
    if (!(await isThere(address, signal))) continue;
    turn = turn.then(() => inTurn(signal, tell));
    await turn;
    await pause(again);
    again *= 2;
  }
}

async function inTurn(signal, tell) {
  while (Date.now() - acted < HANDS_OFF) await pause(HANDS_OFF);
  if (signal.aborted) return;
  try {
    atOnce(tell);
  } catch {
    return; // its part has gone; others have their turn
  }
  await pause(0); // behind the platform's own, where it sends later all the same
}

// The platform leaves sending to the next task, before which the browser may deliver a click.
function atOnce(act) {
  const later = window.setTimeout;
  const due = [];
  window.setTimeout = (call, wait, ...given) =>
    wait ? later(call, wait, ...given) : due.push(call) && 0;
  try {
    act();
  } finally {
    window.setTimeout = later;
    due.forEach((call) => call());
  }
}

function pause(milliseconds) {
  return new Promise((done) => setTimeout(done, milliseconds));
}

// Whatever is answered but "nothing yet" is news: what was asked for may be gone.
async function isThere(address, signal) {
  try {
    return (await fetch(address, { signal })).status !== NOTHING;
  } catch {
    return false;
  }
}
