// The live figure of the plane (s, b): where one neuron goes from where the reader puts it, and how fast it must.

import { explorable } from "../kit/figure.js";
import { DENSITY_GREY, drawPlot, GREEN, MARGIN, plotArea, VERMILION } from "../kit/plot.js";
import {
  linearValues,
  logarithmicValues,
  outward,
  plainNumber,
  pythonFloat,
  remember,
  scientific,
} from "../kit/values.js";
import { certificate } from "../maths/certificate.js";
import { expectations, integrate, planarFlow, TOLERANCE } from "../maths/infinite.js";
import { besselLaw } from "../maths/laws.js";
import { crossings, planarVelocity, planeOf, ray } from "../maths/plane.js";

const SIDE = 2.2; // the plane is drawn from 0 to here
const LEAST = 0.02; // and a start is not dragged nearer to its edges
const SAVED_TIMES = 161; // closer together early, when the orbit is fast
const REACH = 30; // of a finger, in pixels
const ARROWS = 11; // a side
const LEVELS = [1e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1];
const BLIND = 1e-3; // the share of inputs below the kink of a neuron that we call blind

// Rays from the origin, more of them near the diagonal, where the target lies.
const RAYS = Array.from({ length: 241 }, (_, i) => {
  const x = i / 120 - 1;
  return Math.tan((Math.PI / 4) * (1 + 0.999 * (0.2 * x + 0.8 * x ** 3)));
});

/** @type {import("../kit/protocol.d.ts").Figure} */
const PHASE_PORTRAIT = {
  name: "PhasePortrait",
  title: "Live figure: the plane of slope and bias",
  controls: [
    { trait: "d", label: "dimension d", values: logarithmicValues(2, 1000, 40, Math.round) },
    { trait: "alpha", label: "α at the start", values: logarithmicValues(0.05, 3, 40) },
    { trait: "w2", label: "w₂ at the start", values: linearValues(-4, -0.02, 0.02) },
    { trait: "b2", label: "b₂ at the start", values: linearValues(0.02, SIDE, 0.02) },
    { trait: "t_end", label: "last time T", values: logarithmicValues(1, 2000, 40) },
  ],
  plots: [
    {
      name: "plane",
      alt:
        "The plane of slope s and bias b: arrows of the flow, the two nullclines that cross at the target, the triangle, level lines of the loss, the blind region, and the orbit from your start",
      keys: [
        { label: "orbit from your start", colour: VERMILION },
        { label: "b′ = 0" },
        { label: "s′ = 0", dash: "6 4" },
        { label: "triangle", colour: GREEN },
        { label: "equal loss", colour: "#999999" },
        { label: "blind", colour: DENSITY_GREY, filled: true },
      ],
      caption: "Drag the start. Above the solid curve b falls, below it rises; above the dashed one s grows, below it shrinks.",
      show: showPlane,
    },
    {
      name: "loss",
      alt: "The loss against time on logarithmic scales of the loss, with the two bounds where they are proved",
      keys: [
        { label: "loss", colour: VERMILION },
        { label: "V(0)/(2t)", colour: GREEN, dash: "8 5" },
        { label: "l₀ exp(−κt)", colour: GREEN, dash: "2.5 3" },
      ],
      caption: "From a start in the triangle the loss stays below both green curves. From elsewhere neither is proved.",
    },
  ],
  python: ({ d, alpha, w2, b2, t_end }) => {
    const start = `mf.BesselLaw(${d}), ${[alpha, w2, b2].map(pythonFloat).join(", ")}`;
    const times = `t=${pythonFloat(t_end)} * np.linspace(0, 1, ${SAVED_TIMES}) ** 2`;
    return `run, found = mf.infinite_width(${start}, ${times}), mf.convergence(${start})`;
  },
  draw: drawPhasePortrait,
  live: dragStart,
};

const law = remember(besselLaw);

/** What depends on the dimension alone: nullclines, level lines, the blind region. */
const landscape = remember((d) => {
  const one = law(d).moments(1);
  const rays = RAYS.map((R) => ray(law(d), one, R)).filter((found) => found !== null);
  const onRay = (height) => rays.map((found) => [height(found) / found.R, height(found)]);
  return { B0: onRay(({ B0 }) => B0), B1: onRay(({ B1 }) => B1), levels: LEVELS.map((level) => levelLine(rays, level)), blind: blindKink(d) };
});

