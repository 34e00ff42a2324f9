// The least loss of two layers within a norm budget, in the browser: the convex problem of
// mfdepth/chapters/lower_bound/budget.py.
//
// A two-layer network averaged over rotations is f(r) = c + sum_b beta_b h_b(r), h_b(r) = E_u ReLU(r u_1 - b), b >= 0.
// With sum |beta_b| <= B its values are c + a point of the convex hull of the profiles +-B h_b. So the least loss is
// half the squared distance of the target from that hull (the constant projected out): Wolfe's algorithm for the
// nearest point, on a few offsets, to which those are added where the dual is violated most. Inputs have |x| <= 3, as
// in Python. Profiles are smooth, so a few dozen coordinates hold them all; between 81 offsets they are cubic in b.

import { combined, dot, mixture, nearestPoint, subtract } from "./nearest_point.js";
import { reluMean } from "./sphere.js";

const RADIUS_MAX = 3; // the law is conditioned on r <= 3
const RADIUS_PANELS = 50; // on [0, 1], and as many on [1, 3]
const OFFSET_CELLS = 80;
const ANGLE_CELLS = 512;
const RANK_TOLERANCE = 1e-6; // of the basis, relative to the largest profile: squares keep 1e-12
const RANK = 48; // at most; only d < 5 needs more
const GAP = 1e-3; // relative, between the loss found and its bound: the same as in Python
export const SMALLEST = 1e-6; // below, a loss is known to be smaller, and no more: its bound would be rounding
const ROUNDS = 30; // of the exchange; a handful is the rule

// Two tables over the angle t of s = cos t, 0 <= t <= pi/2, u uniform on the unit sphere: P(u_1 > s), whose density in
// t is (d-1) C_d sin(t)^(d-2), by three Gauss points a cell; and H = E ReLU(u_1 - s) = C_d sin(t)^(d-1) - s P, with
// dH/dt = P sin t. Cubic between the cells. value(r, b) is h_b(r); along(r, b), r a list, is [h_b(r), dh/db], dh/db =
// -P(u_1 > b/r).
function profiles(d) {
  const width = Math.PI / 2 / ANGLE_CELLS;
  const mean = reluMean(d);
  const density = (t) => (d - 1) * mean * Math.sin(t) ** (d - 2);
  const [cap, capRate, hinge, hingeRate] = [0, 1, 2, 3].map(() => new Float64Array(ANGLE_CELLS + 1));
  for (let i = 0; i <= ANGLE_CELLS; i++) {
    const t = i * width;
    const middle = t - width / 2;
    const off = Math.sqrt(0.15) * width;
    if (i) {
      cap[i] = cap[i - 1] +
        (width * (5 * density(middle - off) + 8 * density(middle) + 5 * density(middle + off))) / 18;
    }
    capRate[i] = width * density(t);
    hinge[i] = mean * Math.sin(t) ** (d - 1) - Math.cos(t) * cap[i];
    hingeRate[i] = width * cap[i] * Math.sin(t);
  }
  const at = (value, rate, x) => {
    const i = Math.min(ANGLE_CELLS - 1, Math.floor(x));
    return hermite(value[i], rate[i], value[i + 1], rate[i + 1], x - i);
  };
  const value = (r, b) => (b < r ? r * at(hinge, hingeRate, Math.acos(b / r) / width) : 0);
  const along = (r, b) => {
    const [h, slope] = [new Float64Array(r.length), new Float64Array(r.length)];
    for (let i = 0; i < r.length; i++) {
      if (!(b < r[i])) continue;
      const x = Math.acos(b / r[i]) / width;
      h[i] = r[i] * at(hinge, hingeRate, x);
      slope[i] = -at(cap, capRate, x);
    }
    return [h, slope];
  };
  return { value, along };
}

// The cubic with values p, q and slopes p1, q1 at x = 0, 1.
export function hermite(p, p1, q, q1, x) {
  const y = 1 - x;
  return y * y * (p * (1 + 2 * x) + p1 * x) + x * x * (q * (1 + 2 * y) - q1 * y);
}

