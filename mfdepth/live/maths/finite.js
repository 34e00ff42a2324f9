// The gradient flow of the three-layer learner at finite width: mfdepth/finite with directions kept, for
// those that come as orthonormal frames and their negatives.
//
// A state is { w1 (m1 x d), w2, b2 }. A view is { Q, nodes }: directions are the rows of Q, or where it is null the
// axes, for in the coordinates of an orthonormal basis its rows are the axes, and a step there multiplies no matrices;
// nodes say how finely the second layer is seen.

import { product, rowLengths, transposed } from "./matrices.js";
import { directionAverages, NODES, radialAverages } from "./radius.js";

export const viewOf = (Q) => ({ Q, nodes: NODES });

// The first layer along the rows u of Q (n x d) and along -u, from its preactivations P (m1 x n) there. ReLU(p) and
// ReLU(-p) are (|p| + p)/2 and (|p| - p)/2: sums of both kinds take no branch.
export function slopesAlong(P, lengths, n) {
  const m1 = lengths.length;
  const slopes = new Float64Array(2 * n); // F(u), then F(-u)
  for (let k = 0, at = 0; k < m1; k++) {
    const length = lengths[k];
    for (let i = 0; i < n; i++, at++) {
      const x = length * P[at];
      slopes[i] += x;
      slopes[n + i] += Math.abs(x);
    }
  }
  for (let i = 0; i < n; i++) {
    const [sum, size] = [slopes[i], slopes[n + i]];
    slopes[i] = (size + sum) / (2 * m1);
    slopes[n + i] = (size - sum) / (2 * m1);
  }
  return slopes;
}

// The loss, averaged over the directions and their negatives.
export function lossOf(table, { w1, w2, b2 }, { Q }) {
  const d = table.law.d;
  const P = Q ? product(w1, Q, d) : w1;
  const slopes = slopesAlong(P, rowLengths(w1, w1.length / d, d), (d * P.length) / w1.length);
  return radialAverages(table, slopes, w2, b2).loss.reduce((sum, x) => sum + x, 0) / slopes.length;
}

// The mean-field velocity, averaged over the directions and their negatives; and of the first layer, row by row as they
// come, size |w1|^2, speed |dw1|^2 and growth <w1, dw1>.
export function velocity(table, { w1, w2, b2 }, view) {
  const { Q } = view;
  const d = table.law.d;
  const m1 = w1.length / d;
  const lengths = rowLengths(w1, m1, d);
  const P = Q ? product(w1, Q, d) : w1;
  const n = P.length / m1;
  const { pull, dw2, db2 } = directionAverages(table, slopesAlong(P, lengths, n), w2, b2, view);

  // pull(u) 1{w.u > 0}, its sign turned where -u is the direction: then one product sums over both
  const ways = new Float64Array(3 * n); // for w.u below, at and above 0
  for (let i = 0; i < n; i++) [ways[i], ways[2 * n + i]] = [-pull[n + i] / (2 * n), pull[i] / (2 * n)];
  const pulls = new Float64Array(P.length);
  for (let k = 0, at = 0; k < m1; k++) {
    for (let i = 0; i < n; i++, at++) {
      const p = P[at];
      pulls[at] = ways[n * (1 + Number(p > 0) - Number(p < 0)) + i];
    }
  }
  const dw1 = Q ? product(pulls, transposed(Q, n, d), n) : pulls; // mean_u pull 1{w.u > 0} u
  let [size, speed, growth] = [0, 0, 0];
  for (let k = 0; k < m1; k++) {
    const [first, end, length] = [k * d, (k + 1) * d, lengths[k]];
    let stretch = 0;
    let square = 0;
    for (let c = first; c < end; c++) {
      stretch += dw1[c] * w1[c];
      square += dw1[c] * dw1[c];
    }
    const perLength = length > 0 ? stretch / length : 0;
    for (let c = first; c < end; c++) dw1[c] = w1[c] * perLength + length * dw1[c];
    size += length * length;
    speed += 3 * stretch * stretch + length * length * square;
    growth += 2 * length * stretch;
  }
  return { dw1, dw2, db2, size, speed, growth };
}

