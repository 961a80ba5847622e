// Painting: at most once per animation frame, everything from the one state.

const NARROW = 560;
const GRID_COLOUR = "rgba(128, 128, 128, 0.55)";

function requestDraw(viewer, rearrange = false) {
  viewer.rearrange = viewer.rearrange || rearrange;
  if (viewer.frame) return;
  viewer.frame = requestAnimationFrame(() => {
    viewer.frame = 0;
    draw(viewer);
  });
}

function draw(viewer) {
  const started = performance.now();
  if (viewer.rearrange) arrange(viewer);
  viewer.rearrange = false;
  settleView(viewer);
  if (viewer.centreOnArrival) centreContrast(viewer);
  alignToScreen(visibleFigures(viewer).map(({ figure }) => figure));
  for (const { figure, panels } of visibleFigures(viewer)) drawFigure(viewer, figure, panels);
  drawPlaces(viewer);
  refresh(viewer);
  viewer.root.dataset.drawMs = (performance.now() - started).toFixed(1);
}

function visibleFigures(viewer) {
  const { layout, panel, wipe } = viewer.state;
  const byKey = (key) => viewer.panels.find(({ spec }) => spec.key === key);
  if (!viewer.panels.length) return [];
  if (layout === "grid") return viewer.panels.map((each) => ({ figure: each.figure, panels: [each] }));
  const keys = layout === "single" ? [panel] : [wipe.left, wipe.right];
  return [{ figure: viewer.parts.stage, panels: keys.map(byKey) }];
}

// Sizes -------------------------------------------------------------------------------------------

function columnsFor(viewer, width, count) {
  if (viewer.columns && width >= NARROW) return Math.min(viewer.columns, count);
  if (count === 1) return 1;
  if (width < NARROW) return 2;
  const most = clamp(Math.floor(width / 250), 1, count);
  return Math.ceil(count / Math.ceil(count / most));
}

// Full screen: the number of columns that makes the panels largest.
function columnsForScreen(width, height, count, aspect) {
  const side = (columns) =>
    Math.min(width / columns, (height / Math.ceil(count / columns) - 60) / aspect);
  const all = Array.from({ length: count }, (_, i) => i + 1);
  return all.reduce((best, columns) => (side(columns) > side(best) ? columns : best), 1);
}

function arrange(viewer) {
  const { root, parts, state } = viewer;
  measurePlot(viewer);
  const size = imageSize(viewer) || { width: 1, height: 1 };
  const aspect = size.height / size.width;
  const grid = state.layout === "grid";
  const full = root.getRootNode().fullscreenElement === root;
  const count = grid ? Math.max(viewer.panels.length, 1) : 1;
  const room = { width: parts.panels.clientWidth, height: heightLeft(viewer, full) };
  const columns = full
    ? columnsForScreen(room.width, room.height, count, aspect)
    : columnsFor(viewer, room.width, count);
  const rows = full ? Math.ceil(count / columns) : 1;
  const width = (room.width - viewer.gap * (columns - 1)) / columns;
  const most = full ? room.height / rows - 52 : room.height;
  const height = Math.min(tallest(viewer, width, count) * aspect, most);
  parts.panels.style.gridTemplateColumns = `repeat(${columns}, minmax(0, 1fr))`;
  for (const panel of viewer.panels) panel.figure.node.hidden = !grid;
  parts.stage.node.hidden = grid;
  resize(viewer, Math.max(width, 0), grid && !full ? snugHeight(size, width, height) : height);
}

// Of many panels a phone shows three rows at once, so they are less tall than wide.
function tallest(viewer, width, count) {
  const crowded = viewer.parts.panels.clientWidth < NARROW && count > 4;
  return crowded ? 0.84 * width : width;
}

// Side by side no height is given to margins that the whole-number zoom of a fit would leave.
function snugHeight(size, width, height) {
  const ratio = window.devicePixelRatio;
  const zoom = Math.floor(Math.min((width * ratio) / size.width, (height * ratio) / size.height));
  return zoom < 1 ? height : (zoom * size.height) / ratio;
}

function heightLeft(viewer, full) {
  if (!full) return viewer.height;
  return window.innerHeight - viewer.parts.panels.offsetTop - 16;
}

