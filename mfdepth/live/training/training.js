// The live figure in which the reader trains a finite network: what is plotted, and what is said. What runs when is in
// running.js; the numbers come as frames, from a worker of the page or from the kernel, which send the same.

/** @import { Drawing, Drawn, Figure, Frame, Model } from "../kit/protocol.d.ts" */
import { explorable } from "../kit/figure.js";
import { BLUE, curve, GREEN, points, targetCurve, upright, VERMILION } from "../kit/traces.js";
import { fixed, linearValues, mean, outward, plainNumber, scientific, sum } from "../kit/values.js";
import { interpolate } from "../maths/interpolate.js";
import { createNow, frameAt, keepRunning, starting } from "./running.js";

const RADII = linearValues(0, 1.6, 0.05);
const FARTHEST = RADII[RADII.length - 1];
const LEAST_LOSS = 1e-7; // drawn: the infinite-width flow is followed no closer

/** @type {Figure["plots"]} */
const PLOTS = [
  {
    name: "loss",
    alt: "The loss of the finite network and of the infinite one on a logarithmic scale, against time",
    keys: [{ label: "finite width", colour: BLUE }, { label: "infinite width", colour: VERMILION }],
    caption: "The loss ½ E(f* − f)². Blue leaves orange as not being round becomes a visible part of it.",
  },
  {
    name: "rays",
    alt: "The finite network along twelve rays from the origin and the target, against the radius",
    keys: [{ label: "f along rays", colour: BLUE }, { label: "target f*", dash: "6 4" }],
    caption: "One blue line for each random direction. They separate where the network is not radial.",
  },
  {
    name: "cloud",
    alt: "The second-layer neurons, w2 against b2, with the path of their mean at infinite width",
    keys: [{ label: "neurons", colour: BLUE, dot: true }, { label: "mean at infinite width", colour: VERMILION }],
    caption: "The second layer: does the cloud keep to the path, and its size?",
  },
  {
    name: "course",
    alt: "Above, alpha against time and its value at infinite width; below, the root of rho and its prediction",
    keys: [
      { label: "measured", colour: BLUE },
      { label: "infinite width", colour: VERMILION, dash: "8 4" },
      { label: "first order", colour: GREEN, dash: "8 4" },
    ],
    caption: "Above α; below √ρ, how far F is from round. The green line knows no more of the run than its start.",
  },
];

/**
 * @param {Model} model
 * @returns {Figure}
 */
export function trainingFigure(model) {
  const now = createNow(model);
  return {
    name: "Training",
    title: "Live figure: train a finite network",
    controls: {
      speed: { still: true, text: (speed) => (speed >= 1000 ? "full" : `${plainNumber(speed)} a second`) },
    },
    actions: [
      { action: "step", label: "Step", run: ({ redraw }) => (now.player.step(), redraw()) },
      { action: "restart", label: "To the start", run: ({ redraw }) => (now.player.seek(0), redraw()) },
    ],
    plots: PLOTS,
    python: (settings, keywords) => `mf.explorables.Training(${keywords(...starting(settings))}).run()`,
    draw: (settings) => drawTraining(frameAt(now), settings),
    moves: true,
    player: now.player,
    live: (handle) => keepRunning(now, handle),
  };
}

/** @type {Frame} */
const EMPTY = {
  t: 0,
  fraction: 0,
  slopes: [],
  w2: [],
  b2: [],
  ideal: null,
  problem: "",
  history: { t: [], loss: [], alpha: [], rho: [] },
};

/**
 * @param {Frame} frame
 * @returns {Drawn}
 */
function drawTraining(frame, settings) {
  const { t, slopes, w2, b2, history, ideal, problem, marked, whole = history } = frame.history ? frame : EMPTY;
  const shapes = marked ? [upright(t)] : [];
  const flows = whole.t.length > 0;
  const percent = (rho) => `${(100 * Math.sqrt(Math.max(0, rho))).toFixed(2)} %`;
  const now = (values) => interpolate(whole.t, values, t); // between the times that are saved
  const beside = ideal && t <= ideal.t[ideal.t.length - 1] + 1e-9; // the infinite-width course has come as far
  const there = (values) => interpolate(ideal.t, values, t);
  return {
    message: problem || unseen(settings, slopes, w2, b2, flows),
    readout: [
      ["t =", plainNumber(t)],
      ["loss =", flows ? scientific(now(whole.loss), 2) : "no flow"],
      ["limit =", beside ? scientific(Math.max(0, there(ideal.loss)), 2) : "none"],
      ["mean w₂ =", fixed(mean(w2), 4)],
      ["mean b₂ =", fixed(mean(b2), 4)],
      ["α =", flows ? now(whole.alpha).toFixed(4) : "no flow"],
      ["√ρ =", flows ? percent(now(whole.rho)) : "no flow"],
      ["first order =", beside ? percent(there(ideal.rho)) : "none"],
    ],
    plots: {
      loss: lossPlot(history, ideal, shapes, settings),
      rays: raysPlot(slopes, w2, b2),
      cloud: cloudPlot(w2, b2, ideal, settings),
      course: coursePlot(history, ideal, shapes, settings),
    },
  };
}

