// The first script of a viewer. It comes with the page's own data, so it is there whenever the page
// is. The modules come as files: those that do not arrive are asked for again, and it says so.

const WAITS = [500, 1500, 4000];
const PATIENCE = 4000;
const STYLE = "display: flex; gap: 10px; align-items: center; padding: 12px; font-size: 14px;";
const SLOW = "The viewer’s scripts have not arrived yet.";
const AGAIN = "The viewer’s scripts did not arrive. Trying again…";
const OVER = "The viewer’s scripts did not arrive. Try again, or reload the page.";

const WAITING = new Map(); // where a viewer will stand, to what says so meanwhile
let arrived = null;
let press = () => {};

function pressed() {
  return new Promise((done) => (press = done));
}

function after(milliseconds) {
  return new Promise((done) => setTimeout(done, milliseconds));
}

// A browser does not ask again at an address that failed: each further try has a folder of its own,
// with the same files.
async function load(folder) {
  for (let tries = 0; ; tries++) {
    const slow = setTimeout(() => sayAll(SLOW), PATIENCE);
    try {
      return await import(`${window.location.origin}${folder}${tries ? `again${tries}/` : ""}main.js`);
    } catch {
      const wait = WAITS[tries];
      sayAll(wait ? AGAIN : OVER);
      await Promise.race([pressed(), ...(wait ? [after(wait)] : [])]);
    } finally {
      clearTimeout(slow);
    }
  }
}

function sayAll(text) {
  for (const { words, line } of WAITING.values()) {
    line.hidden = false;
    line.style.cssText = STYLE;
    words.textContent = text;
  }
}

function waitAt(parent) {
  if (WAITING.has(parent)) return;
  const [line, words, button] = ["div", "span", "button"].map((tag) => document.createElement(tag));
  line.hidden = true;
  line.setAttribute("role", "status");
  button.textContent = "Try again";
  button.addEventListener("click", () => press());
  line.append(words, button);
  parent.append(line);
  WAITING.set(parent, { line, words });
}

function stopWaiting(parent) {
  WAITING.get(parent)?.line.remove();
  WAITING.delete(parent);
}

export default async function mount(component) {
  const { data, parentElement } = component;
  waitAt(parentElement);
  arrived ??= load(data.modules);
  const { default: start } = await arrived;
  stopWaiting(parentElement);
  return start(component);
}
