// The live figure of two layers as particles: the film in the plane, and the words around it. The mathematics is in
// particle_flow.js.

const END = 40; // the time at which the film stops
const TARGETS = {
  one: [[0.77, 0.64]],
  two: [[0.94, 0.34], [-0.34, 0.94]],
  three: [[0.97, 0.26], [0.2, 0.75], [-0.84, 0.31]],
  star: [[0, 1], [-0.87, -0.5], [0.87, -0.5]],
};
const NEURONS = [1, 2, 3, 4, 5, 7, 10, 15, 20, 30, 50, 70, 100, 150, 200, 300, 400, 500, 700, 1000, 1500, 2000, 3000, 4000];
const REACH = 1.6; // how far a target's neuron may be dragged
const TRAIL_KEPT = 0.955; // of the light of a trail, from frame to frame
const LIGHT_PIXELS = 640; // at most, each way
const DENSITY_PIXELS = 200; // each way
const DENSITY_BINS = 720;

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

function neuronsOf({ target, teacher }) {
  return target === "own" ? teacher : TARGETS[target];
}

// "0.97_0.26__0.2_0.75" as pairs; undefined unless each is a neuron within reach.
function readNeurons(text) {
  const neurons = text.split("__").map((v) => v.split("_").map(Number));
  const inReach = neurons.every((v) => v.length === 2 && v.every((c) => Math.abs(c) <= REACH));
  return inReach && neurons.length <= 8 && neurons.flat().some((c) => c !== 0) ? neurons : undefined;
}