// Whole screen pixels, so that one pixel of a canvas is one of the screen.
function resize(viewer, width, height) {
  const ratio = window.devicePixelRatio;
  const whole = (length) => Math.max(Math.floor(length * ratio + 0.01), 0);
  const size = { width: whole(width), height: whole(height) };
  viewer.canvasSize = size;
  for (const { figure } of visibleFigures(viewer)) {
    const { canvas } = figure;
    if (canvas.width !== size.width) canvas.width = size.width;
    if (canvas.height !== size.height) canvas.height = size.height;
    canvas.style.width = `${size.width / ratio}px`;
    canvas.style.height = `${size.height / ratio}px`;
  }
}

// A canvas whose box starts at a fraction of a pixel is painted beside it or blurred: each is moved
// on by that fraction. (Whole CSS pixels where they are whole screen pixels too.)
function alignToScreen(figures) {
  const ratio = window.devicePixelRatio;
  const step = Number.isInteger(ratio) ? 1 : 1 / ratio;
  const boxes = figures.map(({ canvas }) => canvas.getBoundingClientRect());
  figures.forEach(({ frame, shift }, i) => {
    for (const side of ["left", "top"]) {
      const own = boxes[i][side] - shift[side];
      const wanted = Math.ceil(own / step - 0.01) * step - own;
      if (Math.abs(wanted - shift[side]) < 0.01) continue;
      shift[side] = wanted;
      frame.style[side] = `${wanted}px`;
    }
  });
}

// Panels ------------------------------------------------------------------------------------------

function drawFigure(viewer, figure, panels, decorate = true) {
  const { context, canvas } = figure;
  if (!canvas.width || !canvas.height) return; // in a tab that is not open yet
  context.clearRect(0, 0, canvas.width, canvas.height);
  if (panels.length === 1) drawPanel(viewer, context, panels[0], decorate);
  else drawWipe(viewer, context, panels, decorate);
}

function drawWipe(viewer, context, panels, decorate) {
  const { width, height } = viewer.canvasSize;
  const divider = Math.round(viewer.state.wipe.at * width);
  const parts = [[0, divider], [divider, width - divider]];
  panels.forEach((panel, i) => {
    context.save();
    context.beginPath();
    context.rect(parts[i][0], 0, parts[i][1], height);
    context.clip();
    drawPanel(viewer, context, panel, decorate);
    context.restore();
  });
  drawDivider(viewer, context, divider);
}

function drawDivider(viewer, context, x) {
  const { height } = viewer.canvasSize;
  const ratio = window.devicePixelRatio;
  context.fillStyle = "rgba(0, 0, 0, 0.55)";
  context.fillRect(x - 1, 0, 3, height);
  context.fillStyle = "#fff";
  context.fillRect(x, 0, 1, height);
  context.beginPath();
  context.arc(x + 0.5, height / 2, 11 * ratio, 0, 2 * Math.PI);
  context.fill();
  context.fillStyle = "#333";
  context.font = `${14 * ratio}px sans-serif`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText("↔", x + 0.5, height / 2);
}

function drawPanel(viewer, context, panel, decorate) {
  const found = shown(viewer, panel);
  if (found.missing) return;
  const { zoom } = viewer.state.view;
  drawSource(viewer, context, found.source);
  drawLayer(viewer, context, found.panel);
  const valued = !viewer.frequency && !onlyLayers(found.panel.spec);
  if (zoom >= VALUES_FROM && valued) drawPixels(viewer, context, found);
  drawPeriod(viewer, context, found.source);
  drawRegion(viewer, context);
  drawMarks(viewer, context);
  drawPick(viewer, context);
  if (decorate) drawCrosshair(viewer, context);
}

function drawSource(viewer, context, source) {
  const { ox, oy, zoom } = originOf(viewer);
  const part = visiblePart(viewer, source.width, source.height);
  if (!part.width || !part.height) return;
  const { drawable, scale } = levelOf(source, zoom);
  context.imageSmoothingEnabled = zoom < 1;
  context.imageSmoothingQuality = "low";
  context.drawImage(
    drawable, part.left * scale, part.top * scale, part.width * scale, part.height * scale,
    ox + part.left * zoom, oy + part.top * zoom, part.width * zoom, part.height * zoom,
  );
}

