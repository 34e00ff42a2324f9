// The live figure of the plane (s, b): where one neuron goes from where the reader puts it, and how fast it must.

/** @import { Drawing, Drawn, Figure, Handle } from "../kit/protocol.d.ts" */
import { plotArea } from "../kit/axes.js";
import { explorable } from "../kit/figure.js";
import { drag } from "../kit/listen.js";
import { drawPlot, MARGIN } from "../kit/plot.js";
import { curve, DENSITY_GREY, GREEN, GREY, points, VERMILION } from "../kit/traces.js";
import { outward, plainNumber, pythonFloat, remember, scientific } from "../kit/values.js";
import { certificate } from "../maths/certificate.js";
import { infiniteWidth } from "../maths/infinite.js";
import { besselLaw } from "../maths/laws.js";
import { crossings, planarVelocity, planeOf, ray } from "../maths/plane.js";

const SIDE = 2.2; // the plane is drawn from 0 to here
const LEAST = 0.02; // and a start is not dragged nearer to its edges
const LEAST_W2 = 0.001; // in size
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

/** @type {Figure} */
const PHASE_PORTRAIT = {
  name: "PhasePortrait",
  title: "Live figure: the plane of slope and bias",
  held: true,
  controls: { w2: { range: [-100, -LEAST_W2] } }, // a drag goes farther than the slider
  plots: [
    {
      name: "plane",
      alt: "The plane of slope s and bias b: arrows of the flow, the two nullclines that cross at the target, the " +
        "triangle, level lines of the loss, the blind region, and the orbit from your start",
      keys: [
        { label: "orbit from your start", colour: VERMILION },
        { label: "b′ = 0" },
        { label: "s′ = 0", dash: "6 4" },
        { label: "triangle", colour: GREEN },
        { label: "equal loss", colour: GREY },
        { label: "blind", colour: DENSITY_GREY, filled: true },
      ],
      caption:
        "Drag the start. Above the solid curve b falls, below it rises; above the dashed one s grows, below it " +
        "shrinks.",
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
  moves: true,
  live: dragStart,
};

const law = remember(besselLaw);

/** What depends on the dimension alone: nullclines, level lines, the blind region. */
const landscape = remember((d) => {
  const one = law(d).moments(1);
  const rays = RAYS.map((R) => ray(law(d), one, R)).filter((found) => found !== null);
  const onRay = (height) => rays.map((found) => [height(found) / found.R, height(found)]);
  const levels = LEVELS.map((level) => levelLine(rays, level));
  return { B0: onRay(({ B0 }) => B0), B1: onRay(({ B1 }) => B1), levels, blind: blindKink(d) };
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
  const t = Array.from({ length: SAVED_TIMES }, (_, i) => end * (i / (SAVED_TIMES - 1)) ** 2);
  return infiniteWidth(law(d), { alpha, w2, b2 }, t, [1, 1]);
});

const provedOf = remember((d, alpha, w2, b2) => certificate(planeOf(law(d), alpha, w2), -w2 * alpha, b2));

/** @returns {Drawn} */
function drawPhasePortrait({ d, alpha, w2, b2, t_end }) {
  const [orbit, proved] = [orbitOf(d, alpha, w2, b2, t_end), provedOf(d, alpha, w2, b2)];
  const s = -w2 * alpha;
  const seen = law(d).moments(b2 / s)[0];
  return {
    message: seen < BLIND
      ? `Blind: a share ${scientific(seen, 0)} of the inputs lies below the kink, so almost nothing moves.`
      : "",
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

/** @returns {Drawing} */
function planePlot(d, plane, { alpha, w2, b2 }, start) {
  const { B0, B1, levels, blind } = landscape(d);
  const line = (meta, at, color, width, more = {}) =>
    curve(meta, at.map(([x]) => x), at.map(([, y]) => y), color, width, more);
  return {
    data: [
      line("blind", [[0, 0], [SIDE, blind * SIDE]], DENSITY_GREY, 0, { fill: "tozeroy", fillcolor: DENSITY_GREY }),
      ...levels.map((at, i) => line(`loss ${LEVELS[i]}`, at, GREY, 1)),
      line("flow", arrows(plane), "currentColor", 1, { opacity: 0.5 }),
      line("triangle", [[0, 0], [0, 1], [1, 1], [0, 0]], GREEN, 3),
      line("b' = 0", B0, "currentColor", 1.8),
      line("s' = 0", B1, "currentColor", 1.8, { dash: "dash" }),
      curve("orbit", w2.map((w, i) => -w * alpha[i]), b2, VERMILION, 3),
      points("target", [1], [1], "currentColor", 12, { symbol: "x-thin" }),
      points("start", [start[0]], [start[1]], VERMILION, 13),
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

/** @returns {Drawing} */
function lossPlot({ t, loss }, { inside, loss: first, lyapunov, kappa }, end) {
  const seen = loss.map((l) => Math.max(l, 1e-14)); // below is rounding
  const range = outward(seen.map(Math.log10), 1);
  const after = t.slice(1);
  const bound = (meta, f, dash) => curve(meta, after, after.map(f), GREEN, 2, { dash });
  const bounds = [
    bound("V(0)/(2t)", (x) => lyapunov / (2 * x), "dash"),
    ...(kappa > 0 ? [bound("exponential", (x) => first * Math.exp(-kappa * x), "dot")] : []),
  ];
  return {
    data: [...(inside ? bounds : []), curve("loss", t, seen, VERMILION)],
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

/**
 * The start follows the pen; alpha stays, so that s moves w2. A mouse takes it anywhere, a finger where it is: beside
 * it a finger scrolls the page.
 * @param {Handle} handle
 */
function dragStart({ settings, change, plot }) {
  const node = plot("plane");
  node.style.cursor = "crosshair";
  const within = (v) => Math.max(LEAST, Math.min(SIDE, v));
  const toPlane = (px, py) => {
    const { x, y, width, height } = node.area;
    return [(SIDE * (px - x)) / width, SIDE * (1 - (py - y) / height)];
  };
  const move = (px, py) => {
    const [s, b] = toPlane(px, py).map(within);
    const { alpha } = settings();
    change({ w2: -Math.max(LEAST_W2, Number((s / alpha).toPrecision(3))), b2: Number(b.toPrecision(3)) });
  };
  return drag(node, {
    find(px, py, { button, pointerType }) {
      if (button > 0 || !node.area) return -1;
      const { alpha, w2, b2 } = settings();
      const [s, b] = toPlane(px, py);
      const [across, up] = [(s + w2 * alpha) * node.area.width, (b - b2) * node.area.height];
      return pointerType === "touch" && Math.hypot(across, up) >= REACH * SIDE ? -1 : 0;
    },
    take: (_, px, py) => move(px, py),
    move: (_, px, py) => move(px, py),
  });
}

export function render(context) {
  return explorable(PHASE_PORTRAIT, context);
}
