// The decomposition of the loss on the circle, d = 2, with one second-layer neuron: decompose in
// mfdepth/chapters/discretization/decomposition.py.
//
// In a direction the network is (c + s r) 1{r < R}, its kink R = -b2/(w2 F). Between the kinks the product of two such
// functions is quadratic in r, so partial moments of the law give its mean.

import { firstLayerAlpha } from "./rho.js";

export const DIRECTIONS = 360;
const FARTHEST = 1e12; // stands for the kink of a direction that no neuron sees

export const CIRCLE = Array.from({ length: DIRECTIONS }, (_, j) => {
  const angle = (2 * Math.PI * j) / DIRECTIONS;
  return [Math.cos(angle), Math.sin(angle)];
});

// F(u) = mean_k |w_k| ReLU(w_k.u) in every direction of the circle.
export function firstLayerOnCircle(neurons) {
  return CIRCLE.map(([x, y]) => {
    const sum = neurons.reduce((F, [a, b]) => F + Math.hypot(a, b) * Math.max(0, a * x + b * y), 0);
    return sum / neurons.length;
  });
}

// A hinge (c + s r) 1{r < kink}, with the law's moments at its kink.
function networkHinge(law, F, w2, b2) {
  const kink = Math.min(FARTHEST, b2 / Math.max(-w2 * F, 1e-300));
  return { c: b2, s: w2 * F, kink, moments: law.moments(kink) };
}

// Functions that are sums of hinges, as columns over the pieces between all kinks, and E[p q] of two such columns.
function onPieces(functions) {
  const kinks = functions.flat().sort((p, q) => p.kink - q.kink);
  const widths = kinks.map(({ moments }, i) => moments.map((m, n) => m - (i ? kinks[i - 1].moments[n] : 0)));
  const columns = functions.map((hinges) => {
    const ends = [...hinges].sort((p, q) => q.kink - p.kink);
    const column = new Array(kinks.length);
    let [c, s, next] = [0, 0, 0];
    for (let i = kinks.length - 1; i >= 0; i--) {
      for (; next < ends.length && ends[next].kink >= kinks[i].kink; next++) {
        c += ends[next].c;
        s += ends[next].s;
      }
      column[i] = [c, s];
    }
    return column;
  });
  const inner = (p, q) =>
    widths.reduce((sum, [m0, m1, m2], i) => {
      const [[c, s], [e, f]] = [p[i], q[i]];
      return sum + c * e * m0 + (c * f + s * e) * m1 + s * f * m2;
    }, 0);
  return { columns, inner };
}

function difference(p, q) {
  return p.map(([c, s], i) => [c - q[i][0], s - q[i][1]]);
}

// { infinite_width_loss, discretization_loss, cross, loss } for neurons [[x, y], ...]; symmetrize as in Python.
export function decomposeOnCircle(law, neurons, w2, b2, symmetrize) {
  const F = firstLayerOnCircle(neurons);
  const atOne = law.moments(1);
  const target = [{ c: 1, s: -1, kink: 1, moments: atOne }];
  const networks = F.map((slope) => networkHinge(law, slope, w2, b2));
  const mean = (values) => values.reduce((sum, v) => sum + v, 0) / values.length;
  if (symmetrize === "layer 2 on F~") {
    const alpha = firstLayerAlpha(Float64Array.from(neurons.flat()), 2);
    const symmetric = networkHinge(law, alpha, w2, b2);
    const rows = networks.map((network, j) => {
      const { columns, inner } = onPieces([[network], [symmetric], target]);
      const [f, tilde, star] = columns;
      const [off, gap, rest] = [difference(star, tilde), difference(f, tilde), difference(star, f)];
      const linear = inner(off, tilde.map(([, s]) => [0, s])) * (F[j] / alpha - 1);
      return [inner(off, off) / 2, inner(gap, gap) / 2, inner(off, gap) - linear, inner(rest, rest) / 2 + linear];
    });
    const [first, second, cross, loss] = [0, 1, 2, 3].map((i) => mean(rows.map((row) => row[i])));
    return { infinite_width_loss: first, discretization_loss: second, cross, loss };
  }
  const square = ({ c, s, moments: [m0, m1, m2] }) => c * c * m0 + 2 * c * s * m1 + s * s * m2;
  const whole = networks.map((network) => {
    const { columns, inner } = onPieces([[network], target]);
    const rest = difference(columns[1], columns[0]);
    return inner(rest, rest) / 2;
  });
  const average = networks.map(({ c, s, ...rest }) => ({ c: c / DIRECTIONS, s: s / DIRECTIONS, ...rest }));
  const { columns, inner } = onPieces([average, target]);
  const off = difference(columns[1], columns[0]);
  const first = inner(off, off) / 2;
  const second = (mean(networks.map(square)) - inner(columns[0], columns[0])) / 2;
  const loss = mean(whole);
  return { infinite_width_loss: first, discretization_loss: second, cross: first + second - loss, loss };
}
