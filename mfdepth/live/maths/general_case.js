// The general case: a symmetric trajectory that is unstable. mfdepth/chapters/general_case.py, for d = 4.
//
// First layer F(x) = mean_k a_k ReLU(w_k.x); frozen even second layer f = (z^2 + B^2)/(4B) while z = |s F| < B, then
// z/2; inputs in pairs x, -x with y = |x_1|. F = 0 is an equilibrium. Near it the odd part of F, A.x/2 with A = mean_k
// a_k w_k, moves by itself, A' = M A, and M has a positive eigenvalue lambda. Matrices are Float64Array, row by row.

export const GENERAL_DIMENSION = 4;
const SLACK = 1e-3; // by which the loss may rise above that of the start, as in mfdepth/flow.py

// One half of the inputs, x of `pairs` rows; the other half is -x.
export function generalCase(x, s) {
  const pairs = x.length / GENERAL_DIMENSION;
  const y = Float64Array.from({ length: pairs }, (_, i) => Math.abs(x[GENERAL_DIMENSION * i]));
  const mean = y.reduce((sum, v) => sum + v, 0) / pairs;
  const B = 4 * mean;
  return { x, y, s, B, pairs, pull: y.map((v) => ((v - mean) * s * s) / (2 * B)) };
}

// lambda, of the flow and of Euler steps; the direction v of the mode; and the factors between v.A and the amplitude p
// of the mode on the inputs (root mean square 1), and its standard deviation at the start times sqrt(m).
export function unstableMode({ x, pull, pairs }, size, step) {
  const d = GENERAL_DIMENSION;
  const M = new Float64Array(d * d);
  for (let i = 0; i < pairs; i++) {
    for (let j = 0; j < d; j++) {
      for (let k = 0; k < d; k++) M[j * d + k] += (pull[i] * x[i * d + j] * x[i * d + k]) / pairs;
    }
  }
  const gain = (1 + d * size * size) / (4 * d); // E_w[w ReLU(w.x)]/2 = x/(4 d), and E[a^2]/4 for the turning of w
  const v = topEigenvector(M.map((entry) => gain * entry), d);
  const rate = gain * quadraticForm(M, v, d);
  let square = 0;
  for (let i = 0; i < pairs; i++) square += rowTimes(x, i, v, d) ** 2 / pairs;
  const scale = Math.sqrt(square) / 2; // p = scale v.A
  return { rate, eulerRate: Math.log1p(step * rate) / step, v, scale, start: (scale * size) / Math.sqrt(d) };
}

// Of a symmetric matrix: M + |M| I, squared until only the top eigenvector is left.
function topEigenvector(M, d) {
  const norm = (P) => Math.hypot(...P);
  const shift = norm(M);
  let P = M.map((entry, i) => entry + (i % (d + 1) ? 0 : shift));
  for (let n = 0; n < 60; n++) {
    const size = norm(P);
    const Q = new Float64Array(d * d);
    for (let i = 0; i < d; i++) {
      for (let j = 0; j < d; j++) {
        for (let k = 0; k < d; k++) Q[i * d + j] += (P[i * d + k] * P[k * d + j]) / (size * size);
      }
    }
    P = Q;
  }
  let best = 0;
  for (let i = 1; i < d; i++) if (P[i * d + i] > P[best * d + best]) best = i;
  const column = P.slice(best * d, best * d + d);
  const length = Math.hypot(...column);
  return column.map((c) => c / length);
}

function rowTimes(x, i, v, d) {
  let sum = 0;
  for (let j = 0; j < d; j++) sum += x[i * d + j] * v[j];
  return sum;
}

function quadraticForm(M, v, d) {
  let sum = 0;
  for (let i = 0; i < d; i++) sum += v[i] * rowTimes(M, i, v, d);
  return sum;
}

// The width that keeps the mode, start e^{lambda t}/sqrt(m), below an error until time t.
export function widthNeeded({ start, eulerRate }, error, t) {
  return ((start * Math.exp(eulerRate * t)) / error) ** 2;
}

// --- runs: with q = (y - f) df/dF and G_k = E[q 1{w_k.x > 0} x] a neuron moves by a_k' = w_k.G_k, w_k' = a_k G_k -----
//
// Of a pair only x is looked at: what is active at -x is what is not at x, so F(-x) = F(x) - A.x, and G_k is a sum over
// the active x of (q(x) + q(-x)) x, less one vector for all neurons, E[q(-x) x]. Rows have four entries, each with a
// name of its own: loops over them would take twice as long.

