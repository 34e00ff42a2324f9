// The live figure of two layers as particles: what moves it, and the words around it. The film is
// painted in film.js, the mathematics is in maths/two_layers.js.

import { explorable, prefersStillness } from "../kit/figure.js";
import { BLUE, VERMILION, paintCanvas } from "../kit/plot.js";
import { linearValues, outward, scientific } from "../kit/values.js";
import { INPUTS, RAYS, STEP, distanceToLimit, startParticles, stepParticles, teacher } from "../maths/two_layers.js";
import { particlePicture } from "./film.js";
import { REACH, neuronsOf, readNeurons } from "./target.js";

const END = 40; // the time at which the film stops
const NEURONS = [1, 2, 3, 4, 5, 7, 10, 15, 20, 30, 50, 70, 100, 150, 200, 300, 400, 500, 700, 1000, 1500, 2000, 3000, 4000];

function particlesFigure() {
  const film = { generation: 0, playing: false, run: undefined, key: "" };
  const picture = particlePicture(film);

  // The run that belongs to the settings; other settings start another one.
  function runOf(settings) {
    const { m, seed, size, sector, batch } = settings;
    const start = { m, seed, size, sector, batch, neurons: neuronsOf(settings) };
    const key = JSON.stringify([start, film.generation]);
    if (film.key !== key) Object.assign(film, { key, run: startParticles(start), owed: 0 });
    return film.run;
  }
  const time = () => film.run.steps * STEP;
  const restart = () => film.generation++;
  const play = (handle, playing) => {
    if (playing && time() >= END - STEP / 2) restart();
    film.playing = playing;
    film.last = undefined;
    handle.button("play").textContent = playing ? "Pause" : "Run";
    handle.redraw();
  };

  return {
    film,
    name: "Particles",
    title: "Live figure: the neurons of a two-layer network as moving particles",
    controls: [
      { trait: "m", label: "neurons m", values: NEURONS },
      { trait: "seed", label: "seed", values: linearValues(0, 50, 1) },
      { trait: "size", label: "start: spread", values: linearValues(0.05, 1.5, 0.05) },
      { trait: "sector", label: "start: sector", values: linearValues(1, 360, 1), text: (v) => `${v}°` },
      {
        trait: "batch",
        label: "inputs a step",
        values: [1, 2, 4, 8, 16, 32, 64, INPUTS],
        text: (v) => (v === INPUTS ? "all" : String(v)),
      },
      { trait: "speed", label: "speed", values: [0.25, 0.5, 1, 2, 4, 8], text: (v) => `${v} a second`, still: true },
      {
        trait: "target",
        label: "target",
        choices: [
          { value: "one", label: "one neuron" },
          { value: "two", label: "two neurons" },
          { value: "three", label: "three neurons" },
          { value: "star", label: "three in a star" },
          { value: "own", label: "your own" },
        ],
      },
      { trait: "teacher", hidden: true, read: readNeurons, write: (neurons) => neurons.map((v) => v.join("_")).join("__") },
    ],
    actions: [
      { action: "play", label: "Run", run: (handle) => play(handle, !film.playing) },
      {
        action: "step",
        label: "Step",
        run: (handle) => {
          play(handle, false);
          const run = runOf(handle.settings());
          for (let i = 0; i < 5 && time() < END - STEP / 2; i++) stepParticles(run);
        },
      },
      { action: "restart", label: "Restart", run: (handle) => (restart(), handle.redraw()) },
    ],
    plots: [
      {
        name: "plane",
        alt:
          "Neurons as points in the plane, moving over the density that infinitely many would have. " +
          "Keys 1 to 8 choose a neuron of the target, the arrow keys move it.",
        keys: [
          { label: "m neurons", colour: BLUE },
          { label: "density of infinitely many", colour: VERMILION, filled: true },
          { label: "target's neurons", dash: "6 4" },
        ],
        caption: "Each point is a neuron w. Points of one direction stay on one ray. Drag a ring to change the target.",
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
        caption: "Loss against time. Below, limit is the loss at infinite width, and gap the root mean square of what the two networks differ by.",
      },
    ],
    python: (settings) => pythonOf(settings, runOf(settings), time()),
    draw: (settings) => drawParticles(settings, runOf(settings), time(), picture),
    live: (handle) => {
      runOf(handle.settings());
      const ends = [animate(film, handle, { runOf, time, play }), dragTeacher(handle, picture)];
      play(handle, !prefersStillness());
      return () => ends.forEach((end) => end());
    },
  };
}

