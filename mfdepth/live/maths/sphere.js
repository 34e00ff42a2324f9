// What ReLU makes of uniform directions u of R^d: its mean, its kernel, its spherical harmonics. As mfdepth/sphere.py.

// C_d = E ReLU(u_1): C_1 = 1/2, C_2 = 1/pi, C_{d+2} = C_d d/(d+1).
export function reluMean(d) {
  let c = d % 2 ? 1 / 2 : 1 / Math.PI;
  for (let j = d % 2 ? 1 : 2; j < d; j += 2) c *= j / (j + 1);
  return c;
}

const NEAR = 1 / 4; // the cosines for which the series below is enough, to rounding: in many dimensions most

// sqrt(1 - c^2) + c asin(c) in powers of x = c^2; x^k has binomial(2k - 2, k - 1)/4^(k-1) over 2k (2k - 1).
function nearSeries(x) {
  const far = 5 / 896 + x * (7 / 2304 + x * (21 / 11264 + x * (33 / 26624 + (x * 143) / 163840)));
  return 1 + x * (1 / 2 + x * (1 / 24 + x * (1 / 80 + x * far)));
}

// E ReLU(a.u) ReLU(b.u) for unit a, b.
export function reluKernel(cosine, d) {
  const c = Math.min(1, Math.max(-1, cosine));
  const sum = Math.abs(c) < NEAR
    ? nearSeries(c * c) + (Math.PI / 2) * c
    : Math.sqrt((1 - c) * (1 + c)) + (Math.PI - Math.acos(c)) * c;
  return sum / (2 * Math.PI * d);
}

// lambda_l = E[ReLU(u_1) P_l(u_1)], l = 0 .. degree.
export function reluEigenvalues(d, degree) {
  const values = new Array(degree + 1).fill(0);
  values[0] = reluMean(d);
  if (degree > 0) values[1] = 1 / (2 * d);
  for (let l = 0; l + 2 <= degree; l += 2) values[l + 2] = (-values[l] * (l - 1)) / (l + d + 1);
  return values;
}

// (4 + l (l + d - 2)) lambda_l^2, l = 0 .. degree: how fast training moves the harmonics of F.
export function tangentEigenvalues(d, degree) {
  return reluEigenvalues(d, degree).map((lambda, l) => (4 + l * (l + d - 2)) * lambda * lambda);
}

// N(d, l) lambda_l^2, l = 0 .. degree, where the factors alone would leave the range of floats.
export function reluEnergies(d, degree) {
  const [zeroth, , second] = reluEigenvalues(d, 2);
  const energies = [zeroth ** 2, 1 / (4 * d), ((d + 2) * (d - 1) * second ** 2) / 2];
  for (let l = 2; l + 2 <= degree; l += 2) {
    const dimensions = ((2 * l + d + 2) * (l + d - 1) * (l + d - 2)) / ((2 * l + d - 2) * (l + 2) * (l + 1));
    energies.push(0, energies[l] * dimensions * ((l - 1) / (l + d + 1)) ** 2);
  }
  return Array.from({ length: degree + 1 }, (_, l) => energies[l] ?? 0);
}

// The Gegenbauer polynomials with P_l(1) = 1 of even degree as A, B, C, A, B, C, ...: P_{l+2} = (A c^2 + B) P_l + C
// P_{l-2}, two steps of (l + d - 2) P_{l+1} = (2 l + d - 2) c P_l - l P_{l-1} in one.
export function evenGegenbauer(d, degree) {
  const up = (l) => (l ? (2 * l + d - 2) / (l + d - 2) : 1);
  const down = (l) => (l ? l / (l + d - 2) : 0);
  const steps = [];
  for (let l = 0; l + 2 <= degree; l += 2) {
    const back = l ? (up(l + 1) * down(l)) / up(l - 1) : 0;
    steps.push(up(l + 1) * up(l), -back - down(l + 1), l ? -back * down(l - 1) : 0);
  }
  return Float64Array.from(steps);
}
