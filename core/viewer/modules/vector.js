// A context that writes down what is drawn, for SVG: pictures keep each pixel, words stay words.

import { pixelsOf } from "./known_pixels.js";
import pngOf from "./png.js";

const SPACE = "http://www.w3.org/2000/svg";
const ANCHORS = { left: "start", start: "start", center: "middle" };
const BASELINES = { middle: "central", alphabetic: "alphabetic" };
const INHERITED = [
  "fillStyle", "strokeStyle", "lineWidth", "globalAlpha", "font", "textAlign", "textBaseline",
  "lineJoin", "imageSmoothingEnabled", "x", "y", "clipping",
];

function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS(SPACE, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

// The part of a picture that is drawn, as a picture of its own.
function cut({ words, width, scale }, part) {
  const [left, top, w, h] = part.map((length) => Math.round(length / scale));
  const own = new Uint32Array(w * h);
  for (let y = 0; y < h; y++) {
    const from = (top + y) * width + left;
    own.set(words.subarray(from, from + w), y * w);
  }
  return { words: own, width: w, height: h };
}

function addressOf(blob) {
  return new Promise((done) => {
    const reader = new FileReader();
    reader.onload = () => done(reader.result);
    reader.readAsDataURL(blob);
  });
}

export default class VectorContext {
  constructor(width, height) {
    const size = { width, height, viewBox: `0 0 ${width} ${height}` };
    this.root = svg("svg", { xmlns: SPACE, ...size });
    this.pictures = [];
    this.stack = [];
    this.path = "";
    this.ruler = new OffscreenCanvas(1, 1).getContext("2d");
    Object.assign(this, {
      fillStyle: "#000", strokeStyle: "#000", lineWidth: 1, globalAlpha: 1, font: "10px sans-serif",
      textAlign: "left", textBaseline: "alphabetic", lineJoin: "miter", imageSmoothingEnabled: true,
      x: 0, y: 0, clipping: "",
    });
  }

  save() {
    this.stack.push(Object.fromEntries(INHERITED.map((name) => [name, this[name]])));
  }

  restore() {
    Object.assign(this, this.stack.pop());
  }

  translate(x, y) {
    this.x += x;
    this.y += y;
  }

  beginPath() {
    this.path = "";
  }

  moveTo(x, y) {
    this.path += `M${this.x + x} ${this.y + y}`;
  }

  lineTo(x, y) {
    this.path += `L${this.x + x} ${this.y + y}`;
  }

  rect(x, y, width, height) {
    this.moveTo(x, y);
    this.path += `h${width}v${height}h${-width}z`;
  }

  // A whole circle: no other is drawn here.
  arc(x, y, radius) {
    this.moveTo(x - radius, y);
    this.path += `a${radius} ${radius} 0 1 0 ${2 * radius} 0a${radius} ${radius} 0 1 0 ${-2 * radius} 0z`;
  }

  clip() {
    const id = `part${this.root.childElementCount}`;
    const shape = svg("clipPath", { id }, svg("path", { d: this.path }));
    if (this.clipping) shape.setAttribute("clip-path", this.clipping);
    this.root.append(shape);
    this.clipping = `url(#${id})`;
  }

  put(tag, attributes, style, text = "") {
    const node = svg(tag, attributes, text);
    node.style.cssText = style;
    if (this.globalAlpha !== 1) node.setAttribute("opacity", this.globalAlpha);
    if (this.clipping) node.setAttribute("clip-path", this.clipping);
    this.root.append(node);
    return node;
  }

  get filled() {
    return `fill: ${this.fillStyle}`;
  }

  get stroked() {
    return `fill: none; stroke: ${this.strokeStyle}; stroke-width: ${this.lineWidth}; stroke-linejoin: ${this.lineJoin}`;
  }

  fill() {
    this.put("path", { d: this.path }, this.filled);
  }

  stroke() {
    this.put("path", { d: this.path }, this.stroked);
  }

  place(x, y, width, height) {
    return { x: this.x + x, y: this.y + y, width: Math.max(width, 0), height: Math.max(height, 0) };
  }

  fillRect(...box) {
    this.put("rect", this.place(...box), this.filled);
  }

  strokeRect(...box) {
    this.put("rect", this.place(...box), this.stroked);
  }

  measureText(text) {
    this.ruler.font = this.font;
    return this.ruler.measureText(text);
  }

  fillText(text, x, y, most) {
    this.write(text, x, y, most, this.filled);
  }

  strokeText(text, x, y, most) {
    this.write(text, x, y, most, this.stroked);
  }

  write(text, x, y, most, style) {
    const node = this.put("text", { x: this.x + x, y: this.y + y }, style, text);
    node.style.font = this.font;
    node.setAttribute("text-anchor", ANCHORS[this.textAlign]);
    node.setAttribute("dominant-baseline", BASELINES[this.textBaseline]);
    if (this.measureText(text).width <= (most ?? Infinity)) return;
    node.setAttribute("textLength", most);
    node.setAttribute("lengthAdjust", "spacingAndGlyphs");
  }

  drawImage(drawable, ...numbers) {
    const pixels = pixelsOf(drawable);
    const whole = [0, 0, drawable.width, drawable.height];
    const [part, box] = numbers.length < 8
      ? [whole, [...numbers, ...whole.slice(2)]]
      : [numbers.slice(0, 4), numbers.slice(4)];
    const style = this.imageSmoothingEnabled ? "" : "image-rendering: pixelated";
    const node = this.put("image", { ...this.place(...box), preserveAspectRatio: "none" }, style);
    this.pictures.push({ node, pixels: cut(pixels, part) });
  }

  async file() {
    for (const { node, pixels } of this.pictures) {
      node.setAttribute("href", await addressOf(await pngOf(pixels)));
    }
    return new Blob([new XMLSerializer().serializeToString(this.root)], { type: "image/svg+xml" });
  }
}
