// Two layers as particles in the plane, f(x) = mean_k |w_k| ReLU(w_k.x), as in mfdepth/chapters/two_layers.py, at a
// cost per step of one pass over the particles: a neuron is active on half a circle of inputs, so it needs to know only
// which half.

import { uniforms } from "./random.js";

export const INPUTS = 128; // x, equally spaced on the unit circle
export const RAYS = 720; // of the ring that stands for infinite width
export const STEP = 0.02; // of Euler's method
const STREAMS = { lengths: 0, angles: 1, batches: 2 }; // of the generator

// --- starts: weights are [x, y, x, y, ...]; a sector is in degrees, around the first axis ----------------------------

function fromPolar(lengths, angles) {
  const w = new Float64Array(2 * angles.length);
  angles.forEach((angle, k) => {
    w[2 * k] = lengths[k] * Math.cos(angle);
    w[2 * k + 1] = lengths[k] * Math.sin(angle);
  });
  return w;
}

function particleStart(m, seed, size, sector) {
  const lengths = uniforms(seed, STREAMS.lengths, 0, m).map((u) => size * Math.sqrt(-2 * Math.log(u)));
  const angles = uniforms(seed, STREAMS.angles, 0, m).map((u) => (sector * Math.PI / 180) * (u - 0.5));
  return fromPolar(lengths, angles);
}

function particleRing(n, size, sector) {
  const angles = Float64Array.from({ length: n }, (_, i) => (sector * Math.PI / 180) * ((i + 0.5) / n - 0.5));
  return fromPolar(angles.map(() => size * Math.SQRT2), angles);
}

// --- inputs and targets ----------------------------------------------------------------------------------------------

// n inputs, n even, so that a half circle holds n/2 of them.
function circle(n) {
  const angles = Float64Array.from({ length: n }, (_, j) => (2 * Math.PI * (j + 0.5)) / n);
  return { n, x: angles.map(Math.cos), y: angles.map(Math.sin) };
}

// f*(x) = sum_j |v_j| ReLU(v_j.x) at the inputs.
export function teacher(neurons, { x, y }) {
  return x.map((_, j) => neurons.reduce((sum, [a, b]) => sum + Math.hypot(a, b) * Math.max(0, a * x[j] + b * y[j]), 0));
}

// The inputs of step k, `size` of n drawn with replacement, as how often each is drawn over its mean; all ones for all.
function batchWeights(n, size, seed, k) {
  if (size >= n) return undefined;
  const weights = new Float64Array(n);
  for (const u of uniforms(seed, STREAMS.batches, k, size)) weights[Math.floor(n * u)] += n / size;
  return weights;
}

// --- the network and its flow ----------------------------------------------------------------------------------------

// For each neuron the first of the n/2 inputs on which it is active.
function activeFrom(w, n, first) {
  for (let k = 0; k < first.length; k++) {
    const turns = Math.atan2(w[2 * k + 1], w[2 * k]) / (2 * Math.PI) - 0.25;
    first[k] = (Math.ceil(turns * n - 0.5) + 2 * n) % n;
  }
  return first;
}

// f at the inputs: |w| w summed over the neurons active there, times x.
function firstLayer(w, { n, x, y }, first) {
  const [px, py] = [new Float64Array(n), new Float64Array(n)];
  for (let k = 0; k < first.length; k++) {
    const length = Math.sqrt(w[2 * k] ** 2 + w[2 * k + 1] ** 2); // faster than Math.hypot
    px[first[k]] += length * w[2 * k];
    py[first[k]] += length * w[2 * k + 1];
  }
  let [sx, sy] = [0, 0]; // over the neurons whose half circle starts at j - n/2 + 1 .. j
  for (let b = n / 2 + 1; b < n; b++) [sx, sy] = [sx + px[b], sy + py[b]];
  return x.map((_, j) => {
    const left = (j + n / 2) % n;
    sx += px[j];
    sy += py[j];
    const value = (sx * x[j] + sy * y[j]) / first.length;
    sx -= px[(left + 1) % n];
    sy -= py[(left + 1) % n];
    return value;
  });
}

// E[g 1{w.x > 0} x] for a neuron that is active from input j on, for every j.
function pulls(g, { n, x, y }) {
  const [vx, vy] = [new Float64Array(n), new Float64Array(n)];
  let [sx, sy] = [0, 0];
  for (let j = 0; j < n / 2; j++) [sx, sy] = [sx + g[j] * x[j], sy + g[j] * y[j]];
  for (let j = 0; j < n; j++) {
    const next = (j + n / 2) % n;
    [vx[j], vy[j]] = [sx / n, sy / n];
    sx += g[next] * x[next] - g[j] * x[j];
    sy += g[next] * y[next] - g[j] * y[j];
  }
  return [vx, vy];
}

