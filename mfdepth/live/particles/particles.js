// The live figure of two layers as particles: what moves it, and the words around it. The film is painted in film.js,
// the mathematics is in maths/two_layers.js.

/** @import { Drawn, Figure, Handle } from "../kit/protocol.d.ts" */
import { explorable } from "../kit/figure.js";
import { drag, listen, together } from "../kit/listen.js";
import { createPlayer } from "../kit/player.js";
import { paintCanvas } from "../kit/plot.js";
import { BLUE, curve, upright, VERMILION } from "../kit/traces.js";
import { outward, scientific } from "../kit/values.js";
import { distanceToLimit, INPUTS, RAYS, STEP } from "../maths/two_layers.js";
import { createPicture, paintPicture } from "./film.js";
import { computeUntil, createFilm, END, isOver, knownTime, momentAt, runOf } from "./kept.js";
import { neuronsOf, REACH } from "./target.js";

const FINGER = 22; // pixels from a ring
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

/** @type {Figure["plots"]} */
const PLOTS = [
  {
    name: "plane",
    alt: "Neurons as points in the plane, moving over the density that infinitely many would have. " +
      "Keys 1 to 8 choose a neuron of the target, the arrow keys move it.",
    keys: [
      { label: "m neurons", colour: BLUE, dot: true },
      { label: "density of infinitely many", colour: VERMILION, filled: true },
      { label: "target's neurons", dash: "6 4" },
    ],
    caption: "Each point is a neuron w. Points of one direction stay on one ray. Drag a circle to change the target.",
    show: paintCanvas,
  },
  {
    name: "fit",
    alt: "The network and its target against the direction of the input, with the infinitely wide network",
    keys: [
      { label: "f, m neurons", colour: BLUE },
      { label: "f, infinite width", colour: VERMILION },
      { label: "target f*", dash: "6 4" },
    ],
    caption: "The network on the unit circle, against the direction of the input in degrees.",
  },
  {
    name: "loss",
    alt: "The loss of the finite and of the infinitely wide network against time, on a logarithmic scale",
    caption:
      "Loss against time. Below, limit is the loss at infinite width, and gap the root mean square of what the two " +
      "networks differ by.",
  },
];

function startOf(settings) {
  const { m, seed, size, sector, batch } = settings;
  return { m, seed, size, sector, batch, neurons: neuronsOf(settings) };
}

/** The film as a run to be played; speed: time units a second. */
function filmPlayer(film, speed) {
  return createPlayer({
    last: () => END,
    known: () => knownTime(film),
    over: () => isOver(film),
    stops: () => Math.round(END / STEP / 5),
    speed,
    more: (t) => computeUntil(film, t),
    rest() {},
    moment: (t) => momentAt(film, t).steps * STEP,
    next: (t) => Math.min(t + 5 * STEP, knownTime(film)),
    step: () => computeUntil(film, knownTime(film) + 5 * STEP),
  });
}

/** @returns {Figure} */
function particlesFigure(film = createFilm()) {
  const picture = createPicture();
  let speed = 1;
  const player = filmPlayer(film, () => speed);
  const follow = (settings) => {
    speed = settings.speed;
    runOf(film, startOf(settings), () => player.restart());
  };
  return {
    name: "Particles",
    title: "Live figure: the neurons of a two-layer network as moving particles",
    controls: {
      sector: { text: (v) => `${v}°` },
      batch: { text: (v) => (v === INPUTS ? "all" : String(v)), still: true }, // every batch starts alike
      speed: { text: (v) => `${v} a second`, still: true },
    },
    actions: [
      { action: "step", label: "Step", run: ({ redraw }) => (player.step(), redraw()) },
      { action: "restart", label: "To the start", run: ({ redraw }) => (player.seek(0), redraw()) },
    ],
    plots: PLOTS,
    python(settings) {
      follow(settings);
      return pythonOf(settings, momentAt(film, player.time()));
    },
    draw(settings) {
      follow(settings);
      return drawParticles(settings, film, player.time(), picture);
    },
    moves: true,
    player,
    live(handle) {
      follow(handle.settings());
      return dragTeacher(handle, picture);
    },
  };
}

/**
 * A pointer takes hold of the nearest ring of the target's neurons; keys 1 to 8 choose one, the arrows move it.
 * @param {Handle} handle
 */
function dragTeacher({ plot, settings, change, redraw }, picture) {
  const node = plot("plane");
  Object.assign(node, { tabIndex: 0, role: "application" });
  const neurons = () => neuronsOf(settings());
  const moveTo = (i, place) => {
    const moved = place.map((v) => Number(Math.max(-REACH, Math.min(REACH, v)).toFixed(2)));
    const next = neurons().map((v, k) => (k === i ? moved : v));
    if (next.some(([x, y]) => x || y)) change({ target: "own", teacher: next });
  };
  const choose = (i) => {
    picture.chosen = i;
    redraw();
  };
  const keys = listen(node, {
    focus: () => choose(0),
    blur: () => choose(-1),
    keydown: (event) => {
      const i = Math.max(0, Math.min(picture.chosen, neurons().length - 1));
      const way = ARROWS[event.key];
      if (way) moveTo(i, way.map((step, c) => neurons()[i][c] + 0.05 * step));
      else if (Number(event.key) >= 1 && Number(event.key) <= neurons().length) choose(Number(event.key) - 1);
      else return;
      event.preventDefault();
    },
  });
  const hand = drag(node, {
    find(px, py) {
      const [x, y] = picture.toPlane(px, py);
      const gaps = neurons().map(([a, b]) => Math.hypot(a - x, b - y) * picture.scale);
      const nearest = gaps.indexOf(Math.min(...gaps));
      return gaps[nearest] < FINGER ? nearest : -1;
    },
    take: choose,
    move: (i, x, y) => moveTo(i, picture.toPlane(x, y)),
    over: (i) => (node.style.cursor = i < 0 ? "" : "grab"),
  });
  return together(keys, hand);
}

