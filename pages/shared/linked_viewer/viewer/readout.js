// What the pixel under the cursor says: of a picture its values, of a spectrum its frequency.

import { layerReadout } from "./layers.js";
import { difference } from "./modes.js";
import { joined, signedText } from "./numbers.js";
import { onlyLayers } from "./panels.js";

export default function readoutText(viewer, { panel, mode, reference, missing }) {
  if (!viewer.hover || missing) return "";
  const { x, y } = viewer.hover;
  const { width, height } = panel.picture;
  if (x >= width || y >= height) return `${x}, ${y}: outside`;
  const value = layerReadout(viewer, panel, x, y);
  if (viewer.frequency) return joined(frequencyText(frequencyAt(x, y, panel.picture)), value);
  if (onlyLayers(panel.spec)) return joined(`${x}, ${y}`, value);
  const levels = channelValues({ panel, mode, reference }, 4 * (y * width + x));
  return `${x}, ${y}: ${levels.join(" ")}${value && `  (${value})`}`;
}

function channelValues({ panel, mode, reference }, at) {
  const channels = [at, at + 1, at + 2];
  if (!reference) return channels.map((i) => String(panel.picture.bytes[i]));
  return channels.map((i) =>
    signedText(difference(mode, panel.picture, reference.picture, i)),
  );
}

// The pixel (x, y) of a shifted spectrum: zero stands at [floor(H / 2), floor(W / 2)]. Whole steps
// are divided once, so that 0.25 is 0.25.
function frequencyAt(x, y, { width, height }) {
  return [(x - Math.floor(width / 2)) / width, (y - Math.floor(height / 2)) / height];
}

function frequencyText([fx, fy]) {
  const size = Math.hypot(fx, fy);
  const period = size ? `period ${(1 / size).toFixed(2)} px` : "mean";
  return `fx ${signedFrequency(fx)}, fy ${signedFrequency(fy)} · ${size.toFixed(3)} cycles/px · ${period}`;
}

function signedFrequency(value) {
  const digits = Math.abs(value).toFixed(3);
  if (!Number(digits)) return digits;
  return `${value > 0 ? "+" : "−"}${digits}`;
}
