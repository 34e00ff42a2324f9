// Random numbers that Python can repeat: Philox4x32-10 (Salmon, Moraes, Dror and Shaw 2011). A block of four 32-bit
// words is a function of a counter and a key, so any stretch of any stream can be had without what came before it.
// mfdepth/random.py is the same generator.

// The upper half of the 64-bit product of two 32-bit numbers, by halves of 16 bits.
function upperProduct(a, b) {
  const t = (a >>> 16) * (b & 0xffff) + (((a & 0xffff) * (b & 0xffff)) >>> 16);
  const u = (a & 0xffff) * (b >>> 16) + (t & 0xffff);
  return ((a >>> 16) * (b >>> 16) + (t >>> 16) + (u >>> 16)) >>> 0;
}

// The four words of a block.
export function philox([c0, c1, c2, c3], [k0, k1]) {
  for (let round = 0; round < 10; round++) {
    const high0 = upperProduct(0xd2511f53, c0);
    const high1 = upperProduct(0xcd9e8d57, c2);
    const low0 = Math.imul(0xd2511f53, c0);
    const low1 = Math.imul(0xcd9e8d57, c2);
    c0 = (high1 ^ c1 ^ k0) >>> 0;
    c2 = (high0 ^ c3 ^ k1) >>> 0;
    c1 = low1 >>> 0;
    c3 = low0 >>> 0;
    k0 = (k0 + 0x9e3779b9) >>> 0;
    k1 = (k1 + 0xbb67ae85) >>> 0;
  }
  return [c0, c1, c2, c3];
}

// `count` independent uniform numbers between 0 and 1, the `index`-th batch of a stream.
export function uniforms(seed, stream, index, count) {
  const values = new Float64Array(4 * Math.ceil(count / 4));
  for (let i = 0; i < values.length; i += 4) {
    const words = philox([i / 4, index, stream, 0], [seed, 0]);
    for (let k = 0; k < 4; k++) values[i + k] = (words[k] + 0.5) / 2 ** 32;
  }
  return values.subarray(0, count);
}

// `count` independent standard Gaussians: two uniform numbers make two (Box and Muller 1958).
export function gaussians(seed, stream, index, count) {
  const values = uniforms(seed, stream, index, 2 * Math.ceil(count / 2));
  for (let i = 0; i < values.length; i += 2) {
    const radius = Math.sqrt(-2 * Math.log(values[i]));
    const angle = 2 * Math.PI * values[i + 1];
    values[i] = radius * Math.cos(angle);
    values[i + 1] = radius * Math.sin(angle);
  }
  return values.subarray(0, count);
}
