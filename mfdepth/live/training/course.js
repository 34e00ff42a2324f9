// One training: its start, the infinite-width flow from the same start, the first-order prediction of rho, and the run
// itself. course.py is the same in Python, number by number: `Training(...).run()` repeats a run of the page.

import { cloudCourse } from "../maths/cloud.js";
import { advance, lossOf, slopesAlong, velocity, viewOf } from "../maths/finite.js";
import { drawBases, nextTurn, STREAMS } from "../maths/frames.js";
import { startProblem } from "../maths/infinite.js";
import { besselLaw } from "../maths/laws.js";
import { product, rowLengths, transposed, unitRows } from "../maths/matrices.js";
import { momentTable } from "../maths/radius.js";
import { gaussians } from "../maths/random.js";
import { errorsOf, firstLayerAlpha, harmonicDecay, remainingError } from "../maths/rho.js";
import { reluMean } from "../maths/sphere.js";

const STEP_TOLERANCE = 0.01;
const SAVED = 40; // stretches between saved times, at most
const RAYS = 12; // along which f is drawn
const ROWS = 100; // directions of an interval, at least; their negatives belong to them
const DEGREE = 30; // of the harmonics that the prediction follows

// w1 is Gaussian with C_d E|w1|^2 = alpha; the second layer is Gaussian around (w2, b2), at the mean if it is one
// neuron.
export function trainingStart({ d, m1, m2, alpha, w2, b2, spread, seed }) {
  const scale = Math.sqrt(alpha / (reluMean(d) * d));
  const cloud = gaussians(seed, STREAMS.secondLayer, 0, 2 * m2);
  const width = m2 > 1 ? spread : 0;
  return {
    w1: gaussians(seed, STREAMS.firstLayer, 0, m1 * d).map((x) => x * scale),
    w2: cloud.slice(0, m2).map((x) => w2 + width * x),
    b2: cloud.slice(m2).map((x) => b2 + width * x),
  };
}

// Time in intervals, each with its own directions: at most 1 long, shorter when a rate is above 1. { ends, saves }:
// when each ends, and whether it is saved.
export function trainingPlan({ t_end, eta_1, eta_2 }) {
  const count = Math.ceil(t_end * Math.max(1, eta_1, eta_2) - 1e-9);
  const stride = Math.ceil(count / SAVED);
  const ends = Array.from({ length: count }, (_, k) => ((k + 1) * t_end) / count);
  return { ends, saves: ends.map((_, k) => (k + 1) % stride === 0 || k + 1 === count) };
}

// Saved at the times given, the first of them 0, with intervals of length 1 or less between them.
export function planFor(times) {
  const stretches = times.slice(1).map((end, i) => {
    const count = Math.ceil(end - times[i]);
    return Array.from(
      { length: count },
      (_, k) => (k + 1 < count ? times[i] + ((k + 1) * (end - times[i])) / count : end),
    );
  });
  return { ends: stretches.flat(), saves: stretches.flatMap((ends) => ends.map((_, k) => k + 1 === ends.length)) };
}

export function trainingRays(d, seed) {
  const rays = gaussians(seed, STREAMS.rays, 0, RAYS * d);
  return unitRows(rays, rowLengths(rays, RAYS, d));
}

// A training at time 0. `problem` says, in words, why it cannot start or go on. The first layer may stand in the
// coordinates of a basis, whose columns are the axes, null for those that it started in; `view` has the directions of
// the interval that begins, and `first` is the velocity there.
export function createTraining(settings, plan = trainingPlan(settings)) {
  const { d, seed } = settings;
  const start = trainingStart(settings);
  const training = {
    settings,
    plan,
    start,
    table: momentTable(besselLaw(d)),
    rays: trainingRays(d, seed),
    history: { t: [], loss: [], alpha: [], rho: [] },
    ideal: null,
    problem: startProblem(start.w2, start.b2),
    k: 0,
    t: 0,
    rejected: 0,
    state: start,
    basis: null,
    view: null,
    first: null,
  };
  if (!training.problem) arrive(training);
  return training;
}

// At the beginning of the k-th interval; and at the end, where its loss is wanted. Each interval has directions of its
// own. Where one basis is enough the first layer goes over to its coordinates, so that no step multiplies matrices; and
// the next basis is the last one, turned in groups of axes.
function arrive(training) {
  const { settings: { d, seed }, plan, table, state, basis, history, k, t } = training;
  if (d < ROWS) {
    training.view = viewOf(drawBases(d, seed, k, Math.ceil(ROWS / d)));
  } else {
    const first = basis ? null : drawBases(d, seed, k, 1);
    const turn = basis ? nextTurn(d, seed, k) : null;
    training.basis = basis ? turn(basis) : transposed(first, d, d);
    training.state = { ...state, w1: basis ? turn(state.w1) : product(state.w1, first, d) };
    training.view = viewOf(null);
  }
  training.first = velocity(table, training.state, training.view);
  if (k && !plan.saves[k - 1]) return;
  history.t.push(t);
  history.loss.push(lossOf(table, training.state, training.view));
  history.alpha.push(firstLayerAlpha(training.state.w1, d));
  history.rho.push(errorsOf(training.state.w1, d).rho);
}

export function isOver({ problem, k, plan }) {
  return Boolean(problem) || k === plan.ends.length;
}

// Finds the infinite-width course and the prediction of rho from the parts that it has at the start.
export function followIdeal(training) {
  const { settings: { d, eta_1, eta_2 }, plan, start, table } = training;
  const times = [0, ...plan.ends.filter((_, k) => plan.saves[k])];
  const { exponent, ...course } = cloudCourse(table, { ...start, alpha: firstLayerAlpha(start.w1, d) }, times, [
    eta_1,
    eta_2,
  ]);
  const errors = errorsOf(start.w1, d, DEGREE);
  training.ideal = { ...course, rho: exponent.map((e) => remainingError(errors, harmonicDecay(d, e, DEGREE))) };
}

// Through one interval.
export function trainInterval(training) {
  const { settings: { eta_1, eta_2 }, plan, table, state, k, t, view, first } = training;
  const end = advance(table, state, plan.ends[k] - t, [eta_1, eta_2], view, STEP_TOLERANCE, first);
  training.rejected += end.rejected;
  if (end.problem) {
    training.problem = `The run stops at t = ${t.toPrecision(4)}: ${end.problem}.`;
    return;
  }
  Object.assign(training, { state: end.state, k: k + 1, t: plan.ends[k] });
  arrive(training);
}

// The weights, in the coordinates that they started in.
export function weightsOf({ settings: { d }, state, basis }) {
  return basis ? { ...state, w1: product(state.w1, basis, d) } : state;
}

// What the figure keeps of each moment: saved, how many of the saved times have come.
export function momentOf({ settings: { d }, state, basis, rays, history, t }) {
  const { w1, w2, b2 } = state;
  const P = product(w1, basis ? product(rays, transposed(basis, d, d), d) : rays, d);
  return {
    t,
    slopes: Array.from(slopesAlong(P, rowLengths(w1, w1.length / d, d), RAYS).subarray(0, RAYS)),
    w2: Array.from(w2),
    b2: Array.from(b2),
    saved: history.t.length,
  };
}

// What the figure draws.
export function frameOf(training) {
  const { plan, history, ideal, problem, k } = training;
  const { saved: _, ...moment } = momentOf(training);
  return { ...moment, fraction: k / plan.ends.length, history, ideal, problem };
}
