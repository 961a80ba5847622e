// A sheet of the canvas's size whose pixels are written as words, then drawn at once.

export default function overlayFor(viewer) {
  const { width, height } = viewer.canvasSize;
  const known = viewer.overlay;
  if (known && known.canvas.width === width && known.canvas.height === height) return known;
  const canvas = new OffscreenCanvas(width, height);
  const image = new ImageData(width, height);
  const words = new Uint32Array(image.data.buffer);
  viewer.overlay = { canvas, context: canvas.getContext("2d"), image, words };
  return viewer.overlay;
}