// x + h dx.
function moved(x, dx, h) {
  const y = new Float64Array(x.length);
  for (let i = 0; i < x.length; i++) y[i] = x[i] + h * dx[i];
  return y;
}

// x + h (dx + dy)/2, in the place of dy.
function heunMoved(x, dx, dy, h) {
  for (let i = 0; i < x.length; i++) dy[i] = x[i] + (h / 2) * (dx[i] + dy[i]);
  return dy;
}

// How far x lies from y: the relative root mean square.
function distance(x, y) {
  let [off, size] = [0, 0];
  for (let i = 0; i < x.length; i++) {
    off += (x[i] - y[i]) ** 2;
    size += y[i] * y[i];
  }
  return Math.sqrt(off / size);
}

// A step of Heun's method from a state with the velocity `first`, and how far Euler's lands from it: the largest of the
// distances in alpha, w2 and b2, and half the square of the first layer's way.
function heunStep(table, state, first, h, [eta1, eta2], view, tolerance) {
  const [h1, h2] = [h * eta1, h * eta2];
  const euler = {
    w1: moved(state.w1, first.dw1, h1),
    w2: moved(state.w2, first.dw2, h2),
    b2: moved(state.b2, first.db2, h2),
  };
  const way = (h1 * h1 * first.speed) / first.size / 2;
  const problem = leftDomain({ ...euler, w1: [way] });
  if (problem || way > tolerance) return { error: way, problem };
  const second = velocity(table, euler, view);
  const after = {
    w1: heunMoved(state.w1, first.dw1, second.dw1, h1),
    w2: heunMoved(state.w2, first.dw2, second.dw2, h2),
    b2: heunMoved(state.b2, first.db2, second.db2, h2),
  };
  const alpha = (h1 * Math.abs(second.growth - first.growth)) / second.size; // alpha is C_d mean |w|^2
  const error = Math.max(way, alpha, distance(euler.w2, after.w2), distance(euler.b2, after.b2));
  return { state: after, error, problem: leftDomain({ ...after, w1: [second.speed] }) };
}

// Why the flow cannot go on from here, in words; empty where it can.
export function leftDomain({ w1, w2, b2 }) {
  for (const x of [w1, w2, b2]) {
    for (let i = 0; i < x.length; i++) if (!Number.isFinite(x[i])) return "the weights are no longer finite";
  }
  if (w2.some((w) => w > 0)) return "a second-layer neuron crosses w₂ = 0, beyond which the loss is infinite";
  if (w2.some((w, j) => w === 0 && b2[j] > 0)) return "a second-layer neuron is constant, its velocity infinite";
  return b2.every((b) => b <= 0) ? "every second-layer neuron is dead" : "";
}

// The flow over a time `interval` with one view: steps of at most that length, cut until Heun and Euler
// agree within the tolerance. `first` is the velocity at the state. Comes back with a problem, in words, when no step
// is short enough.
export function advance(table, state, interval, rates, view, tolerance, first = velocity(table, state, view)) {
  let [clock, h, steps, rejected] = [0, interval, 0, 0];
  while (clock < interval) {
    h = (interval - clock) / Math.ceil((interval - clock) / h);
    const step = heunStep(table, state, first, h, rates, view, tolerance);
    if (step.problem || step.error > tolerance) {
      rejected++;
      h *= step.error > tolerance ? Math.max(0.2, 0.9 * Math.sqrt(tolerance / step.error)) : 0.5;
      if (h < 1e-9 * interval) return { state, steps, rejected, problem: step.problem || "no step is short enough" };
      continue;
    }
    state = step.state;
    clock = clock + h > interval * (1 - 1e-12) ? interval : clock + h;
    steps++;
    if (clock < interval) first = velocity(table, state, view);
    h = Math.min(interval, h * Math.min(2, 0.9 * Math.sqrt(tolerance / Math.max(step.error, 1e-300))));
  }
  return { state, steps, rejected, problem: "" };
}
