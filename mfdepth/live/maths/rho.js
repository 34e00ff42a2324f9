// The discretization error: rho of given neurons in closed form, its harmonics, and the first-order prediction of both.
//
// Neurons are rows of one Float64Array: w[k * d + i]. Names and formulas are those of mfdepth/discretization.py.

import { TOLERANCE, integrate, planarFlow } from "./infinite.js";
import { reluMean } from "./laws.js";

// lambda_l = E[ReLU(u_1) P_l(u_1)], l = 0 .. degree.
function reluEigenvalues(d, degree) {
  const values = new Array(degree + 1).fill(0);
  values[0] = reluMean(d);
  if (degree > 0) values[1] = 1 / (2 * d);
  for (let l = 0; l + 2 <= degree; l += 2) values[l + 2] = (-values[l] * (l - 1)) / (l + d + 1);
  return values;
}

// N(d, l) lambda_l^2, l = 0 .. degree, where the factors alone would leave the range of floats.
function reluEnergies(d, degree) {
  const energies = new Array(degree + 1).fill(0);
  const [zeroth, , second] = reluEigenvalues(d, 2);
  energies[0] = zeroth ** 2;
  if (degree > 0) energies[1] = 1 / (4 * d);
  if (degree > 1) energies[2] = ((d + 2) * (d - 1) * second ** 2) / 2;
  for (let l = 2; l + 2 <= degree; l += 2) {
    const dimensions = ((2 * l + d + 2) * (l + d - 1) * (l + d - 2)) / ((2 * l + d - 2) * (l + 2) * (l + 1));
    energies[l + 2] = energies[l] * dimensions * ((l - 1) / (l + d + 1)) ** 2;
  }
  return energies;
}

// E ReLU(a.u) ReLU(b.u) for unit a, b.
function reluKernel(cosine, d) {
  const c = Math.min(1, Math.max(-1, cosine));
  return (Math.sqrt((1 - c) * (1 + c)) + (Math.PI - Math.acos(c)) * c) / (2 * Math.PI * d);
}

// Lengths squared n_k, and the unit vectors; a neuron of length zero has no direction and no weight.
function polar(w, d) {
  const m = w.length / d;
  const n = new Float64Array(m);
  const unit = new Float64Array(w.length);
  for (let k = 0; k < m; k++) {
    for (let i = 0; i < d; i++) n[k] += w[k * d + i] ** 2;
    const length = Math.sqrt(n[k]) || 1;
    for (let i = 0; i < d; i++) unit[k * d + i] = w[k * d + i] / length;
  }
  return { m, n, unit };
}

export function firstLayerAlpha(w, d) {
  let sum = 0;
  for (const x of w) sum += x * x;
  return (reluMean(d) * sum) / (w.length / d);
}

// rho and its parts of degree 1 .. degree, by the kernel and by the Gegenbauer polynomials of the cosines.
export function harmonicErrors(w, d, degree) {
  const { m, n, unit } = polar(w, d);
  const parts = new Float64Array(degree + 1);
  const P = new Float64Array(degree + 1);
  let whole = 0;
  let total = 0;
  for (let k = 0; k < m; k++) {
    total += n[k];
    for (let j = 0; j <= k; j++) {
      let c = 0;
      for (let i = 0; i < d; i++) c += unit[k * d + i] * unit[j * d + i];
      c = Math.min(1, Math.max(-1, c));
      const weight = (j === k ? 1 : 2) * n[k] * n[j];
      whole += weight * reluKernel(c, d);
      P[0] = 1;
      if (degree > 0) P[1] = c;
      for (let l = 1; l < degree; l++) P[l + 1] = ((2 * l + d - 2) * c * P[l] - l * P[l - 1]) / (l + d - 2);
      for (let l = 1; l <= degree; l++) parts[l] += weight * P[l];
    }
  }
  const scale = 1 / (reluMean(d) * total) ** 2;
  const energies = reluEnergies(d, degree);
  return { rho: whole * scale - 1, parts: Array.from(parts, (part, l) => part * energies[l] * scale).slice(1) };
}

// K = w2^2 E[r^2; r <= R] + w2 R^2 p(R) ReLU(1 - R)/alpha, the curvature of the infinite-width loss in alpha.
function stability(law, alpha, w2, b2) {
  const R = -b2 / (w2 * alpha);
  const kink = R < 1 ? (w2 * R * R * law.density(R) * (1 - R)) / alpha : 0;
  return w2 * w2 * law.moments(R)[2] + kink;
}

// Along the infinite-width flow from a start, at times t that crowd towards 0: the exponent int_0^t (alpha/C_d) K that
// all harmonics share. t = end x^3 with x on an even grid, Simpson's rule over pairs of its steps.
export function sharedExponent(law, { alpha, w2, b2 }, end, rates, intervals) {
  const grid = Array.from({ length: 2 * intervals + 1 }, (_, i) => i / (2 * intervals));
  const flow = planarFlow(law, law.moments(1), { alpha, w2 }, rates);
  const { saved } = integrate(flow, [Math.log(-w2), b2], grid.map((x) => end * x ** 3), TOLERANCE);
  const states = saved.map(flow.unfold);
  const K = states.map((y) => stability(law, ...y));
  const c = rates[0] / reluMean(law.d);
  const slope = grid.map((x, i) => 3 * end * x * x * c * states[i][0] * K[i]);
  const exponent = [0];
  for (let i = 2; i < grid.length; i += 2) {
    const piece = (slope[i - 2] + 4 * slope[i - 1] + slope[i]) / (6 * intervals);
    exponent.push(exponent[exponent.length - 1] + piece);
  }
  const kept = (values) => values.filter((_, i) => i % 2 === 0);
  return { t: kept(grid).map((x) => end * x ** 3), exponent, states: kept(states), K: kept(K) };
}

// exp(-2 (4 + l (l + d - 2)) lambda_l^2 exponent) for l = 1 .. degree.
export function harmonicDecay(d, exponent, degree) {
  const lambda = reluEigenvalues(d, degree);
  return lambda.slice(1).map((value, i) => Math.exp(-2 * (4 + (i + 1) * (i + d - 1)) * value * value * exponent));
}

// The mean of rho over random first layers of m1 Gaussian neurons, and its parts of degree 1 .. degree, at the start.
export function expectedErrors(d, m1, degree) {
  const factor = (d + 2) / (d * m1 + 2) / reluMean(d) ** 2;
  const parts = reluEnergies(d, degree).slice(1).map((energy) => factor * energy);
  return { total: factor * (1 / (2 * d) - reluMean(d) ** 2), parts };
}

// What is left of rho; degrees beyond those given hardly move, so they stay.
export function remainingError({ total, parts }, decay) {
  return parts.reduce((rest, part, i) => rest - part * (1 - decay[i]), total);
}