// A closed line around the target, or an open one past the edge: up along the far crossings, back along the near ones.
function levelLine(rays, level) {
  const near = [];
  const far = [];
  for (const found of rays) {
    const heights = crossings(found, level) ?? [NaN, NaN];
    const [low, high] = heights.map((b) => (b > 0 ? [b / found.R, b] : [NaN, NaN]));
    near.push(low);
    far.push(high);
  }
  const met = far.flatMap(([s], i) => (Number.isFinite(s) ? [i] : []));
  const closed = met.length > 0 && met[0] > 0 && met[met.length - 1] < rays.length - 1 && level < rays[0].A;
  return closed ? [...far, ...near.reverse(), far[met[0]]] : [...far, [NaN, NaN], ...near];
}

// The radius below which a share BLIND of the inputs lies.
function blindKink(d) {
  let [low, high] = [0, 1];
  for (let i = 0; i < 40; i++) {
    const r = (low + high) / 2;
    if (law(d).moments(r)[0] < BLIND) low = r;
    else high = r;
  }
  return low;
}

const orbitOf = remember((d, alpha, w2, b2, end) => {
  const one = law(d).moments(1);
  const flow = planarFlow(law(d), one, { alpha, w2 }, [1, 1]);
  const t = Array.from({ length: SAVED_TIMES }, (_, i) => end * (i / (SAVED_TIMES - 1)) ** 2);
  const states = integrate(flow, [Math.log(-w2), b2], t, TOLERANCE).saved.map(flow.unfold);
  return { t, states, loss: states.map((state) => expectations(law(d), one, state)[2]) };
});

const provedOf = remember((d, alpha, w2, b2) => certificate(planeOf(law(d), alpha, w2), -w2 * alpha, b2));

function drawPhasePortrait({ d, alpha, w2, b2, t_end }) {
  const [orbit, proved] = [orbitOf(d, alpha, w2, b2, t_end), provedOf(d, alpha, w2, b2)];
  const s = -w2 * alpha;
  const seen = law(d).moments(b2 / s)[0];
  return {
    message: seen < BLIND ? `Blind: a share ${scientific(seen, 0)} of the inputs lies below the kink, so almost nothing moves.` : "",
    readout: [
      ["s =", plainNumber(Number(s.toPrecision(3)))],
      ["b =", plainNumber(b2)],
      ["kink R =", (b2 / s).toFixed(2)],
      ["in the triangle:", proved.inside ? "yes" : "no"],
      ["V(0) =", proved.lyapunov.toPrecision(3)],
      ["κ =", proved.kappa.toPrecision(3)],
      ["2λ =", proved.rate.toPrecision(3)],
      ["loss at T:", scientific(Math.max(orbit.loss[SAVED_TIMES - 1], 0), 1)],
    ],
    plots: { plane: planePlot(d, planeOf(law(d), alpha, w2), orbit, [s, b2]), loss: lossPlot(orbit, proved, t_end) },
  };
}

function planePlot(d, plane, { states }, start) {
  const { B0, B1, levels, blind } = landscape(d);
  const curve = (meta, points, line, more = {}) => ({
    meta, x: points.map(([x]) => x), y: points.map(([, y]) => y), line, ...more,
  });
  const dot = (meta, [x, y], size, color, symbol) => ({ meta, x: [x], y: [y], mode: "markers", marker: { color, size, symbol } });
  const grey = { color: "#999999", width: 1 };
  return {
    data: [
      curve("blind", [[0, 0], [SIDE, blind * SIDE]], { width: 0 }, { fill: "tozeroy", fillcolor: DENSITY_GREY }),
      ...levels.map((points, i) => curve(`loss ${LEVELS[i]}`, points, grey)),
      curve("flow", arrows(plane), { width: 1 }, { opacity: 0.5 }),
      curve("triangle", [[0, 0], [0, 1], [1, 1], [0, 0]], { color: GREEN, width: 3 }),
      curve("b' = 0", B0, { width: 1.8 }),
      curve("s' = 0", B1, { width: 1.8, dash: "dash" }),
      curve("orbit", states.map(([alpha, w2, b2]) => [-w2 * alpha, b2]), { color: VERMILION, width: 3 }),
      dot("target", [1, 1], 12, "currentColor", "x-thin"),
      dot("start", start, 13, VERMILION, "circle"),
    ],
    layout: {
      xaxis: { title: "slope s = −w₂α", range: [0, SIDE], showgrid: false },
      yaxis: { title: "bias b = b₂", range: [0, SIDE], showgrid: false },
    },
  };
}

