// The live figure "Compounding": the error of finite width where it compounds, and where it does not. The predictions
// are computed at each redraw, the runs in a worker, which answers when it can.

/** @import { Drawing, Drawn, Figure } from "../kit/protocol.d.ts" */
import { explorable } from "../kit/figure.js";
import { BLUE, curve, GREEN, points, upright } from "../kit/traces.js";
import { plainNumber, remember, scientific } from "../kit/values.js";
import { keepAtWork } from "../kit/worker.js";
import { unstableMode, widthNeeded } from "../maths/general_case.js";
import { besselLaw } from "../maths/laws.js";
import { expectedErrors, harmonicDecay, remainingError, sharedExponent } from "../maths/rho.js";
import { caseOf, LAST_TIME, SAVED, SIZE, STEP, widthsOf } from "./runs.js";
import WORKER from "./worker.js" with { type: "text" };

const TIMES = Array.from({ length: SAVED }, (_, i) => i * STEP);
const DASH = ["dot", "dash", "solid"]; // the narrowest width first
const RANGE = [-5, 0]; // decades of the error that are shown
const WIDEST = 9; // decades of the width
const HARMONICS = 30; // the degrees followed under symmetry

const modeOf = remember((seed, s) => unstableMode(caseOf({ seed, s }), SIZE, STEP));

// m1 E rho at the times, by the first order: equal lengths, uniform directions, the standard start.
const rhoOf = remember((d) => {
  const { exponent } = sharedExponent(besselLaw(d), { alpha: 1, w2: -0.1, b2: 0.5 }, TIMES, [1, 1]);
  const start = expectedErrors(d, 1, HARMONICS, "equal");
  return exponent.map((e) => remainingError(start, harmonicDecay(d, e, HARMONICS)));
});

/** @type {Omit<Figure, "draw">} */
const COMPOUNDING = {
  name: "Compounding",
  title: "Live figure: errors that compound, and errors that do not",
  plots: [
    {
      name: "error",
      alt: "The error of finite width against time at three widths: above in the general case, below under symmetry",
      keys: [
        { label: "runs", colour: BLUE },
        { label: "prediction", colour: GREEN },
        { label: "edge of the tube", dash: "6 4" },
      ],
      caption:
        "Above, the general case: the root mean square of F. Below, under symmetry: √E ρ. Solid the largest width m, " +
        "dashed m/4, dotted m/16. Blue dots: a run leaves the tube.",
    },
    {
      name: "width",
      alt: "The width that keeps the error within the tube until the horizon, against the horizon",
      keys: [
        { label: "general case", colour: GREEN },
        { label: "under symmetry", colour: GREEN, dash: "8 5" },
        { label: "runs that left", colour: BLUE, dot: true },
      ],
      caption:
        "The width m needed to stay until T, also in numbers below. A straight line on this scale is an exponential; " +
        "under symmetry it is level. A blue dot is a single run and may lie well left of the green line, which is " +
        "one standard deviation of the growing mode alone.",
    },
  ],
  python: (_, keywords) =>
    "from mfdepth.chapters import general_case\n" +
    `[general_case.general_run(*start, np.linspace(0, ${LAST_TIME}, ${SAVED}), step=${STEP}).error for start in ` +
    `mf.explorables.Compounding(${keywords("m", "s", "seed", "antisymmetric")}).starts()]`,
  moves: true,
};

// What the runs depend on.
function runSettings({ m, s, seed, antisymmetric }) {
  return { m, s, seed, antisymmetric };
}

// The first time at which the error is beyond the tube; null while it stays.
function exitTime(error, tube) {
  const i = error.findIndex((e) => e > tube);
  return i < 0 ? null : TIMES[i];
}

/**
 * runs: those that have come back, narrowest first.
 * @returns {Drawn}
 */
