// Numbers, how they are written, and whether values are the same.

export function clamp(value, low, high) {
  return Math.min(Math.max(value, low), high);
}

export function rounded(share) {
  return Math.round(clamp(share, 0, 1) * 1000) / 1000;
}

export function number(text, otherwise) {
  const value = Number(text);
  return text !== "" && Number.isFinite(value) ? value : otherwise;
}

export function short(value, digits = 3) {
  return String(Number(value.toFixed(digits)));
}

export function shortNumber(value) {
  return String(Number(value.toPrecision(3))).replace(/^-/, "−");
}

export function percent(share, digits) {
  return `${(100 * share).toFixed(digits)} %`;
}

export function signedText(value) {
  return value > 0 ? `+${value}` : String(value).replace("-", "−");
}

export function joined(...texts) {
  return texts.filter(Boolean).join(" · ");
}

export function sameJson(a, b) {
  return JSON.stringify(a) === JSON.stringify(b);
}
