// The live figure of the infinite-width dynamics: what is plotted, and the words around it.

/** @import { Drawing, Drawn, Figure } from "../kit/protocol.d.ts" */
import { explorable } from "../kit/figure.js";
import { curve, DENSITY_GREY, points, profilePlot, upright, VERMILION } from "../kit/traces.js";
import { fixed, linearValues, outward, plainNumber, pythonFloat, remember, scientific } from "../kit/values.js";
import { infiniteWidth } from "../maths/infinite.js";
import { besselLaw, binnedDensity } from "../maths/laws.js";
import { forward, showNetwork } from "../network/drawing.js";

const SAVED_TIMES = 161;
const FARTHEST_RADIUS = 1.6;
const INPUT = 0.5; // the radius whose way through the network is drawn

/** @type {Figure} */
const INFINITE_WIDTH = {
  name: "InfiniteWidth",
  title: "Live figure: the infinite-width dynamics",
  controls: {
    t_fraction: {
      text: (fraction, { t_end }) => `t = ${plainNumber((t_end * shownIndex(fraction)) / (SAVED_TIMES - 1))}`,
      beneath: "profile",
    },
  },
  plots: [
    {
      name: "network",
      alt:
        "The network with its numbers at the time shown: the input, the cloud of w1, F, the second layer, the output",
      caption: "The network at the time shown, and what it says of one input. Below, that input is the dot.",
      show: showNetwork,
      low: true,
    },
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
      caption: "The run up to the time shown. Where the loss ½ E(f* − f)² falls along a " +
        "straight line, it decays exponentially.",
    },
  ],
  python: ({ d, eta_1, eta_2, t_end }, keywords) =>
    `mf.infinite_width(mf.BesselLaw(${d}), ${
      keywords("alpha", "w2", "b2")
    }, t=np.linspace(0, ${t_end}, ${SAVED_TIMES}), ` +
    `rates=(${pythonFloat(eta_1)}, ${pythonFloat(eta_2)}))`,
  draw: drawInfiniteWidth,
};

function shownIndex(fraction) {
  return Math.round(Math.min(1, Math.max(0, fraction)) * (SAVED_TIMES - 1));
}

const lawOf = remember(besselLaw);
const densityOf = remember((d) => binnedDensity(lawOf(d), FARTHEST_RADIUS, 200));
const runOf = remember((d, start, end, rates) => {
  const t = Array.from({ length: SAVED_TIMES }, (_, i) => (end * i) / (SAVED_TIMES - 1));
  return infiniteWidth(lawOf(d), start, t, rates);
});

/** @returns {Drawn} */
function drawInfiniteWidth({ d, alpha, w2, b2, eta_1, eta_2, t_end, t_fraction }) {
  const run = runOf(d, { alpha, w2, b2 }, t_end, [eta_1, eta_2]);
  const flows = run.t.length > 0;
  const i = shownIndex(t_fraction);
  const now = flows ? { t: run.t[i], alpha: run.alpha[i], w2: run.w2[i], b2: run.b2[i] } : { t: 0, alpha, w2, b2 };
  return {
    message: run.problem || blindness(d, now),
    readout: [
      ["t =", plainNumber(now.t)],
      ["α =", fixed(now.alpha, 5)],
      ["w₂ =", fixed(now.w2, 5)],
      ["b₂ =", fixed(now.b2, 5)],
      ["w₂α =", fixed(now.w2 * now.alpha, 5)],
      ["loss =", flows ? scientific(run.loss[i]) : w2 > 0 ? "∞" : "no flow"],
    ],
    plots: {
      network: { ...now, r: INPUT, data: [] },
      profile: profileAt(d, now, Math.max(b2, ...run.b2)),
      course: coursePlot(run, i + 1, t_end),
    },
  };
}

// A neuron may be alive by its signs, and yet have its kink where no inputs are.
function blindness(d, { alpha, w2, b2 }) {
  const reached = lawOf(d).moments(-b2 / (w2 * alpha))[0];
  if (reached > 1e-4) return "";
  return `Hardly any input reaches this neuron now, P(r ≤ R) = ${scientific(reached, 0)}: it moves too slowly to see.`;
}

// f is straight but for its kink, which is a point of its own.
function profileAt(d, { alpha, w2, b2 }, highest) {
  const slope = w2 * alpha;
  const kink = -b2 / slope;
  const r = linearValues(0, FARTHEST_RADIUS, 0.05);
  if (kink > 0 && kink < FARTHEST_RADIUS) r.push(kink);
  r.sort((a, b) => a - b);
  const f = curve("f", r, r.map((r) => Math.max(0, slope * r + b2)), VERMILION, 3);
  const drawing = profilePlot(densityOf(d), f, FARTHEST_RADIUS, [0, Math.max(1.15, 1.05 * highest)]);
  const said = forward({ r: INPUT, alpha, w2, b2 }).f;
  drawing.data.push({ ...points("input", [INPUT], [said], VERMILION, 9), yaxis: "y2" });
  return drawing;
}

/**
 * The second layer above, the loss below, one time axis: the first `count` moments, on the scale of the whole run.
 * @returns {Drawing}
 */
function coursePlot({ t, alpha, w2, b2, loss }, count, end) {
  const flows = t.length > 0;
  const decades = loss.map((l) => Math.log10(Math.max(l, 1e-14))); // below is rounding
  const layer = flows ? outward([...alpha, ...w2, ...b2], 0.5) : [-2, 2];
  const until = (values) => values.slice(0, count);
  const last = Math.min(count, t.length) - 1;
  return {
    data: [
      curve("alpha", until(t), until(alpha), VERMILION),
      curve("w2", until(t), until(w2), VERMILION, 2.5, { dash: "dot" }),
      curve("b2", until(t), until(b2), VERMILION, 2.5, { dash: "dash" }),
      curve("loss", until(t), until(loss), VERMILION, 2.5, { yaxis: "y2" }),
      ...(flows ? [points("now", Array(3).fill(t[last]), [alpha, w2, b2].map((x) => x[last]), VERMILION, 7)] : []),
      ...(flows ? [{ ...points("loss now", [t[last]], [loss[last]], VERMILION, 7), yaxis: "y2" }] : []),
    ],
    layout: {
      xaxis: { title: "time t", range: [0, end] },
      yaxis: { title: "α, w₂, b₂", domain: [0.5, 1], range: layer },
      yaxis2: { title: "loss", type: "log", domain: [0, 0.4], range: flows ? outward(decades, 1) : [-4, 0] },
      shapes: flows ? [upright(t[last])] : [],
    },
  };
}

export function render(context) {
  return explorable(INFINITE_WIDTH, context);
}
