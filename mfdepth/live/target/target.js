// A target of the reader's own: seven handles to drag, and at once the flow of a general second layer towards it.

/** @import { Drawing, Drawn, Figure, Handle } from "../kit/protocol.d.ts" */
import { plotArea } from "../kit/axes.js";
import { explorable } from "../kit/figure.js";
import { drag } from "../kit/listen.js";
import { MARGIN } from "../kit/plot.js";
import { curve, DENSITY_GREY, points, upright, VERMILION } from "../kit/traces.js";
import { fixed, linearValues, outward, plainNumber, pythonFloat, remember, scientific } from "../kit/values.js";
import { interpolate } from "../maths/interpolate.js";
import { ballLaw, profileAt, radialFlow, spreadNeurons } from "../maths/radial_flow.js";

const AT = [0, 0.25, 0.5, 0.75, 1, 1.25, 1.5]; // where the handles stand
const REACH = 1.5;
const [LOW, HIGH] = [-0.5, 1.5]; // how far a handle goes
const RADII = [-0.06, 1.56]; // seen, and heights seen: no handle stands on the frame
const SEEN = [-0.75, 1.75];
const SAVED_TIMES = 101; // closer together early, when most happens
const NODES = 100; // radii of the quadrature
const FINGER = 36; // how near a finger must be to a handle, in pixels
const LEARNED = 0.05; // a typical gap |f - f*| below which we say so

const PRESETS = {
  tent: [1, 0.75, 0.5, 0.25, 0, 0, 0],
  hill: [0, 0, 0.5, 1, 0.5, 0, 0],
  step: [1, 1, 1, 0.5, 0, 0, 0],
  "two bumps": [0, 1, 0, 0, 0, 1, 0],
};

/** @type {Figure} */
const TARGET = {
  name: "Target",
  title: "Live figure: draw your own target",
  held: true,
  controls: {
    handle: { text: (i) => `r = ${AT[i]}` },
    height: {
      after: "handle",
      label: "its height",
      linear: [LOW, HIGH, 0.05],
      text: (height) => plainNumber(height),
      get: ({ heights, handle }) => heights[handle],
      set: (height, { heights, handle }) => ({ heights: heights.with(handle, height) }),
    },
    t_fraction: {
      text: (_, settings) => `t = ${plainNumber(Number(momentOf(settings).t.toPrecision(3)))}`,
      beneath: "profile",
    },
    heights: { read: readHeights, write: (heights) => heights.join("_") },
  },
  actions: Object.entries(PRESETS).map(([name, heights]) => ({
    action: name.replace(" ", "-"),
    label: name[0].toUpperCase() + name.slice(1),
    run: ({ change }) => change({ heights }),
  })),
  plots: [
    {
      name: "profile",
      alt:
        "Your target f* with its seven handles, the network f at the time shown, and the density of the radius behind",
      keys: [
        { label: "network f", colour: VERMILION },
        { label: "your target f*", dash: "8 5" },
        { label: "density of r", colour: DENSITY_GREY, filled: true },
      ],
      caption: "Drag a handle up or down. Where the grey is low, few inputs ask for a fit.",
    },
    {
      name: "course",
      alt: "The loss on a logarithmic scale against time; beneath, K against the same time, zero marked",
      keys: [{ label: "loss; beneath, K", colour: VERMILION }],
      caption: "While K ≥ 0 the error ρ of a finite first layer does not grow, to first order; exactly so where the " +
        "loss is quadratic over the range of F. Where K < 0 it can grow.",
    },
  ],
  python: ({ heights, m2, d, seed, t_end }) =>
    [
      "from mfdepth.chapters import beyond",
      `r, heights = np.linspace(0, 1.5, 7), [${heights.join(", ")}]`,
      `start = beyond.spread_neurons(${m2}, ${seed})`,
      `t = ${pythonFloat(t_end)} * np.linspace(0, 1, ${SAVED_TIMES}) ** 2`,
      `beyond.radial_flow(mf.BallLaw(${d}, 1.5), lambda x: np.interp(x, r, heights), 1.0, start, t, nodes=${NODES})`,
    ].join("\n"),
  draw: drawTarget,
  moves: true,
  live: dragHandles,
};

function timesTo(end) {
  return linearValues(0, SAVED_TIMES - 1, 1).map((i) => Number((end * (i / (SAVED_TIMES - 1)) ** 2).toPrecision(12)));
}

// The saved time nearest to a share of the last one.
function shown(fraction) {
  return Math.round((SAVED_TIMES - 1) * Math.sqrt(Math.min(1, Math.max(0, fraction))));
}

// "0_0.5_..." in the address.
export function readHeights(text) {
  const heights = text.split("_").map((word) => (word === "" ? NaN : Number(word)));
  return heights.length === AT.length && heights.every((h) => h >= LOW && h <= HIGH) ? heights : undefined;
}

const runOf = remember((heights, m2, d, seed, end) => {
  const target = (r) => interpolate(AT, heights, r);
  return radialFlow(ballLaw(d, REACH), target, 1, spreadNeurons(m2, seed, REACH), timesTo(end), { nodes: NODES });
});

// The run, and where in it the slider stands: one that is too fast to follow ends early.
function momentOf({ heights, m2, d, seed, t_end, t_fraction }) {
  const run = runOf(heights, m2, d, seed, t_end);
  const last = run.t.length - 1;
  const i = Math.min(shown(t_fraction), last);
  return { run, last, i, t: run.t[i] };
}

