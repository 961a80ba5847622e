// The panels of a viewer: which there are, and which are shown.

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
  if (layout === "grid") return viewer.panels.map((each) => ({ figure: each.figure, panels: [each] }));
  const keys = layout === "single" ? [panel] : [wipe.left, wipe.right];
  return [{ figure: viewer.parts.stage, panels: keys.map(byKey) }];
}

export function imageSize(viewer) {
  const panel = viewer.panels.find(({ spec }) => spec.image);
  return panel ? panel.spec.image : null;
}

export function sameSize(a, b) {
  return a.width === b.width && a.height === b.height;
}
