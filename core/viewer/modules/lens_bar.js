// The bar of the lens that was switched on: which band it shows, and how much that is amplified.
// While it is only held, nothing moves below the pointer: the line of the status says both.

import { element, makeToolbar, markPressed, segment, setText, slider } from "./elements.js";
import { BANDS, bandsOf, hasLens, setBand, setLensGain } from "./lens.js";

export function buildLensBar(viewer) {
  const bands = segment("What the lens shows", BANDS, (key) => setBand(viewer, key));
  const gain = slider("Amplified", { min: 0, max: 6, step: 1 }, (step) => setLensGain(viewer, 2 ** step));
  const name = element("span", { text: "Lens" });
  const bar = element("div", { className: "toolbar lens-bar" }, name, bands, gain.node);
  return { node: makeToolbar(bar, "Lens"), bands, gain };
}

export function refreshLensBar(viewer) {
  const { node, bands, gain } = viewer.parts.lensBar;
  const { lens } = viewer.state;
  node.hidden = !lens.on || !hasLens(viewer);
  markPressed(bands, lens.band);
  const offered = bandsOf(viewer).map(({ key }) => key);
  for (const each of bands.children) each.disabled = !offered.includes(each.dataset.key);
  gain.input.value = Math.log2(lens.gain);
  setText(gain.value, `×${lens.gain}`);
}
