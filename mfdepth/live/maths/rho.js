// The discretization error rho of a first layer, and its prediction to first order: mfdepth/rho.py, and
// harmonics.py and decay.py of mfdepth/chapters/discretization.
//
// A first layer is a Float64Array, its neurons row by row. An error is { rho, parts }: the whole, and the parts of
// degree 1, 2, ... of the harmonics; those of odd degree from 3 on are zero.

import { infiniteWidth } from "./infinite.js";
import { eachProduct, rowLengths, unitRows } from "./matrices.js";
import { evenGegenbauer, reluEnergies, reluKernel, reluMean, tangentEigenvalues } from "./sphere.js";

export function firstLayerAlpha(w, d) {
  let sum = 0;
  for (let i = 0; i < w.length; i++) sum += w[i] * w[i];
  return (reluMean(d) * sum) / (w.length / d);
}

// rho by the kernel, and its parts up to a degree by the Gegenbauer polynomials of the cosines.
export function errorsOf(w, d, degree = 0) {
  const m = w.length / d;
  const lengths = rowLengths(w, m, d);
  const total = lengths.reduce((sum, x) => sum + x * x, 0);
  const share = lengths.map((x) => (x * x) / total);
  const unit = unitRows(w, lengths);
  const steps = evenGegenbauer(d, degree);
  const forms = new Float64Array(degree + 1); // share'P_l share
  const scale = 1 / reluMean(d) ** 2;
  let kernel = 0;
  eachProduct(unit, m, d, (i, cosines) => {
    cosines[0] = 1;
    for (let j = 0; j < cosines.length; j++) {
      const weight = share[i] * share[i + j] * (j ? 2 : 1);
      kernel += weight * reluKernel(cosines[j], d);
      if (degree) addForms(forms, weight, Math.max(-1, Math.min(1, cosines[j])), steps);
    }
  });
  const parts = reluEnergies(d, degree).map((energy, l) => energy * scale * forms[l]);
  return { rho: kernel * scale - 1, parts: parts.slice(1) };
}

// weight P_l(c) to each form of degree 1, 2, 4, ...
function addForms(forms, weight, c, steps) {
  forms[1] += weight * c;
  let before = 0;
  let P = 1;
  for (let k = 0, l = 2; k < steps.length; k += 3, l += 2) {
    const next = (steps[k] * c * c + steps[k + 1]) * P + steps[k + 2] * before;
    before = P;
    P = next;
    forms[l] += weight * P;
  }
}

// K = w2^2 E[r^2; r <= R] + w2 R^2 p(R) ReLU(1 - R)/alpha, the curvature of the infinite-width loss in alpha.
export function stability(law, alpha, w2, b2) {
  const R = -b2 / (w2 * alpha);
  const kink = R < 1 ? (w2 * R * R * law.density(R) * (1 - R)) / alpha : 0;
  return w2 * w2 * law.moments(R)[2] + kink;
}

// Along the infinite-width flow from a start, at the times t: K, and the exponent int_0^t eta_1 (alpha/C_d) K that all
// harmonics share, by Simpson's rule between each two times.
export function sharedExponent(law, start, t, rates) {
  const fine = t.flatMap((time, i) => (i ? [(t[i - 1] + time) / 2, time] : [time]));
  const run = infiniteWidth(law, start, fine, rates);
  const K = run.alpha.map((alpha, i) => stability(law, alpha, run.w2[i], run.b2[i]));
  const slope = K.map((k, i) => (rates[0] / reluMean(law.d)) * run.alpha[i] * k);
  let sum = 0;
  const exponent = t.map((time, i) => {
    if (i) sum += ((time - t[i - 1]) * (slope[2 * i - 2] + 4 * slope[2 * i - 1] + slope[2 * i])) / 6;
    return sum;
  });
  return { exponent, K: t.map((_, i) => K[2 * i]) };
}

// exp(-2 (4 + l (l + d - 2)) lambda_l^2 exponent) for l = 1 .. degree.
export function harmonicDecay(d, exponent, degree) {
  return tangentEigenvalues(d, degree).slice(1).map((gamma) => Math.exp(-2 * gamma * exponent));
}

// The mean error of random first layers of m1 neurons, of Gaussian lengths or of one length.
export function expectedErrors(d, m1, degree, lengths = "gaussian") {
  const gaussian = lengths === "gaussian" ? 2 : 0;
  const factor = (d + gaussian) / (d * m1 + gaussian) / reluMean(d) ** 2;
  const parts = reluEnergies(d, degree).slice(1).map((energy) => factor * energy);
  return { rho: factor * (1 / (2 * d) - reluMean(d) ** 2), parts };
}

// What is left of rho, by the factor of each degree; degrees beyond those given hardly move, so they stay.
export function remainingError({ rho, parts }, decay) {
  return parts.reduce((rest, part, i) => rest - part * (1 - decay[i]), rho);
}
