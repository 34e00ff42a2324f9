// The live figure "Compounding": the error of finite width where it compounds, and where it does not. The predictions are
// computed at each redraw, the runs in a worker, which answers when it can.

import { explorable, startWorker } from "../kit/figure.js";
import { BLUE, GREEN } from "../kit/plot.js";
import { linearValues, logarithmicValues, plainNumber, pythonFloat, remember, scientific } from "../kit/values.js";
import { unstableMode, widthNeeded } from "../maths/general_case.js";
import { infiniteWidth } from "../maths/infinite.js";
import { besselLaw } from "../maths/laws.js";
import { rhoTimesWidth } from "../maths/symmetric.js";
import { LAST_TIME, SAVED, SIZE, STEP, caseOf, widthsOf } from "./runs.js";
import WORKER from "./worker.js" with { type: "text" };

const TIMES = Array.from({ length: SAVED }, (_, i) => i * STEP);
const STYLES = ["dot", "dash", "solid"]; // the narrowest width first
const RANGE = [-5, 0]; // decades of the error that are shown
const WIDEST = 9; // decades of the width

const modeOf = remember((seed, s) => unstableMode(caseOf({ seed, s }), SIZE, STEP));
const rhoOf = remember((d) => {
  const law = besselLaw(d);
  const course = infiniteWidth(law, { alpha: 1, w2: -0.1, b2: 0.5 }, LAST_TIME, [1, 1], 2 * SAVED - 1);
  return rhoTimesWidth(law, course).filter((_, i) => i % 2 === 0);
});

const COMPOUNDING = {
  name: "Compounding",
  title: "Live figure: errors that compound, and errors that do not",
  controls: [
    { trait: "m", label: "largest width m", values: [64, 128, 256, 512, 1024, 2048, 4096] },
    { trait: "horizon", label: "horizon T", values: linearValues(1, LAST_TIME, 0.5) },
    { trait: "tube", label: "tube, ±", values: logarithmicValues(0.01, 0.3, 20) },
    { trait: "s", label: "instability s", values: linearValues(4, 12, 0.1) },
    { trait: "seed", label: "seed", values: linearValues(0, 99, 1) },
    { trait: "d", label: "d, symmetric", values: logarithmicValues(2, 1000, 20, Math.round) },
    { trait: "antisymmetric", label: "pairs a, −a", toggle: true },
  ],
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
        { label: "runs that left", colour: BLUE },
      ],
      caption: "The width m needed to stay until T, also in numbers below. A straight line on this scale is an exponential; under symmetry it is level.",
    },
  ],
  python: ({ m, s, seed, antisymmetric }) =>
    `[mf.chapters.general_case.general_run(*start, np.linspace(0, ${LAST_TIME}, ${SAVED}), step=${STEP}).error for start in ` +
    `mf.explorables.Compounding(m=${m}, s=${pythonFloat(s)}, seed=${seed}, antisymmetric=${antisymmetric ? "True" : "False"}).starts()]`,
};

// What the runs depend on.
function runsKey({ m, s, seed, antisymmetric }) {
  return JSON.stringify([m, s, seed, antisymmetric]);
}

// The first time at which the error is beyond the tube; none while it stays.
function exitTime(error, tube) {
  const i = error.findIndex((e) => e > tube);
  return i < 0 ? null : TIMES[i];
}

// runs: those that have come back, narrowest first.
function drawCompounding(settings, runs) {
  const { m, s, seed, horizon, tube, d, antisymmetric } = settings;
  const mode = modeOf(seed, s);
  const rho = rhoOf(d);
  const until = Math.round(horizon / STEP);
  const needed = antisymmetric ? null : widthNeeded(mode, tube, horizon);
  const neededUnderSymmetry = Math.max(...rho.slice(0, until + 1)) / tube ** 2;
  const exits = widthsOf(m).map((_, i) => (runs[i] ? exitTime(runs[i].error, tube) : undefined));
  return {
    message: "",
    readout: [
      ["rate λ =", mode.rate.toFixed(4)],
      ["m, general:", needed === null ? "any" : wholeNumber(needed)],
      ["m, symmetric:", wholeNumber(neededUnderSymmetry)],
      ...widthsOf(m).map((width, i) => [`${width} leave at`, exits[i] === undefined ? "…" : exits[i] === null ? "never" : plainNumber(exits[i])]),
    ],
    plots: {
      error: errorPlot(settings, runs, exits, mode, rho),
      width: widthPlot(settings, exits, mode, rho),
    },
  };
}