/** @returns {Drawn} */
function drawTarget({ heights, handle, m2, d, seed, t_end, t_fraction }) {
  const { run, last, i } = momentOf({ heights, m2, d, seed, t_end, t_fraction });
  return {
    message: last < SAVED_TIMES - 1
      ? `The flow is too fast to follow here: it is shown until t = ${plainNumber(Number(run.t[last].toPrecision(3)))}.`
      : "",
    readout: [
      ["t =", plainNumber(Number(run.t[i].toPrecision(3)))],
      ["α =", fixed(run.alpha[i], 3)],
      ["loss =", scientific(run.loss[i], 1)],
      ["K =", fixed(run.stability[i], 3)],
      ["at the end:", fitInWords(run)],
      ["ρ:", rhoInWords(run)],
    ],
    plots: { profile: profilePlotOf(run, i, heights, handle, d), course: coursePlot(run, run.t[i], t_end) },
  };
}

// Whether f has come to f*, and whether it still goes there.
export function fitInWords({ t, loss }) {
  const last = loss.length - 1;
  const half = t.findIndex((time) => time >= t[last] / 2);
  const gap = Math.sqrt(2 * loss[last]);
  const size = `a typical gap |f − f*| of ${gap.toPrecision(2)}`;
  if (gap < LEARNED) return `learned, with ${size}`;
  return loss[last] > 0.9 * loss[half] ? `stuck, with ${size}` : `not there yet, with ${size}; the loss still falls`;
}

// What the sign of K says of the error of a finite first layer.
export function rhoInWords({ t, stability }) {
  const below = t.filter((_, i) => stability[i] < -1e-9);
  if (!below.length) return "K ≥ 0 at all times shown, so to first order it does not grow";
  const [from, to] = [below[0], below[below.length - 1]].map((time) => plainNumber(Number(time.toPrecision(2))));
  const when = from === to ? `at t = ${from}` : `between t = ${from} and ${to}`;
  return `K < 0 ${when}, so there it can grow`;
}

/** @returns {Drawing} */
function profilePlotOf(run, i, heights, handle, d) {
  const law = ballLaw(d, REACH);
  const r = linearValues(0, REACH, 0.0125);
  const density = [...r, REACH].map((at, k) => (k < r.length ? law.pdf(at) : 0));
  const handles = points("handles", AT, heights, "currentColor", 12, { opacity: 0.75 });
  return {
    data: [
      curve("density", [...r, REACH], density, DENSITY_GREY, 0, { fill: "tozeroy", fillcolor: DENSITY_GREY }),
      curve("target", AT, heights, "currentColor", 2, { dash: "dash", yaxis: "y2" }),
      curve("f", r, r.map((at) => profileAt(run, i, at)), VERMILION, 3, { yaxis: "y2" }),
      { ...handles, yaxis: "y2" },
      { ...points("handle", [AT[handle]], [heights[handle]], "currentColor", 18), yaxis: "y2" },
    ],
    layout: {
      xaxis: { title: "radius r = |x|", range: RADII, showgrid: false },
      yaxis: { visible: false, range: [0, 1.6 * law.pdf(REACH)] },
      yaxis2: { title: "f(r)", overlaying: "y", range: SEEN },
    },
  };
}

/**
 * The loss above, K below, one time axis.
 * @returns {Drawing}
 */
function coursePlot({ t, loss, stability }, now, end) {
  const decades = loss.map((l) => Math.log10(Math.max(l, 1e-12))); // below is rounding
  return {
    data: [
      curve("loss", t, loss.map((l) => Math.max(l, 1e-12)), VERMILION),
      curve("K", t, stability, VERMILION, 2.5, { yaxis: "y2" }),
    ],
    layout: {
      xaxis: { title: "time t", range: [0, end] },
      yaxis: { title: "loss", type: "log", domain: [0.55, 1], range: outward(decades, 1) },
      yaxis2: { title: "K", domain: [0, 0.45], range: outward([0, ...stability], 0.5) },
      shapes: [upright(now), { x0: 0, x1: end, y0: 0, y1: 0, yref: "y2", line: { width: 1.5 } }],
    },
  };
}

/**
 * A mouse takes the handle nearest to it; a finger must be on one, and scrolls the page from anywhere else.
 * @param {Handle} handle
 */
function dragHandles({ settings, change, plot }) {
  const node = plot("profile");
  const area = () => plotArea(MARGIN, node.clientWidth, node.clientHeight);
  const place = (i) => {
    const { x, y, width, height } = area();
    const up = (settings().heights[i] - SEEN[0]) / (SEEN[1] - SEEN[0]);
    return [x + (width * (AT[i] - RADII[0])) / (RADII[1] - RADII[0]), y + height * (1 - up)];
  };
  const toHeight = (py) => {
    const { y, height } = area();
    const value = SEEN[0] + (1 - (py - y) / height) * (SEEN[1] - SEEN[0]);
    return Number(Math.max(LOW, Math.min(HIGH, value)).toFixed(2));
  };
  return drag(node, {
    find(px, py, { button, pointerType }) {
      if (button > 0) return -1;
      const far = AT.map((_, i) => place(i)).map(([x, y]) =>
        pointerType === "touch" ? Math.hypot(px - x, py - y) : Math.abs(px - x)
      );
      const nearest = far.indexOf(Math.min(...far));
      return pointerType === "touch" && far[nearest] > FINGER ? -1 : nearest;
    },
    take: (i) => change({ handle: i }),
    move: (i, _, py) => change({ heights: settings().heights.with(i, toHeight(py)) }),
    over: (i) => (node.style.cursor = i < 0 ? "" : "ns-resize"),
  });
}

export function render(context) {
  return explorable(TARGET, context);
}