function pythonOf(settings, run, time) {
  const { m, seed, size, sector, batch } = settings;
  const neurons = JSON.stringify(neuronsOf(settings)).replaceAll(",", ", ");
  const start = sector === 360 ? "" : `, sector=${sector}`;
  const noise = batch === INPUTS ? "" : `, batches=mf.particle_batches(${INPUTS}, ${batch}, seed=${seed})`;
  const times = run.steps ? `[0, ${Number(time.toFixed(2))}]` : "[0]";
  return (
    `x = mf.circle(${INPUTS})\n` +
    `y = mf.teacher(np.array(${neurons}))(x)\n` +
    `w = mf.particle_start(${m}, seed=${seed}, size=${size}${start})\n` +
    `ring = mf.particle_ring(${RAYS}, ${size}${start})\n` +
    `run = mf.particle_flow(w, x, y, ${times}, step=${STEP}${noise})\n` +
    `limit = mf.particle_flow(ring, x, y, ${times}, step=${STEP})`
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

// --- the film: density below, then light of the trails and points, in the page's own colours ----------------------------

// What is painted, and where: { paint, scale (pixels a unit of |w|), toPlane(pixels across, pixels down), chosen (ring) }.
function particlePicture(film) {
  const density = document.createElement("canvas");
  const light = document.createElement("canvas");
  const pixels = densityPixels();
  const state = { key: "", scale: 1, toPlane: () => [0, 0], chosen: -1 };

  // Half the side of the view: room for the target's neurons and for the start.
  function reach(settings) {
    const { size } = settings;
    const total = neuronsOf(settings).reduce((sum, [a, b]) => sum + a * a + b * b, 0);
    return Math.max(1.25 * REACH, 0.5 * Math.ceil(2 * Math.max(2.3 * Math.sqrt(total), 2.8 * size)));
  }

  state.paint = (context, width, height, colours, settings) => {
    const { run } = film;
    const half = reach(settings);
    const side = Math.min(width, height);
    const scale = side / (2 * half);
    const [cx, cy] = [width / 2, height / 2];
    const ratio = context.getTransform().a;
    Object.assign(state, { scale, toPlane: (px, py) => [(px - cx) / scale, (cy - py) / scale] });
    const key = JSON.stringify([film.key, half, side, ratio]);
    if (state.key !== key) {
      const across = Math.min(LIGHT_PIXELS, Math.round(side * ratio));
      Object.assign(state, { key, steps: run.steps, plate: lightPlate(across, run.finite.w) });
      Object.assign(light, { width: across, height: across });
    }
    context.clearRect(0, 0, width, height);
    drawAxes(context, { width, height, cx, cy, scale, half }, colours);
    paintDensity(density, pixels, run, half, colours);
    if (state.steps !== run.steps) addTrails(state.plate, run.finite.w, half);
    addPoints(state.plate, run.finite.w, half, side);
    develop(light, state.plate, colours);
    state.steps = run.steps;
    context.imageSmoothingQuality = "high";
    context.drawImage(density, cx - side / 2, cy - side / 2, side, side);
    context.globalCompositeOperation = colours.dark ? "lighter" : "source-over"; // on black light adds up, on white ink covers
    context.drawImage(light, cx - side / 2, cy - side / 2, side, side);
    context.globalCompositeOperation = "source-over";
    drawTeacher(context, neuronsOf(settings), state.chosen, { cx, cy, scale, half }, colours);
  };
  return state;
}

function drawAxes(context, { width, height, cx, cy, scale, half }, colours) {
  context.strokeStyle = colours.faint;
  context.fillStyle = colours.text;
  context.lineWidth = 1;
  context.font = `12px ${colours.font}`;
  context.beginPath();
  context.moveTo(0, cy);
  context.lineTo(width, cy);
  context.moveTo(cx, 0);
  context.lineTo(cx, height);
  for (let r = 1; r < half * 1.5; r++) {
    context.moveTo(cx + r * scale, cy);
    context.arc(cx, cy, r * scale, 0, 2 * Math.PI);
  }
  context.stroke();
  context.globalAlpha = 0.6;
  for (let r = 1; r < half; r++) context.fillText(r === 1 ? "|w| = 1" : String(r), cx + 4, cy + r * scale - 4);
  context.globalAlpha = 1;
}

// For each pixel of the square [-1, 1]^2 its angle bin and its radius squared.
function densityPixels() {
  const bin = new Int32Array(DENSITY_PIXELS ** 2);
  const r2 = new Float64Array(DENSITY_PIXELS ** 2);
  for (let i = 0; i < bin.length; i++) {
    const x = (2 * ((i % DENSITY_PIXELS) + 0.5)) / DENSITY_PIXELS - 1;
    const y = 1 - (2 * (Math.floor(i / DENSITY_PIXELS) + 0.5)) / DENSITY_PIXELS;
    const turns = Math.atan2(y, x) / (2 * Math.PI);
    bin[i] = Math.floor((turns < 0 ? turns + 1 : turns) * DENSITY_BINS) % DENSITY_BINS;
    r2[i] = x * x + y * y;
  }
  return { bin, r2 };
}

function paintDensity(canvas, { bin, r2 }, run, half, { dark }) {
  const key = [run.steps, half, dark].join();
  if (canvas.run === run && canvas.key === key) return;
  Object.assign(canvas, { run, key });
  if (canvas.width !== DENSITY_PIXELS) Object.assign(canvas, { width: DENSITY_PIXELS, height: DENSITY_PIXELS });
  const { mass, scale } = limitDensity(run, DENSITY_BINS, 3);
  const height = mass.map((v, b) => v / scale[b] ** 2);
  const rate = scale.map((s) => half ** 2 / (2 * s * s));
  const context = canvas.getContext("2d");
  const image = context.createImageData(DENSITY_PIXELS, DENSITY_PIXELS);
  for (let i = 0; i < bin.length; i++) {
    const density = height[bin[i]] * Math.exp(-rate[bin[i]] * r2[i]);
    const glow = density / (density + 0.1);
    image.data[4 * i] = 213; // vermilion, a little lighter where there is most
    image.data[4 * i + 1] = 94 + 40 * glow * glow;
    image.data[4 * i + 2] = 0;
    image.data[4 * i + 3] = (dark ? 200 : 180) * glow;
  }
  context.putImageData(image, 0, 0);
}

// A photographic plate: the light that fell on each pixel, from trails that fade and from the points as they stand.
function lightPlate(across, w) {
  return { across, trails: new Float32Array(across ** 2), points: new Float32Array(across ** 2), before: Float64Array.from(w) };
}

// How bright a neuron is: the more of them, the less each.
function brightness(m) {
  return Math.min(3, 0.3 + 12 / Math.sqrt(m));
}

// The way of each neuron since the last frame, as light spread along a line.
function addTrails({ across, trails, before }, w, half) {
  for (let i = 0; i < trails.length; i++) trails[i] *= TRAIL_KEPT;
  const unit = across / (2 * half);
  const each = 0.3 * brightness(w.length / 2);
  for (let k = 0; k < w.length; k += 2) {
    const [x0, y0] = [across / 2 + unit * before[k], across / 2 - unit * before[k + 1]];
    const [dx, dy] = [unit * (w[k] - before[k]), -unit * (w[k + 1] - before[k + 1])];
    const length = Math.min(across, Math.hypot(dx, dy));
    const count = Math.ceil(length);
    for (let i = 0; i < count; i++) {
      const [x, y] = [Math.floor(x0 + (dx * (i + 0.5)) / count), Math.floor(y0 + (dy * (i + 0.5)) / count)];
      if (x >= 0 && x < across && y >= 0 && y < across) trails[y * across + x] += (each * length) / count;
    }
  }
  before.set(w);
}

// Each neuron as a round spot, exact to a fraction of a pixel.
function addPoints({ across, points }, w, half, side) {
  points.fill(0);
  const m = w.length / 2;
  const unit = across / (2 * half);
  const width = (Math.max(0.9, 3.6 - 0.8 * Math.log10(m)) * across) / side; // of the spot, its standard deviation
  const radius = Math.ceil(3 * width);
  const [row, column] = [new Float32Array(2 * radius + 1), new Float32Array(2 * radius + 1)];
  const bright = brightness(m);
  for (let k = 0; k < w.length; k += 2) {
    const [x, y] = [across / 2 + unit * w[k], across / 2 - unit * w[k + 1]];
    const [left, top] = [Math.floor(x) - radius, Math.floor(y) - radius];
    if (!(left >= 0 && top >= 0 && left + 2 * radius < across && top + 2 * radius < across)) continue;
    for (let i = 0; i <= 2 * radius; i++) {
      row[i] = Math.exp(-((left + i + 0.5 - x) ** 2) / (2 * width * width));
      column[i] = bright * Math.exp(-((top + i + 0.5 - y) ** 2) / (2 * width * width));
    }
    for (let j = 0; j <= 2 * radius; j++) {
      const start = (top + j) * across + left;
      for (let i = 0; i <= 2 * radius; i++) points[start + i] += column[j] * row[i];
    }
  }
}

// From light to colour: where there is much of it the plate is full, on black it then turns white.
function develop(canvas, { across, trails, points }, { dark }) {
  const colour = tones(dark);
  const context = canvas.getContext("2d");
  const image = context.createImageData(across, across);
  const out = new Uint32Array(image.data.buffer);
  for (let i = 0; i < out.length; i++) {
    const level = (trails[i] + points[i]) * 48;
    out[i] = colour[level < 255 ? level | 0 : 255];
  }
  context.putImageData(image, 0, 0);
}

const tones = remember((dark) => {
  const colour = new Uint32Array(256);
  const bytes = new Uint8Array(colour.buffer);
  for (let i = 0; i < 256; i++) {
    const glow = 1 - Math.exp((-1.1 * i) / 48);
    const white = dark ? glow ** 4 : 0;
    const blue = dark ? [40, 150, 240] : [0, 114 - 50 * glow, 178 - 40 * glow];
    blue.forEach((v, c) => (bytes[4 * i + c] = v + (255 - v) * white));
    bytes[4 * i + 3] = 255 * glow;
  }
  return colour;
});

function drawTeacher(context, neurons, chosen, { cx, cy, scale, half }, colours) {
  context.strokeStyle = colours.text;
  neurons.forEach(([a, b], i) => {
    context.lineWidth = i === chosen ? 3 : 1.5;
    const length = Math.hypot(a, b) || 1;
    context.setLineDash([6, 4]);
    context.beginPath();
    context.moveTo(cx, cy);
    context.lineTo(cx + (scale * half * a) / length, cy - (scale * half * b) / length);
    context.stroke();
    context.setLineDash([]);
    context.beginPath();
    context.arc(cx + scale * a, cy - scale * b, 8, 0, 2 * Math.PI);
    context.stroke();
  });
}

function render(context) {
  return explorable(particlesFigure(), context);
}