// Short strokes along the flow, each with a head; all of one length, for speeds differ by powers of ten.
function arrows(plane) {
  const step = SIDE / ARROWS;
  const strokes = [];
  for (let i = 0; i < ARROWS; i++) {
    for (let j = 0; j < ARROWS; j++) {
      const [s, b] = [(i + 0.5) * step, (j + 0.5) * step];
      const [x, y] = planarVelocity(plane, s, b);
      const size = Math.hypot(x, y);
      if (size < 1e-12) continue;
      const [u, v] = [(0.32 * step * x) / size, (0.32 * step * y) / size];
      const tip = [s + u, b + v];
      const barb = (turn) => [tip[0] - 0.6 * u + turn * v, tip[1] - 0.6 * v - turn * u];
      strokes.push([s - u, b - v], tip, barb(0.4), tip, barb(-0.4), [NaN, NaN]);
    }
  }
  return strokes;
}

function lossPlot({ t, loss }, { inside, loss: first, lyapunov, kappa }, end) {
  const seen = loss.map((l) => Math.max(l, 1e-14)); // below is rounding
  const range = outward(seen.map(Math.log10), 1);
  const after = t.slice(1);
  const bound = (meta, y, dash) => ({ meta, x: after, y, line: { color: GREEN, width: 2, dash } });
  const bounds = [
    bound("V(0)/(2t)", after.map((x) => lyapunov / (2 * x)), "dash"),
    ...(kappa > 0 ? [bound("exponential", after.map((x) => first * Math.exp(-kappa * x)), "dot")] : []),
  ];
  return {
    data: [...(inside ? bounds : []), { meta: "loss", x: t, y: seen, line: { color: VERMILION, width: 2.5 } }],
    layout: {
      xaxis: { title: "time t", range: [0, end] },
      yaxis: { title: "loss", type: "log", range: [range[0], Math.max(range[1], range[0] + 1)] },
    },
  };
}

function showPlane(node, drawing, size) {
  node.area = plotArea(MARGIN, size.width, size.height);
  drawPlot(node, drawing, size);
}

// The start follows the pen; alpha stays, so that s moves w2. A mouse takes it anywhere, a finger where it is: beside it
// a finger scrolls the page.
function dragStart({ model, change, plot }) {
  const node = plot("plane");
  node.style.cursor = "crosshair";
  let held = false;
  const within = (v) => Math.max(LEAST, Math.min(SIDE, v));
  const place = (event) => {
    const box = node.getBoundingClientRect();
    const { x, y, width, height } = node.area;
    return [(SIDE * (event.clientX - box.left - x)) / width, SIDE * (1 - (event.clientY - box.top - y) / height)];
  };
  const near = (event) => {
    const [s, b] = place(event);
    const start = [-model.get("w2") * model.get("alpha"), model.get("b2")];
    return Math.hypot((s - start[0]) * node.area.width, (b - start[1]) * node.area.height) < REACH * SIDE;
  };
  const move = (event) => {
    const [s, b] = place(event).map(within);
    change({ w2: -Math.max(0.001, Number((s / model.get("alpha")).toPrecision(3))), b2: Number(b.toPrecision(3)) });
  };
  const listeners = {
    pointerdown(event) {
      if (event.button || !node.area || (event.pointerType === "touch" && !near(event))) return;
      event.preventDefault();
      held = true;
      node.setPointerCapture(event.pointerId);
      move(event);
    },
    pointermove: (event) => held && move(event),
    pointerup: () => (held = false),
    pointercancel: () => (held = false),
    touchmove: (event) => held && event.preventDefault(), // the page does not scroll under a held start
  };
  for (const [event, listener] of Object.entries(listeners)) node.addEventListener(event, listener, { passive: false });
  return () => {
    for (const [event, listener] of Object.entries(listeners)) node.removeEventListener(event, listener);
  };
}

export function render(context) {
  return explorable(PHASE_PORTRAIT, context);
}