function drawLines(viewer, context, size, step, phase) {
  const { ox, oy, zoom } = originOf(viewer);
  const part = visiblePart(viewer, size.width, size.height);
  const right = part.left + part.width;
  const bottom = part.top + part.height;
  const first = (start, offset) => Math.ceil((start - offset) / step) * step + offset;
  for (let x = first(part.left, phase[0]); x <= right; x += step) {
    context.fillRect(ox + x * zoom, oy + part.top * zoom, 1, part.height * zoom);
  }
  for (let y = first(part.top, phase[1]); y <= bottom; y += step) {
    context.fillRect(ox + part.left * zoom, oy + y * zoom, part.width * zoom, 1);
  }
}

function drawPeriod(viewer, context, size) {
  const { period, phase } = viewer.state.grid;
  if (!period || period * viewer.state.view.zoom < 4) return;
  context.fillStyle = viewer.accent;
  context.globalAlpha = 0.75;
  drawLines(viewer, context, size, period, phase);
  context.globalAlpha = 1;
}

function drawRegion(viewer, context) {
  const box = viewer.draft || viewer.flashedBox || viewer.state.region;
  if (!box) return;
  outline(context, originOf(viewer), box);
}

function outline(context, { ox, oy, zoom }, box) {
  const line = Math.max(1, Math.round(window.devicePixelRatio));
  const edges = [ox + box.x * zoom, oy + box.y * zoom, box.width * zoom, box.height * zoom];
  const outside = (by) => [edges[0] - by, edges[1] - by, edges[2] + 2 * by, edges[3] + 2 * by];
  context.lineWidth = line;
  context.strokeStyle = "rgba(0, 0, 0, 0.75)";
  context.strokeRect(...outside(line * 1.5));
  context.strokeStyle = "#fff";
  context.strokeRect(...outside(line * 0.5));
}

function drawCrosshair(viewer, context) {
  if (!viewer.hover) return;
  const { ox, oy, zoom } = originOf(viewer);
  const { width, height } = viewer.canvasSize;
  const x = ox + viewer.hover.x * zoom;
  const y = oy + viewer.hover.y * zoom;
  const side = Math.max(zoom, 1);
  const gap = Math.max(6, side);
  const middle = { x: Math.floor(x + side / 2), y: Math.floor(y + side / 2) };
  const lines = (shift) => {
    context.fillRect(middle.x + shift, 0, 1, y - gap);
    context.fillRect(middle.x + shift, y + side + gap, 1, height);
    context.fillRect(0, middle.y + shift, x - gap, 1);
    context.fillRect(x + side + gap, middle.y + shift, width, 1);
  };
  context.fillStyle = "rgba(0, 0, 0, 0.45)";
  lines(1);
  context.fillStyle = "rgba(255, 255, 255, 0.7)";
  lines(0);
  if (zoom < 4) return;
  context.lineWidth = 1;
  context.strokeStyle = "#000";
  context.strokeRect(x - 1.5, y - 1.5, zoom + 3, zoom + 3);
  context.strokeStyle = "#fff";
  context.strokeRect(x - 0.5, y - 0.5, zoom + 1, zoom + 1);
}

// Values on the pixels ----------------------------------------------------------------------------

// 3 x 5 dots: what still fits three times into a pixel of 16.
const DOTS = {
  0: "111101101101111", 1: "010110010010111", 2: "111001111100111", 3: "111001011001111",
  4: "101101111001001", 5: "111100111001111", 6: "111100111101111", 7: "111001001010010",
  8: "111101111101111", 9: "111101111001111", "+": "000010111010000", "−": "000000111000000",
};
const INKS = [
  ["#ffb3b3", "#b6f2b6", "#bcd2ff"],
  ["#7a0000", "#004d00", "#00207a"],
];

function drawPixels(viewer, context, found) {
  const { source } = found;
  const { ox, oy, zoom } = originOf(viewer);
  context.fillStyle = GRID_COLOUR;
  drawLines(viewer, context, source, 1, [0, 0]);
  if (viewer.state.values) drawValues(viewer, context, found);
}

