// A strip of colours with the numbers at its ends.

import { gradient } from "./colours.js";
import { element, setText } from "./elements.js";

export function buildLegend(className = "") {
  const low = element("span");
  const bar = element("i");
  const high = element("span");
  const node = element("div", { className: `legend ${className}` }, low, bar, high);
  return { node, low, bar, high };
}

export function refreshLegend(legend, low, high, colours, middle = "") {
  setText(legend.low, low);
  setText(legend.bar, middle);
  setText(legend.high, high);
  if (legend.bar.dataset.colours === colours) return;
  legend.bar.dataset.colours = colours;
  legend.bar.style.background = gradient(colours);
}
