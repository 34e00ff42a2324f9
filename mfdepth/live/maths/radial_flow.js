// A general second layer and any target of the radius at infinite width: mfdepth/chapters/beyond/radial_flow.py with
// sigma = ReLU, on the same radii. A state is [alpha, a_1 .. a_m, w_1 .. w_m, b_1 .. b_m].

import { interpolate } from "./interpolate.js";
import { uniforms } from "./random.js";
import { reluMean } from "./sphere.js";

// The uniform law on the ball of that radius in R^d.
export function ballLaw(d, radius) {
  return {
    d,
    radius,
    ppf: (q) => radius * q ** (1 / d),
    pdf: (r) => (r > radius ? 0 : (d / radius) * (r / radius) ** (d - 1)),
  };
}

// Rows (a, w, b) whose kinks lie apart, the outermost first.
export function spreadNeurons(m2, seed, reach = 1.5) {
  const u = uniforms(seed, 0, 0, m2);
  return Array.from(u, (u, j) => [j % 2 ? -2 : 2, -1.5, (1.5 * reach * (m2 - 1 - j + 0.25 + 0.5 * u)) / m2]);
}

// Radii, one from the middle of each of `nodes` equally likely cells, and half the width of each cell.
function quadrature(law, nodes) {
  const r = Float64Array.from({ length: nodes }, (_, i) => law.ppf((i + 0.5) / nodes));
  const edges = Array.from({ length: nodes }, (_, i) => law.ppf(i / nodes));
  const half = r.map((middle, i) => (i + 1 < nodes ? (edges[i + 1] - edges[i]) / 2 : middle - edges[i]));
  return { r, half };
}

// The flow of a second layer of m2 neurons: its velocity, loss and stability as functions of the state.
class RadialModel {
  constructor(law, target, m2, nodes) {
    const { r, half } = quadrature(law, nodes);
    this.law = law;
    this.m2 = m2;
    this.nodes = nodes;
    this.r = r;
    this.half = half;
    this.values = r.map(target);
    this.gain = 4 * reluMean(law.d);
    this.g = new Float64Array(nodes); // f* - f at the radii
    this.S = new Float64Array(nodes); // mean_j a_j w_j sigma'
    this.out = new Float64Array(nodes * m2); // sigma and sigma' of each neuron: means over a cell, z +- h
    this.slope = new Float64Array(nodes * m2);
  }

  evaluate(y) {
    const { m2, nodes, r, half, g, S, out, slope } = this;
    g.set(this.values);
    S.fill(0);
    for (let j = 0; j < m2; j++) {
      const [a, w, b] = [y[1 + j] / m2, y[1 + m2 + j], y[1 + 2 * m2 + j]];
      const F = w * y[0];
      for (let i = 0, at = j * nodes; i < nodes; i++, at++) {
        const z = F * r[i] + b;
        const h = Math.max(half[i] * Math.abs(F), 1e-100);
        const share = z >= h ? 1 : z <= -h ? 0 : z / (2 * h) + 0.5;
        out[at] = z > h ? z : h * share * share;
        slope[at] = share;
        g[i] -= a * out[at];
        S[i] += a * w * share;
      }
    }
  }

  loss(y) {
    this.evaluate(y);
    return this.g.reduce((sum, v) => sum + v * v, 0) / (2 * this.nodes);
  }

  velocity(y, dy) {
    this.evaluate(y);
    const { m2, nodes, r, g, S, out, slope } = this;
    const alpha = y[0];
    let pull = 0; // E[g S r]
    for (let i = 0; i < nodes; i++) pull += g[i] * S[i] * r[i];
    dy[0] = (this.gain * alpha * pull) / nodes;
    for (let j = 0; j < m2; j++) {
      let [da, h0, h1] = [0, 0, 0];
      for (let i = 0, at = j * nodes; i < nodes; i++, at++) {
        const gs = g[i] * slope[at];
        da += g[i] * out[at];
        h0 += gs;
        h1 += gs * r[i];
      }
      dy[1 + j] = da / nodes;
      dy[1 + m2 + j] = (alpha * y[1 + j] * h1) / nodes;
      dy[1 + 2 * m2 + j] = (y[1 + j] * h0) / nodes;
    }
  }

  // K = E[(S r)^2] - E[g r^2 mean_j a_j w_j^2 sigma''], where sigma'' leaves the density at the kinks.
  stability(y) {
    this.evaluate(y);
    const { m2, nodes, r, g, S } = this;
    let straight = 0;
    for (let i = 0; i < nodes; i++) straight += (S[i] * r[i]) ** 2;
    let bent = 0;
    for (let j = 0; j < m2; j++) {
      const [a, w, b] = [y[1 + j], y[1 + m2 + j], y[1 + 2 * m2 + j]];
      const R = -b / (w * y[0]);
      if (!(R > r[0] && R < r[nodes - 1])) continue; // outside of the quadrature
      bent += a * Math.abs(w) * R * R * this.law.pdf(R) * interpolate(r, g, R);
    }
    return straight / nodes - bent / (m2 * y[0]);
  }
}

const STAGES = 6;