// Kinks may all stand where no inputs are: under this law hardly any mass lies below r = 0.33 when d is large.
function unseen({ d }, slopes, w2, b2, flows) {
  const kink = Math.max(...w2.map((w, j) => -b2[j] / (w * mean(slopes))));
  if (!flows || d < 20 || kink > 0.3) return "";
  return `The network is alive only below r = ${
    kink.toFixed(2)
  }, where hardly any inputs are: it moves too slowly to see.`;
}

/** @returns {Drawing} */
function lossPlot(history, ideal, shapes, { t_end }) {
  const shown = (values) => values.map((v) => (v > LEAST_LOSS ? v : null));
  const all = [...history.loss, ...(ideal?.loss ?? [])].filter((v) => v > LEAST_LOSS);
  const range = all.length ? outward(all.map(Math.log10), 1) : [-6, 0];
  return {
    data: [
      ...(ideal ? [curve("ideal-loss", ideal.t, shown(ideal.loss), VERMILION)] : []),
      curve("loss", history.t, shown(history.loss), BLUE),
    ],
    layout: { xaxis: { title: "time t", range: [0, t_end] }, yaxis: { title: "loss", type: "log", range }, shapes },
  };
}

/** @returns {Drawing} */
function raysPlot(slopes, w2, b2) {
  const f = (F, r) => sum(w2.map((w, j) => Math.max(0, w * F * r + b2[j]))) / (w2.length || 1);
  const ray = (F, k) => curve(`ray-${k}`, RADII, RADII.map((r) => f(F, r)), BLUE, 1, { opacity: 0.7 });
  const top = Math.max(1, mean(b2.map((b) => Math.max(0, b))));
  return {
    data: [...slopes.map(ray), targetCurve(FARTHEST)],
    layout: {
      xaxis: { title: "radius r = |x|", range: [0, FARTHEST] },
      yaxis: { title: "network f", range: [-0.03, outward([top], 0.25)[1]] },
    },
  };
}

/** @returns {Drawing} */
function cloudPlot(w2, b2, ideal, settings) {
  const [x, y] = ideal ? [ideal.w2, ideal.b2] : [[], []];
  const range = (values, at) => outward([...values, at], 0.25);
  return {
    data: [curve("ideal-path", x, y, VERMILION), points("cloud", w2, b2, BLUE, 5, { opacity: 0.6 })],
    layout: {
      xaxis: { title: "slope w₂", range: range([...w2, ...x], settings.w2) },
      yaxis: { title: "bias b₂", range: range([...b2, ...y], settings.b2) },
    },
  };
}

/** @returns {Drawing} */
function coursePlot(history, ideal, shapes, { t_end }) {
  const root = (values) => values.map((v) => (v >= 0 ? Math.sqrt(v) : null));
  const begun = history.t.length > 1; // a reader guesses first: the prediction waits for the run
  const [error, predicted] = [root(history.rho), root((begun && ideal?.rho) || [])];
  const alphas = [...history.alpha, ...(ideal?.alpha ?? [])];
  const most = Math.max(0.01, ...error, ...predicted);
  return {
    data: [
      curve("alpha", history.t, history.alpha, BLUE),
      curve("error", history.t, error, BLUE, 2.5, { yaxis: "y2" }),
      // theory on top, where it can be seen to agree
      curve("ideal-alpha", ideal?.t ?? [], ideal?.alpha ?? [], VERMILION, 2.5, { dash: "dash" }),
      curve("predicted-error", predicted.length ? ideal.t : [], predicted, GREEN, 2.5, { yaxis: "y2", dash: "dash" }),
    ],
    layout: {
      xaxis: { title: "time t", range: [0, t_end] },
      yaxis: { title: "α", domain: [0.56, 1], range: alphas.length ? outward(alphas, 0.1) : [0, 1] },
      yaxis2: { title: "√ρ", domain: [0, 0.44], range: [0, 1.08 * most] },
      shapes,
    },
  };
}

export function render(context) {
  return explorable(trainingFigure(context.model), context);
}
