// Asks whether anything that a part of the page waits for is there, and then has that part run.

const PAUSE = 400;
const NOTHING = 204;
const asking = new WeakMap();

export default function watch({ data, parentElement, setTriggerValue }) {
  asking.get(parentElement)?.abort();
  const over = new AbortController();
  asking.set(parentElement, over);
  ask(data.news, over.signal, () => setTriggerValue("there", true));
  return () => asking.get(parentElement).abort();
}

async function ask(address, signal, tell) {
  while (!signal.aborted) {
    await new Promise((done) => setTimeout(done, PAUSE));
    if (await isThere(address, signal)) return tell();
  }
}

// Whatever is answered but "nothing yet" is news: what was asked for may be gone.
async function isThere(address, signal) {
  try {
    return (await fetch(address, { signal })).status !== NOTHING;
  } catch {
    return false;
  }
}
