// One training: its start, the infinite-width flow from the same start, the first-order prediction of rho, and the run
// itself. course.py is the same in Python, number by number: `Training(...).run()` repeats a run of the page.

import { advance, leftDomain, orthonormalBases, product, rowLengths, slopesAlong, transposed, velocity } from "../maths/finite.js";
import { besselLaw, reluMean } from "../maths/laws.js";
import { momentTable, radialAverages, sortedSecondLayer } from "../maths/radius.js";
import { gaussians } from "../maths/random.js";
import { harmonics, predictedRho, roundness } from "../maths/roundness.js";

const STREAMS = { firstLayer: 0, secondLayer: 1, rays: 2, directions: 3 }; // of the generator
const TOLERANCE = 0.01; // of a step
const SAVED = 50; // stretches between saved times, at most
const RAYS = 12; // along which f is drawn
const MOST_STEPS = 3000; // of the infinite-width flow
const CURVATURE_STEP = 1e-5; // relative, of the central difference that is K

// w1 is Gaussian with C_d E|w1|^2 = alpha; the second layer is Gaussian around (w2, b2), at the mean if it is one neuron.
function trainingStart({ d, m1, m2, alpha, w2, b2, spread, seed }) {
  const scale = Math.sqrt(alpha / (reluMean(d) * d));
  const cloud = gaussians(seed, STREAMS.secondLayer, 0, 2 * m2);
  const width = m2 > 1 ? spread : 0;
  return {
    w1: gaussians(seed, STREAMS.firstLayer, 0, m1 * d).map((x) => x * scale),
    w2: cloud.slice(0, m2).map((x) => w2 + width * x),
    b2: cloud.slice(m2).map((x) => b2 + width * x),
  };
}

// What, in a sentence or two, is wrong with a start; empty when nothing is.
function startProblem({ w2, b2 }) {
  const some = (count) => (w2.length === 1 ? "the second-layer neuron has" : `${count} of ${w2.length} second-layer neurons have`);
  const up = w2.filter((w) => w > 0).length;
  const flat = w2.filter((w, j) => w === 0 && b2[j] > 0).length;
  if (up) {
    return `No flow starts here: ${some(up)} w₂ > 0. They grow with r, and the input law has so heavy a tail that the loss is infinite.`;
  }
  if (flat) {
    return `No flow starts here: ${some(flat)} w₂ = 0 < b₂. They are constant, and under so heavy a tail the velocity of w₂ is infinite.`;
  }
  if (b2.every((b) => b <= 0)) {
    return "Every second-layer neuron is dead: ReLU(w₂F + b₂) is zero everywhere, so the gradient is zero and nothing ever moves.";
  }
  return "";
}

// Time in intervals, each with its own directions: at most 1 long, shorter when a rate is above 1. Saved every `stride`.
function trainingPlan({ t_end, eta_1, eta_2 }) {
  const count = Math.ceil(t_end * Math.max(1, eta_1, eta_2) - 1e-9);
  return { count, interval: t_end / count, stride: Math.ceil(count / SAVED) };
}

function savedTimes({ count, interval, stride }) {
  const steps = [];
  for (let k = 0; k < count; k += stride) steps.push(k);
  return [...steps, count].map((k) => k * interval);
}

// The directions of the k-th interval: at least 100 rows of random orthonormal bases; their negatives belong to them.
function trainingDirections(d, seed, k) {
  const bases = Math.ceil(100 / d);
  return orthonormalBases(gaussians(seed, STREAMS.directions, k, bases * d * d), bases, d);
}

function trainingRays(d, seed) {
  const rays = gaussians(seed, STREAMS.rays, 0, RAYS * d);
  const lengths = rowLengths(rays, RAYS, d);
  return rays.map((x, i) => x / lengths[Math.floor(i / d)]);
}

// --- infinite width --------------------------------------------------------------------------------------------------

// Dormand and Prince's pair of orders 5 and 4: the last row of A is also the step, E the difference between the two.
const DORMAND_PRINCE = {
  A: [
    [1 / 5],
    [3 / 40, 9 / 40],
    [44 / 45, -56 / 15, 32 / 9],
    [19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729],
    [9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656],
    [35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84],
  ],
  E: [71 / 57600, 0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40],
};

// y at the times t, from y at t[0]; ends early where that would take more than MOST_STEPS: a start that drives w2 to the
// edge at 0, where the flow is stiff. slope(y) is null beyond the edge.
function integrateTo(t, y, slope, tolerance) {
  const { A, E } = DORMAND_PRINCE;
  const saved = [y];
  let h = 0.01;
  let steps = 0;
  let first = slope(y);
  const combine = (y, weights, slopes, h) => {
    const sum = Float64Array.from(y);
    weights.forEach((a, i) => {
      for (let j = 0; a && j < sum.length; j++) sum[j] += h * a * slopes[i][j];
    });
    return sum;
  };
  for (let i = 1; i < t.length; i++) {
    let now = t[i - 1];
    while (now < t[i]) {
      if (++steps > MOST_STEPS || h < 1e-9 * t[t.length - 1]) return saved;
      const step = Math.min(h, t[i] - now);
      const slopes = [first];
      let after = y;
      for (const row of A) {
        after = combine(y, row, slopes, step);
        slopes.push(slope(after));
        if (!slopes[slopes.length - 1]) break;
      }
      let error = Infinity;
      if (slopes.length === 7 && slopes[6]) {
        const off = combine(new Float64Array(y.length), E, slopes, step);
        error = off.reduce((most, x, j) => Math.max(most, Math.abs(x) / (tolerance * (0.01 + Math.abs(after[j])))), 0);
      }
      if (error <= 1) {
        now = step < t[i] - now ? now + step : t[i];
        [y, first] = [after, slopes[6]];
      }
      const factor = error === Infinity ? 0.2 : Math.min(4, Math.max(0.2, 0.9 * error ** -0.2));
      if (error > 1 || step === h || factor < 1) h = step * factor;
    }
    saved.push(y);
  }
  return saved;
}

