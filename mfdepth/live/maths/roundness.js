// How far a first layer is from round: rho, its parts by the degree of the harmonics, and rho_t to first order.

import { rowLengths, timesTransposed } from "./finite.js";
import { reluMean } from "./laws.js";

const DEGREE = 30; // of the harmonics that the prediction follows; the rest hardly move

// C_d^2 times the mean square of F - F~ over that of F~, by degree: N(d, l) lambda_l^2 for l = 1, 2, 4, ..., DEGREE, and
// the factors (4 + l (l + d - 2)) lambda_l^2 of their decay. Other degrees are not seen by the first layer.
export function harmonics(d) {
  const C = reluMean(d);
  const parts = [{ degree: 1, energy: 1 / (4 * d), square: 1 / (4 * d * d) }];
  let energy = (((d + 2) * (d - 1)) / 2) * (C / (d + 1)) ** 2;
  let square = (C / (d + 1)) ** 2;
  for (let l = 2; l <= DEGREE; l += 2) {
    parts.push({ degree: l, energy, square });
    const ratio = ((l - 1) / (l + d + 1)) ** 2;
    square *= ratio;
    energy *= (ratio * (2 * l + d + 2) * (l + d - 1) * (l + d - 2)) / ((2 * l + d - 2) * (l + 2) * (l + 1));
  }
  return parts.map((part) => ({ ...part, decay: (4 + part.degree * (part.degree + d - 2)) * part.square }));
}

// The Legendre polynomials of even degree l in d dimensions as A, B, C, A, B, C, ...: P_{l+2} = (A c^2 + B) P_l + C P_{l-2},
// two steps of (l + d - 2) P_{l+1} = (2 l + d - 2) c P_l - l P_{l-1} in one.
function evenLegendre(d) {
  const up = (l) => (l ? (2 * l + d - 2) / (l + d - 2) : 1);
  const down = (l) => (l ? l / (l + d - 2) : 0);
  const steps = [];
  for (let l = 0; l < DEGREE; l += 2) {
    const back = l ? (up(l + 1) * down(l)) / up(l - 1) : 0;
    steps.push(up(l + 1) * up(l), -back - down(l + 1), l ? -back * down(l - 1) : 0);
  }
  return Float64Array.from(steps);
}

// alpha and rho in closed form, and the parts of rho by degree where they are asked for.
export function roundness(w1, d, parts = []) {
  const m1 = w1.length / d;
  const lengths = rowLengths(w1, m1, d);
  const share = lengths.map((x) => x * x);
  const total = share.reduce((sum, x) => sum + x, 0);
  const unit = new Float64Array(m1 * d);
  for (let i = 0; i < m1; i++) for (let k = i * d; k < (i + 1) * d; k++) unit[k] = w1[k] / (lengths[i] || 1);
  const block = 32; // rows of the matrix of cosines at a time; only its upper half is needed
  const cosines = new Float64Array(block * m1);
  const steps = parts.length ? evenLegendre(d) : [];
  const byDegree = new Float64Array(parts.length);
  let kernel = 0;
  for (let first = 0; first < m1; first += block) {
    const rows = Math.min(block, m1 - first);
    const columns = m1 - first;
    timesTransposed(unit.subarray(first * d), unit.subarray(first * d), cosines, rows, columns, d);
    for (let i = 0; i < rows; i++) {
      for (let j = i; j < columns; j++) {
        const weight = (share[first + i] * share[first + j] * (i === j ? 1 : 2)) / (total * total);
        const c = i === j ? 1 : Math.max(-1, Math.min(1, cosines[i * columns + j]));
        kernel += weight * (Math.sqrt((1 - c) * (1 + c)) + (Math.PI - Math.acos(c)) * c);
        if (!parts.length) continue;
        byDegree[0] += weight * c;
        let before = 0;
        let P = 1;
        for (let k = 0; k < steps.length; k += 3) {
          const next = (steps[k] * c * c + steps[k + 1]) * P + steps[k + 2] * before;
          before = P;
          P = next;
          byDegree[1 + k / 3] += weight * P;
        }
      }
    }
  }
  const C = reluMean(d);
  return {
    alpha: (C * total) / m1,
    rho: kernel / (2 * Math.PI * d * C * C) - 1,
    byDegree: parts.map((part, k) => (part.energy / (C * C)) * byDegree[k]),
  };
}

// rho_t to first order, from the parts of rho at the start: each decays at its own rate.
export function predictedRho({ rho, byDegree }, parts, pull) {
  return pull.map((integral) =>
    byDegree.reduce((sum, part, k) => sum - part * (1 - Math.exp(-2 * integral * parts[k].decay)), rho),
  );
}