// m F(x) for the rows of x, into F; returns m A, A = mean_k a_k w_k.
function firstLayerSums(x, a, w, F) {
  F.fill(0);
  const A = [0, 0, 0, 0];
  for (let k = 0, l = 0; k < a.length; k++, l += 4) {
    const ak = a[k];
    const [w0, w1, w2, w3] = [w[l], w[l + 1], w[l + 2], w[l + 3]];
    A[0] += ak * w0;
    A[1] += ak * w1;
    A[2] += ak * w2;
    A[3] += ak * w3;
    for (let i = 0, j = 0; i < F.length; i++, j += 4) {
      F[i] += ak * Math.max(w0 * x[j] + w1 * x[j + 1] + w2 * x[j + 2] + w3 * x[j + 3], 0);
    }
  }
  return A;
}

// q(x) + q(-x) for the rows of x, over the number of inputs, into `both`; returns the vector E[q(-x) x], E F^2 and the
// loss.
function residuals({ x, y, s, B, pairs }, F, A, m, both) {
  const back = [0, 0, 0, 0];
  let [square, loss] = [0, 0];
  const q = (F, y) => {
    const z = s * F;
    const inside = Math.abs(z) <= B;
    const f = inside ? (z * z + B * B) / (4 * B) : Math.abs(z) / 2;
    loss += (y - f) ** 2 / (4 * pairs);
    return (y - f) * (s / 2) * (inside ? z / B : Math.sign(z));
  };
  for (let i = 0, j = 0; i < pairs; i++, j += 4) {
    const here = F[i] / m;
    const there = here - (A[0] * x[j] + A[1] * x[j + 1] + A[2] * x[j + 2] + A[3] * x[j + 3]) / m;
    square += here * here + there * there;
    const behind = q(there, y[i]) / (2 * pairs);
    both[i] = q(here, y[i]) / (2 * pairs) + behind;
    for (let c = 0; c < 4; c++) back[c] += behind * x[j + c];
  }
  return { back, square: square / (2 * pairs), loss };
}

// One step of Euler's method for all neurons, in place; false if it moves a by more than its own size.
function moveNeurons(x, a, w, both, back, step) {
  let [moved, size] = [0, 0];
  for (let k = 0, l = 0; k < a.length; k++, l += 4) {
    const [w0, w1, w2, w3] = [w[l], w[l + 1], w[l + 2], w[l + 3]];
    let [G0, G1, G2, G3] = [-back[0], -back[1], -back[2], -back[3]];
    for (let i = 0, j = 0; i < both.length; i++, j += 4) {
      const on = w0 * x[j] + w1 * x[j + 1] + w2 * x[j + 2] + w3 * x[j + 3] > 0 ? both[i] : 0;
      G0 += on * x[j];
      G1 += on * x[j + 1];
      G2 += on * x[j + 2];
      G3 += on * x[j + 3];
    }
    const ak = step * a[k];
    const da = step * (w0 * G0 + w1 * G1 + w2 * G2 + w3 * G3);
    moved += da * da;
    size += a[k] * a[k];
    a[k] += da;
    w[l] += ak * G0;
    w[l + 1] += ak * G1;
    w[l + 2] += ak * G2;
    w[l + 3] += ak * G3;
  }
  return moved <= size;
}

// Euler steps from (a, w); w of a.length rows. Saved every `every` steps, `count` times from t = 0: the root mean
// square of F over the inputs (error), and the amplitude of the mode. A run whose steps are too long (the loss rises)
// ends there, and nulls follow.
export function generalRun(generalCase, mode, a0, w0, step, every, count) {
  const { x, y, pairs } = generalCase;
  const [a, w] = [Float64Array.from(a0), Float64Array.from(w0)];
  const [F, both] = [new Float64Array(pairs), new Float64Array(pairs)];
  const saved = { error: Array(count).fill(null), amplitude: Array(count).fill(null) };
  const zero = y.reduce((sum, v) => sum + v * v, 0) / (2 * pairs); // the loss of f = 0
  let most = Infinity;
  for (let n = 0; n <= every * (count - 1); n++) {
    const A = firstLayerSums(x, a, w, F);
    const { back, square, loss } = residuals(generalCase, F, A, a.length, both);
    if (n === 0) most = loss + SLACK * (loss + zero);
    if (!(loss <= most)) break;
    if (n % every === 0) {
      saved.error[n / every] = Math.sqrt(square);
      saved.amplitude[n / every] = (mode.scale * A.reduce((sum, v, c) => sum + v * mode.v[c], 0)) / a.length;
    }
    if (!moveNeurons(x, a, w, both, back, step)) break;
  }
  return saved;
}
