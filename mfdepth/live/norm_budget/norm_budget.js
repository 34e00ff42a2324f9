// The live figure of two layers within a norm budget: their best profile, and their least loss against the budget.

import { explorable } from "../kit/figure.js";
import { DENSITY_GREY, PURPLE, VERMILION } from "../kit/plot.js";
import { linearValues, logarithmicValues, outward, plainNumber, pythonFloat, remember, scientific } from "../kit/values.js";
import { SMALLEST, hermite, shallowLowerBound, shallowProblem } from "../maths/budget.js";
import { besselLaw, reluMean } from "../maths/laws.js";

const FARTHEST_SHOWN = 1.6;
const BUDGETS = [1, 1000];

function normBudget() {
  // Where a page draws, the curve of a new dimension comes after the picture that the hand waits for; the last one fades
  // until then.
  let curve = null; // { d, x, y }
  let later = null;
  const curveAt = (d) => {
    if (curve?.d === d) return curve;
    if (!later) return (curve = curveOf(d));
    later();
    return curve;
  };
  return {
    name: "NormBudget",
    title: "Live figure: two layers against the norm",
    controls: [
      { trait: "d", label: "dimension d", values: logarithmicValues(2, 1000, 40, Math.round) },
      { trait: "budget", label: "norm budget B", values: logarithmicValues(...BUDGETS, 40) },
    ],
    plots: [
      {
        name: "profile",
        alt: "The best two-layer network within the budget and the target ReLU(1 - r), against the radius, with the density of the radius behind",
        keys: [
          { label: "two layers, the best", colour: PURPLE },
          { label: "target f* = three layers", dash: "6 4" },
          { label: "density of r", colour: DENSITY_GREY, filled: true },
        ],
        caption: "The best two-layer network with Σ|a||w| ≤ B, of any width, averaged over directions. It fits where the inputs are (grey).",
      },
      {
        name: "budget",
        alt: "The least loss of two layers against the norm budget, both on logarithmic scales, and the norm at which three layers are exact",
        keys: [
          { label: "two layers, least loss", colour: PURPLE },
          { label: "three layers are exact", colour: VERMILION },
        ],
        caption: "No two-layer network within the budget lies below the curve. Three layers represent f* with the norm 1/C_d, the upright line. Loss: the network found. Bound: no network is below.",
      },
    ],
    python: ({ d, budget }) => `mf.shallow_lower_bound(mf.BesselLaw(${d}), ${pythonFloat(budget)})`,
    draw: (settings) => drawNormBudget(settings, curveAt(settings.d)),
    live({ root, settings, redraw }) {
      root.querySelector("[data-readout]").setAttribute("aria-live", "polite"); // nothing here moves by itself
      let waiting = 0;
      later = () => {
        waiting ||= setTimeout(() => {
          waiting = 0;
          curve = curveOf(settings().d);
          redraw();
        });
      };
      return () => clearTimeout(waiting);
    },
  };
}

const lawNow = remember(besselLaw);
const problemNow = remember((d) => shallowProblem(lawNow(d)));
const boundNow = remember((d, budget) => shallowLowerBound(problemNow(d), budget));

// The least loss at six budgets a decade, each solution a start for the next, until it is below what we resolve. Between
// them the curve is cubic in the logarithms: the dual knows its slope, d loss/dB = -reach.
function curveOf(d) {
  const ends = [];
  let found;
  for (const budget of logarithmicValues(...BUDGETS, 6, (v) => v)) {
    found = shallowLowerBound(problemNow(d), budget, found, 5e-3);
    ends.push({ x: Math.log(budget), y: Math.log(found.loss), slope: (-found.reach * budget) / found.loss });
    if (found.loss < SMALLEST) break;
  }
  const [x, y] = [[], []];
  for (let i = 1; i < ends.length; i++) {
    const [from, to] = [ends[i - 1], ends[i]];
    const width = to.x - from.x;
    for (let step = i > 1 ? 1 : 0; step <= 4; step++) {
      x.push(Math.exp(from.x + (width * step) / 4));
      y.push(Math.exp(hermite(from.y, width * from.slope, to.y, width * to.slope, step / 4)));
    }
  }
  return { d, x, y };
}

const densityNow = remember((d) => {
  const count = 160;
  const width = FARTHEST_SHOWN / count;
  const below = Array.from({ length: count + 1 }, (_, i) => lawNow(d).moments(i * width)[0]);
  const r = Array.from({ length: count }, (_, i) => (i + 0.5) * width);
  return { r, p: r.map((_, i) => (below[i + 1] - below[i]) / width) };
});

function drawNormBudget({ d, budget }, curve) {
  const found = boundNow(d, budget);
  const three = 1 / reluMean(d);
  const small = found.loss < SMALLEST;
  return {
    message: small ? "The loss is below 10⁻⁶, all that this figure resolves. “Copy as Python” gives the digits." : "",
    readout: [
      ["B =", plainNumber(budget)],
      ["1/C_d =", three.toFixed(2)],
      ["loss =", small ? "< 10⁻⁶" : scientific(found.loss, 2)],
      ["bound =", small ? "0" : scientific(found.bound, 2)],
    ],
    plots: { profile: profileOf(d, found), budget: budgetPlot(d, found, three, curve) },
  };
}

function profileOf(d, { f }) {
  const r = linearValues(0, FARTHEST_SHOWN, 0.01);
  const values = r.map(f);
  const { r: centres, p } = densityNow(d);
  return {
    data: [
      { meta: "density", x: centres, y: p, mode: "lines", line: { width: 0 }, fill: "tozeroy", fillcolor: DENSITY_GREY },
      {
        meta: "target", x: [0, 1, FARTHEST_SHOWN], y: [1, 0, 0], yaxis: "y2", mode: "lines",
        line: { color: "currentColor", dash: "dash", width: 2 },
      },
      { meta: "f", x: r, y: values, yaxis: "y2", mode: "lines", line: { color: PURPLE, width: 3 } },
    ],
    layout: {
      xaxis: { title: "radius r = |x|", range: [0, FARTHEST_SHOWN], showgrid: false },
      yaxis: { visible: false, range: [0, 1.05 * Math.max(...p)] },
      yaxis2: { title: "f(r)", overlaying: "y", range: outward([0, 1.1, ...values], 0.2) },
    },
  };
}

function budgetPlot(d, { budget, loss }, three, curve) {
  const line = { color: VERMILION, width: 2.5 };
  return {
    data: [
      {
        meta: "least", x: curve?.x ?? [], y: curve?.y ?? [], mode: "lines",
        line: { color: PURPLE, width: 2.5 }, opacity: curve?.d === d ? 1 : 0.3,
      },
      { meta: "here", x: [budget], y: [Math.max(loss, SMALLEST)], mode: "markers", marker: { color: PURPLE, size: 11 } },
    ],
    layout: {
      xaxis: { title: "norm budget B", type: "log", range: BUDGETS.map(Math.log10) },
      yaxis: { title: "least loss", type: "log", range: [-6, -1] },
      shapes: [{ x0: three, x1: three, y0: 0, y1: 1, yref: "paper", line }],
    },
  };
}

export function render(context) {
  return explorable(normBudget(), context);
}
