// The view as it is saved with its pictures: told to those who ask, and taken over once.

import { repairChoices } from "./figures.js";
import { readView, viewText } from "./link.js";

const ASKED = "losslens-views";

// A script beside the viewers asks with an event, and finds the text of each under its key.
export function tellView(viewer) {
  const answer = ({ detail }) => (detail[viewer.key] = viewText(viewer));
  window.addEventListener(ASKED, answer);
  return () => window.removeEventListener(ASKED, answer);
}

// A view in the address was asked for more explicitly.
export function takeSavedView(viewer, saved, freshState) {
  if (!saved || saved.serial === viewer.savedSerial) return;
  viewer.savedSerial = saved.serial;
  const { state } = viewer;
  const read = freshState();
  if (viewer.linked || !readView(read, viewer.key, saved.text)) return;
  for (const [part, name] of [[read, "panel"], [read.wipe, "left"], [read.wipe, "right"]]) {
    if (Object.hasOwn(saved.keys, part[name])) part[name] = saved.keys[part[name]];
  }
  moveOrigin(read, saved.origin);
  read.linkedPins = ""; // the pictures bring their notes
  // A text of before there were bands says none.
  Object.assign(state, read, { region: state.region, band: read.band ?? state.band });
  repairChoices(viewer); // what it shows may not have been saved
}

// Of a part of the pictures, whose upper left pixel was at `origin`.
function moveOrigin({ view, grid }, [x, y]) {
  view.cx -= x;
  view.cy -= y;
  if (grid.period) grid.phase = [grid.phase[0] - x, grid.phase[1] - y].map((at) => modulo(at, grid.period));
}

function modulo(at, period) {
  return ((at % period) + period) % period;
}
