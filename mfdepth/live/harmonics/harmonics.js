// The spectrum of the discretization error: what each degree contributes now and at time t, by the first order and by
// real runs. The curves are computed at once; a worker trains the seeds (seeds.js) and reports as they go.

/** @import { Drawing, Drawn, Figure } from "../kit/protocol.d.ts" */
import { explorable } from "../kit/figure.js";
import { BLUE, curve, GREEN, GREY, points, upright } from "../kit/traces.js";
import { plainNumber, pythonFloat, remember, scientific } from "../kit/values.js";
import { keepAtWork } from "../kit/worker.js";
import { startProblem } from "../maths/infinite.js";
import { besselLaw } from "../maths/laws.js";
import { expectedErrors, harmonicDecay, remainingError, sharedExponent } from "../maths/rho.js";
import WORKER from "./worker.js" with { type: "text" };

const DEGREES = 30; // shown; the rest of the error is what the closed-form total leaves
const SEED_DEGREES = 12; // of the trained seeds
const SEEDS = 3;
const INTERVALS = 80; // of the curves
const SEED_TIMES = 21; // a dot every fourth of them
const MOST_WORK = 4e7; // multiplications in a step of a seed, about a tenth of a second

const lawHere = remember(besselLaw);
const flowOf = remember((d, start, end) => sharedExponent(lawHere(d), start, cubicTimes(end, INTERVALS), [1, 1]));

// Times that crowd towards 0, where the error moves fastest.
export function cubicTimes(end, intervals) {
  return Array.from({ length: intervals + 1 }, (_, i) => end * (i / intervals) ** 3);
}

// What the worker is asked for; it depends on everything but the time shown. Null where no seed can be trained here.
export function seedTask({ d, m1, alpha, w2, b2, t_end, seed }) {
  if (startProblem([w2], [b2]) || tooLarge({ d, m1 })) return null;
  const settings = { d, m1, alpha, w2, b2, seed };
  return { settings, times: cubicTimes(t_end, SEED_TIMES - 1), seeds: SEEDS, degree: SEED_DEGREES };
}

function tooLarge({ d, m1 }) {
  return 4 * Math.max(30, 2 * d) * d * m1 > MOST_WORK;
}

/**
 * found: the errors of the seeds so far, [{ rho, parts } a time] a seed.
 * @returns {Drawn}
 */
function drawHarmonics(settings, found) {
  const { d, m1, alpha, w2, b2, t_end, t_fraction } = settings;
  const problem = startProblem([w2], [b2]);
  if (problem) return refusedHarmonics(problem);
  const { exponent, K } = flowOf(d, { alpha, w2, b2 }, t_end);
  const t = cubicTimes(t_end, INTERVALS);
  const expected = expectedErrors(d, m1, DEGREES);
  const decays = exponent.map((e) => harmonicDecay(d, e, DEGREES));
  const rho = decays.map((decay) => remainingError(expected, decay));
  const i = Math.round(Math.min(1, Math.max(0, t_fraction)) * INTERVALS);
  const now = expected.parts.map((part, j) => part * decays[i][j]);
  const nearest = Math.round((i * (SEED_TIMES - 1)) / INTERVALS);
  const trained = found.filter((row) => row.length === SEED_TIMES).length;
  const short = (value) => plainNumber(Number(value.toPrecision(3)));
  return {
    message: K[i] < 0 ? "K < 0 here: the errors grow." : "",
    readout: [
      ["t =", short(t[i])],
      ["E ρ =", scientific(rho[i], 3)],
      ["of the start", `${(100 * (rho[i] / rho[0])).toFixed(1)} %`],
      ["degree 1", scientific(now[0], 2)],
      ["degree 2", scientific(now[1], 2)],
      ["m₁ E ρ =", (m1 * rho[i]).toFixed(4)],
      ["K =", short(K[i])],
      ["seeds", tooLarge(settings) ? "too large to train here" : `${trained} of ${SEEDS} trained`],
    ],
    plots: {
      spectrum: spectrumPlot(expected.parts, now, found.map((row) => row[nearest]).filter(Boolean), m1),
      total: totalPlot(t, rho, found, t[i], t_end),
    },
  };
}

/**
 * Stems on a logarithmic scale; odd degrees from 3 on are zero and have none.
 * @returns {Drawing}
 */
