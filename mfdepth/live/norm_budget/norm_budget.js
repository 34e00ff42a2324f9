// The live figure of two layers within a norm budget: their best profile, and their least loss against the budget.

/** @import { Drawing, Drawn, Figure } from "../kit/protocol.d.ts" */
import { explorable } from "../kit/figure.js";
import { curve, DENSITY_GREY, points, profilePlot, PURPLE, upright, VERMILION } from "../kit/traces.js";
import {
  linearValues,
  logarithmicValues,
  outward,
  plainNumber,
  pythonFloat,
  remember,
  scientific,
} from "../kit/values.js";
import { hermite, shallowLowerBound, shallowProblem, SMALLEST } from "../maths/budget.js";
import { besselLaw, binnedDensity } from "../maths/laws.js";
import { reluMean } from "../maths/sphere.js";

const FARTHEST_SHOWN = 1.6;
const BUDGETS = /** @type {const} */ ([1, 1000]);

/** @type {Omit<Figure, "draw" | "live">} */
const NORM_BUDGET = {
  name: "NormBudget",
  title: "Live figure: two layers against the norm",
  plots: [
    {
      name: "profile",
      alt: "The best two-layer network within the budget and the target ReLU(1 - r), against the radius," +
        " with the density of the radius behind",
      keys: [
        { label: "two layers, the best", colour: PURPLE },
        { label: "target f* = three layers", dash: "6 4" },
        { label: "density of r", colour: DENSITY_GREY, filled: true },
      ],
      caption: "The best two-layer network with Σ|a||w| ≤ B, of any width, averaged over directions. Look at " +
        "r = 1, and where there is no grey: no inputs lie there.",
    },
    {
      name: "budget",
      alt: "The least loss of two layers against the norm budget, both on logarithmic scales, and the norm at which " +
        "three layers are exact",
      keys: [
        { label: "two layers, least loss", colour: PURPLE },
        { label: "three layers are exact", colour: VERMILION },
      ],
      caption:
        "No two-layer network within the budget lies below the curve. Three layers represent f* with the norm 1/C_d, " +
        "the vertical line: how high is the curve there?",
    },
  ],
  python: ({ d, budget }) => `mf.shallow_lower_bound(mf.BesselLaw(${d}), ${pythonFloat(budget)})`,
};

// Where a page draws, the curve of a new dimension comes after the picture that the hand waits for; the last one fades
// until then.
/** @returns {Figure} */
function normBudget() {
  let least = null; // { d, x, y }
  let later = null;
  const leastAt = (d) => {
    if (least?.d === d) return least;
    if (!later) return (least = curveOf(d));
    later();
    return least;
  };
  return {
    ...NORM_BUDGET,
    draw: (settings) => drawNormBudget(settings, leastAt(settings.d)),
    live({ settings, redraw }) {
      let waiting = null;
      later = () => {
        waiting ||= setTimeout(() => {
          waiting = null;
          least = curveOf(settings().d);
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
const densityNow = remember((d) => binnedDensity(lawNow(d), FARTHEST_SHOWN, 160));

// The least loss at six budgets a decade, each solution a start for the next, until it is below what we resolve.
// Between them the curve is cubic in the logarithms: the dual knows its slope, d loss/dB = -reach.
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

/** @returns {Drawn} */
function drawNormBudget({ d, budget }, least) {
  const found = boundNow(d, budget);
  const three = 1 / reluMean(d);
  const small = found.loss < SMALLEST;
  const r = linearValues(0, FARTHEST_SHOWN, 0.01);
  const values = r.map(found.f);
  const f = curve("f", r, values, PURPLE, 3);
  return {
    message: small ? "The loss is below 10⁻⁶, all that this figure resolves. “Copy as Python” gives the digits." : "",
    readout: [
      ["B =", plainNumber(budget)],
      ["1/C_d =", three.toFixed(2)],
      ["loss =", small ? "< 10⁻⁶" : scientific(found.loss, 2)],
      ["bound =", small ? "0" : scientific(found.bound, 2)],
    ],
    plots: {
      profile: profilePlot(densityNow(d), f, FARTHEST_SHOWN, outward([0, 1.1, ...values], 0.2)),
      budget: budgetPlot(d, found, three, least),
    },
  };
}

/** @returns {Drawing} */
function budgetPlot(d, { budget, loss }, three, least) {
  return {
    data: [
      curve("least", least?.x ?? [], least?.y ?? [], PURPLE, 2.5, { opacity: least?.d === d ? 1 : 0.3 }),
      points("here", [budget], [Math.max(loss, SMALLEST)], PURPLE, 11),
    ],
    layout: {
      xaxis: { title: "norm budget B", type: "log", range: BUDGETS.map(Math.log10) },
      yaxis: { title: "least loss", type: "log", range: [-6, -1] },
      shapes: [upright(three, { color: VERMILION, width: 2.5 })],
    },
  };
}

export function render(context) {
  return explorable(normBudget(), context);
}
