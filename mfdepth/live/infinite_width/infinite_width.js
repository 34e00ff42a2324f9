// The live figure of the infinite-width dynamics: what is plotted, and the words around it.

import { explorable } from "../kit/figure.js";
import { DENSITY_GREY, VERMILION } from "../kit/plot.js";
import { linearValues, logarithmicValues, outward, plainNumber, pythonFloat, remember, scientific } from "../kit/values.js";
import { infiniteWidth } from "../maths/infinite.js";
import { besselLaw } from "../maths/laws.js";

const SAVED_TIMES = 161;
const FARTHEST_RADIUS = 1.6;

const INFINITE_WIDTH = {
  name: "InfiniteWidth",
  title: "Live figure: the infinite-width dynamics",
  controls: [
    { trait: "d", label: "dimension d", values: logarithmicValues(2, 1000, 40, Math.round) },
    { trait: "alpha", label: "α at the start", values: logarithmicValues(0.05, 3, 40) },
    { trait: "w2", label: "w₂ at the start", values: linearValues(-2, 0.5, 0.02) },
    { trait: "b2", label: "b₂ at the start", values: linearValues(-0.5, 2, 0.02) },
    { trait: "eta_1", label: "η₁, first layer", values: logarithmicValues(0.1, 10, 40) },
    { trait: "eta_2", label: "η₂, second layer", values: logarithmicValues(0.1, 10, 40) },
    { trait: "t_end", label: "last time T", values: logarithmicValues(1, 1000, 40) },
    {
      trait: "t_fraction",
      label: "time shown",
      values: linearValues(0, 1, 1 / (SAVED_TIMES - 1)),
      text: (fraction, { t_end }) => `t = ${plainNumber((t_end * shownIndex(fraction)) / (SAVED_TIMES - 1))}`,
      beneath: "profile",
    },
  ],
  plots: [
    {
      name: "profile",
      alt: "The network f and the target ReLU(1 - r) against the radius r, with the density of r behind",
      keys: [
        { label: "network f", colour: VERMILION },
        { label: "target f*", dash: "6 4" },
        { label: "density of r", colour: DENSITY_GREY, filled: true },
      ],
      caption: "f bends onto the target f* = ReLU(1 − r), first where the inputs are (grey).",
    },
    {
      name: "course",
      alt: "alpha, w2 and b2 against time t; beneath, the loss on a logarithmic scale against the same time",
      keys: [
        { label: "α", colour: VERMILION },
        { label: "w₂", colour: VERMILION, dash: "2.5 3" },
        { label: "b₂", colour: VERMILION, dash: "8 4" },
      ],
      caption:
        "While w₂ is small α moves least: its velocity is that of w₂ times a multiple of w₂. Whether w₂ or b₂ leads depends on d. " +
        "Where the loss ½ E(f* − f)² falls along a straight line, it decays exponentially.",
    },
  ],
  python: ({ d, alpha, w2, b2, eta_1, eta_2, t_end }) =>
    `mf.infinite_width(mf.BesselLaw(${d}), alpha=${pythonFloat(alpha)}, w2=${pythonFloat(w2)}, b2=${pythonFloat(b2)}, ` +
    `t=np.linspace(0, ${t_end}, ${SAVED_TIMES}), rates=(${pythonFloat(eta_1)}, ${pythonFloat(eta_2)}))`,
  draw: drawInfiniteWidth,
};

function shownIndex(fraction) {
  return Math.round(Math.min(1, Math.max(0, fraction)) * (SAVED_TIMES - 1));
}

const lawOf = remember(besselLaw);
const runOf = remember((d, start, end, rates) => infiniteWidth(lawOf(d), start, end, rates, SAVED_TIMES));

// The mean density over each of 200 bins, from the exact distribution function: right at any d, though at d = 1000 the
// density itself turns a hundred times between ticks.
const densityOf = remember((d) => {
  const count = 200;
  const width = FARTHEST_RADIUS / count;
  const r = Array.from({ length: count }, (_, i) => (i + 0.5) * width);
  const below = Array.from({ length: count + 1 }, (_, i) => lawOf(d).moments(i * width)[0]);
  return { r, p: r.map((_, i) => (below[i + 1] - below[i]) / width) };
});