// Nodes r and weights p of the radius: two points a panel, which keep the law's own moments of orders 0 to 2.
function radialRule(law) {
  const edges = [];
  for (let i = 0; i < RADIUS_PANELS; i++) edges.push(i / RADIUS_PANELS);
  for (let i = 0; i <= RADIUS_PANELS; i++) edges.push(1 + ((RADIUS_MAX - 1) * i) / RADIUS_PANELS);
  const moments = edges.map(law.moments);
  const total = moments[moments.length - 1][0];
  const r = [];
  const p = [];
  for (let i = 1; i < edges.length; i++) {
    const [mass, first, second] = moments[i].map((m, n) => m - moments[i - 1][n]);
    if (mass < 1e-14 * total) continue;
    const mean = first / mass;
    const sigma = Math.sqrt(Math.max(0, second / mass - mean * mean));
    for (const sign of [-1, 1]) {
      r.push(Math.min(edges[i], Math.max(edges[i - 1], mean + sign * sigma)));
      p.push(mass / total / 2);
    }
  }
  return { r, p };
}

// All that does not depend on the budget: the rule; the offsets, denser near 0 and as far as profiles reach; and in the
// coordinates of an orthonormal basis the profiles at the offsets, their slopes in b, and the target.
export function shallowProblem(law) {
  const { d } = law;
  const { r, p } = radialRule(law);
  const profile = profiles(d);
  const farthest = RADIUS_MAX * Math.min(1, 8 / Math.sqrt(d));
  const offsets = Float64Array.from({ length: OFFSET_CELLS + 1 }, (_, j) => {
    const x = j / OFFSET_CELLS;
    return (farthest * (x + x * x)) / 2;
  });
  // functions of r as vectors: weighted by the root of p, and without their mean, as the constant is free
  const root = Float64Array.from(p, Math.sqrt);
  const vector = (values) => {
    const mean = dot(p, values);
    for (let i = 0; i < r.length; i++) values[i] = root[i] * (values[i] - mean);
    return values;
  };
  const columns = Array.from(offsets, (b) => profile.along(r, b).map(vector));
  const target = vector(Float64Array.from(r, (v) => Math.max(0, 1 - v)));
  const { basis, coordinates: values } = orthonormalBasis(columns.map(([h]) => h));
  const coordinates = (x) => Float64Array.from(basis, (q) => dot(q, x));
  const wanted = coordinates(target);
  return {
    d,
    r,
    p,
    profile,
    offsets,
    values,
    wanted,
    slopes: columns.map(([, slope]) => coordinates(slope)),
    outside: Math.max(0, dot(target, target) - dot(wanted, wanted)), // of the target, what no profile has a part of
  };
}

// Gram-Schmidt, the largest remainder first, until none is above the tolerance; with the columns' coordinates in it.
function orthonormalBasis(columns) {
  const sizes = columns.map((x) => dot(x, x)); // squares, of what is left of each
  const least = RANK_TOLERANCE ** 2 * Math.max(...sizes);
  const basis = [];
  const parts = columns.map(() => []);
  while (basis.length < RANK) {
    const largest = sizes.indexOf(Math.max(...sizes));
    if (sizes[largest] <= least) break;
    const fresh = columns[largest].slice();
    for (const q of basis) subtract(fresh, dot(q, fresh), q); // orthogonal to rounding over the tolerance, 1e-10
    const size = Math.sqrt(dot(fresh, fresh));
    for (let i = 0; i < fresh.length; i++) fresh[i] /= size;
    basis.push(fresh);
    for (let j = 0; j < columns.length; j++) {
      const part = dot(fresh, columns[j]);
      parts[j].push(part);
      sizes[j] -= part * part;
    }
    sizes[largest] = 0;
  }
  return { basis, coordinates: parts.map((part) => Float64Array.from(part)) };
}

// The profile h_b in coordinates, at any offset.
function profileAt({ offsets, values, slopes }, b) {
  let j = 0;
  while (j < OFFSET_CELLS - 1 && offsets[j + 1] <= b) j++;
  const width = offsets[j + 1] - offsets[j];
  const x = (b - offsets[j]) / width;
  const found = new Float64Array(values[j].length);
  for (let i = 0; i < found.length; i++) {
    found[i] = hermite(values[j][i], width * slopes[j][i], values[j + 1][i], width * slopes[j + 1][i], x);
  }
  return found;
}

