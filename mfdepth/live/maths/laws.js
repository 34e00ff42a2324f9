// The input law in the browser.
//
// The radius r = |x| has density p(r) = (d/r) J_nu(k r)^2 with nu = d/2. All the dynamics asks of it are the partial
// moments E[r^n; r <= R], n = 0, 1, 2, and in s = k r these are d k^-n times the integrals of s^(n-1) y, y = J_nu(s)^2.
// Up to s = 3 nu + 40 (a little beyond r = 1) they come from a table of Taylor panels, beyond from exact
// antiderivatives, so that the heavy tail is never cut.

const PANEL_ORDER = 24; // Taylor terms in a panel, across which y turns by at most two radians
const TAIL_TERMS = 16; // terms of a tail series, whose ratio is about (nu/s)^2 <= 1/9

// log Gamma(nu + 1) for a whole or half-whole nu.
function logGammaHalves(nu) {
  let sum = nu % 1 ? 0.5 * Math.log(Math.PI) : 0;
  for (let x = nu; x > 0; x--) sum += Math.log(x);
  return sum;
}

// k = 2 pi R_d sqrt(d), R_d the radius of the ball of unit volume.
function wavenumber(d) {
  return 2 * Math.sqrt(Math.PI * d) * Math.exp(logGammaHalves(d / 2) / d);
}

// y solves s^2 y''' + 3 s y'' + (1 + 4 s^2 - 4 nu^2) y' + 4 s y = 0, in which J^2 outgrows its rivals up to the turning
// point s = nu: marching forward from deep inside the decaying region is stable. The scale is arbitrary until the end.
function marchPanels(nu, end) {
  const [start, y0, y1, y2] = deepStart(nu);
  const panels = { start: [], step: [], coefficients: [], totals: [[0, 0, 0]] };
  let s = start;
  let y = [y0, y1, y2];
  while (s < end) {
    const h = Math.min(1, s / (nu + 1), end - s);
    const c = panelCoefficients(nu, s, h, y);
    const before = panels.totals[panels.totals.length - 1];
    panels.start.push(s);
    panels.step.push(h);
    panels.coefficients.push(c.moments);
    panels.totals.push(before.map((total, n) => total + polynomial(c.moments[n], 1)));
    y = derivatives(c.square, h);
    s = end - s - h < 1e-9 ? end : s + h;
  }
  panels.end = y; // y, y', y'' where the tail begins
  return panels;
}

// Where J is about e^-60 of its size: nu (a - tanh a) = 60, s = nu / cosh a. There J'/J comes from the continued
// fraction J_{nu+1}/J_nu = 1/(2(nu+1)/s - 1/(2(nu+2)/s - ...)).
function deepStart(nu) {
  let low = 0;
  let high = 62 / nu + 8;
  for (let i = 0; i < 60; i++) {
    const a = (low + high) / 2;
    if (nu * (a - Math.tanh(a)) < 60) low = a;
    else high = a;
  }
  const s = nu / Math.cosh(low);
  let ratio = 0;
  for (let j = 80; j > 0; j--) ratio = 1 / ((2 * (nu + j)) / s - ratio);
  const g = nu / s - ratio; // J'/J
  return [s, 1, 2 * g, 2 * g * g - 2 * (g / s + 1 - (nu / s) ** 2)];
}

// Taylor coefficients in tau = (s - c)/h of y (square) and of the three antiderivatives from c (moments).
function panelCoefficients(nu, c, h, start) {
  const C = c / h;
  const hh = 4 * h * h;
  const y = new Float64Array(PANEL_ORDER + 1);
  y.set([start[0], start[1] * h, (start[2] * h * h) / 2]);
  for (let j = 0; j + 3 <= PANEL_ORDER; j++) {
    const sum = C * (j + 1) * (j + 2) * (2 * j + 3) * y[j + 2] +
      (j + 1) * ((j + 1) ** 2 - 4 * nu * nu + 4 * c * c) * y[j + 1] +
      hh * C * (2 * j + 1) * y[j] +
      (j ? hh * j * y[j - 1] : 0);
    y[j + 3] = -sum / (C * C * (j + 1) * (j + 2) * (j + 3));
  }
  const moments = [0, 1, 2].map(() => new Float64Array(PANEL_ORDER + 2));
  let z = 0; // coefficients of y / (C + tau)
  for (let j = 0; j <= PANEL_ORDER; j++) {
    z = (y[j] - z) / C;
    moments[0][j + 1] = z / (j + 1);
    moments[1][j + 1] = (h * y[j]) / (j + 1);
    moments[2][j + 1] = (h * h * (C * y[j] + (j ? y[j - 1] : 0))) / (j + 1);
  }
  return { square: y, moments };
}

