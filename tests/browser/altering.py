"""Scripts that make a browser alter what a page reads from a canvas, as some do by themselves.

"few" is Brave's way: the lowest bit of some pixels. "all" is that of Firefox with
`privacy.resistFingerprinting` (seen in 153): noise alone, and no frames of canvases. Both take
effect where `window.altering` is not false.
"""

from __future__ import annotations

SCRIPT = """(() => {
  const alter = (data) => { if (window.altering !== false) ALTER(data); };
  const few = (data) => { for (let i = 0; i < data.length; i += 4 * 37) data[i + (i % 3)] ^= 1; };
  const all = (data) => { for (let i = 0; i < data.length; i++) data[i] = (i * 7919 + 13) % 251; };
  for (const type of [CanvasRenderingContext2D, OffscreenCanvasRenderingContext2D]) {
    const read = type.prototype.getImageData;
    type.prototype.getImageData = function (...box) {
      const image = read.apply(this, box);
      alter(image.data);
      return image;
    };
  }
  const altered = (canvas) => {
    const copy = new OffscreenCanvas(canvas.width, canvas.height);
    const context = copy.getContext("2d");
    context.drawImage(canvas, 0, 0);
    context.putImageData(context.getImageData(0, 0, copy.width, copy.height), 0, 0);
    return copy;
  };
  const convert = OffscreenCanvas.prototype.convertToBlob;
  OffscreenCanvas.prototype.convertToBlob = function (options) {
    return convert.call(altered(this), options);
  };
  HTMLCanvasElement.prototype.toBlob = function (done, type, quality) {
    convert.call(altered(this), { type, quality }).then(done);
  };
  HTMLCanvasElement.prototype.toDataURL = () => "data:,";
  const readPixels = WebGL2RenderingContext.prototype.readPixels;
  WebGL2RenderingContext.prototype.readPixels = function (...args) {
    readPixels.apply(this, args);
    alter(args[6]);
  };
})();"""
ALTERING = {
    "few": SCRIPT.replace("ALTER", "few"),
    "all": SCRIPT.replace("ALTER", "all")
    + "delete window.VideoFrame; delete window.ImageDecoder;",
}