// Thousands of numbers a frame: copied as words into one overlay, not drawn one by one.
function drawValues(viewer, context, found) {
  const { source } = found;
  const { ox, oy, zoom } = originOf(viewer);
  const sprites = spritesFor(viewer, zoom, Boolean(found.reference));
  const overlay = overlayFor(viewer);
  const part = visiblePart(viewer, source.width, source.height);
  overlay.words.fill(0);
  for (let y = part.top; y < part.top + part.height; y++) {
    for (let x = part.left; x < part.left + part.width; x++) {
      const corner = { x: ox + x * zoom + 1, y: oy + y * zoom + 1 };
      copyValues(overlay, sprites, found, y * source.width + x, corner);
    }
  }
  overlay.context.putImageData(overlay.image, 0, 0);
  context.drawImage(overlay.canvas, 0, 0);
}

function overlayFor(viewer) {
  const { width, height } = viewer.canvasSize;
  const known = viewer.overlay;
  if (known && known.canvas.width === width && known.canvas.height === height) return known;
  const canvas = new OffscreenCanvas(width, height);
  const image = new ImageData(width, height);
  const words = new Uint32Array(image.data.buffer);
  viewer.overlay = { canvas, context: canvas.getContext("2d"), image, words };
  return viewer.overlay;
}

function copyValues(overlay, sprites, { panel, mode, reference, source }, pixel, corner) {
  const dark = isLight(source.words[pixel]) ? 1 : 0;
  const { picture } = panel;
  for (let channel = 0; channel < 3; channel++) {
    const at = 4 * pixel + channel;
    const value = reference ? difference(mode, picture, reference.picture, at) : picture.bytes[at];
    const place = ((value + sprites.offset) * 2 + dark) * 3 + channel;
    copySprite(overlay, sprites, place, corner.x, corner.y + channel * sprites.height);
  }
}

function copySprite({ image, words }, sprites, place, x, y) {
  const fromX = (place % sprites.columns) * sprites.width;
  const fromY = Math.floor(place / sprites.columns) * sprites.height;
  const [left, right] = [Math.max(-x, 0), Math.min(image.width - x, sprites.width)];
  const [top, bottom] = [Math.max(-y, 0), Math.min(image.height - y, sprites.height)];
  for (let row = top; row < bottom; row++) {
    const from = (fromY + row) * sprites.stride + fromX;
    const to = (y + row) * image.width + x;
    for (let i = left; i < right; i++) words[to + i] = sprites.words[from + i];
  }
}

function isLight(word) {
  const red = word & 255;
  const green = (word >> 8) & 255;
  const blue = (word >> 16) & 255;
  return 0.299 * red + 0.587 * green + 0.114 * blue > 125;
}

// Every value that can occur, in both inks, once per zoom.
function spritesFor(viewer, zoom, signed) {
  const key = `${zoom} ${signed}`;
  if (viewer.sprites && viewer.sprites.key === key) return viewer.sprites;
  const offset = signed ? 255 : 0;
  const width = zoom - 1;
  const height = Math.floor((zoom - 1) / 3);
  const columns = 48;
  const count = (256 + offset) * 6;
  const sheet = new OffscreenCanvas(columns * width, Math.ceil(count / columns) * height);
  const context = sheet.getContext("2d", { willReadFrequently: true });
  for (let place = 0; place < count; place++) {
    const value = Math.floor(place / 6) - offset;
    const text = signed ? signedText(value) : String(value);
    context.fillStyle = INKS[Math.floor(place / 3) % 2][place % 3];
    const x = (place % columns) * width;
    const y = Math.floor(place / columns) * height;
    if (zoom < 24) drawDots(context, text, x, y, width);
    else drawNumber(context, text, x, y, width, height);
  }
  const { data } = context.getImageData(0, 0, sheet.width, sheet.height);
  const words = new Uint32Array(data.buffer);
  viewer.sprites = { key, words, stride: sheet.width, width, height, columns, offset };
  return viewer.sprites;
}

function drawDots(context, text, x, y, width) {
  const left = x + Math.floor((width - (4 * text.length - 1)) / 2);
  [...text].forEach((character, i) => {
    [...DOTS[character]].forEach((dot, at) => {
      if (dot === "1") context.fillRect(left + 4 * i + (at % 3), y + Math.floor(at / 3), 1, 1);
    });
  });
}

function drawNumber(context, text, x, y, width, height) {
  context.font = `${Math.min(height, 16)}px ui-monospace, monospace`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(text, x + width / 2, y + height / 2 + 0.5, width);
}