function drawCompounding(settings, runs) {
  const { m, s, seed, horizon, tube, d, antisymmetric } = settings;
  const mode = modeOf(seed, s);
  const rho = rhoOf(d);
  const until = Math.round(horizon / STEP);
  const needed = antisymmetric ? null : widthNeeded(mode, tube, horizon);
  const neededUnderSymmetry = Math.max(...rho.slice(0, until + 1)) / tube ** 2;
  const exits = widthsOf(m).map((_, i) => (runs[i] ? exitTime(runs[i].error, tube) : undefined));
  const told = (exit) => (exit === undefined ? "…" : exit === null ? "never" : plainNumber(exit));
  return {
    message: stopped(runs),
    readout: [
      ["rate λ =", mode.rate.toFixed(4)],
      ["m, general:", needed === null ? "any" : wholeNumber(needed)],
      ["m, symmetric:", wholeNumber(neededUnderSymmetry)],
      ...widthsOf(m).map((width, i) => /** @type {[string, string]} */ ([`${width} leave at`, told(exits[i])])),
    ],
    plots: {
      error: errorPlot(settings, runs, exits, mode, rho),
      width: widthPlot(settings, exits, mode, rho),
    },
  };
}

// A run whose loss rises ends there, here as in Python.
function stopped(runs) {
  const ends = runs.flatMap(({ m, error }) => {
    const end = error.indexOf(null);
    return end < 0 ? [] : [`m = ${m}: the loss rises at t = ${plainNumber(TIMES[end])}.`];
  });
  return ends.length ? `${ends.join(" ")} Its steps are too long there, and the run ends.` : "";
}

function wholeNumber(value) {
  return value < 1e5 ? String(Math.ceil(value)) : scientific(value, 1);
}

/** @returns {Drawing} */
function errorPlot({ m, horizon, tube, antisymmetric }, runs, exits, mode, rho) {
  const widths = widthsOf(m);
  const growth = (width, t) => (antisymmetric ? null : (mode.start * Math.exp(mode.eulerRate * t)) / Math.sqrt(width));
  const each = (name, color, width, yaxis, values) =>
    widths.map((m, i) => curve(`${name}-${i}`, TIMES, values(m, i), color, width, { dash: DASH[i], yaxis }));
  const left = widths.map((_, i) => i).filter((i) => exits[i] != null);
  const leaving = left.map((i) => runs[i].error[Math.round(exits[i] / STEP)]);
  const edge = (yref) => ({
    x0: 0,
    x1: LAST_TIME,
    y0: tube,
    y1: tube,
    yref,
    line: { dash: /** @type {const} */ ("dash") },
  });
  return {
    data: [
      ...each("general-prediction", GREEN, 1.5, "y", (width) => TIMES.map((t) => growth(width, t))),
      ...each("run", BLUE, 2.5, "y", (_, i) => runs[i]?.error ?? TIMES.map(() => null)),
      points("exits", left.map((i) => exits[i]), leaving, BLUE, 9),
      ...each("symmetric", GREEN, 2, "y2", (width) => rho.map((r) => Math.sqrt(r / width))),
    ],
    layout: {
      xaxis: { title: "time t", range: [0, LAST_TIME] },
      yaxis: { title: "general", type: "log", domain: [0.5, 1], range: RANGE },
      yaxis2: { title: "symmetric", type: "log", domain: [0, 0.42], range: [-2.5, 0] },
      shapes: [edge("y"), edge("y2"), upright(horizon)],
    },
  };
}

/** @returns {Drawing} */
function widthPlot({ m, horizon, tube, antisymmetric }, exits, mode, rho) {
  let worst = 0;
  const level = rho.map((r) => (worst = Math.max(worst, r)) / tube ** 2);
  const general = TIMES.map((t) => (antisymmetric ? null : widthNeeded(mode, tube, t)));
  const left = widthsOf(m).map((width, i) => [exits[i], width]).filter(([exit]) => exit != null);
  return {
    data: [
      curve("general", TIMES, general, GREEN),
      curve("symmetric", TIMES, level, GREEN, 2.5, { dash: "dash" }),
      points("left", left.map(([exit]) => exit), left.map(([, width]) => width), BLUE, 9),
    ],
    layout: {
      xaxis: { title: "horizon T", range: [0, LAST_TIME] },
      yaxis: { title: "width needed", type: "log", range: [0, WIDEST] },
      shapes: [upright(horizon)],
    },
  };
}

/** @returns {Figure} */
function compounding() {
  let runs = [];
  return {
    ...COMPOUNDING,
    draw: (settings) => drawCompounding(settings, runs),
    live: (handle) =>
      keepAtWork(handle, {
        source: WORKER,
        taskOf: runSettings,
        begin: () => (runs = []),
        hear: ({ index, run }) => (runs[index] = run),
        rest: 100,
      }),
  };
}

export function render(context) {
  return explorable(compounding(), context);
}
