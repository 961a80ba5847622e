// A button that saves a file: it asks for it, shows that it waits, and says what went wrong.

const UNREACHABLE = "The server did not answer: try again.";
const ASKED = "losslens-views"; // linked viewers answer it at once
const LATER = 60_000; // by then the browser has read what it saves

export default function download({ data, parentElement }) {
  const button = parentElement.querySelector("button");
  const said = parentElement.querySelector("span");
  button.textContent = data.label;
  button.disabled = !data.address;
  button.onclick = () => fetched(data, button, said);
}

// The file is to show what the person sees: the view belongs to the browser.
function addressOf({ address, viewer }) {
  const views = {};
  if (viewer) window.dispatchEvent(new CustomEvent(ASKED, { detail: views }));
  return viewer in views ? `${address}?view=${encodeURIComponent(views[viewer])}` : address;
}

async function fetched(data, button, said) {
  if (button.hasAttribute("aria-busy")) return; // it is being made: a second click changes nothing
  button.setAttribute("aria-busy", "true");
  said.textContent = "";
  try {
    const answer = await fetch(addressOf(data));
    if (answer.ok) save(await answer.blob(), data.name);
    else said.textContent = await answer.text();
  } catch {
    said.textContent = UNREACHABLE;
  } finally {
    button.removeAttribute("aria-busy");
  }
}

function save(content, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), LATER);
}