function wholeNumber(value) {
  return value < 1e5 ? String(Math.ceil(value)) : scientific(value, 1);
}

function errorPlot({ m, horizon, tube, antisymmetric }, runs, exits, mode, rho) {
  const widths = widthsOf(m);
  const curve = (meta, y, color, dash, width, yaxis) => ({ meta, x: TIMES, y, yaxis, mode: "lines", line: { color, dash, width } });
  const growth = (width) => TIMES.map((t) => (antisymmetric ? null : (mode.start * Math.exp(mode.eulerRate * t)) / Math.sqrt(width)));
  const left = widths.map((_, i) => i).filter((i) => exits[i] != null);
  const rule = (x0, x1, y0, y1, yref, dash) => ({ x0, x1, y0, y1, yref, line: { color: "currentColor", width: 1, dash } });
  return {
    data: [
      ...widths.map((width, i) => curve(`general-prediction-${i}`, growth(width), GREEN, STYLES[i], 1.5, "y")),
      ...widths.map((_, i) => curve(`run-${i}`, runs[i]?.error ?? TIMES.map(() => null), BLUE, STYLES[i], 2.5, "y")),
      {
        meta: "exits", x: left.map((i) => exits[i]), y: left.map((i) => runs[i].error[Math.round(exits[i] / STEP)]), yaxis: "y",
        mode: "markers", marker: { color: BLUE, size: 9 },
      },
      ...widths.map((width, i) => curve(`symmetric-${i}`, rho.map((r) => Math.sqrt(r / width)), GREEN, STYLES[i], 2, "y2")),
    ],
    layout: {
      xaxis: { title: "time t", range: [0, LAST_TIME] },
      yaxis: { title: "general", type: "log", domain: [0.5, 1], range: RANGE },
      yaxis2: { title: "symmetric", type: "log", domain: [0, 0.42], range: [-2.5, 0] },
      shapes: [
        rule(0, LAST_TIME, tube, tube, "y", "dash"),
        rule(0, LAST_TIME, tube, tube, "y2", "dash"),
        rule(horizon, horizon, 0, 1, "paper", "dot"),
      ],
    },
  };
}

function widthPlot({ m, horizon, tube, antisymmetric }, exits, mode, rho) {
  const line = (meta, y, dash) => ({ meta, x: TIMES, y, mode: "lines", line: { color: GREEN, width: 2.5, dash } });
  let worst = 0;
  const level = rho.map((r) => (worst = Math.max(worst, r)) / tube ** 2);
  const left = widthsOf(m).map((width, i) => [exits[i], width]).filter(([exit]) => exit != null);
  return {
    data: [
      line("general", TIMES.map((t) => (antisymmetric ? null : widthNeeded(mode, tube, t))), "solid"),
      line("symmetric", level, "dash"),
      { meta: "left", x: left.map(([exit]) => exit), y: left.map(([, width]) => width), mode: "markers", marker: { color: BLUE, size: 9 } },
    ],
    layout: {
      xaxis: { title: "horizon T", range: [0, LAST_TIME] },
      yaxis: { title: "width needed", type: "log", range: [0, WIDEST] },
      shapes: [{ x0: horizon, x1: horizon, y0: 0, y1: 1, yref: "paper", line: { color: "currentColor", width: 1, dash: "dot" } }],
    },
  };
}

// The worker has one task at a time, and the newest wish waits.
function askWorker(handle, received) {
  const worker = startWorker(WORKER);
  let busy = "";
  const ask = () => {
    const settings = handle.settings();
    const key = runsKey(settings);
    if (busy || received.key === key) return;
    busy = key;
    worker.postMessage({ key, settings });
  };
  worker.onmessage = ({ data: { key, index, run } }) => {
    if (index === 0) Object.assign(received, { key, runs: [] });
    received.runs[index] = run;
    if (index === STYLES.length - 1) busy = "";
    if (key === runsKey(handle.settings())) handle.redraw();
    ask();
  };
  const traits = ["m", "s", "seed", "antisymmetric"].map((trait) => `change:${trait}`);
  for (const event of traits) handle.model.on(event, ask);
  ask();
  return () => {
    for (const event of traits) handle.model.off(event, ask);
    worker.terminate();
  };
}

export function render(context) {
  const received = { key: "", runs: [] };
  const draw = (settings) => drawCompounding(settings, received.key === runsKey(settings) ? received.runs : []);
  return explorable({ ...COMPOUNDING, draw, live: (handle) => askWorker(handle, received) }, context);
}
