// The infinite-width dynamics with one second-layer neuron, f(x) = ReLU(w2 alpha |x| + b2).
//
// In y = (alpha, w2, b2) the flow is  alpha' = 4 eta1 C_d alpha w2 H_1,  w2' = eta2 alpha H_1,  b2' = eta2 H_0,  where
// H_n = E[(f* - f) r^n; r < R] and R = -b2/(w2 alpha) is the radius beyond which f vanishes. With m = min(R, 1) the
// difference f* - f is (1 - b2) - (1 + w2 alpha) r up to m, and -f or f* between m and max(R, 1): partial moments of
// the law at R and at 1 are all there is to compute.

import { reluMean } from "./sphere.js";

const DEAD =
  "Every second-layer neuron is dead: ReLU(w₂F + b₂) is zero everywhere, so the gradient is zero, and nothing moves.";

// What, in a sentence or two, is wrong with the second layer of a start; empty when nothing is.
export function startProblem(w2, b2) {
  const growing = w2.filter((w) => w > 0).length;
  const constant = w2.filter((w, j) => w === 0 && b2[j] > 0).length;
  const some = (count) =>
    w2.length === 1 ? "the second-layer neuron has" : `${count} of ${w2.length} second-layer neurons have`;
  if (growing) {
    return `No flow starts here: ${
      some(growing)
    } w₂ > 0. So the network grows with r, and the input law has so heavy a tail ` +
      "that the loss is infinite.";
  }
  if (constant) {
    return `No flow starts here: ${
      some(constant)
    } w₂ = 0 < b₂, which is constant, and under so heavy a tail the velocity of ` +
      "w₂ is infinite.";
  }
  return b2.every((b) => b <= 0) ? DEAD : "";
}

const TOLERANCE = 4e-9; // of one step; whole trajectories are then within 1e-6

// [H_0, H_1, loss] at (alpha, w2, b2).
function expectations(law, atOne, state) {
  const [alpha, w2, b2] = state;
  const slope = w2 * alpha;
  const atR = b2 > 0 ? law.moments(-b2 / slope) : [0, 0, 0];
  const beyond = b2 + slope > 0; // R > 1
  const [m0, m1, m2] = beyond ? atOne : atR;
  const [far0, far1, far2] = beyond ? atR : atOne;
  const [rest0, rest1, rest2] = [far0 - m0, far1 - m1, far2 - m2];
  const [p, q] = [1 - b2, -1 - slope]; // f* - f = p + q r up to m = min(R, 1)
  const [u, v] = beyond ? [b2, slope] : [1, -1]; // |f* - f| = u + v r from there to max(R, 1)
  let h0 = p * m0 + q * m1;
  let h1 = p * m1 + q * m2;
  if (beyond) {
    h0 -= u * rest0 + v * rest1;
    h1 -= u * rest1 + v * rest2;
  }
  const near = p * p * m0 + 2 * p * q * m1 + q * q * m2;
  const far = u * u * rest0 + 2 * u * v * rest1 + v * v * rest2;
  return [h0, h1, (near + Math.max(far, 0)) / 2];
}

// The flow in the plane of g = log(-w2) and b2. alpha follows from what the flow conserves, alpha - 2 C_d eta1/eta2
// w2^2, and the logarithm keeps w2 negative: a start with b2 near 0 brings w2 within 1e-9 of 0, where the tail holds
// it.
function planarFlow(law, atOne, { alpha, w2 }, rates) {
  const gain = (2 * reluMean(law.d) * rates[0]) / rates[1];
  const conserved = alpha - gain * w2 * w2;
  const unfold = ([g, b2]) => {
    const w = -Math.exp(g);
    return [conserved + gain * w * w, w, b2];
  };
  const velocity = (y) => {
    const state = unfold(y);
    const [h0, h1] = expectations(law, atOne, state);
    return [(rates[1] * state[0] * h1) / state[1], rates[1] * h0];
  };
  // How much w2 and alpha together move with g: with a fast first layer alpha is the delicate one.
  const sensitivity = (g) => Math.exp(g) + 2 * gain * Math.exp(2 * g);
  return { unfold, velocity, sensitivity };
}

