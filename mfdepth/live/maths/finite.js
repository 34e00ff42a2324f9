// The gradient flow of the three-layer learner at finite width: mfdepth/finite.py with its default method, for directions
// that come as orthonormal frames and their negatives.
//
// Matrices are Float64Array, row by row. A state is { w1 (m1 x d), w2, b2 }. Directions come as the rows of Q, or as null:
// the axes. In the coordinates of an orthonormal basis its rows are the axes, and a step there multiplies no matrices.

import { radialAverages } from "./radius.js";

// A B^T for A (m x n) and B (p x n).
export function product(A, B, n) {
  const [m, p] = [A.length / n, B.length / n];
  const C = new Float64Array(m * p);
  timesTransposed(A, B, C, m, p, n);
  return C;
}

// C = A B^T for A (m x n) and B (p x n): both are read along their rows, two and four at a time. At the edges a row is
// computed twice instead of once.
export function timesTransposed(A, B, C, m, p, n) {
  for (let i = 0; i < m; i += 2) {
    const i1 = Math.min(i + 1, m - 1);
    const [a0, a1] = [i * n, i1 * n];
    for (let j = 0; j < p; j += 4) {
      const [j1, j2, j3] = [Math.min(j + 1, p - 1), Math.min(j + 2, p - 1), Math.min(j + 3, p - 1)];
      const [b0, b1, b2, b3] = [j * n, j1 * n, j2 * n, j3 * n];
      let s00 = 0;
      let s01 = 0;
      let s02 = 0;
      let s03 = 0;
      let s10 = 0;
      let s11 = 0;
      let s12 = 0;
      let s13 = 0;
      for (let k = 0; k < n; k++) {
        const x0 = A[a0 + k];
        const x1 = A[a1 + k];
        const y0 = B[b0 + k];
        const y1 = B[b1 + k];
        const y2 = B[b2 + k];
        const y3 = B[b3 + k];
        s00 += x0 * y0;
        s01 += x0 * y1;
        s02 += x0 * y2;
        s03 += x0 * y3;
        s10 += x1 * y0;
        s11 += x1 * y1;
        s12 += x1 * y2;
        s13 += x1 * y3;
      }
      const [c0, c1] = [i * p, i1 * p];
      C[c0 + j] = s00;
      C[c0 + j1] = s01;
      C[c0 + j2] = s02;
      C[c0 + j3] = s03;
      C[c1 + j] = s10;
      C[c1 + j1] = s11;
      C[c1 + j2] = s12;
      C[c1 + j3] = s13;
    }
  }
}

export function transposed(A, m, n) {
  const T = new Float64Array(m * n);
  for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) T[j * m + i] = A[i * n + j];
  return T;
}

export function rowLengths(A, m, n) {
  const lengths = new Float64Array(m);
  for (let i = 0; i < m; i++) {
    let sum = 0;
    for (let k = i * n; k < (i + 1) * n; k++) sum += A[k] * A[k];
    lengths[i] = Math.sqrt(sum);
  }
  return lengths;
}