function polynomial(coefficients, x) {
  let sum = 0;
  for (let j = coefficients.length - 1; j >= 0; j--) sum = sum * x + coefficients[j];
  return sum;
}

// Value and first two derivatives (in s) at the right end of a panel.
function derivatives(coefficients, h) {
  let [f, f1, f2] = [0, 0, 0];
  for (let j = coefficients.length - 1; j >= 0; j--) {
    f += coefficients[j];
    f1 += j * coefficients[j];
    f2 += j * (j - 1) * coefficients[j];
  }
  return [f, f1 / h, f2 / (h * h)];
}

// --- the tail ------------------------------------------------------------------------------------------------------
function tailStart(nu) {
  return 3 * nu + 40;
}

// a y + b y' + c y'' with b = 3 c/s - c', a = -b' + c (4 + (1 - 4 nu^2)/s^2) has derivative L[c] y, where
// L[s^e] = 4 (e-1) s^(e-1) + (e-2) ((e-2)^2 - 4 nu^2) s^(e-3). Solve L[c] = s^(n-1) term by term: powers s^(e0 - 2j).
// n = 2 ends at once, c = s^2/4; n = 0 starts with -1/4; n = 1 meets L[s] = 0 + ... and needs a logarithm.
function tailSeries(nu) {
  const next = (e) => (e - 2) * ((e - 2) ** 2 - 4 * nu * nu);
  const zeroth = [-1 / 4]; // n = 0, powers s^(-2j)
  const modulus = [1]; // L[c] = 0, powers s^(1-2j); J^2 + Y^2 is 2/(pi s^2) times it
  const first = [0]; // n = 1 is modulus * log(s/s1)/4 + first, powers s^(1-2j)
  for (let j = 0; j < TAIL_TERMS; j++) {
    const e = 1 - 2 * j;
    zeroth.push((-next(-2 * j) * zeroth[j]) / (4 * (-2 * j - 3)));
    modulus.push((-next(e) * modulus[j]) / (4 * (e - 3)));
    first.push(
      -(modulus[j + 1] + next(e) * first[j] + ((3 * (e - 2) ** 2 - 4 * nu * nu) * modulus[j]) / 4) / (4 * (e - 3)),
    );
  }
  const phase = [1]; // theta' = 1/(modulus/s)
  for (let j = 1; j <= TAIL_TERMS; j++) {
    let sum = 0;
    for (let i = 1; i <= j; i++) sum -= modulus[i] * phase[j - i];
    phase.push(sum);
  }
  const turns = phase.map((q, j) => q / (1 - 2 * j)); // theta = sum_j turns_j s^(1-2j) + const
  return { zeroth, modulus, first, turns };
}

// So that (nu/s)^(2 terms) is below rounding: 16 terms where the tail begins, a few far out.
function termsNeeded(nu, s) {
  return Math.ceil(4 + (12 * tailStart(nu)) / s);
}

// sum_j c_j s^(e0 - 2j), j <= terms, with its first two derivatives.
function powerSeries(c, e0, s, terms) {
  const x = 1 / (s * s);
  let f = 0;
  let f1 = 0;
  let f2 = 0;
  for (let j = terms; j >= 0; j--) {
    const e = e0 - 2 * j;
    f = f * x + c[j];
    f1 = f1 * x + e * c[j];
    f2 = f2 * x + e * (e - 1) * c[j];
  }
  const p = e0 ? s : 1; // e0 is 0 or 1
  return [f * p, (f1 * p) / s, f2 * p * x];
}

// y, y', y'' from the modulus N and the phase theta: J^2 = N cos^2 theta, theta' = 2/(pi s N).
function tailSquare(nu, series, modulus, s) {
  const [m, m1, m2] = modulus;
  const x = 1 / (s * s);
  let theta = 0;
  for (let j = termsNeeded(nu, s); j >= 0; j--) theta = theta * x + series.turns[j];
  theta = theta * s - (nu / 2 + 1 / 4) * Math.PI;
  const slope = s / m; // theta'
  const cos = Math.cos(2 * theta);
  const sin = Math.sin(2 * theta);
  const scale = 2 / (Math.PI * s * s);
  const n0 = scale * m;
  const n1 = scale * (m1 - (2 * m) / s);
  const n2 = scale * (m2 - (4 * m1) / s + (6 * m) / (s * s));
  return [
    (n0 * (1 + cos)) / 2,
    (n1 * (1 + cos)) / 2 - scale * s * sin,
    (n2 * (1 + cos)) / 2 - n1 * slope * sin + scale * sin - 2 * scale * s * slope * cos,
  ];
}

