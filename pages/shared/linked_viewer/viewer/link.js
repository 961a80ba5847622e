// The view as text: what "Copy link" adds to the address and a fresh page reads back.

const NO_LAYER = "-";
const LINK_NAME = "view";
const LINK_SEPARATOR = "~";

function number(text, otherwise) {
  const value = Number(text);
  return text !== "" && Number.isFinite(value) ? value : otherwise;
}

function oneOf(options, text, otherwise) {
  return options.some((option) => option.key === text) ? text : otherwise;
}

function short(value, digits = 3) {
  return String(Number(value.toFixed(digits)));
}

function factor(text, otherwise) {
  return clamp(number(text, otherwise), 1, 32);
}

// In this order, for good: a link may be years old. New fields go to the end.
const LINK_FIELDS = [
  [(s) => short(s.view.cx), (s, text) => (s.view.cx = number(text, s.view.cx))],
  [(s) => short(s.view.cy), (s, text) => (s.view.cy = number(text, s.view.cy))],
  [(s) => (s.view.fit ? "fit" : short(s.view.zoom)), readZoom],
  [(s) => s.mode, (s, text) => (s.mode = oneOf(MODES, text, s.mode))],
  [(s) => s.layout, (s, text) => (s.layout = oneOf(LAYOUTS, text, s.layout))],
  [(s) => s.panel, (s, text) => (s.panel = text)],
  [(s) => s.wipe.left, (s, text) => (s.wipe.left = text)],
  [(s) => s.wipe.right, (s, text) => (s.wipe.right = text)],
  [(s) => short(s.wipe.at), (s, text) => (s.wipe.at = clamp(number(text, s.wipe.at), 0, 1))],
  [(s) => short(s.gain), (s, text) => (s.gain = factor(text, s.gain))],
  [(s) => short(s.contrast), (s, text) => (s.contrast = factor(text, s.contrast))],
  [(s) => short(s.centre), (s, text) => (s.centre = clamp(number(text, s.centre), 0, 255))],
  [(s) => short(s.grid.period), (s, text) => (s.grid.period = wholeNumber(text, s.grid.period))],
  [(s) => short(s.grid.phase[0]), (s, text) => (s.grid.phase[0] = wholeNumber(text, 0))],
  [(s) => short(s.grid.phase[1]), (s, text) => (s.grid.phase[1] = wholeNumber(text, 0))],
  [(s) => (s.layer === "" ? NO_LAYER : s.layer ?? ""), readLayerKey],
  [(s) => layerText(s, "opacity"), (s, text) => readLayer(s, "opacity", text)],
  [(s) => layerText(s, "lower"), (s, text) => readLayer(s, "lower", text)],
  [(s) => layerText(s, "upper"), (s, text) => readLayer(s, "upper", text)],
  [(s) => (s.values ? "" : "plain"), (s, text) => (s.values = text !== "plain")],
  [(s) => (s.marks ? "" : "bare"), (s, text) => (s.marks = text !== "bare")],
  [(s) => (s.band ? bandText(s.band) : ""), (s, text) => (s.band = bandFrom(text))],
];

function wholeNumber(text, otherwise) {
  return clamp(Math.round(number(text, otherwise)), 0, 4096);
}

function readZoom(state, text) {
  const zoom = number(text, 0);
  state.view.fit = zoom <= 0;
  if (zoom > 0) state.view.zoom = wholeZoom(zoom);
}

function readLayerKey(state, text) {
  if (text) state.layer = text === NO_LAYER ? "" : text;
}

function layerText(state, name) {
  const settings = state.layers[state.layer];
  return settings && Number.isFinite(settings[name]) ? short(settings[name]) : "";
}

function readLayer(state, name, text) {
  if (!state.layer || text === "") return;
  const value = number(text, null);
  if (value !== null) state.layers[state.layer] = { ...state.layers[state.layer], [name]: value };
}

// The viewer's key stands first: a page may hold several, and the link means one of them.
function viewText(viewer) {
  const fields = LINK_FIELDS.map(([write]) => write(viewer.state));
  return [viewer.key, ...fields].join(LINK_SEPARATOR);
}

function readView(state, key, text) {
  const [owner, ...parts] = text.split(LINK_SEPARATOR);
  if (owner !== key) return false;
  LINK_FIELDS.forEach(([, read], i) => {
    if (parts[i] !== undefined) read(state, parts[i]);
  });
  return true;
}

function linkTo(viewer) {
  const url = new URL(window.location.href);
  url.searchParams.delete(LINK_NAME);
  const rest = url.search ? `${url.search}&` : "?";
  return `${url.origin}${url.pathname}${rest}${LINK_NAME}=${encodeURIComponent(viewText(viewer))}${url.hash}`;
}

async function copyLink(viewer) {
  const link = linkTo(viewer);
  try {
    await navigator.clipboard.writeText(link);
    say(viewer, "Link copied.");
  } catch {
    offerLink(viewer, link);
  }
}

// Without leave to use the clipboard: the link, selected, to copy by hand.
function offerLink(viewer, link) {
  const { link: field } = viewer.parts;
  field.hidden = false;
  field.value = link;
  field.focus();
  field.select();
  say(viewer, "Copy the link from the field.");
}

// Saving the view ---------------------------------------------------------------------------------

function saveView(viewer) {
  const figures = visibleFigures(viewer);
  const box = viewer.parts.panels.getBoundingClientRect();
  const ratio = window.devicePixelRatio;
  const foot = 26;
  const canvas = element("canvas", {
    width: Math.ceil(box.width * ratio), height: Math.ceil((box.height + foot) * ratio),
  });
  const context = canvas.getContext("2d");
  const style = getComputedStyle(viewer.root);
  context.fillStyle = style.backgroundColor;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.fillStyle = style.color;
  for (const { figure, panels } of figures) {
    drawFigure(viewer, figure, panels, false);
    saveFigure(context, figure, box, ratio, style.fontFamily);
  }
  context.font = `${12 * ratio}px ${style.fontFamily}`;
  context.fillText(viewSentence(viewer), 0, (box.height + foot - 8) * ratio);
  canvas.toBlob((blob) => download(blob, "losslens-view.png"), "image/png");
  requestDraw(viewer);
}

function saveFigure(context, figure, box, ratio, font) {
  const head = figure.head.getBoundingClientRect();
  const place = figure.canvas.getBoundingClientRect();
  const x = Math.round((place.left - box.left) * ratio);
  const width = figure.canvas.width;
  const lines = [`${figure.number.textContent}  ${figure.label.textContent}`,
    [...figure.caption.children].map((node) => node.textContent).filter(Boolean).join(" · ")];
  lines.forEach((text, i) => {
    context.font = `${i ? "" : "600 "}${(i ? 11 : 13) * ratio}px ${font}`;
    context.fillText(text, x, (head.top - box.top + 14 + 17 * i) * ratio, width);
  });
  context.drawImage(figure.canvas, x, Math.round((place.top - box.top) * ratio));
}

function viewSentence(viewer) {
  const { cx, cy } = viewer.state.view;
  const mode = MODE[viewer.state.mode];
  const { low, high } = viewer.parts.status.legend;
  const scale = `${low.textContent} to ${high.textContent}`;
  const shown = viewer.frequency ? "" : `${mode.label} · ${scale}`;
  const place = `centre ${short(cx)}, ${short(cy)}`;
  return joined("LossLens", shown, layerSentence(viewer), place, badgeTexts(viewer).join(""));
}

function download(blob, name) {
  const url = URL.createObjectURL(blob);
  element("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}