// Orthonormal bases from Gaussian matrices, row by row (Gram and Schmidt, modified): `bases` of them one below the other.
// What a row has of the one before is taken out of four rows at a time; where fewer are left, a spare row of zeros steps in.
export function orthonormalBases(gaussian, bases, d) {
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

// The first layer along the rows u of Q (n x d) and along -u, from its preactivations P (m1 x n) there. ReLU(p) and ReLU(-p)
// are (|p| + p)/2 and (|p| - p)/2: sums of both kinds take no branch.
export function slopesAlong(P, lengths, n) {
  const m1 = lengths.length;
  const slopes = new Float64Array(2 * n); // F(u), then F(-u)
  for (let k = 0, at = 0; k < m1; k++) {
    const length = lengths[k];
    for (let i = 0; i < n; i++, at++) {
      const x = length * P[at];
      slopes[i] += x;
      slopes[n + i] += Math.abs(x);
    }
  }
  for (let i = 0; i < n; i++) {
    const [sum, size] = [slopes[i], slopes[n + i]];
    slopes[i] = (size + sum) / (2 * m1);
    slopes[n + i] = (size - sum) / (2 * m1);
  }
  return slopes;
}

// The mean-field velocity and the loss, averaged over the rows of Q (n x d) and their negatives.
export function velocity(table, { w1, w2, b2 }, Q) {
  const d = table.law.d;
  const m1 = w1.length / d;
  const lengths = rowLengths(w1, m1, d);
  const P = Q ? product(w1, Q, d) : w1.slice();
  const n = P.length / m1;
  const { loss, pull, dw2, db2 } = radialAverages(table, slopesAlong(P, lengths, n), w2, b2);

  // pull(u) 1{w.u > 0}, its sign turned where -u is the direction: then one product sums over both
  const ways = new Float64Array(3 * n); // for w.u below, at and above 0
  for (let i = 0; i < n; i++) [ways[i], ways[2 * n + i]] = [-pull[n + i] / (2 * n), pull[i] / (2 * n)];
  for (let k = 0, at = 0; k < m1; k++) {
    for (let i = 0; i < n; i++, at++) {
      const p = P[at];
      P[at] = ways[n * (1 + (p > 0) - (p < 0)) + i];
    }
  }
  const dw1 = Q ? product(P, transposed(Q, n, d), n) : P; // mean_u pull 1{w.u > 0} u
  for (let k = 0; k < m1; k++) {
    let stretch = 0;
    for (let c = k * d; c < (k + 1) * d; c++) stretch += dw1[c] * w1[c];
    const perLength = lengths[k] > 0 ? stretch / lengths[k] : 0;
    for (let c = k * d; c < (k + 1) * d; c++) dw1[c] = w1[c] * perLength + lengths[k] * dw1[c];
  }
  return { loss: loss.reduce((sum, x) => sum + x, 0) / (2 * n), dw1, dw2, db2 };
}

// x + h dx. Loops here, as in all that runs at each step: a callback an entry would cost more than the two products.
function moved(x, dx, h) {
  const y = new Float64Array(x.length);
  for (let i = 0; i < x.length; i++) y[i] = x[i] + h * dx[i];
  return y;
}

// x + h (dx + dy)/2, and how far x + h dx, Euler's, lies from it: the relative root mean square.
function heunMoved(x, dx, dy, h) {
  const y = new Float64Array(x.length);
  let [off, size] = [0, 0];
  for (let i = 0; i < x.length; i++) {
    const turn = (h * (dy[i] - dx[i])) / 2;
    y[i] = x[i] + h * dx[i] + turn;
    off += turn * turn;
    size += y[i] * y[i];
  }
  return [y, Math.sqrt(off / size)];
}

// A step of Heun's method from a state with the velocity `first`, and how far Euler's lands from it: the largest distance
// of a layer.
function heunStep(table, state, first, h, [eta1, eta2], Q) {
  const steps = [["w1", "dw1", h * eta1], ["w2", "dw2", h * eta2], ["b2", "db2", h * eta2]];
  const euler = Object.fromEntries(steps.map(([x, dx, step]) => [x, moved(state[x], first[dx], step)]));
  const problem = leftDomain(euler);
  if (problem) return { error: Infinity, problem };
  const second = velocity(table, euler, Q);
  const after = {};
  let error = 0;
  for (const [x, dx, step] of steps) {
    const [there, off] = heunMoved(state[x], first[dx], second[dx], step);
    after[x] = there;
    error = Math.max(error, off);
  }
  return { state: after, error, problem: leftDomain(after) };
}

// Why the flow cannot go on from here, in words; empty where it can.
export function leftDomain({ w1, w2, b2 }) {
  for (const x of [w1, w2, b2]) {
    for (let i = 0; i < x.length; i++) if (!Number.isFinite(x[i])) return "the weights are no longer finite";
  }
  if (w2.some((w) => w > 0)) return "a second-layer neuron crosses w₂ = 0, beyond which the loss is infinite";
  if (w2.some((w, j) => w === 0 && b2[j] > 0)) return "a second-layer neuron is constant, its velocity infinite";
  return b2.every((b) => b <= 0) ? "every second-layer neuron is dead" : "";
}

// The flow over a time `interval` with one set of directions: steps of at most that length, halved until Heun and Euler
// agree within the tolerance. `first` is the velocity at the state. Comes back with a problem, in words, when no step is
// short enough.
export function advance(table, state, interval, rates, Q, tolerance, first = velocity(table, state, Q)) {
  let [clock, h, steps, rejected] = [0, interval, 0, 0];
  while (clock < interval) {
    h = (interval - clock) / Math.ceil((interval - clock) / h);
    const step = heunStep(table, state, first, h, rates, Q);
    if (step.problem || step.error > tolerance) {
      rejected++;
      h /= 2;
      if (h < 1e-9 * interval) return { state, steps, rejected, problem: step.problem || "no step is short enough" };
      continue;
    }
    state = step.state;
    clock = clock + h > interval * (1 - 1e-12) ? interval : clock + h;
    steps++;
    if (clock < interval) first = velocity(table, state, Q);
    h = Math.min(interval, h * Math.min(2, 0.9 * Math.sqrt(tolerance / Math.max(step.error, 1e-300))));
  }
  return { state, steps, rejected, problem: "" };
}
