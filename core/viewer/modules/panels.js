// The panels of a viewer, and what each can show.

import { isOnStage, keysOnStage } from "./stage.js";

export function panelOfRole(viewer, role) {
  return viewer.panels.find((panel) => panel.spec.role === role);
}

// A panel of a known size and no picture of its own: black, for its layers.
export function onlyLayers({ image }) {
  return Boolean(image) && !image.url;
}

export function drawsLayersOnly(viewer) {
  return viewer.panels.length > 0 && viewer.panels.every((panel) => onlyLayers(panel.spec));
}

export function visibleFigures(viewer) {
  const { layout, panel, wipe } = viewer.state;
  const byKey = (key) => viewer.panels.find(({ spec }) => spec.key === key);
  if (!viewer.panels.length) return [];
  if (layout === "grid") {
    const shown = isOnStage(viewer) ? keysOnStage(viewer).map(byKey) : viewer.panels;
    return shown.map((each) => ({ figure: each.figure, panels: [each] }));
  }
  const keys = layout === "single" ? [panel] : [wipe.left, wipe.right];
  return [{ figure: viewer.parts.large, panels: keys.map(byKey) }];
}

export function imageSize(viewer) {
  const panel = viewer.panels.find(({ spec }) => spec.image);
  return panel ? panel.spec.image : null;
}

export function sameSize(a, b) {
  return a.width === b.width && a.height === b.height;
}

// What a panel can show: its picture, or a difference to a reference.

export const LAYOUTS = [
  { key: "grid", label: "Side by side", about: "All panels (Escape)" },
  { key: "single", label: "Single", about: "One large panel: number keys flip in place" },
  { key: "wipe", label: "Wipe", about: "Two panels and a divider (w)" },
];

export const MODES = [
  { key: "image", label: "Image", about: "The pictures themselves" },
  {
    key: "signed", label: "Output − clean", reference: "clean", sign: 1, colours: "diverging",
    about: "Signed: red is too bright, blue too dark (mean of the three channels)",
  },
  {
    key: "absolute", label: "|Output − clean|", reference: "clean", sign: 1, colours: "magma",
    about: "Mean absolute difference of the three channels",
  },
  {
    key: "removed", label: "Noisy − output", reference: "measurement", sign: -1,
    colours: "diverging",
    about: "What was removed: edges in it are lost structure. Needs no clean image",
  },
];

export const MODE = Object.fromEntries(MODES.map((mode) => [mode.key, mode]));

// Frequencies have values in their layers only: there is nothing to subtract.
export function referenceOf(viewer, mode) {
  return mode.reference && !viewer.frequency ? panelOfRole(viewer, mode.reference) : undefined;
}

export function lacksReference(viewer, mode) {
  return Boolean(mode.reference) && !referenceOf(viewer, mode);
}

// The difference of a channel, in 8-bit levels: output - clean, or noisy - output.
export function difference(mode, picture, reference, at) {
  return mode.sign * (picture.bytes[at] - reference.bytes[at]);
}