function pythonOf(settings, { steps }) {
  const { m, seed, size, sector, batch } = settings;
  const neurons = JSON.stringify(neuronsOf(settings)).replaceAll(",", ", ");
  const start = sector === 360 ? "" : `, sector=${sector}`;
  const noise = batch === INPUTS ? "" : `, batches=two_layers.particle_batches(${INPUTS}, ${batch}, seed=${seed})`;
  const times = steps ? `[0, ${Number((steps * STEP).toFixed(2))}]` : "[0]";
  return (
    "from mfdepth.chapters import two_layers\n" +
    `x = two_layers.circle(${INPUTS})\n` +
    `y = two_layers.teacher(np.array(${neurons}))(x)\n` +
    `w = two_layers.particle_start(${m}, seed=${seed}, scale=${size}${start})\n` +
    `ring = two_layers.particle_ring(${RAYS}, ${size}${start})\n` +
    `run = two_layers.particle_flow(w, x, y, ${times}, step=${STEP}${noise})\n` +
    `limit = two_layers.particle_flow(ring, x, y, ${times}, step=${STEP})`
  );
}

/** @returns {Drawn} */
function drawParticles(settings, film, time, picture) {
  const moment = momentAt(film, time);
  const { steps, finite, limit, target } = moment;
  const gap = distanceToLimit(moment);
  return {
    message: "",
    readout: [
      ["t =", (steps * STEP).toFixed(2)],
      ["loss =", scientific(finite.losses[steps], 2)],
      ["limit =", scientific(limit.losses[steps], 2)],
      ["gap =", gap.toFixed(4)],
      ["gap × √m =", (gap * Math.sqrt(settings.m)).toFixed(3)],
    ],
    plots: {
      plane: {
        data: [{ meta: "neurons", ...columns(finite.w) }, { meta: "limit", ...columns(limit.w) }],
        paint: (context, width, height, colours) =>
          paintPicture(picture, { run: moment, key: film.key }, neuronsOf(settings), context, width, height, colours),
      },
      fit: fitPlot(finite.f, limit.f, target),
      loss: lossPlot(finite.losses, limit.losses, steps),
    },
  };
}

/** @returns {import("../kit/protocol.d.ts").Drawing} */
function fitPlot(f, fLimit, target) {
  const degrees = Array.from({ length: INPUTS }, (_, j) => (360 * (j + 0.5)) / INPUTS);
  return {
    data: [
      curve("f", degrees, Array.from(f), BLUE),
      curve("f-limit", degrees, Array.from(fLimit), VERMILION, 2),
      curve("target", degrees, Array.from(target), "currentColor", 2, { dash: "dash" }),
    ],
    layout: {
      xaxis: {
        title: "direction of x (degrees)",
        range: [0, 360],
        marked: [0, 90, 180, 270, 360].map((value) => ({ value, label: String(value) })),
      },
      yaxis: { title: "f", range: [-0.04, outward([0.5, ...target, ...f, ...fLimit], 0.5)[1]] },
    },
  };
}

/**
 * At most some 250 of the losses, and the last; steps: the moment shown.
 * @returns {import("../kit/protocol.d.ts").Drawing}
 */
function lossPlot(losses, limitLosses, steps) {
  const last = losses.length - 1;
  const every = Math.max(1, Math.ceil(last / 250));
  const kept = losses.map((_, k) => k).filter((k) => k % every === 0 || k === last);
  const times = kept.map((k) => k * STEP);
  const decades = kept.flatMap((k) => [losses[k], limitLosses[k]]).map((v) => Math.log10(v + 1e-12));
  return {
    data: [
      curve("loss", times, kept.map((k) => losses[k]), BLUE),
      curve("loss-limit", times, kept.map((k) => limitLosses[k]), VERMILION, 2),
    ],
    layout: {
      xaxis: { title: "time t", range: [0, [2, 5, 10, 20, END].find((t) => t >= last * STEP - 1e-9) ?? END] },
      yaxis: { title: "loss", type: "log", range: outward(decades, 1) },
      shapes: steps < last ? [upright(steps * STEP)] : [],
    },
  };
}

function columns(w) {
  const every = (first) => Array.from({ length: w.length / 2 }, (_, k) => w[2 * k + first]);
  return { x: every(0), y: every(1) };
}

export function render(context) {
  return explorable(particlesFigure(), context);
}