// The Runge-Kutta-Chebyshev method of second order (Sommeijer, Shampine and Verwer 1998) with so many stages, as rows
// [mu, nu, mu~, gamma~]. Explicit, yet stable along the negative axis up to 2/3 of the square of its stages: a gradient
// flow asks for nothing else, and its fast rates would hold a common method to steps a fifth as long for the price.
const CHEBYSHEV_STEPS = (() => {
  const w0 = 1 + 2 / 13 / STAGES ** 2;
  const [T, D, E] = [[1, w0], [0, 1], [0, 0]]; // the Chebyshev polynomials at w0, and two derivatives
  for (let j = 2; j <= STAGES; j++) {
    T.push(2 * w0 * T[j - 1] - T[j - 2]);
    D.push(2 * T[j - 1] + 2 * w0 * D[j - 1] - D[j - 2]);
    E.push(4 * D[j - 1] + 2 * w0 * E[j - 1] - E[j - 2]);
  }
  const w1 = D[STAGES] / E[STAGES];
  const b = T.map((_, j) => (j < 2 ? 0 : E[j] / D[j] ** 2));
  [b[0], b[1]] = [b[2], 1 / w0];
  return T.map((_, j) => {
    if (j < 2) return [0, 0, j * b[1] * w1, 0];
    const m = (2 * b[j] * w1) / b[j - 1];
    return [(2 * b[j] * w0) / b[j - 1], -b[j] / b[j - 2], m, -(1 - b[j - 1] * T[j - 1]) * m];
  });
})();

// A step of size h from y, where the velocity is v; the last of the returned stages is where it ends.
function chebyshevStep(velocity, y, v, h, stages, at) {
  const n = y.length;
  for (let k = 0; k < n; k++) [stages[0][k], stages[1][k]] = [y[k], y[k] + CHEBYSHEV_STEPS[1][2] * h * v[k]];
  for (let j = 2; j <= STAGES; j++) {
    const [mu, nu, m, gamma] = CHEBYSHEV_STEPS[j];
    const [before, last, next] = [stages[j - 2], stages[j - 1], stages[j]];
    velocity(last, at);
    for (let k = 0; k < n; k++) {
      next[k] = (1 - mu - nu) * y[k] + mu * last[k] + nu * before[k] + h * (m * at[k] + gamma * v[k]);
    }
  }
  return stages[STAGES];
}

// The states at the times t, each step's error estimated and kept below the tolerance. After `evaluations` of the
// velocity it stops, with the times that it has.
function follow(velocity, start, t, tolerance, evaluations) {
  const n = start.length;
  const stages = Array.from({ length: STAGES + 1 }, () => new Float64Array(n));
  const [at, after] = [new Float64Array(n), new Float64Array(n)];
  const [y, v] = [Float64Array.from(start), new Float64Array(n)];
  const saved = [start];
  velocity(y, v);
  let [step, left] = [0.01, evaluations];
  for (let i = 1; i < t.length; i++) {
    for (let now = t[i - 1]; now < t[i];) {
      if ((left -= STAGES) < 0) return saved;
      const h = Math.min(step, t[i] - now);
      const next = chebyshevStep(velocity, y, v, h, stages, at);
      velocity(next, after);
      let error = 0;
      for (let k = 0; k < n; k++) {
        const gap = 0.8 * (y[k] - next[k]) + 0.4 * h * (v[k] + after[k]);
        error = Math.max(error, Math.abs(gap) / (tolerance * (1 + Math.abs(y[k]))));
      }
      const fitting = h * Math.min(3, Math.max(0.2, 0.8 * Math.max(error, 1e-9) ** (-1 / 3)));
      if (error <= 1) {
        y.set(next);
        v.set(after);
        now = h < t[i] - now ? now + h : t[i];
        step = h < step ? Math.max(step, fitting) : fitting; // a saved time that cut a step short says nothing of it
      } else {
        step = fitting;
      }
    }
    saved.push(Float64Array.from(y));
  }
  return saved;
}

// The run from alpha and the rows (a, w, b) at the times t, the first of them 0: t, alpha, neurons, loss, stability at
// those that it reached.
export function radialFlow(law, target, alpha, neurons, t, { nodes, tolerance = 1e-4, evaluations = 6000 }) {
  const m2 = neurons.length;
  const model = new RadialModel(law, target, m2, nodes);
  const start = Float64Array.from([alpha, ...[0, 1, 2].flatMap((part) => neurons.map((row) => row[part]))]);
  const states = follow((y, dy) => model.velocity(y, dy), start, t, tolerance, evaluations);
  return {
    t: t.slice(0, states.length),
    alpha: states.map((y) => y[0]),
    neurons: states.map((y) => neurons.map((_, j) => [y[1 + j], y[1 + m2 + j], y[1 + 2 * m2 + j]])),
    loss: states.map((y) => model.loss(y)),
    stability: states.map((y) => model.stability(y)),
  };
}

// The network that a run has at its i-th time, at the radius r.
export function profileAt({ alpha, neurons }, i, r) {
  return neurons[i].reduce((sum, [a, w, b]) => sum + a * Math.max(0, w * alpha[i] * r + b), 0) / neurons[i].length;
}
