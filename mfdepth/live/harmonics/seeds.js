// Real training of small first layers, seed after seed: the gradient flow of mfdepth/finite.py with one second-layer
// neuron, by Heun's method with the same error control. In a direction u the learner is F(u) r, so the means over the
// radius are those of dynamics.js with alpha = F(u). Runs in a worker.

import { expectations } from "../maths/infinite.js";
import { besselLaw } from "../maths/laws.js";
import { firstLayerAlpha, harmonicErrors } from "../maths/rho.js";

const STEP_TOLERANCE = 0.01;

// Uniform numbers from a seed (mulberry32), and from them Gaussian ones (Box and Muller).
function gaussians(seed) {
  let state = (seed * 0x9e3779b9 + 0x6d2b79f5) >>> 0;
  const uniform = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 4294967296;
  };
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}

// m1 Gaussian neurons, scaled so that their alpha is exactly `alpha`.
function drawFirstLayer(d, m1, alpha, normal) {
  const w = Float64Array.from({ length: m1 * d }, normal);
  const scale = Math.sqrt(alpha / firstLayerAlpha(w, d));
  return w.map((x) => x * scale);
}

// The rows of a random orthonormal basis and their negatives, 2d unit vectors.
function drawBasis(d, normal) {
  const u = new Float64Array(2 * d * d);
  for (let a = 0; a < d; a++) {
    for (let i = 0; i < d; i++) u[a * d + i] = normal();
    for (let pass = 0; pass < 2; pass++) {
      for (let b = 0; b < a; b++) {
        let dot = 0;
        for (let i = 0; i < d; i++) dot += u[a * d + i] * u[b * d + i];
        for (let i = 0; i < d; i++) u[a * d + i] -= dot * u[b * d + i];
      }
    }
    let norm = 0;
    for (let i = 0; i < d; i++) norm += u[a * d + i] ** 2;
    norm = Math.sqrt(norm);
    for (let i = 0; i < d; i++) u[d * d + a * d + i] = -(u[a * d + i] /= norm);
  }
  return u;
}

// The mean-field velocity of (w, w2, b2), averaged over directions u (rows of d).
function seedVelocity(law, atOne, { w, w2, b2 }, u) {
  const d = law.d;
  const [m1, count] = [w.length / d, u.length / d];
  const length = new Float64Array(m1);
  for (let k = 0; k < m1; k++) {
    let square = 0;
    for (let i = 0; i < d; i++) square += w[k * d + i] ** 2;
    length[k] = Math.sqrt(square);
  }
  const toward = new Float64Array(w.length); // mean_u q 1{w_k.u > 0} u
  const inner = new Float64Array(m1);
  let [dw2, db2] = [0, 0];
  for (let j = 0; j < u.length; j += d) {
    let F = 0;
    for (let k = 0; k < m1; k++) {
      let dot = 0;
      for (let i = 0; i < d; i++) dot += w[k * d + i] * u[j + i];
      inner[k] = dot;
      if (dot > 0) F += length[k] * dot;
    }
    F /= m1;
    const [h0, h1] = expectations(law, atOne, [Math.max(F, 1e-12), w2, b2]);
    const q = (w2 * h1) / count;
    for (let k = 0; k < m1; k++) if (inner[k] > 0) for (let i = 0; i < d; i++) toward[k * d + i] += q * u[j + i];
    dw2 += (F * h1) / count;
    db2 += h0 / count;
  }
  const dw = new Float64Array(w.length);
  for (let k = 0; k < m1; k++) {
    let stretch = 0;
    for (let i = 0; i < d; i++) stretch += toward[k * d + i] * w[k * d + i];
    stretch /= length[k] || 1;
    for (let i = 0; i < d; i++) dw[k * d + i] = stretch * w[k * d + i] + length[k] * toward[k * d + i];
  }
  return { w: dw, w2: dw2, b2: db2 };
}

function moved(state, velocity, h) {
  return {
    w: state.w.map((x, i) => x + h * velocity.w[i]),
    w2: state.w2 + h * velocity.w2,
    b2: state.b2 + h * velocity.b2,
  };
}

// Heun's step and its difference from Euler's, relative; Infinity where the step leaves w2 < 0 < b2.
function heunStep(law, atOne, state, h, u) {
  const flows = ({ w2, b2 }) => w2 < 0 && b2 > 0;
  const first = seedVelocity(law, atOne, state, u);
  const euler = moved(state, first, h);
  if (!flows(euler)) return { state, error: Infinity };
  const after = moved(moved(state, first, h / 2), seedVelocity(law, atOne, euler, u), h / 2);
  if (!flows(after)) return { state, error: Infinity };
  let [apart, size] = [0, 0];
  after.w.forEach((x, i) => {
    apart += (x - euler.w[i]) ** 2;
    size += x * x;
  });
  const relative = (name) => Math.abs((after[name] - euler[name]) / after[name]);
  return { state: after, error: Math.max(Math.sqrt(apart / size), relative("w2"), relative("b2")) };
}

// Trains from a state and calls save(state, i) at each of the times; draw() gives the directions of a step.
function trainSeed(law, state, times, draw, save) {
  const atOne = law.moments(1);
  let clock = 0;
  let step = 1;
  times.forEach((until, i) => {
    while (clock < until) {
      let h = (until - clock) / Math.ceil((until - clock) / step);
      const result = heunStep(law, atOne, state, h, draw());
      if (result.error > STEP_TOLERANCE) {
        step = h / 2;
        if (step < 1e-9) throw new Error("no step is short enough");
        continue;
      }
      state = result.state;
      clock = clock + h > until * (1 - 1e-12) ? until : clock + h;
      step = Math.min(1, h * Math.min(2, 0.9 * Math.sqrt(STEP_TOLERANCE / Math.max(result.error, 1e-300))));
    }
    save(state, i);
  });
}

// One seed of the figure: { rho, parts } at each of the times, handed to `save` one by one.
export function simulateSeed({ d, m1, alpha, w2, b2, times, seed, degree }, save) {
  const [law, normal] = [besselLaw(d), gaussians(seed)];
  const frames = Math.ceil(30 / d);
  const draw = () => {
    const bases = Array.from({ length: frames }, () => drawBasis(d, normal));
    return Float64Array.from({ length: frames * 2 * d * d }, (_, i) => bases[Math.floor(i / (2 * d * d))][i % (2 * d * d)]);
  };
  const start = { w: drawFirstLayer(d, m1, alpha, normal), w2, b2 };
  trainSeed(law, start, times, draw, ({ w }, i) => save(harmonicErrors(w, d, degree), i));
}
