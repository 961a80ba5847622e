// The first script of a viewer. It comes with the page's own data, so it is there whenever the page
// is, and it is short, for it comes in every run. The modules come as files: while they are late,
// it says so.

const WAITS = [500, 1500, 4000];
const PATIENCE = 4000;
const WORDS = "The viewer’s scripts have not arrived. They are asked for again; if that does not help, reload the page. ";

const lines = new Map(); // where viewers will stand, to what says so meanwhile
let arrived;
let press;

// A browser does not ask again at an address that failed: each further try has a folder of its own,
// with the same files.
async function load(folder) {
  for (let tries = 0; ; tries++) {
    const late = setTimeout(say, PATIENCE);
    try {
      const place = tries ? `again${tries}/` : "";
      return (await import(`${window.location.origin}${folder}${place}main.js`)).default;
    } catch {
      say();
      await new Promise((done) => {
        press = done;
        if (tries < WAITS.length) setTimeout(done, WAITS[tries]);
      });
    } finally {
      clearTimeout(late);
    }
  }
}

function say() {
  for (const line of lines.values()) line.hidden = false;
}

function lineIn(parent) {
  const line = document.createElement("output");
  const button = document.createElement("button");
  button.textContent = "Try again";
  button.onclick = () => press?.();
  line.append(WORDS, button);
  line.hidden = true;
  parent.append(line);
  return line;
}

export default async function mount(component) {
  const { data, parentElement } = component;
  if (!lines.has(parentElement)) lines.set(parentElement, lineIn(parentElement));
  const start = await (arrived ??= load(data.modules));
  lines.get(parentElement)?.remove();
  lines.delete(parentElement);
  return start(component);
}
