// The infinite-width dynamics of a cloud of second-layer neurons, with the integral that the harmonics' decay asks for.
//
// An explicit pair of orders 5 and 4: for 128 neurons an implicit step, as in infinite.js, would solve with matrices of
// order 257. So a start that drives w2 to the edge at 0, where the flow is stiff, ends early here, and one neuron,
// which is to answer a slider, has infinite.js.

import { leftDomain } from "./finite.js";
import { radialAverages, sortedSecondLayer } from "./radius.js";
import { reluMean } from "./sphere.js";

const CLOUD_TOLERANCE = 1e-7; // of a step, relative
const MOST_STEPS = 3000;
const CURVATURE_STEP = 1e-5; // relative, of the central difference that is K

// Dormand and Prince: the last row of STAGES is also the step, the other row the difference between the orders.
const STAGES = [
  [1 / 5],
  [3 / 40, 9 / 40],
  [44 / 45, -56 / 15, 32 / 9],
  [19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729],
  [9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656],
  [35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84],
];
const BETWEEN_ORDERS = [71 / 57600, 0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40];

// y + h (the slopes, weighted)
function combine(y, weights, slopes, h) {
  const sum = Float64Array.from(y);
  weights.forEach((a, i) => {
    for (let j = 0; a && j < sum.length; j++) sum[j] += h * a * slopes[i][j];
  });
  return sum;
}

// A step h from y, where the slope is `first`: { after, last (the slope there), error (1 is allowed) }; the error is
// infinite where the step leaves the flow's domain, beyond which slope(y) is null.
function pairStep(slope, y, first, h) {
  const slopes = [first];
  let after = y;
  for (const row of STAGES) {
    after = combine(y, row, slopes, h);
    const next = slope(after);
    if (!next) return { after, last: first, error: Infinity };
    slopes.push(next);
  }
  const off = combine(new Float64Array(y.length), BETWEEN_ORDERS, slopes, h);
  const error = off.reduce((most, x, j) => Math.max(most, Math.abs(x) / (0.01 + Math.abs(after[j]))), 0);
  return { after, last: slopes[6], error: error / CLOUD_TOLERANCE };
}

// y at the times t, from y at t[0]; ends early where that would take more than MOST_STEPS.
function integrateTo(t, y, slope) {
  const saved = [y];
  let h = 0.01;
  let steps = 0;
  let first = slope(y);
  for (let i = 1; i < t.length; i++) {
    let now = t[i - 1];
    while (now < t[i]) {
      if (++steps > MOST_STEPS || h < 1e-9 * t[t.length - 1]) return saved;
      const step = Math.min(h, t[i] - now);
      const { after, last, error } = pairStep(slope, y, first, step);
      if (error <= 1) {
        now = step < t[i] - now ? now + step : t[i];
        [y, first] = [after, last];
      }
      const factor = error === Infinity ? 0.2 : Math.min(4, Math.max(0.2, 0.9 * error ** -0.2));
      if (error > 1 || step === h || factor < 1) h = step * factor;
    }
    saved.push(y);
  }
  return saved;
}

// The closed equations in y = (alpha, w2, b2, exponent), the exponent int eta_1 (alpha/C_d) K; K, the curvature of the
// loss in alpha, is a central difference of its slope, which is -pull. Null beyond the edge.
function cloudSlope(table, m2, [eta1, eta2]) {
  const C = reluMean(table.law.d);
  return (y) => {
    const [a, w, b] = [y[0], y.subarray(1, m2 + 1), y.subarray(m2 + 1, 2 * m2 + 1)];
    if (!(a > 0) || leftDomain({ w1: [a], w2: w, b2: b })) return null;
    const sorted = sortedSecondLayer(w, b);
    const { pull, dw2, db2 } = radialAverages(table, [a], w, b, sorted);
    const beside = [a * (1 - CURVATURE_STEP), a * (1 + CURVATURE_STEP)];
    const [less, more] = radialAverages(table, beside, w, b, sorted).pull;
    const v = new Float64Array(y.length);
    v[0] = 4 * eta1 * C * a * pull[0];
    for (let j = 0; j < m2; j++) {
      v[1 + j] = eta2 * dw2[j];
      v[1 + m2 + j] = eta2 * db2[j];
    }
    v[2 * m2 + 1] = ((eta1 * a) / C) * ((less - more) / (2 * CURVATURE_STEP * a));
    return v;
  };
}

// alpha, the means of w2 and b2, the loss and the exponent at the times t.
export function cloudCourse(table, { alpha, w2, b2 }, t, rates) {
  const m2 = w2.length;
  const states = integrateTo(t, Float64Array.of(alpha, ...w2, ...b2, 0), cloudSlope(table, m2, rates));
  const layer = (from) => states.map((y) => y.subarray(from, from + m2));
  const means = (rows) => rows.map((row) => row.reduce((sum, value) => sum + value, 0) / m2);
  const [w, b] = [layer(1), layer(m2 + 1)];
  return {
    t: t.slice(0, states.length),
    alpha: states.map((y) => y[0]),
    w2: means(w),
    b2: means(b),
    loss: states.map((y, i) => radialAverages(table, [y[0]], w[i], b[i]).loss[0]),
    exponent: states.map((y) => y[2 * m2 + 1]),
  };
}
