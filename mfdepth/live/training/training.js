// The live figure in which the reader trains a finite network: what is plotted, and what runs when. The numbers come as
// frames, from a worker of the page or, with the backend "python", from the kernel; both send the same (see course.js).

import { onBookPage } from "../kit/address.js";
import { element } from "../kit/controls.js";
import { explorable, startWorker } from "../kit/figure.js";
import { BLUE, GREEN, VERMILION } from "../kit/plot.js";
import { linearValues, logarithmicValues, outward, plainNumber, pythonFloat, scientific } from "../kit/values.js";
import WORKER from "./worker.js" with { type: "text" };

const STARTING = ["d", "m1", "m2", "alpha", "w2", "b2", "spread", "eta_1", "eta_2", "t_end", "seed"];
const RADII = linearValues(0, 1.6, 0.05);
const SPEEDS = [5, 10, 20, 50, 100, 200, 500, 1000]; // time units a second; the last: without waiting
const LEAST_LOSS = 1e-8; // drawn

function training(model) {
  const now = { frame: model.get("frame") }; // what is drawn; liveTraining adds what the buttons do
  return {
    name: "Training",
    title: "Live figure: train a finite network",
    controls: [
      { trait: "d", label: "dimension d", values: [2, 3, 4, 5, 7, 10, 15, 20, 30, 50, 70, 100, 150, 200] },
      { trait: "m1", label: "first layer m₁", values: [4, 8, 16, 32, 64, 128, 256, 512, 1024] },
      { trait: "m2", label: "second layer m₂", values: [1, 2, 4, 8, 16, 32, 64, 128, 256] },
      { trait: "alpha", label: "α at the start", values: logarithmicValues(0.05, 3, 40) },
      { trait: "w2", label: "w₂ at the start", values: linearValues(-2, 0.5, 0.02) },
      { trait: "b2", label: "b₂ at the start", values: linearValues(-0.5, 2, 0.02) },
      { trait: "spread", label: "spread of both", values: linearValues(0, 0.1, 0.005) },
      { trait: "eta_1", label: "η₁, first layer", values: logarithmicValues(0.1, 10, 20) },
      { trait: "eta_2", label: "η₂, second layer", values: logarithmicValues(0.1, 10, 20) },
      { trait: "t_end", label: "last time T", values: logarithmicValues(10, 1000, 20) },
      { trait: "seed", label: "seed", values: linearValues(0, 50, 1) },
      {
        trait: "speed", label: "speed", values: SPEEDS, still: true,
        text: (speed) => (speed >= 1000 ? "full" : `${plainNumber(speed)} a second`),
      },
    ],
    actions: [
      { action: "run", label: "Run", run: ({ change }) => change({ running: !model.get("running") }) },
      { action: "step", label: "Step", run: () => now.step?.() },
      { action: "restart", label: "Start over", run: () => now.restart?.() },
    ],
    plots: [
      {
        name: "loss",
        alt: "The loss of the finite network and of the infinite one on a logarithmic scale, against time",
        keys: [{ label: "finite width", colour: BLUE }, { label: "infinite width", colour: VERMILION }],
        caption: "The loss ½ E(f* − f)². Blue leaves vermilion where not being round is all that is left of the error.",
      },
      {
        name: "rays",
        alt: "The finite network along twelve rays from the origin and the target, against the radius",
        keys: [
          { label: "f along rays", colour: BLUE },
          { label: "target f*", dash: "6 4" },
        ],
        caption: "One blue line a random direction. They part where the network is not radial.",
      },
      {
        name: "cloud",
        alt: "The second-layer neurons, w2 against b2, with the path of their mean at infinite width",
        keys: [{ label: "neurons", colour: BLUE }, { label: "mean at infinite width", colour: VERMILION }],
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
    ],
    python: (settings) => `mf.explorables.Training(${pythonSettings(settings)}).run()`,
    draw: (settings) => drawTraining(now.frame, settings),
    live: (handle) => liveTraining(now, handle),
  };
}

function pythonSettings(settings) {
  const whole = ["d", "m1", "m2", "seed"];
  return STARTING.map((name) => `${name}=${whole.includes(name) ? settings[name] : pythonFloat(settings[name])}`).join(", ");
}

// --- what runs when --------------------------------------------------------------------------------------------------

function liveTraining(now, handle) {
  const { model, redraw } = handle;
  const bar = element("progress", { max: 1, value: 0, "aria-label": "progress of the run" });
  handle.button("restart").after(bar);
  const here = model.get("backend") !== "python";
  const listeners = [];
  const listen = (event, callback) => {
    model.on(event, callback);
    listeners.push([event, callback]);
  };

  const show = (frame) => {
    now.frame = frame;
    redraw();
  };
  const refresh = () => {
    const running = model.get("running");
    handle.button("run").textContent = running ? "Pause" : "Run";
    bar.value = now.frame.fraction ?? 0;
  };
  const end = here ? liveInWorker(now, handle, show, refresh, listen) : liveInPython(now, handle, show, refresh, listen);
  listen("change:running", refresh);
  refresh();
  return () => {
    for (const [event, callback] of listeners) model.off(event, callback);
    end();
  };
}

// The page's own worker. A frame that belongs to earlier settings is dropped; Python, if there is one, hears of the
// progress at each frame and of the frame itself when the run rests.
function liveInWorker(now, { model, change, root, settings }, show, refresh, listen) {
  let [worker, generation, following] = [null, 0, false]; // following: it computes the infinite-width course, and hears nothing
  const launch = () => {
    worker?.terminate();
    worker = startWorker(WORKER);
    worker.onmessage = hear;
    worker.onerror = ({ message }) => show({ ...now.frame, problem: `The training stopped: ${message}.` });
    worker.postMessage({ speed: model.get("speed"), running: model.get("running") });
  };
  const begin = () => {
    if (following) launch();
    following = false;
    const all = settings();
    root.setAttribute("aria-busy", "true"); // until the infinite-width course is known, or that there is none
    worker.postMessage({ generation: ++generation, settings: Object.fromEntries(STARTING.map((name) => [name, all[name]])) });
  };
  function hear({ data }) {
    if (data.generation !== generation) return;
    following = !data.frame.ideal && !data.frame.problem;
    show(data.frame);
    const rests = data.over || !model.get("running");
    change({
      progress: data.frame.fraction,
      ...(rests ? { frame: data.frame } : {}),
      ...(data.over ? { running: false } : {}),
    });
    root.setAttribute("aria-busy", String(following));
    refresh();
  }
  now.step = () => worker.postMessage({ step: true });
  now.restart = begin;
  listen("change:running", () => {
    // a run that has ended starts over
    if (model.get("running") && (now.frame.fraction === 1 || now.frame.problem)) begin();
    worker.postMessage({ running: model.get("running") });
  });
  listen("change:speed", () => worker.postMessage({ speed: model.get("speed") }));
  for (const name of STARTING) listen(`change:${name}`, begin);
  listen("msg:custom", (message) => ({ step: now.step, restart: now.restart })[message?.do]?.());
  launch();
  begin();
  return () => worker.terminate();
}

// Python trains; on a page without a kernel the figure keeps the frame that it was stored with.
function liveInPython(now, { model, root }, show, refresh, listen) {
  now.step = () => model.send({ request: "step" });
  now.restart = () => model.send({ request: "restart" });
  listen("change:frame", () => {
    show(model.get("frame"));
    refresh();
  });
  if (onBookPage()) for (const input of root.querySelectorAll("[data-trait], .mf-actions:first-of-type button")) input.disabled = true;
  return () => {};
}

// --- what is drawn -----------------------------------------------------------------------------------------------------

const EMPTY = {
  t: 0, fraction: 0, slopes: [], w2: [], b2: [], ideal: null, problem: "",
  history: { t: [], loss: [], alpha: [], rho: [] },
};

function drawTraining(frame, settings) {
  const { t, slopes, w2, b2, history, ideal, problem } = frame.history ? frame : EMPTY;
  const saved = history.t.length - 1;
  const flows = saved >= 0;
  const end = ideal ? ideal.t.length - 1 : -1;
  const percent = (rho) => `${(100 * Math.sqrt(Math.max(0, rho))).toFixed(2)} %`;
  return {
    message: problem || unseen(settings, slopes, w2, b2, flows),
    readout: [
      ["t =", plainNumber(t)],
      ["loss =", flows ? scientific(history.loss[saved], 2) : "no flow"],
      ["ideal =", ideal && saved <= end ? scientific(Math.max(0, ideal.loss[saved]), 2) : "none"],
      ["ideal(T) =", end >= 0 ? scientific(Math.max(0, ideal.loss[end]), 1) : "none"],
      ["mean w₂ =", mean(w2).toFixed(4).replace("-", "−")],
      ["mean b₂ =", mean(b2).toFixed(4).replace("-", "−")],
      ["α =", flows ? history.alpha[saved].toFixed(4) : "no flow"],
      ["√ρ =", flows ? percent(history.rho[saved]) : "no flow"],
      ["first order =", ideal && saved <= end ? percent(ideal.rho[saved]) : "none"],
    ],
    plots: {
      loss: lossPlot(history, ideal, settings),
      rays: raysPlot(slopes, w2, b2),
      cloud: cloudPlot(w2, b2, ideal, settings),
      course: coursePlot(history, ideal, settings),
    },
  };
}

function mean(values) {
  return values.reduce((sum, v) => sum + v, 0) / (values.length || 1);
}

// Kinks may all stand where no inputs are: under this law hardly any mass lies below r = 0.33 when d is large.
function unseen({ d }, slopes, w2, b2, flows) {
  const kink = Math.max(...w2.map((w, j) => -b2[j] / (w * mean(slopes))));
  if (!flows || d < 20 || kink > 0.3) return "";
  return `The network is alive only below r = ${kink.toFixed(2)}, where hardly any inputs are: it moves too slowly to see.`;
}

function curve(x, y, color, meta, more = {}) {
  return { x, y, mode: "lines", meta, line: { color, width: 2.5 }, ...more };
}

function lossPlot(history, ideal, { t_end }) {
  const shown = (values) => values.map((v) => (v > LEAST_LOSS ? v : null));
  const all = [...history.loss, ...(ideal?.loss ?? [])].filter((v) => v > LEAST_LOSS);
  const range = all.length ? outward(all.map(Math.log10), 1) : [-6, 0];
  return {
    data: [
      ...(ideal ? [curve(ideal.t, shown(ideal.loss), VERMILION, "ideal-loss")] : []),
      curve(history.t, shown(history.loss), BLUE, "loss"),
    ],
    layout: { xaxis: { title: "time t", range: [0, t_end] }, yaxis: { title: "loss", type: "log", range } },
  };
}

function raysPlot(slopes, w2, b2) {
  const f = (F, r) => {
    let sum = 0;
    for (let j = 0; j < w2.length; j++) sum += Math.max(0, w2[j] * F * r + b2[j]);
    return sum / (w2.length || 1);
  };
  const top = Math.max(1, mean(b2.map((b) => Math.max(0, b))));
  return {
    data: [
      ...slopes.map((F, k) => curve(RADII, RADII.map((r) => f(F, r)), BLUE, `ray-${k}`, { opacity: 0.7, line: { color: BLUE, width: 1 } })),
      curve([0, 1, RADII[RADII.length - 1]], [1, 0, 0], "currentColor", "target", { line: { color: "currentColor", dash: "dash", width: 2 } }),
    ],
    layout: {
      xaxis: { title: "radius r = |x|", range: [0, RADII[RADII.length - 1]] },
      yaxis: { title: "network f", range: [-0.03, outward([top], 0.25)[1]] },
    },
  };
}

function cloudPlot(w2, b2, ideal, settings) {
  const path = ideal ? [ideal.w2, ideal.b2] : [[], []];
  const range = (values, at) => outward([...values, at], 0.25);
  return {
    data: [
      curve(...path, VERMILION, "ideal-path"),
      { x: w2, y: b2, mode: "markers", meta: "cloud", marker: { color: BLUE, size: 5, opacity: 0.6 } },
    ],
    layout: {
      xaxis: { title: "slope w₂", range: range([...w2, ...path[0]], settings.w2) },
      yaxis: { title: "bias b₂", range: range([...b2, ...path[1]], settings.b2) },
    },
  };
}

function coursePlot(history, ideal, { t_end }) {
  const root = (values) => values.map((v) => (v >= 0 ? Math.sqrt(v) : null));
  const [error, predicted] = [root(history.rho), root(ideal?.rho ?? [])];
  const alphas = [...history.alpha, ...(ideal?.alpha ?? [])];
  const most = Math.max(0.01, ...error, ...predicted);
  const theory = (color) => ({ line: { color, width: 2.5, dash: "dash" } }); // on top, where it can be seen to agree
  return {
    data: [
      curve(history.t, history.alpha, BLUE, "alpha"),
      curve(history.t, error, BLUE, "error", { yaxis: "y2" }),
      ...(ideal
        ? [
            curve(ideal.t, ideal.alpha, VERMILION, "ideal-alpha", theory(VERMILION)),
            curve(ideal.t, predicted, GREEN, "predicted-error", { yaxis: "y2", ...theory(GREEN) }),
          ]
        : []),
    ],
    layout: {
      xaxis: { title: "time t", range: [0, t_end] },
      yaxis: { title: "α", domain: [0.56, 1], range: alphas.length ? outward(alphas, 0.1) : [0, 1] },
      yaxis2: { title: "√ρ", domain: [0, 0.44], range: [0, 1.08 * most] },
    },
  };
}

export function render(context) {
  return explorable(training(context.model), context);
}
