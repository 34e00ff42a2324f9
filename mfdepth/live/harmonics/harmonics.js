// The spectrum of the discretization error: what each degree contributes now and at time t, by the first order and by
// real runs. The curves are computed at once; a worker trains the seeds (seeds.js) and reports as they go.

import { explorable, startWorker } from "../kit/figure.js";
import { BLUE, GREEN } from "../kit/plot.js";
import { linearValues, logarithmicValues, plainNumber, pythonFloat, remember, scientific } from "../kit/values.js";
import { startProblem } from "../maths/infinite.js";
import { besselLaw } from "../maths/laws.js";
import { expectedErrors, harmonicDecay, remainingError, sharedExponent } from "../maths/rho.js";
import WORKER from "./worker.js" with { type: "text" };

const DEGREES = 30; // shown; the rest of the error is what the closed-form total leaves
const SEED_DEGREES = 12; // of the trained seeds
const SEEDS = 3;
const INTERVALS = 80; // of the curves
const SEED_TIMES = 21; // a dot every fourth of them
const WIDTHS = Array.from({ length: 21 }, (_, i) => (i % 2 ? 3 : 2) * 2 ** Math.floor(i / 2 + 1)); // 4, 6, 8, 12 .. 4096
const MOST_WORK = 4e7; // multiplications in a step of a seed, about a tenth of a second

const harmonicsLaw = remember(besselLaw);
const harmonicsFlow = remember((d, start, end) => sharedExponent(harmonicsLaw(d), start, end, [1, 1], INTERVALS));

// What the worker is asked for; it depends on everything but the time shown.
function seedTask({ d, m1, alpha, w2, b2, t_end, seed }) {
  const times = Array.from({ length: SEED_TIMES }, (_, i) => t_end * (i / (SEED_TIMES - 1)) ** 3);
  return { d, m1, alpha, w2, b2, times, seed, degree: SEED_DEGREES };
}

function tooLarge({ d, m1 }) {
  return 4 * Math.max(30, 2 * d) * d * m1 > MOST_WORK;
}

// found: the rows of the seeds so far, [{ rho, parts } a time] a seed.
function drawHarmonics(settings, found) {
  const { d, m1, t_end, t_fraction } = settings;
  const problem = startProblem(settings);
  if (problem) return refusedHarmonics(problem);
  const flow = harmonicsFlow(d, { alpha: settings.alpha, w2: settings.w2, b2: settings.b2 }, t_end);
  const expected = expectedErrors(d, m1, DEGREES);
  const rho = flow.exponent.map((e) => remainingError(expected, harmonicDecay(d, e, DEGREES)));
  const i = Math.round(Math.min(1, Math.max(0, t_fraction)) * INTERVALS);
  const decay = harmonicDecay(d, flow.exponent[i], DEGREES);
  const now = expected.parts.map((part, j) => part * decay[j]);
  const times = seedTask(settings).times;
  const nearest = Math.round((i * (SEED_TIMES - 1)) / INTERVALS);
  const grows = flow.K[i] < 0 ? "K < 0 here: the errors grow." : "";
  return {
    message: grows,
    readout: [
      ["t =", plainNumber(Number(flow.t[i].toPrecision(3)))],
      ["E ρ =", scientific(rho[i], 3)],
      ["of the start", `${(100 * (rho[i] / rho[0])).toFixed(1)} %`],
      ["degree 1", scientific(now[0], 2)],
      ["degree 2", scientific(now[1], 2)],
      ["m₁ E ρ =", (m1 * rho[i]).toFixed(4)],
      ["K =", plainNumber(Number(flow.K[i].toPrecision(3)))],
      ["seeds", tooLarge(settings) ? "too large to train here" : `${found.filter((row) => row.length === SEED_TIMES).length} of ${SEEDS} trained`],
    ],
    plots: {
      spectrum: spectrumPlot(expected.parts, now, found.map((row) => row[nearest]).filter(Boolean), m1),
      total: totalPlot(flow.t, rho, times, found, flow.t[i], t_end),
    },
  };
}

// Stems on a logarithmic scale; odd degrees from 3 on are zero and have none.
function spectrumPlot(start, now, seeds, m1) {
  const low = Math.floor(Math.log10(Math.max(1e-300, Math.min(...start.filter((x) => x > 0)))));
  const floor = 10 ** Math.max(low, -9) / 10;
  const degrees = start.map((_, j) => j + 1).filter((l) => start[l - 1] > 0);
  const stems = (values, color, width) => ({
    x: degrees.flatMap((l) => [l, l, NaN]),
    y: degrees.flatMap((l) => [floor, Math.max(values[l - 1], floor), NaN]),
    line: { color, width },
  });
  const few = degrees.filter((l) => l <= SEED_DEGREES);
  return {
    data: [
      { ...stems(start, "#9a9a9a", 8), meta: "start" },
      { ...stems(now, GREEN, 4), meta: "now" },
      {
        x: seeds.flatMap(() => few),
        y: seeds.flatMap(({ parts }) => few.map((l) => (parts[l - 1] > floor ? parts[l - 1] : NaN))),
        mode: "markers", marker: { color: BLUE, size: 6 }, meta: "seeds",
      },
    ],
    layout: {
      xaxis: { title: "degree l", range: [0, DEGREES + 1], showgrid: false },
      yaxis: { title: "part of ρ", type: "log", range: [Math.log10(floor), Math.ceil(Math.log10(4 / m1))] },
    },
  };
}

