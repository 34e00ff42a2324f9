// Functions on the sphere of R^3 and their mean against a ReLU, E_v f(v) ReLU(u.v), which multiplies each degree by one
// number.
//
// A function is one harmonic, or depends on the height alone (a zonal function): a Legendre series about the axis.

import { reluEigenvalues } from "./sphere.js";

export const DEGREES = 24; // of the Legendre series
const PANELS = 4000; // of the integrals for its coefficients

// Real spherical harmonics up to degree 4 in the cosine z of the angle to the axis and the azimuth, at most 1 in size.
const ASSOCIATED = [
  [() => 1],
  [(z) => z, (z) => Math.sqrt(1 - z * z)],
  [(z) => 1.5 * z * z - 0.5, (z) => 2 * z * Math.sqrt(1 - z * z), (z) => 1 - z * z],
  [
    (z) => 2.5 * z ** 3 - 1.5 * z,
    (z) => (5 * z * z - 1) * Math.sqrt(1 - z * z) * 0.7262,
    (z) => z * (1 - z * z) * 2.5981,
    (z) => (1 - z * z) ** 1.5,
  ],
  [
    (z) => (35 * z ** 4 - 30 * z * z + 3) / 8,
    (z) => (7 * z ** 3 - 3 * z) * Math.sqrt(1 - z * z) * 0.5287,
    (z) => (7 * z * z - 1) * (1 - z * z) * 0.7778,
    (z) => z * (1 - z * z) ** 1.5 * 3.0792,
    (z) => (1 - z * z) ** 2,
  ],
];

const PROFILES = {
  bump: (z) => Math.exp(8 * (z - 1)),
  cap: (z) => (z > 0.5 ? 1 : 0),
  stripes: (z) => (Math.cos(9 * z) > 0 ? 1 : -1),
};

// P_0(z) .. P_degree(z).
export function legendre(z, degree) {
  const p = [1, z];
  for (let l = 1; l < degree; l++) p.push(((2 * l + 1) * z * p[l] - l * p[l - 1]) / (l + 1));
  return p.slice(0, degree + 1);
}

// The coefficients c_l = (2l + 1)/2 int f P_l of a function of the height.
export function legendreSeries(profile) {
  const c = new Array(DEGREES + 1).fill(0);
  for (let i = 0; i < PANELS; i++) {
    const z = (2 * (i + 0.5)) / PANELS - 1;
    legendre(z, DEGREES).forEach((p, l) => (c[l] += ((2 * l + 1) / PANELS) * profile(z) * p));
  }
  return c;
}

// f and its mean against a ReLU, as functions of the cosine to the axis and of the azimuth.
export function functionAndMean({ shape, degree, order }) {
  const lambda = reluEigenvalues(3, DEGREES);
  const profile = PROFILES[shape];
  if (!profile) {
    const along = ASSOCIATED[degree][order];
    const f = (z, azimuth) => along(z) * Math.cos(order * azimuth);
    return { f, mean: (z, azimuth) => lambda[degree] * f(z, azimuth) };
  }
  const c = legendreSeries(profile).map((value, l) => value * lambda[l]);
  return { f: profile, mean: (z) => legendre(z, DEGREES).reduce((sum, p, l) => sum + c[l] * p, 0) };
}

// The same on the circle, where harmonics are a Fourier series: f(angle) and its mean, for one degree or a bump.
export function circleAndMean({ shape, degree }, angles) {
  const lambda = reluEigenvalues(2, DEGREES);
  if (!PROFILES[shape]) {
    const f = angles.map((a) => Math.cos(degree * a));
    return { f, mean: f.map((v) => lambda[degree] * v) };
  }
  const f = (a) => PROFILES[shape](Math.cos(a));
  const c = new Array(DEGREES + 1).fill(0);
  for (let i = 0; i < PANELS; i++) {
    const a = ((i + 0.5) * Math.PI) / PANELS;
    for (let l = 0; l <= DEGREES; l++) c[l] += ((l ? 2 : 1) / PANELS) * f(a) * Math.cos(l * a);
  }
  return {
    f: angles.map(f),
    mean: angles.map((a) => c.reduce((sum, v, l) => sum + v * lambda[l] * Math.cos(l * a), 0)),
  };
}
