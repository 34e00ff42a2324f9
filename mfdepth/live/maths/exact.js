// The exact law of the discretization error: mfdepth/chapters/discretization/exact.py.
//
// e(u) = F(u)/alpha - 1, nu the law of the unit neurons v with weights |w|^2, x^(v) = E_u[x(u) ReLU(v.u)]. The flow
// moves e by -(eta_1/C_d) N l'(F); here N e is in closed form, as ReLUs have a kernel.

import { eachProduct, product, rowLengths, transposed, unitRows } from "./matrices.js";
import { reluKernel, reluMean } from "./sphere.js";

// The weights of the neurons and their unit vectors, e^ up to a constant and its gradient on the sphere.
function seen(w, d) {
  const m = w.length / d;
  const lengths = rowLengths(w, m, d);
  const total = lengths.reduce((sum, x) => sum + x * x, 0);
  const share = lengths.map((x) => (x * x) / total);
  const unit = unitRows(w, lengths);
  const C = reluMean(d);
  const [heard, outward] = [new Float64Array(m), new Float64Array(m)];
  const toward = new Float64Array(m * m); // how much of u_j the gradient at u_k has
  eachProduct(unit, m, d, (k, cosines) => {
    for (let j = k; j < m; j++) {
      const c = j === k ? 1 : Math.max(-1, Math.min(1, cosines[j - k]));
      const kernel = reluKernel(c, d) / C;
      const slope = (0.5 - Math.acos(c) / (2 * Math.PI)) / (d * C); // the kernel's derivative in c
      toward[k * m + j] = share[j] * slope;
      toward[j * m + k] = share[k] * slope;
      heard[k] += share[j] * kernel;
      outward[k] += share[j] * slope * c;
      if (j === k) continue;
      heard[j] += share[k] * kernel;
      outward[j] += share[k] * slope * c;
    }
  });
  const gradient = product(toward, transposed(unit, m, d), m);
  for (let k = 0; k < m; k++) for (let i = k * d; i < (k + 1) * d; i++) gradient[i] -= outward[k] * unit[i];
  return { share, unit, heard, gradient };
}

// Of a first layer (m1 x d), along directions and then their negatives: F, e and N e; and alpha, <e, N e>. along(A):
// the rows of A (m1 x d) seen along some directions (m1 x n), and along others, matrix by matrix.
export function errorOf(w, d, along) {
  const { share, unit, heard, gradient } = seen(w, d);
  const [m, C] = [share.length, reluMean(d)];
  const middle = heard.reduce((sum, x, k) => sum + share[k] * x, 0);
  const [steep, turning] = [rowLengths(gradient, m, d), along(gradient)];
  const contraction = steep.reduce((sum, g, k) => sum + share[k] * (4 * (heard[k] - middle) ** 2 + g * g), 0);
  const half = turning.reduce((sum, matrix) => sum + matrix.length / m, 0);
  const [e, moved] = [new Float64Array(2 * half).fill(-1), new Float64Array(2 * half)];
  let first = 0;
  along(unit).forEach((P, block) => {
    const [n, turn] = [P.length / m, turning[block]];
    for (let k = 0, from = 0; k < m; k++) {
      const [perC, off] = [share[k] / C, 4 * (heard[k] - middle)];
      for (let i = first; i < first + n; i++, from++) {
        const p = P[from];
        const side = Number(p > 0) - Number(p < 0);
        const at = i + half * Number(side < 0); // active along u, or along -u
        e[at] += perC * side * p;
        moved[at] += share[k] * side * (off * p + turn[from]);
      }
    }
    first += n;
  });
  const alpha = (C * w.reduce((sum, x) => sum + x * x, 0)) / m;
  return { alpha, F: e.map((x) => alpha * (1 + x)), e, moved, contraction };
}

// d rho/dt = -(2 eta_1/C_d) E_u[(N e) l'(F)] at rate 1, exactly, but for the mean over directions. With one neuron in
// the second layer, w2 < 0 < b2, and the kink R = -b2/(w2 alpha), it is w2 linear + w2^2 square: [linear, square] at R.
export function rhoVelocityAt(table, { alpha, F, moved }, R) {
  const M = new Float64Array(3);
  const [, one1, one2] = table.one;
  let [linear, square] = [0, 0];
  for (let i = 0; i < F.length; i++) {
    const kink = F[i] > 0 ? (alpha * R) / F[i] : Infinity;
    table.read(Math.min(kink, 1e30), M);
    linear += moved[i] * (kink < 1 ? M[1] - M[2] : one1 - one2); // E[f* r; r <= kink]
    square += moved[i] * (alpha * R * M[1] - F[i] * M[2]); // E[f r; r <= kink] over |w2|
  }
  const scale = 2 / (reluMean(table.law.d) * F.length);
  return [scale * linear, scale * square];
}

// The same error with its directions gathered at equally spaced F, each by linear weights at the two beside its own: as
// good for what is smooth in F, and quick to ask at many R. rhoVelocityAt is smooth where no F is 0.
export function gathered({ alpha, F, moved }, nodes) {
  const [low, high] = [F.reduce((a, b) => Math.min(a, b)), F.reduce((a, b) => Math.max(a, b))];
  const step = (high - low) / (nodes - 1);
  const sums = new Float64Array(nodes);
  for (let i = 0; i < F.length; i++) {
    const place = (F[i] - low) / step;
    const at = Math.min(Math.floor(place), nodes - 2);
    sums[at] += (at + 1 - place) * moved[i];
    sums[at + 1] += (place - at) * moved[i];
  }
  return { alpha, F: sums.map((_, k) => low + k * step), moved: sums.map((x) => (x * nodes) / F.length) };
}