// One step of Euler's method, in place: dw = w/|w| (w.V) + |w| V with V the pull on the neuron.
function move(w, V, first, step) {
  const [vx, vy] = V;
  for (let k = 0; k < first.length; k++) {
    const a = w[2 * k];
    const b = w[2 * k + 1];
    const p = vx[first[k]];
    const q = vy[first[k]];
    const length = Math.sqrt(a * a + b * b);
    const radial = (a * p + b * q) / (length || 1);
    w[2 * k] += step * (radial * a + length * p);
    w[2 * k + 1] += step * (radial * b + length * q);
  }
}

function halfMeanSquare(g) {
  return g.reduce((sum, v) => sum + v * v, 0) / (2 * g.length);
}

// --- a run: the drawn particles, and beside them the ring that is their limit ----------------------------------------

function network(w, inputs, target) {
  const first = activeFrom(w, inputs.n, new Int32Array(w.length / 2));
  const f = firstLayer(w, inputs, first);
  return { w, first, f, losses: [halfMeanSquare(target.map((y, j) => y - f[j]))] };
}

export function startParticles({ m, seed, size, sector, batch, neurons }) {
  const inputs = circle(INPUTS);
  const target = teacher(neurons, inputs);
  const finite = network(particleStart(m, seed, size, sector), inputs, target);
  const limit = network(particleRing(RAYS, size, sector), inputs, target);
  limit.angles = Float64Array.from({ length: RAYS }, (_, i) => Math.atan2(limit.w[2 * i + 1], limit.w[2 * i]));
  return { steps: 0, seed, size, sector, batch, inputs, target, finite, limit };
}

export function stepParticles(run) {
  const { inputs, target, finite, limit, batch, seed } = run;
  for (const [layer, weights] of [[finite, batchWeights(inputs.n, batch, seed, run.steps)], [limit]]) {
    const { w, first } = layer;
    const g = target.map((y, j) => (y - layer.f[j]) * (weights ? weights[j] : 1));
    move(w, pulls(g, inputs), first, STEP);
    activeFrom(w, inputs.n, first);
    layer.f = firstLayer(w, inputs, first);
    layer.losses.push(halfMeanSquare(target.map((y, j) => y - layer.f[j])));
  }
  followAngles(limit);
  run.steps++;
  return run;
}

// Angles that go on beyond a half turn, so that neighbours on the ring stay neighbours.
function followAngles({ w, angles }) {
  for (let i = 0; i < angles.length; i++) {
    const change = Math.atan2(w[2 * i + 1], w[2 * i]) - angles[i];
    angles[i] += change - 2 * Math.PI * Math.round(change / (2 * Math.PI));
  }
}

// sqrt of the mean square of f - f_limit over the inputs.
export function distanceToLimit({ finite, limit }) {
  return Math.sqrt(2 * halfMeanSquare(finite.f.map((v, j) => v - limit.f[j])));
}

// --- the limiting density in the plane -------------------------------------------------------------------------------

// Neurons of one direction stay on one ray and grow by one factor, so a Gaussian start stays Gaussian along each ray:
// the density at angle bin b and radius r is mass[b] exp(-r^2/(2 s^2))/s^2, s = scale[b], with mass per radian.
export function limitDensity({ size, sector, limit }, bins, blur) {
  const [mass, growth] = [new Float64Array(bins), new Float64Array(bins)];
  const { w, angles } = limit;
  const full = sector >= 360;
  const count = full ? RAYS : RAYS - 1; // intervals between neighbours, of equal mass
  const factor = (i) => Math.hypot(w[2 * i], w[2 * i + 1]) / (size * Math.SQRT2);
  for (let i = 0; i < count; i++) {
    const next = (i + 1) % RAYS;
    const from = (angles[i] * bins) / (2 * Math.PI);
    const to = Math.max(from + 1e-9, ((angles[next] + (next ? 0 : 2 * Math.PI)) * bins) / (2 * Math.PI));
    const log = Math.log(factor(i) * factor(next)) / 2;
    for (let b = Math.floor(from); b < to; b++) {
      const share = (Math.min(b + 1, to) - Math.max(b, from)) / ((to - from) * count);
      const bin = ((b % bins) + bins) % bins;
      mass[bin] += share;
      growth[bin] += share * log;
    }
  }
  const smooth = (values) =>
    values.map((_, b) => {
      let sum = 0;
      for (let o = -blur; o <= blur; o++) sum += values[(b + o + bins) % bins];
      return sum / (2 * blur + 1);
    });
  const [smoothMass, smoothGrowth] = [smooth(mass), smooth(growth)];
  return {
    mass: smoothMass.map((v) => (v * bins) / (2 * Math.PI)),
    scale: smoothGrowth.map((v, b) => (smoothMass[b] > 0 ? size * Math.exp(v / smoothMass[b]) : size)),
  };
}