// Steps as time passes, as long as the film plays and is in view.
function animate(film, handle, { runOf, time, play }) {
  let frame = 0;
  let inView = false;
  const watch = new IntersectionObserver(([{ isIntersecting }]) => {
    inView = isIntersecting;
    film.last = undefined;
  });
  watch.observe(handle.root);
  const tick = (now) => {
    frame = requestAnimationFrame(tick);
    if (!film.playing || !inView) return;
    const settings = handle.settings();
    const run = runOf(settings);
    const seconds = Math.min(0.05, (now - (film.last ?? now)) / 1000); // a slow machine gets a slow film
    film.last = now;
    film.owed += (seconds * settings.speed) / STEP;
    for (; film.owed >= 1; film.owed--) if (time() < END - STEP / 2) stepParticles(run);
    if (time() >= END - STEP / 2) play(handle, false);
    handle.redraw();
  };
  frame = requestAnimationFrame(tick);
  return () => {
    cancelAnimationFrame(frame);
    watch.disconnect();
  };
}

// A pointer takes hold of the nearest ring of the target's neurons; keys 1 to 8 choose one, the arrows move it.
function dragTeacher({ plot, settings, change, redraw }, picture) {
  const node = plot("plane");
  Object.assign(node, { tabIndex: 0, role: "application" });
  let held = -1;
  const neurons = () => neuronsOf(settings());
  const moveTo = (i, place) => {
    const moved = place.map((v) => Number(Math.max(-REACH, Math.min(REACH, v)).toFixed(2)));
    const next = neurons().map((v, k) => (k === i ? moved : v));
    if (next.some(([x, y]) => x || y)) change({ target: "own", teacher: next });
  };
  const place = (event) => {
    const box = node.getBoundingClientRect();
    return picture.toPlane(event.clientX - box.left, event.clientY - box.top);
  };
  const nearest = (event) => {
    const at = place(event);
    const gaps = neurons().map((v) => Math.hypot(v[0] - at[0], v[1] - at[1]) * picture.scale);
    const best = gaps.indexOf(Math.min(...gaps));
    return gaps[best] < 22 ? best : -1;
  };
  const choose = (i) => {
    picture.chosen = i;
    redraw();
  };
  const listeners = {
    pointerdown: (event) => {
      held = nearest(event);
      if (held < 0) return;
      event.preventDefault();
      node.setPointerCapture(event.pointerId);
      choose(held);
    },
    pointermove: (event) => {
      if (held >= 0) moveTo(held, place(event));
      else node.style.cursor = nearest(event) < 0 ? "" : "grab";
    },
    pointerup: () => (held = -1),
    pointercancel: () => (held = -1),
    touchmove: (event) => held >= 0 && event.preventDefault(), // the page does not scroll under a held ring
    focus: () => choose(0),
    blur: () => choose(-1),
    keydown: (event) => {
      const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key] ?? [0, 0];
      const i = Math.max(0, Math.min(picture.chosen, neurons().length - 1));
      if (dx || dy) moveTo(i, [neurons()[i][0] + 0.05 * dx, neurons()[i][1] + 0.05 * dy]);
      else if (Number(event.key) >= 1 && Number(event.key) <= neurons().length) choose(Number(event.key) - 1);
      else return;
      event.preventDefault();
    },
  };
  for (const [event, listener] of Object.entries(listeners)) node.addEventListener(event, listener, { passive: false });
  return () => {
    for (const [event, listener] of Object.entries(listeners)) node.removeEventListener(event, listener);
  };
}

