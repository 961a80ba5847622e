// Maps as the file holds them: whole steps in two bytes, half of what is symmetric, compressed.
// `packing.py` says how.

const WORDS = new Map([[-(2 ** 15), NaN], [1 - 2 ** 15, -Infinity], [2 ** 15 - 1, Infinity]]);

export default async function unpacked(blob, { width, height, step, mirrored }) {
  const stream = blob.stream().pipeThrough(new DecompressionStream("deflate"));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  const count = width * (mirrored ? Math.floor(height / 2) + 1 : height);
  if (bytes.length !== 2 * count) throw new Error(`${bytes.length} bytes for ${count} values`);
  const values = new Float32Array(width * height);
  for (let i = 0; i < count; i++) {
    const word = ((bytes[i] | (bytes[count + i] << 8)) << 16) >> 16;
    values[i] = WORDS.has(word) ? WORDS.get(word) : word * step;
  }
  if (mirrored) fillOpposite(values, width, height);
  return new Blob([values]);
}

// The opposite frequency around [height // 2, width // 2].
function fillOpposite(values, width, height) {
  const [top, left] = [2 * Math.floor(height / 2), 2 * Math.floor(width / 2)];
  for (let y = Math.floor(height / 2) + 1; y < height; y++) {
    const row = (top - y) * width;
    for (let x = 0; x < width; x++) values[y * width + x] = values[row + ((left - x) % width)];
  }
}
