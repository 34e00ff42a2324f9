// One second-layer neuron as a gradient flow in the plane of s = -w2 alpha and b = b2, for unit rates: the Python twin
// is chapters/convergence/plane.py.
//
//   s' = -M(s) l_s,  b' = -l_b,  M = alpha (3 alpha - 2 c_0),  alpha^2 (alpha - c_0) = q s^2,  q = 2 C_d

import { reluMean } from "./sphere.js";

const NEWTON = 12; // steps: from where it starts the root is reached to rounding

/** @typedef {{ law: any, one: number[], c0: number, q: number }} Plane */

/** The plane in which the flow from alpha, w2 stays. @returns {Plane} */
export function planeOf(law, alpha, w2) {
  const q = 2 * reluMean(law.d);
  return { law, one: law.moments(1), c0: alpha - q * w2 * w2, q };
}

/** The root alpha above max(c_0, 0) of its cubic. @param {Plane} plane */
export function alphaAt({ c0, q }, s) {
  const square = q * s * s;
  const other = c0 > 0 ? square / c0 ** 2 : c0 < 0 ? Math.sqrt(square / -c0) : Infinity;
  let a = Math.max(c0, 0) + Math.min(Math.cbrt(square), other);
  for (let i = 0; i < NEWTON; i++) {
    const slope = a * (3 * a - 2 * c0);
    a -= slope > 0 ? (a * a * (a - c0) - square) / slope : 0;
  }
  return a;
}

export function metric(plane, s) {
  const a = alphaAt(plane, s);
  return a * (3 * a - 2 * plane.c0);
}

/** [l, l_s, l_b], exact near the target too: there f* - f = (1 - b) - (1 - s) r is small. @param {Plane} plane */
export function residual({ law, one }, s, b, moments = law.moments(b / s)) {
  const [beta, sigma] = [1 - b, 1 - s];
  const [I0, I1, I2] = moments.map((m, k) => Math.min(m, one[k]));
  const [T0, T1, T2] = [moments[0] - I0, moments[1] - I1, moments[2] - I2]; // 1 < r <= R
  const [O0, O1, O2] = [one[0] - I0, one[1] - I1, one[2] - I2]; // R < r <= 1
  const u2 = beta * I0 - sigma * I1 - (b * T0 - s * T1);
  const u1 = beta * I1 - sigma * I2 - (b * T1 - s * T2);
  const near = beta * beta * I0 - 2 * beta * sigma * I1 + sigma * sigma * I2;
  return [(near + b * b * T0 - 2 * b * s * T1 + s * s * T2 + O0 - 2 * O1 + O2) / 2, u1, -u2];
}

/** (s', b') at a point. @param {Plane} plane */
export function planarVelocity(plane, s, b) {
  const [, ls, lb] = residual(plane, s, b);
  return [-metric(plane, s) * ls, -lb];
}

// What the ray of one kink R = b/s knows: where it crosses the nullclines b' = 0 and s' = 0, at heights B_0 and B_1;
// and the loss along it, A - b E + b^2 D/2. Null where no inputs lie below R.
export function ray(law, one, R) {
  const [m0, m1, m2] = law.moments(R);
  if (!(m0 > 1e-14)) return null;
  const [I0, I1, I2] = [m0, m1, m2].map((m, k) => Math.min(m, one[k]));
  const [D0, D1] = [m0 - m1 / R, m1 - m2 / R];
  return {
    R,
    B0: (I0 - I1) / D0,
    B1: (I1 - I2) / D1,
    A: (one[0] - 2 * one[1] + one[2]) / 2,
    E: I0 - I1 - (I1 - I2) / R,
    D: D0 - D1 / R,
  };
}

// The two heights at which a ray crosses a level line of the loss, the lower one first; null where it does not.
export function crossings({ A, E, D }, level) {
  const root = E * E - 2 * D * (A - level);
  if (!(root >= 0)) return null;
  const high = (E + Math.sqrt(root)) / D;
  return [(2 * (A - level)) / (D * high), high];
}
