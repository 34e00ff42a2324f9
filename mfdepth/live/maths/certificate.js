// What is proved of the loss from a start in the triangle 0 < s <= b <= 1, for unit rates: the Python twin is
// chapters/convergence/certificate.py.

import { alphaAt, metric, residual } from "./plane.js";

/** V at (s, b): (1 - b)^2/2 and the integral of 1/alpha - w over w = |w2|, alpha = c_0 + q w^2, in closed form. */
export function lyapunov(plane, s, b) {
  const [from, to] = [s, 1].map((x) => x / alphaAt(plane, x));
  return (1 - b) ** 2 / 2 + primitive(plane, to) - primitive(plane, from) - (to * to - from * from) / 2;
}

// Of 1/(c_0 + q w^2); far from w = 0 where c_0 < 0, for there alpha is positive only beyond sqrt(-c_0/q).
function primitive({ c0, q }, w) {
  const size = Math.sqrt(Math.abs(c0) * q);
  if (size * w < 1e-9 * Math.abs(c0 + q * w * w)) return -1 / (q * w); // c_0 is 0, or as good as
  const x = w * Math.sqrt(q / Math.abs(c0));
  return c0 > 0 ? Math.atan(x) / size : Math.log((x - 1) / (x + 1)) / (2 * size);
}

/** 2 lambda: near the target the loss falls like e^(-2 lambda t). */
export function lastRate(plane) {
  const [m0, m1, m2] = plane.one;
  const M = metric(plane, 1);
  const [half, det] = [(M * m2 + m0) / 2, M * (m0 * m2 - m1 * m1)];
  return (2 * det) / (half + Math.sqrt(half * half - det));
}

const [SLOPES, BIASES, FINER, STEPS] = [81, 41, 7, 5];

/** The least of (M l_s^2 + l_b^2)/l over the triangle: for each slope over b, then over the slopes; 0 for c_0 <= 0. */
export function leastQuotient(plane) {
  if (!(plane.c0 > 0)) return 0;
  const overBias = (y) => {
    const [s, rest] = [1 / (1 + Math.exp(-y)), 1 / (1 + Math.exp(y))];
    const M = metric(plane, s);
    const quotient = (edge) => {
      const [loss, ls, lb] = residual(plane, s, s + (1 - edge) * rest);
      return (M * ls * ls + lb * lb) / loss;
    };
    return closer(quotient, 0, 1, BIASES);
  };
  const [low, high] = [-25, 9];
  const step = (high - low) / (SLOPES - 1);
  const profile = Array.from({ length: SLOPES }, (_, i) => overBias(low + i * step));
  const valleys = profile.flatMap((
    v,
    i,
  ) => (v <= (profile[i - 1] ?? Infinity) && v <= (profile[i + 1] ?? Infinity) ? [i] : []));
  const least = valleys.sort((i, j) => profile[i] - profile[j]).slice(0, 2).map((i) => {
    const y = low + i * step;
    return closer(overBias, Math.max(low, y - step), Math.min(high, y + step), FINER);
  });
  return Math.min(lastRate(plane), ...least);
}

// The least value of a function between two ends, by ever finer points around the least one so far.
function closer(f, low, high, count) {
  let [a, b, n, least] = [low, high, count, Infinity];
  for (let i = 0; i < STEPS; i++) {
    let at = 0;
    let best = Infinity;
    for (let j = 0; j < n; j++) {
      const v = f(a + ((b - a) * j) / (n - 1));
      if (v < best) [best, at] = [v, j];
    }
    least = Math.min(least, best);
    const step = (b - a) / (n - 1);
    const centre = a + step * at;
    [a, b, n] = [Math.max(low, centre - step), Math.min(high, centre + step), FINER];
  }
  return least;
}

/** V(0), kappa, 2 lambda, and whether the start lies in the triangle, where they bound the loss. */
export function certificate(plane, s, b) {
  const inside = s <= b * (1 + 1e-12) && b <= 1;
  return {
    inside,
    loss: residual(plane, s, b)[0],
    lyapunov: lyapunov(plane, s, b),
    kappa: leastQuotient(plane),
    rate: lastRate(plane),
  };
}
