// The error of finite width under symmetry: m1 E rho_t by the first-order prediction (mfdepth/discretization.py,
// predict_rho) along a course of infiniteWidth(...).
//
// While the kink R = -b2/(w2 alpha) lies beyond r = 1 the curvature is K = w2^2 E[r^2; r <= R]; further in the target's
// kink would add a term, which the standard start never needs.

import { reluMean } from "./laws.js";

const HARMONICS = 30; // the degrees followed; the sum of all the rest, which hardly move, comes from the total

// [lambda_0 .. lambda_degree], and how many harmonics there are of each degree.
function reluEigenvalues(d, degree) {
  const lambda = [reluMean(d), 1 / (2 * d)];
  for (let l = 0; l + 2 <= degree; l++) lambda.push(l % 2 ? 0 : (-lambda[l] * (l - 1)) / (l + d + 1));
  return lambda;
}

function harmonicDimensions(d, degree) {
  const counts = [1, d];
  for (let l = 1; l < degree; l++) counts.push((counts[l] * (2 * l + d) * (l + d - 2)) / ((2 * l + d - 2) * (l + 1)));
  return counts;
}

// m1 E rho at the times of the course, which are equally spaced and odd in number (Simpson's rule).
export function rhoTimesWidth(law, { t, alpha, w2, b2 }) {
  const { d } = law;
  const pull = alpha.map((a, i) => (a / reluMean(d)) * w2[i] ** 2 * law.moments(-b2[i] / (w2[i] * a))[2]);
  const integral = runningIntegral(pull, t[1] - t[0]);
  const lambda = reluEigenvalues(d, HARMONICS);
  const counts = harmonicDimensions(d, HARMONICS);
  const total = 1 / (2 * d * lambda[0] ** 2) - 1; // equal lengths, uniform directions
  return integral.map((done) => {
    let rho = total;
    for (let l = 1; l <= HARMONICS; l++) {
      const speed = (4 + l * (l + d - 2)) * lambda[l] ** 2;
      rho += counts[l] * (lambda[l] / lambda[0]) ** 2 * Math.expm1(-2 * speed * done);
    }
    return rho;
  });
}

// From the first value to each: Simpson's rule over pairs of steps, the parabola's half within one.
function runningIntegral(f, h) {
  const sums = [0];
  for (let i = 0; i + 2 < f.length; i += 2) {
    sums.push(sums[i] + (h * (5 * f[i] + 8 * f[i + 1] - f[i + 2])) / 12);
    sums.push(sums[i] + (h * (f[i] + 4 * f[i + 1] + f[i + 2])) / 3);
  }
  return sums;
}