function totalPlot(t, rho, times, found, shown, end) {
  const seeds = found.map((row, i) => ({
    x: row.map((_, j) => times[j]), y: row.map(({ rho }) => rho), mode: "markers", marker: { color: BLUE, size: 6 }, meta: `seed-${i + 1}`,
  }));
  const values = [...rho, ...found.flat().map(({ rho }) => rho)];
  return {
    data: [{ x: t, y: rho, line: { color: GREEN, width: 3 }, meta: "first-order" }, ...seeds],
    layout: {
      xaxis: { title: "time t", range: [0, end] },
      yaxis: { title: "ρ", range: [0, 1.1 * Math.max(...values)] },
      shapes: [{ x0: shown, x1: shown, y0: 0, y1: 1, yref: "paper", line: { width: 1, dash: "dot" } }],
    },
  };
}

function refusedHarmonics(problem) {
  const empty = { data: [], layout: { xaxis: { title: "", range: [0, 1] }, yaxis: { title: "", range: [0, 1] } } };
  return { message: problem, readout: [["E ρ =", "no flow"]], plots: { spectrum: empty, total: empty } };
}

function harmonics() {
  let found = [];
  return {
    name: "Harmonics",
    title: "Live figure: the spectrum of the discretization error",
    controls: [
      { trait: "d", label: "dimension d", values: logarithmicValues(2, 1000, 20, Math.round) },
      { trait: "m1", label: "width m₁", values: WIDTHS },
      { trait: "alpha", label: "α at the start", values: logarithmicValues(0.05, 3, 20) },
      { trait: "w2", label: "w₂ at the start", values: linearValues(-2, -0.02, 0.02) },
      { trait: "b2", label: "b₂ at the start", values: linearValues(0.02, 2, 0.02) },
      { trait: "t_end", label: "last time T", values: logarithmicValues(10, 1000, 20) },
      { trait: "seed", label: "seeds from", values: linearValues(0, 50, 1) },
      {
        trait: "t_fraction", label: "time shown", values: linearValues(0, 1, 1 / (SEED_TIMES - 1)), beneath: "total",
        text: (fraction, { t_end }) => `t = ${plainNumber(Number((t_end * fraction ** 3).toPrecision(3)))}`,
      },
    ],
    plots: [
      {
        name: "spectrum",
        alt: "The part of rho in each degree of spherical harmonics, at the start and at the time shown",
        keys: [
          { label: "at the start", colour: "#9a9a9a", filled: true },
          { label: "at t, first order", colour: GREEN, filled: true },
          { label: "trained seeds", colour: BLUE, dash: "2.5 4" },
        ],
        caption: "Grey: the mean over random first layers at the start; green within it: at the time shown. Dots: three of them trained, to degree 12.",
      },
      {
        name: "total",
        alt: "The whole error rho against time: the first-order mean, and trained seeds",
        keys: [
          { label: "first order, mean", colour: GREEN },
          { label: "trained seeds", colour: BLUE, dash: "2.5 4" },
        ],
        caption: "ρ in time. Each seed is trained in your browser by gradient flow, without the curve.",
      },
    ],
    python: ({ d, m1, alpha, w2, b2, t_end }) =>
      `mf.predict_rho(mf.BesselLaw(${d}), ${pythonFloat(alpha)}, ${pythonFloat(w2)}, ${pythonFloat(b2)}, ${m1}, ` +
      `${pythonFloat(t_end)} * np.linspace(0, 1, ${INTERVALS + 1}) ** 3, lengths="gaussian")`,
    draw: (settings) => drawHarmonics(settings, found),
    live: (handle) => {
      let [worker, waiting, asked] = [null, 0, ""];
      const stop = () => {
        clearTimeout(waiting);
        worker?.terminate();
        worker = null;
      };
      const start = () => {
        const settings = handle.settings();
        const task = seedTask(settings);
        asked = JSON.stringify(task);
        if (startProblem(settings) || tooLarge(settings)) return;
        worker = startWorker(WORKER);
        worker.onmessage = ({ data: { seed, row } }) => {
          (found[seed] ??= []).push(row);
          handle.redraw();
        };
        worker.postMessage({ task, seeds: SEEDS });
      };
      // old dots belong to old settings: they go at once, new ones start when the hand rests
      const restart = () => {
        if (JSON.stringify(seedTask(handle.settings())) === asked) return;
        stop();
        found = [];
        asked = "";
        waiting = setTimeout(start, 250);
      };
      const traits = ["d", "m1", "alpha", "w2", "b2", "t_end", "seed"];
      for (const trait of traits) handle.model.on(`change:${trait}`, restart);
      start();
      return () => {
        for (const trait of traits) handle.model.off(`change:${trait}`, restart);
        stop();
      };
    },
  };
}

export function render(context) {
  return explorable(harmonics(), context);
}