// Linearly implicit Euler steps, extrapolated (Deuflhard's method for stiff equations): 1, 2, ..., 8 substeps give a
// triangle of estimates of rising order, and the last two entries of a row tell its error. The flow is stiff, with fast
// rates and slow ones far apart, and implicit steps follow it at any size. Null when a step of this size will not do.
function extrapolatedStep({ velocity, sensitivity }, y, h, tolerance) {
  const [v0, v1] = velocity(y);
  const [dx, dy] = [1e-7 * (1 + Math.abs(y[0])), 1e-7 * (1 + Math.abs(y[1]))];
  const [vx0, vx1] = velocity([y[0] + dx, y[1]]);
  const [vy0, vy1] = velocity([y[0], y[1] + dy]);
  const [a, b, c, d] = [(vx0 - v0) / dx, (vy0 - v0) / dy, (vx1 - v1) / dx, (vy1 - v1) / dy]; // the Jacobian
  let previous = [];
  let lastError = Infinity;
  for (let n = 1; n <= 8; n++) {
    const e = h / n;
    const determinant = (1 - e * a) * (1 - e * d) - e * e * b * c;
    let [g, b2, u0, u1] = [y[0], y[1], v0, v1];
    for (let i = 1; i <= n; i++) {
      g += (e * ((1 - e * d) * u0 + e * b * u1)) / determinant;
      b2 += (e * (e * c * u0 + (1 - e * a) * u1)) / determinant;
      if (i < n) [u0, u1] = velocity([g, b2]);
    }
    const row = [[g, b2]];
    for (let k = 1; k < n; k++) {
      const [x, old] = [row[k - 1], previous[k - 1]];
      const f = (n - k) / k;
      row.push([x[0] + (x[0] - old[0]) * f, x[1] + (x[1] - old[1]) * f]);
    }
    if (n > 1) {
      const [best, next] = [row[n - 1], row[n - 2]];
      const allowed = Math.min(0.03, tolerance / sensitivity(Math.max(y[0], best[0]))); // of an error in g
      const error = Math.max(Math.abs(best[0] - next[0]) / allowed, Math.abs(best[1] - next[1]) / tolerance);
      if (error <= 1) return { y: best, columns: n };
      if (!(error < lastError) && n > 2) return null;
      lastError = error;
    }
    previous = row;
  }
  return null;
}

// y at every time of t.
function integrate(flow, y, t, tolerance) {
  const saved = [y];
  let step = t[1] - t[0];
  let steps = 0;
  for (let i = 1; i < t.length; i++) {
    let now = t[i - 1];
    while (now < t[i]) {
      if (++steps > 20000) throw new Error("the integrator took too many steps");
      const h = Math.min(step, t[i] - now);
      const result = extrapolatedStep(flow, y, h, tolerance);
      if (result) {
        y = result.y;
        now = h < t[i] - now ? now + h : t[i];
        if (result.columns <= 5) step = Math.max(step, 2 * h);
      } else {
        step = h / 3;
      }
    }
    saved.push(y);
  }
  return saved;
}

// The trajectory from (alpha, w2, b2) at the times t, the first of them 0. An impossible start comes back with its
// problem and no times; a dead one with its problem and constant curves.
export function infiniteWidth(law, start, t, rates) {
  const { alpha, w2, b2 } = start;
  const problem = startProblem([w2], [b2]);
  if (problem && problem !== DEAD) return { problem, t: [], alpha: [], w2: [], b2: [], loss: [] };
  const atOne = law.moments(1);
  let states = t.map(() => [alpha, w2, b2]);
  if (!problem) {
    const flow = planarFlow(law, atOne, start, rates);
    states = integrate(flow, [Math.log(-w2), b2], t, TOLERANCE).map(flow.unfold);
  }
  const column = (j) => states.map((y) => y[j]);
  const loss = states.map((y) => expectations(law, atOne, y)[2]);
  return { problem, t, alpha: column(0), w2: column(1), b2: column(2), loss };
}
