// PNG files of exact pixels, written without a canvas (W3C, Portable Network Graphics, 2003).

const SIGNATURE = [137, 80, 78, 71, 13, 10, 26, 10];
const POLYNOMIAL = 0xedb88320;

const REMAINDERS = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit++) rest = (rest >>> 1) ^ (rest & 1 ? POLYNOMIAL : 0);
  return rest;
});

function checksum(bytes) {
  let rest = 0xffffffff;
  for (const byte of bytes) rest = (rest >>> 8) ^ REMAINDERS[(rest ^ byte) & 255];
  return ~rest;
}

function chunk(name, data) {
  const bytes = new Uint8Array(data.length + 12);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  bytes.set([...name].map((letter) => letter.charCodeAt(0)), 4);
  bytes.set(data, 8);
  view.setInt32(data.length + 8, checksum(bytes.subarray(4, -4)));
  return bytes;
}

// Eight bits a channel, with alpha, nothing interlaced.
function header(width, height) {
  const bytes = new Uint8Array(13);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  bytes.set([8, 6, 0, 0, 0], 8);
  return bytes;
}

async function deflated(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

// Each row behind a zero, which says that it stands as it is.
function rows({ words, width, height }) {
  const bytes = new Uint8Array(words.buffer, words.byteOffset, 4 * words.length);
  const all = new Uint8Array(height * (4 * width + 1));
  for (let y = 0; y < height; y++) {
    all.set(bytes.subarray(4 * width * y, 4 * width * (y + 1)), y * (4 * width + 1) + 1);
  }
  return all;
}

export default async function pngOf(pixels) {
  const data = await deflated(rows(pixels));
  const parts = [
    new Uint8Array(SIGNATURE), chunk("IHDR", header(pixels.width, pixels.height)),
    chunk("IDAT", data), chunk("IEND", new Uint8Array()),
  ];
  return new Blob(parts, { type: "image/png" });
}