function pythonOf(settings, run, time) {
  const { m, seed, size, sector, batch } = settings;
  const neurons = JSON.stringify(neuronsOf(settings)).replaceAll(",", ", ");
  const start = sector === 360 ? "" : `, sector=${sector}`;
  const noise = batch === INPUTS ? "" : `, batches=mf.chapters.two_layers.particle_batches(${INPUTS}, ${batch}, seed=${seed})`;
  const times = run.steps ? `[0, ${Number(time.toFixed(2))}]` : "[0]";
  return (
    `x = mf.chapters.two_layers.circle(${INPUTS})\n` +
    `y = mf.chapters.two_layers.teacher(np.array(${neurons}))(x)\n` +
    `w = mf.chapters.two_layers.particle_start(${m}, seed=${seed}, size=${size}${start})\n` +
    `ring = mf.chapters.two_layers.particle_ring(${RAYS}, ${size}${start})\n` +
    `run = mf.chapters.two_layers.particle_flow(w, x, y, ${times}, step=${STEP}${noise})\n` +
    `limit = mf.chapters.two_layers.particle_flow(ring, x, y, ${times}, step=${STEP})`
  );
}

function drawParticles(settings, run, time, picture) {
  const { finite, limit, target } = run;
  const gap = distanceToLimit(run);
  const last = (losses) => losses[losses.length - 1];
  const line = (meta, x, y, color, more = {}) => ({ meta, x, y, mode: "lines", line: { color, width: 2.5, ...more } });
  const degrees = Array.from({ length: INPUTS }, (_, j) => (360 * (j + 0.5)) / INPUTS);
  const every = Math.max(1, Math.ceil(finite.losses.length / 250));
  const kept = finite.losses.map((_, k) => k).filter((k) => k % every === 0 || k === finite.losses.length - 1);
  const times = kept.map((k) => k * STEP);
  const [low, high] = outward(kept.flatMap((k) => [finite.losses[k], limit.losses[k]]).map((v) => Math.log10(v + 1e-12)), 1);
  return {
    message: "",
    readout: [
      ["t =", time.toFixed(2)],
      ["loss =", scientific(last(finite.losses), 2)],
      ["limit =", scientific(last(limit.losses), 2)],
      ["gap =", gap.toFixed(4)],
      ["gap × √m =", (gap * Math.sqrt(settings.m)).toFixed(3)],
    ],
    plots: {
      plane: {
        data: [{ meta: "neurons", ...columns(finite.w) }, { meta: "limit", ...columns(limit.w) }],
        paint: (context, width, height, colours) => picture.paint(context, width, height, colours, settings),
      },
      fit: {
        data: [
          line("f", degrees, Array.from(finite.f), BLUE),
          line("f-limit", degrees, Array.from(limit.f), VERMILION, { width: 2 }),
          line("target", degrees, Array.from(target), undefined, { width: 2, dash: "dash" }),
        ],
        layout: {
          xaxis: { title: "direction of x (degrees)", range: [0, 360] },
          yaxis: { title: "f", range: [-0.04, outward([0.5, ...target, ...finite.f, ...limit.f], 0.5)[1]] },
        },
      },
      loss: {
        data: [
          line("loss", times, kept.map((k) => finite.losses[k]), BLUE),
          line("loss-limit", times, kept.map((k) => limit.losses[k]), VERMILION, { width: 2 }),
        ],
        layout: {
          xaxis: { title: "time t", range: [0, [2, 5, 10, 20, END].find((t) => t >= time - 1e-9) ?? END] },
          yaxis: { title: "loss", type: "log", range: [low, high] },
        },
      },
    },
  };
}

function columns(w) {
  const count = w.length / 2;
  return {
    x: Array.from({ length: count }, (_, k) => w[2 * k]),
    y: Array.from({ length: count }, (_, k) => w[2 * k + 1]),
  };
}

export function render(context) {
  return explorable(particlesFigure(), context);
}