// The closed equations in (alpha, w2, b2), with the integral of eta_1 (alpha/C_d) K beside them; K is the curvature of
// the loss in alpha, a central difference of its slope, which is -pull.
function idealCourse(table, { alpha, w2, b2 }, t, [eta1, eta2]) {
  const C = reluMean(table.law.d);
  const m2 = w2.length;
  const start = Float64Array.of(alpha, ...w2, ...b2, 0);
  const slope = (y) => {
    const [a, w, b] = [y[0], y.subarray(1, m2 + 1), y.subarray(m2 + 1, 2 * m2 + 1)];
    if (!(a > 0) || leftDomain({ w1: [a], w2: w, b2: b })) return null;
    const sorted = sortedSecondLayer(w, b);
    const { pull, dw2, db2 } = radialAverages(table, [a], w, b, sorted);
    const [less, more] = radialAverages(table, [a * (1 - CURVATURE_STEP), a * (1 + CURVATURE_STEP)], w, b, sorted).pull;
    const K = (less - more) / (2 * CURVATURE_STEP * a);
    const v = new Float64Array(y.length);
    v[0] = 4 * eta1 * C * a * pull[0];
    for (let j = 0; j < m2; j++) {
      v[1 + j] = eta2 * dw2[j];
      v[1 + m2 + j] = eta2 * db2[j];
    }
    v[2 * m2 + 1] = ((eta1 * a) / C) * K;
    return v;
  };
  const states = integrateTo(t, start, slope, 1e-7);
  const mean = (x) => x.reduce((sum, value) => sum + value, 0) / m2;
  const [ws, bs] = [states.map((y) => y.subarray(1, m2 + 1)), states.map((y) => y.subarray(m2 + 1, 2 * m2 + 1))];
  return {
    t: t.slice(0, states.length),
    alpha: states.map((y) => y[0]),
    w2: ws.map(mean),
    b2: bs.map(mean),
    loss: states.map((y, i) => radialAverages(table, [y[0]], ws[i], bs[i]).loss[0]),
    pull: states.map((y) => y[2 * m2 + 1]),
  };
}

// --- the run itself --------------------------------------------------------------------------------------------------

// A training at time 0: `follow()` finds its infinite-width course, `advance()` takes it through one interval, `frame()`
// says where it is. `problem` says, in words, why it cannot start or go on.
export function createTraining(settings) {
  const { d, seed, eta_1, eta_2 } = settings;
  const start = trainingStart(settings);
  const plan = trainingPlan(settings);
  const parts = harmonics(d);
  const rays = trainingRays(d, seed);
  const atStart = roundness(start.w1, d, parts);
  const table = momentTable(besselLaw(d));
  const history = { t: [], loss: [], alpha: [], rho: [] };
  const training = { plan, k: 0, rejected: 0, problem: startProblem(start), ideal: null };
  // Where an interval's directions are one basis, the first layer is kept in its coordinates: { state, basis }, null before.
  let here = { state: start, basis: null };
  let [Q, first] = [null, null]; // the directions of the interval that begins, and the velocity there

  // At the beginning of the k-th interval; and at the end, where its loss is wanted.
  function arrive() {
    Q = trainingDirections(d, seed, training.k);
    if (Q.length === d * d) {
      const turned = here.basis ? product(Q, here.basis, d) : Q; // the new basis in the coordinates of the old
      here = { state: { ...here.state, w1: product(here.state.w1, turned, d) }, basis: Q };
      Q = null;
    }
    first = velocity(table, here.state, Q);
    if (training.k % plan.stride && training.k < plan.count) return;
    const { alpha, rho } = training.k ? roundness(here.state.w1, d) : atStart;
    history.t.push(training.k * plan.interval);
    history.loss.push(first.loss);
    history.alpha.push(alpha);
    history.rho.push(rho);
  }

  if (!training.problem) arrive();

  training.follow = () => {
    const course = idealCourse(table, { ...start, alpha: atStart.alpha }, savedTimes(plan), [eta_1, eta_2]);
    training.ideal = { ...course, rho: predictedRho(atStart, parts, course.pull) };
  };

  training.advance = () => {
    const end = advance(table, here.state, plan.interval, [eta_1, eta_2], Q, TOLERANCE, first);
    training.rejected += end.rejected;
    if (end.problem) {
      training.problem = `The run stops at t = ${(training.k * plan.interval).toPrecision(4)}: ${end.problem}.`;
      return;
    }
    here.state = end.state;
    training.k++;
    arrive();
  };

  // The weights, in the coordinates that they started in.
  training.weights = () => {
    const { state, basis } = here;
    return basis ? { ...state, w1: product(state.w1, transposed(basis, d, d), d) } : state;
  };

  training.frame = () => {
    const { w1, w2, b2 } = here.state;
    const P = product(w1, here.basis ? product(rays, here.basis, d) : rays, d);
    return {
      t: training.k * plan.interval,
      fraction: training.k / plan.count,
      slopes: Array.from(slopesAlong(P, rowLengths(w1, w1.length / d, d), RAYS).subarray(0, RAYS)),
      w2: Array.from(w2),
      b2: Array.from(b2),
      history,
      ideal: training.ideal,
      problem: training.problem,
    };
  };
  return training;
}
