// Painting is asked for here and happens at most once per animation frame.

export default function requestDraw(viewer, rearrange = false) {
  viewer.rearrange = viewer.rearrange || rearrange;
  if (viewer.frame) return;
  viewer.frame = requestAnimationFrame(() => {
    viewer.frame = 0;
    viewer.draw();
  });
}
