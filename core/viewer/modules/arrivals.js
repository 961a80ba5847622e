// What a viewer fetches. What does not arrive is asked for again by itself, less and less often,
// and Python once: it gives the server every picture again in each run.

const WAITS = [300, 1000, 3000, 10000, 30000];
const GONE = 404;

let serial = 0;

function failure(said, status = 0) {
  return Object.assign(new Error(said), { status });
}

export async function fetched(url) {
  const response = await fetch(url).catch(() => null);
  if (response && !response.ok) throw failure(`answer ${response.status}`, response.status);
  const blob = await response?.blob().catch(() => null);
  if (!blob) throw failure("no answer");
  return blob;
}

export function freshArrivals() {
  return { kept: new Map(), lost: new Map(), round: 0, asked: false, timer: 0 };
}

// What is made of an address is kept; a failure is not, so that whoever asks next tries again.
export function arriving({ arrivals: { kept, lost } }, url, make) {
  if (!kept.has(url)) {
    const promise = make(url);
    kept.set(url, promise);
    promise.then(() => lost.delete(url), (error) => {
      lost.set(url, error);
      if (kept.get(url) === promise) kept.delete(url);
    });
  }
  return kept.get(url);
}

// What nobody shows any more is let go, and its failure forgotten.
export function forgetUnused({ arrivals: { kept, lost } }, used) {
  for (const url of lost.keys()) if (!used.has(url)) lost.delete(url);
  for (const [url, promise] of kept) {
    if (used.has(url)) continue;
    kept.delete(url);
    promise.then(({ drawable }) => drawable && drawable.close(), () => {});
  }
}

export function isLost({ arrivals: { lost } }, url) {
  return lost.has(url);
}

export function lostSentence({ arrivals: { lost, timer } }, what, url) {
  const hope = timer ? " Trying again…" : "";
  return `${what} did not arrive (${lost.get(url).message}).${hope}`;
}

// After a round in which something was lost: the next one, later.
export function tryLater(viewer, load) {
  const { arrivals } = viewer;
  clearTimeout(arrivals.timer);
  arrivals.timer = 0;
  if (!arrivals.lost.size) {
    Object.assign(arrivals, { round: 0, asked: false });
    return;
  }
  if (arrivals.round > 0 && isGone(arrivals)) askPython(viewer);
  if (arrivals.round < WAITS.length) {
    arrivals.timer = setTimeout(() => load(viewer), WAITS[arrivals.round++]);
  }
}

function isGone({ lost }) {
  return [...lost.values()].some(({ status }) => status === GONE);
}

function askPython(viewer) {
  if (viewer.arrivals.asked) return;
  viewer.arrivals.asked = true;
  viewer.component.setTriggerValue("again", ++serial);
}

// The person asks.
export function tryNow(viewer, load) {
  Object.assign(viewer.arrivals, { round: 0, asked: false });
  if (isGone(viewer.arrivals)) askPython(viewer);
  load(viewer);
}

export function stopTrying({ arrivals }) {
  clearTimeout(arrivals.timer);
}
