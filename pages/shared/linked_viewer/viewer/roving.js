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
