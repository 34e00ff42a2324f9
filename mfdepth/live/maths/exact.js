// The exact law of the discretization error: mfdepth/chapters/discretization/exact.py.
//
// e(u) = F(u)/alpha - 1, nu the law of the unit neurons v with weights |w|^2, x^(v) = E_u[x(u) ReLU(v.u)]. The flow
// moves e by -(eta_1/C_d) N l'(F); here N e is in closed form, as ReLUs have a kernel.

import { product, rowLengths, unitRows } from "./matrices.js";
import { reluKernel, reluMean } from "./sphere.js";

// The weights of the neurons and their unit vectors, e^ up to a constant and its gradient on the sphere.
function seen(w, d) {
  const lengths = rowLengths(w, w.length / d, d);
  const total = lengths.reduce((sum, x) => sum + x * x, 0);
  const share = lengths.map((x) => (x * x) / total);
  const unit = unitRows(w, lengths);
  const [m, C] = [share.length, reluMean(d)];
  const cosines = product(unit, unit, d);
  const heard = new Float64Array(m);
  const gradient = new Float64Array(m * d);
  for (let k = 0; k < m; k++) {
    for (let j = 0; j < m; j++) {
      const c = j === k ? 1 : Math.max(-1, Math.min(1, cosines[k * m + j]));
      heard[k] += (share[j] * reluKernel(c, d)) / C;
      const toward = (share[j] * (0.5 - Math.acos(c) / (2 * Math.PI))) / (d * C); // the kernel's derivative in c
      for (let i = 0; i < d; i++) gradient[k * d + i] += toward * (unit[j * d + i] - c * unit[k * d + i]);
    }
  }
  return { share, unit, heard, gradient };
}

// Of a first layer (m1 x d), along the rows of Q (n x d) and then their negatives: F, e and N e; and alpha, <e, N e>.
export function errorOf(w, d, Q) {
  const { share, unit, heard, gradient } = seen(w, d);
  const [m, n] = [share.length, Q.length / d];
  const middle = heard.reduce((sum, x, k) => sum + share[k] * x, 0);
  const [P, turning] = [product(unit, Q, d), product(gradient, Q, d)];
  const [e, moved] = [new Float64Array(2 * n).fill(-1), new Float64Array(2 * n)];
  let contraction = 0;
  for (let k = 0; k < m; k++) {
    const off = heard[k] - middle;
    let steep = 0;
    for (let i = 0; i < d; i++) steep += gradient[k * d + i] ** 2;
    contraction += share[k] * (4 * off * off + steep);
    for (let i = 0; i < n; i++) {
      const p = P[k * n + i];
      const at = p > 0 ? i : n + i; // active along u, or along -u
      e[at] += (share[k] * Math.abs(p)) / reluMean(d);
      moved[at] += share[k] * (4 * off * Math.abs(p) + Math.sign(p) * turning[k * n + i]);
    }
  }
  const alpha = (reluMean(d) * w.reduce((sum, x) => sum + x * x, 0)) / m;
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