function drawInfiniteWidth({ d, alpha, w2, b2, eta_1, eta_2, t_end, t_fraction }) {
  const run = runOf(d, { alpha, w2, b2 }, t_end, [eta_1, eta_2]);
  const flows = run.t.length > 0;
  const i = shownIndex(t_fraction);
  const now = flows ? { t: run.t[i], alpha: run.alpha[i], w2: run.w2[i], b2: run.b2[i] } : { t: 0, alpha, w2, b2 };
  return {
    message: run.problem || blindness(d, { alpha, w2, b2 }),
    readout: [
      ["t =", plainNumber(now.t)],
      ["α =", now.alpha.toFixed(5)],
      ["w₂ =", now.w2.toFixed(5)],
      ["b₂ =", now.b2.toFixed(5)],
      ["w₂α =", (now.w2 * now.alpha).toFixed(5)],
      ["loss =", flows ? scientific(run.loss[i]) : w2 > 0 ? "∞" : "no flow"],
    ].map(([label, text]) => [label, text.replace("-", "−")]),
    plots: {
      profile: profilePlot(d, now, Math.max(b2, ...run.b2)),
      course: coursePlot(run, now.t, t_end),
    },
  };
}

// A neuron may be alive by its signs, and yet have its kink where no inputs are.
function blindness(d, { alpha, w2, b2 }) {
  const reached = lawOf(d).moments(-b2 / (w2 * alpha))[0];
  if (reached > 1e-4) return "";
  return `Hardly any input reaches this neuron, P(r ≤ R) = ${scientific(reached, 0)}: it moves too slowly to see.`;
}

// f is straight but for its kink, which is a point of its own.
function profilePlot(d, { alpha, w2, b2 }, highest) {
  const slope = w2 * alpha;
  const f = (r) => Math.max(0, slope * r + b2);
  const kink = -b2 / slope;
  const r = linearValues(0, FARTHEST_RADIUS, 0.05);
  if (kink > 0 && kink < FARTHEST_RADIUS) r.push(kink);
  r.sort((a, b) => a - b);
  const { r: centres, p } = densityOf(d);
  const target = linearValues(0, FARTHEST_RADIUS, 0.05);
  return {
    data: [
      {
        name: "density of r", meta: "density", x: centres, y: p, mode: "lines", line: { width: 0 },
        fill: "tozeroy", fillcolor: DENSITY_GREY,
      },
      {
        name: "target f*", meta: "target", x: target, y: target.map((r) => Math.max(0, 1 - r)), yaxis: "y2",
        mode: "lines", line: { color: "currentColor", dash: "dash", width: 2 },
      },
      {
        name: "network f", meta: "f", x: r, y: r.map(f), yaxis: "y2", mode: "lines", line: { color: VERMILION, width: 3 },
      },
    ],
    layout: {
      xaxis: { title: "radius r = |x|", range: [0, FARTHEST_RADIUS], showgrid: false },
      yaxis: { visible: false, range: [0, 1.05 * Math.max(...p)] },
      yaxis2: {
        title: "f(r)", overlaying: "y", range: [0, Math.max(1.15, 1.05 * highest)],
      },
    },
  };
}

// The second layer above, the loss below, one time axis.
function coursePlot({ t, alpha, w2, b2, loss }, shown, end) {
  const trace = (name, meta, y, dash, yaxis) => ({
    name, meta, x: t, y, yaxis, mode: "lines", line: { color: VERMILION, width: 2.5, dash },
  });
  const decades = loss.map((l) => Math.log10(Math.max(l, 1e-14))); // below is rounding
  const range = t.length ? outward(decades, 1) : [-4, 0];
  const now = { type: "line", x0: shown, x1: shown, y0: 0, y1: 1, yref: "paper" };
  return {
    data: [
      trace("α", "alpha", alpha, "solid", "y"),
      trace("w₂", "w2", w2, "dot", "y"),
      trace("b₂", "b2", b2, "dash", "y"),
      trace("loss", "loss", loss, "solid", "y2"),
    ],
    layout: {
      xaxis: { title: "time t", range: [0, end] },
      yaxis: { title: "α, w₂, b₂", domain: [0.5, 1], range: t.length ? outward([...alpha, ...w2, ...b2], 0.5) : [-2, 2] },
      yaxis2: {
        title: "loss", type: "log", domain: [0, 0.4], range,
      },
      shapes: t.length ? [{ ...now, line: { color: "currentColor", width: 1, dash: "dot" } }] : [],
    },
  };
}

export function render(context) {
  return explorable(INFINITE_WIDTH, context);
}
