// Random orthonormal bases of R^d, and how each is turned into the next: of mfdepth/live/training/course.py.

import { gaussians, uniforms } from "./random.js";

export const STREAMS = { firstLayer: 0, secondLayer: 1, rays: 2, directions: 3, orders: 4 }; // of the generator
const GROUP = 16; // axes that turn together

// Random orthonormal bases, one below the other.
export function drawBases(d, seed, k, bases) {
  return orthonormalBases(gaussians(seed, STREAMS.directions, k, bases * d * d), bases, d);
}

// What turns the coordinates of the basis before the k-th into those of the k-th: in groups of axes.
export function nextTurn(d, seed, k) {
  const numbers = uniforms(seed, STREAMS.orders, k, d);
  const order = Array.from(numbers.keys()).sort((i, j) => numbers[i] - numbers[j]);
  const rotation = drawBases(GROUP, seed, k, 1);
  return (rows) => turned(rows, d, rotation, order);
}

// Orthonormal bases from Gaussian matrices, row by row (Gram and Schmidt, modified): `bases` of them one below the
// other. What a row has of the one before is taken out of four rows at a time; where fewer are left, a spare row of
// zeros steps in.
function orthonormalBases(gaussian, bases, d) {
  const spare = bases * d * d;
  const Q = new Float64Array(spare + d);
  Q.set(gaussian);
  for (let first = 0; first < spare; first += d * d) {
    const end = first + d * d;
    for (let row = first; row < end; row += d) {
      let square = 0;
      for (let k = 0; k < d; k++) square += Q[row + k] * Q[row + k];
      for (let k = 0, length = Math.sqrt(square); k < d; k++) Q[row + k] /= length;
      for (let next = row + d; next < end; next += 4 * d) {
        const n1 = next + d < end ? next + d : spare;
        const n2 = next + 2 * d < end ? next + 2 * d : spare;
        const n3 = next + 3 * d < end ? next + 3 * d : spare;
        let dot0 = 0;
        let dot1 = 0;
        let dot2 = 0;
        let dot3 = 0;
        for (let k = 0; k < d; k++) {
          const q = Q[row + k];
          dot0 += q * Q[next + k];
          dot1 += q * Q[n1 + k];
          dot2 += q * Q[n2 + k];
          dot3 += q * Q[n3 + k];
        }
        for (let k = 0; k < d; k++) {
          const q = Q[row + k];
          Q[next + k] -= dot0 * q;
          Q[n1 + k] -= dot1 * q;
          Q[n2 + k] -= dot2 * q;
          Q[n3 + k] -= dot3 * q;
        }
      }
    }
  }
  return Q.slice(0, spare);
}

// The rows of A (m x n) in coordinates that turned: taken in a random order, and group by group through one rotation
// of 4, 8, ... axes; what is left over of the last group only changes places.
function turned(A, n, rotation, order) {
  const g = Math.sqrt(rotation.length);
  const whole = n - (n % g);
  const B = new Float64Array(A.length);
  const row = new Float64Array(n);
  for (let at = 0; at < A.length; at += n) {
    for (let i = 0; i < n; i++) row[i] = A[at + order[i]];
    for (let i = 0; i < whole; i += 4) {
      const from = i - (i % g);
      const r = (i - from) * g;
      let s0 = 0;
      let s1 = 0;
      let s2 = 0;
      let s3 = 0;
      for (let j = 0; j < g; j++) {
        const x = row[from + j];
        s0 += rotation[r + j] * x;
        s1 += rotation[r + g + j] * x;
        s2 += rotation[r + 2 * g + j] * x;
        s3 += rotation[r + 3 * g + j] * x;
      }
      B[at + i] = s0;
      B[at + i + 1] = s1;
      B[at + i + 2] = s2;
      B[at + i + 3] = s3;
    }
    for (let i = whole; i < n; i++) B[at + i] = row[i];
  }
  return B;
}