function spectrumPlot(start, now, seeds, m1) {
  const low = Math.floor(Math.log10(Math.max(1e-300, Math.min(...start.filter((x) => x > 0)))));
  const floor = 10 ** Math.max(low, -9) / 10;
  const degrees = start.map((_, j) => j + 1).filter((l) => start[l - 1] > 0);
  const stems = (meta, values, color, width) => {
    const tops = degrees.flatMap((l) => [floor, Math.max(values[l - 1], floor), NaN]);
    return curve(meta, degrees.flatMap((l) => [l, l, NaN]), tops, color, width);
  };
  const few = degrees.filter((l) => l <= SEED_DEGREES);
  const dots = seeds.flatMap(({ parts }) => few.map((l) => (parts[l - 1] > floor ? parts[l - 1] : NaN)));
  return {
    data: [
      stems("start", start, GREY, 8),
      stems("now", now, GREEN, 4),
      points("seeds", seeds.flatMap(() => few), dots, BLUE, 6),
    ],
    layout: {
      xaxis: { title: "degree l", range: [0, DEGREES + 1], showgrid: false },
      yaxis: { title: "part of ρ", type: "log", range: [Math.log10(floor), Math.ceil(Math.log10(4 / m1))] },
    },
  };
}

/** @returns {Drawing} */
function totalPlot(t, rho, found, shown, end) {
  const times = cubicTimes(end, SEED_TIMES - 1);
  const dots = found.map((row, i) =>
    points(`seed-${i + 1}`, times.slice(0, row.length), row.map(({ rho }) => rho), BLUE, 6)
  );
  const most = Math.max(...rho, ...found.flat().map(({ rho }) => rho));
  return {
    data: [curve("first-order", t, rho, GREEN, 3), ...dots],
    layout: {
      xaxis: { title: "time t", range: [0, end] },
      yaxis: { title: "ρ", range: [0, 1.1 * most] },
      margin: { l: 74 },
      shapes: [upright(shown)],
    },
  };
}

/** @returns {Drawn} */
function refusedHarmonics(problem) {
  const empty = { data: [], layout: { xaxis: { title: "", range: [0, 1] }, yaxis: { title: "", range: [0, 1] } } };
  return { message: problem, readout: [["E ρ =", "no flow"]], plots: { spectrum: empty, total: empty } };
}

/** @type {Omit<Figure, "draw">} */
const HARMONICS = {
  name: "Harmonics",
  title: "Live figure: the spectrum of the discretization error",
  held: true,
  controls: {
    t_fraction: {
      text: (fraction, { t_end }) => `t = ${plainNumber(Number((t_end * fraction ** 3).toPrecision(3)))}`,
      beneath: "total",
    },
  },
  plots: [
    {
      name: "spectrum",
      alt: "The part of rho in each degree of spherical harmonics, at the start and at the time shown",
      keys: [
        { label: "at the start", colour: GREY, filled: true },
        { label: "at t, first order", colour: GREEN, filled: true },
        { label: "trained seeds", colour: BLUE, dot: true },
      ],
      caption:
        "Grey: the mean over random first layers at the start; green within it: at the time shown. Dots: three of " +
        "them trained, to degree 12.",
    },
    {
      name: "total",
      alt: "The whole error rho against time: the first-order mean, and trained seeds",
      keys: [
        { label: "first order, mean", colour: GREEN },
        { label: "trained seeds", colour: BLUE, dot: true },
      ],
      caption: "ρ in time. Each seed is trained in your browser by gradient flow, without the curve.",
    },
  ],
  python: ({ d, m1, alpha, w2, b2, t_end }, keywords) =>
    `rho = mf.predict_rho(mf.BesselLaw(${d}), ${[alpha, w2, b2].map(pythonFloat).join(", ")}, ${m1}, ` +
    `${pythonFloat(t_end)} * np.linspace(0, 1, ${INTERVALS + 1}) ** 3, lengths="gaussian")\n` +
    `figure = mf.explorables.Harmonics(${keywords("d", "m1", "alpha", "w2", "b2", "t_end", "seed")})\n` +
    "dots = [run.rho for run in figure.seeds()]",
  moves: true,
};

/** @returns {Figure} */
function harmonics() {
  let found = [];
  return {
    ...HARMONICS,
    draw: (settings) => drawHarmonics(settings, found),
    live: (handle) =>
      keepAtWork(handle, {
        source: WORKER,
        taskOf: seedTask,
        begin: () => (found = []),
        hear: ({ seed, errors }) => (found[seed] ??= []).push(errors),
      }),
  };
}

export function render(context) {
  return explorable(harmonics(), context);
}