// Offsets at which phi(b) = E g h_b peaks, with the sign it has there, the worst first; and the largest |phi|, over all
// b.
function reachOf({ offsets, values, slopes }, g) {
  const phi = values.map((v) => dot(g, v));
  const rate = slopes.map((v) => dot(g, v));
  const peaks = [{ b: offsets[0], phi: phi[0] }];
  for (let j = 0; j < OFFSET_CELLS; j++) {
    const width = offsets[j + 1] - offsets[j];
    const cubic = [phi[j], width * rate[j], phi[j + 1], width * rate[j + 1]];
    for (const x of turns(...cubic)) peaks.push({ b: offsets[j] + x * width, phi: hermite(...cubic, x) });
  }
  peaks.sort((a, b) => Math.abs(b.phi) - Math.abs(a.phi));
  return { peaks, reach: Math.abs(peaks[0].phi) };
}

// Where the cubic of `hermite` is level, in (0, 1].
function turns(p, p1, q, q1) {
  const a = 3 * (2 * (p - q) + p1 + q1);
  const b = 3 * (q - p) - 2 * p1 - q1; // a x^2 + 2 b x + p1 = 0
  const square = b * b - a * p1;
  if (square < 0) return [];
  const half = -(b + (b >= 0 ? 1 : -1) * Math.sqrt(square));
  return [half / a, p1 / half].filter((x) => x > 0 && x <= 1);
}

// The best network within the budget B: { budget, loss, bound, gap, reach, offsets, weights, constant, f }, f a
// function of r. `start`, a result for the same law and another budget, saves rounds.
export function shallowLowerBound(problem, budget, start, gap = GAP) {
  let atoms = start
    ? start.offsets.map((b, k) =>
      newAtom(problem, budget, b, Math.sign(start.weights[k]), Math.abs(start.weights[k]) / start.norm)
    )
    : [newAtom(problem, budget, 0, -1, 1)];
  const { wanted, outside } = problem;
  let [bound, reach, loss, network] = [0, 0, Infinity, []];
  for (let round = 0; round < ROUNDS; round++) {
    atoms = nearestPoint(atoms);
    const residual = mixture(atoms);
    const square = dot(residual, residual) + outside;
    if (square / 2 < loss) {
      [loss, network] = [square / 2, atoms.map(({ b, sign, share }) => ({ b, weight: sign * share * budget }))];
    }
    const found = reachOf(problem, residual);
    // weak duality: loss >= (E g f* - B M)^2/(2 E g^2)
    const dual = Math.max(0, dot(residual, wanted) + outside - budget * found.reach) ** 2 / (2 * square);
    if (dual >= bound) [bound, reach] = [dual, found.reach];
    if (loss < SMALLEST / 2 || loss - bound <= gap * loss) break;
    const isNew = ({ b, phi }) => atoms.every((atom) => atom.sign * phi < 0 || Math.abs(atom.b - b) > 1e-7);
    const fresh = found.peaks.slice(0, 8).filter(isNew);
    if (!fresh.length) break;
    atoms.push(...fresh.map(({ b, phi }) => newAtom(problem, budget, b, Math.sign(phi), 0)));
  }
  const best = networkOf(problem, network);
  bound = best.loss < SMALLEST ? 0 : Math.min(bound, best.loss);
  return { budget, ...best, bound, gap: (best.loss - bound) / best.loss, reach };
}

// The end +-B h_b of the hull, seen from the target; its share is its part in the network.
function newAtom(problem, budget, b, sign, share) {
  return { b, sign, share, from: combined(sign * budget, profileAt(problem, b), -1, problem.wanted) };
}

// The network itself, and its loss from the profiles, not from their coordinates.
function networkOf({ r, p, profile }, network) {
  network.sort((x, y) => x.b - y.b);
  const offsets = network.map(({ b }) => b);
  const weights = network.map(({ weight }) => weight);
  const growing = (v) => offsets.reduce((sum, b, k) => sum + weights[k] * profile.value(v, b), 0);
  const missing = r.map((v) => Math.max(0, 1 - v) - growing(v));
  const constant = dot(p, missing);
  const f = (v) => constant + growing(v);
  const loss = missing.reduce((sum, v, i) => sum + (p[i] * (v - constant) ** 2) / 2, 0);
  const norm = weights.reduce((sum, weight) => sum + Math.abs(weight), 0);
  return { loss, offsets, weights, norm, constant, f };
}