// The three antiderivatives of s^(n-1) y, given c and its derivatives for each n.
function antiderivative(series, nu, s, square) {
  const [[c, c1, c2], [y, y1, y2]] = [series, square];
  const b = (3 * c) / s - c1;
  const b1 = (3 * c1) / s - (3 * c) / (s * s) - c2;
  return (c * (4 + (1 - 4 * nu * nu) / (s * s)) - b1) * y + b * y1 + c * y2;
}

function tailIntegrals(nu, series, s1, s, square) {
  const terms = termsNeeded(nu, s);
  const modulus = powerSeries(series.modulus, 1, s, terms);
  const y = square || tailSquare(nu, series, modulus, s);
  const log = Math.log(s / s1) / 4;
  const [m, m1, m2] = modulus;
  const [f, f1, f2] = powerSeries(series.first, 1, s, terms);
  const zeroth = powerSeries(series.zeroth, 0, s, terms);
  const first = [log * m + f, log * m1 + m / (4 * s) + f1, log * m2 + m1 / (2 * s) - m / (4 * s * s) + f2];
  const second = [(s * s) / 4, s / 2, 1 / 2];
  return [antiderivative(zeroth, nu, s, y), antiderivative(first, nu, s, y), antiderivative(second, nu, s, y)];
}

// law.moments(r) returns [E[1; |x| <= r], E[|x|; |x| <= r], E[|x|^2; |x| <= r]]; law.density(r) is p(r), r <= 1.
export function besselLaw(d) {
  const nu = d / 2;
  const k = wavenumber(d);
  const s1 = tailStart(nu);
  const panels = marchPanels(nu, s1);
  const series = tailSeries(nu);
  const count = panels.start.length;
  const marched = panels.totals[count];
  // The total mass, d times the integral of J^2/s over the half line, is 1: that fixes the scale of the march.
  const scale = 1 / (marched[0] - tailIntegrals(nu, series, s1, s1, panels.end)[0]);
  const toTail = tailIntegrals(nu, series, s1, s1).map((tail, n) => scale * marched[n] - d * tail);

  const inUnits = (a, x, b, y) => [a * x[0] + b * y[0], (a * x[1] + b * y[1]) / k, (a * x[2] + b * y[2]) / (k * k)];

  // The panel that holds s, and how far along it s lies, from 0 to 1.
  function panelAt(s) {
    let low = 0;
    let high = count;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (panels.start[middle] <= s) low = middle;
      else high = middle;
    }
    return [low, (s - panels.start[low]) / panels.step[low]];
  }

  function moments(r) {
    const s = k * r;
    if (!(s > panels.start[0])) return [0, 0, 0]; // below, the mass is under e^-120
    if (s >= s1) return inUnits(1, toTail, d, tailIntegrals(nu, series, s1, s));
    const [low, tau] = panelAt(s);
    const part = panels.coefficients[low];
    const inside = [polynomial(part[0], tau), polynomial(part[1], tau), polynomial(part[2], tau)];
    return inUnits(scale, panels.totals[low], scale, inside);
  }

  // p(r) up to r = 1: the derivative of the mass.
  function density(r) {
    const s = k * r;
    if (!(s > panels.start[0])) return 0;
    const [low, tau] = panelAt(s);
    const c = panels.coefficients[low][0];
    let slope = 0;
    for (let j = c.length - 1; j > 0; j--) slope = slope * tau + j * c[j];
    return (scale * k * slope) / panels.step[low];
  }
  return { d, k, moments, density };
}

// The mean density over each of `count` bins of [0, end], from the exact distribution function: right at any d, though
// at d = 1000 the density itself turns a hundred times between ticks.
export function binnedDensity(law, end, count) {
  const width = end / count;
  const below = Array.from({ length: count + 1 }, (_, i) => law.moments(i * width)[0]);
  const r = Array.from({ length: count }, (_, i) => (i + 0.5) * width);
  return { r, p: r.map((_, i) => (below[i + 1] - below[i]) / width) };
}
