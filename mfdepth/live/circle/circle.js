// Symmetrization on the circle: a handful of neurons in the plane, moved by hand; F and F~ around the circle, and the
// terms of the loss.

import { explorable } from "../kit/figure.js";
import { BLUE, MARGIN, PURPLE, VERMILION, drawPlot } from "../kit/plot.js";
import { linearValues, pythonFloat, remember, scientific } from "../kit/values.js";
import { CIRCLE, DIRECTIONS, decomposeOnCircle, firstLayerOnCircle } from "../maths/decomposition.js";
import { besselLaw } from "../maths/laws.js";
import { firstLayerAlpha, harmonicErrors } from "../maths/rho.js";

const MOST_NEURONS = 12;
const PLANE = 1.6; // neurons lie within this square; the drawing shows a little more
const SHOWN = 1.75;
const circleLaw = remember(() => besselLaw(2));
const circleTerms = remember((neurons, w2, b2, reading) => decomposeOnCircle(circleLaw(), neurons, w2, b2, reading));
const circleError = remember((neurons) => harmonicErrors(Float64Array.from(neurons.flat()), 2, 4));

function rounded(x) {
  return Math.round(x * 1000) / 1000;
}

// The selected neuron in degrees and length, and back.
function anglesOf([x, y]) {
  return { angle: rounded(((Math.atan2(y, x) * 180) / Math.PI + 360) % 360), length: rounded(Math.hypot(x, y)) };
}

function neuronAt(angle, length) {
  return [Math.cos((angle * Math.PI) / 180) * length, Math.sin((angle * Math.PI) / 180) * length].map(rounded);
}

function chosen({ selected, neurons }) {
  return Math.min(selected, neurons.length) - 1;
}

function someLength(neurons) {
  return neurons.some(([x, y]) => x || y);
}

// "1,0_0,1" in the address; anything but 1 to 12 pairs of numbers within the plane is left alone.
function readNeurons(text) {
  const pairs = text.split("_").map((pair) => pair.split(",").map(Number));
  const good = ([x, y, ...more]) => more.length === 0 && Math.abs(x) <= 2 && Math.abs(y) <= 2;
  return pairs.length <= MOST_NEURONS && pairs.every(good) && someLength(pairs) ? pairs : undefined;
}

function drawCircle({ neurons, selected, w2, b2, reading }) {
  const terms = circleTerms(neurons, w2, b2, reading);
  const { rho, parts } = circleError(neurons);
  const F = firstLayerOnCircle(neurons);
  const alpha = firstLayerAlpha(Float64Array.from(neurons.flat()), 2);
  const k = chosen({ selected, neurons });
  return {
    message: "",
    readout: [
      [`neuron ${k + 1}`, `|w| = ${Math.hypot(...neurons[k]).toFixed(2)}`],
      ["α =", alpha.toFixed(4)],
      ["ρ =", rho.toFixed(4)],
      ["degree 1", parts[0].toFixed(4)],
      ["degree 2", parts[1].toFixed(4)],
      ["loss =", scientific(terms.loss, 2)],
      ["T₁ =", scientific(terms.infinite_width_loss, 2)],
      ["T₂ =", scientific(Math.max(terms.discretization_loss, 0), 2)],
      ["cross =", Math.abs(terms.cross) < 1e-12 ? "0" : scientific(terms.cross, 2)],
    ],
    plots: { plane: planePlot(neurons, k, F, alpha), terms: termsPlot(terms) },
  };
}

// F as a closed curve around the origin, at distance F(u) in the direction u: round when the neurons are symmetric.
function planePlot(neurons, k, F, alpha) {
  const closed = [...CIRCLE, CIRCLE[0]];
  const arrow = ([x, y]) => ({ x: [0, x], y: [0, y] });
  return {
    data: [
      { x: closed.map(([x]) => alpha * x), y: closed.map(([, y]) => alpha * y), line: { color: VERMILION, width: 2 }, meta: "symmetrized" },
      {
        x: closed.map(([x], j) => F[j % DIRECTIONS] * x), y: closed.map(([, y], j) => F[j % DIRECTIONS] * y),
        line: { color: BLUE, width: 3 }, meta: "F",
      },
      ...neurons.map((w, i) => ({ ...arrow(w), line: { width: i === k ? 2.5 : 1.2 }, meta: `arrow-${i + 1}` })),
      { x: neurons.map(([x]) => x), y: neurons.map(([, y]) => y), mode: "markers", marker: { color: BLUE, size: 12 }, meta: "neurons" },
      { x: [neurons[k][0]], y: [neurons[k][1]], mode: "markers", marker: { color: "currentColor", size: 5 }, meta: "selected" },
    ],
    layout: { xaxis: { title: "x₁" }, yaxis: { title: "x₂" } },
  };
}

// One length along both axes, whatever the box.
function showPlane(node, { data, layout }, size, colours) {
  const { l, r, t, b } = MARGIN;
  const [width, height] = [size.width - l - r, size.height - t - b];
  const unit = Math.min(width, height) / (2 * SHOWN);
  const half = [width / unit / 2, height / unit / 2];
  node.toPlane = (x, y) => [(x - l - width / 2) / unit, (t + height / 2 - y) / unit];
  node.unit = unit;
  const axes = {
    xaxis: { ...layout.xaxis, range: [-half[0], half[0]] },
    yaxis: { ...layout.yaxis, range: [-half[1], half[1]] },
  };
  drawPlot(node, { data, layout: axes }, size, colours);
}

function termsPlot(terms) {
  const names = ["loss", "infinite_width_loss", "discretization_loss", "cross"];
  const labels = ["loss L", "T₁", "T₂", "cross"];
  const colours = ["#9a9a9a", VERMILION, BLUE, PURPLE];
  const values = names.map((name) => terms[name]);
  const [low, high] = [1.3 * Math.min(0, ...values), 1.15 * Math.max(1e-6, ...values)];
  return {
    data: names.map((name, i) => ({
      x: [i, i], y: [0, values[i]], line: { color: colours[i], width: 34 }, meta: name,
    })),
    layout: {
      xaxis: { visible: false, range: [-0.6, 3.6], showgrid: false },
      yaxis: { title: "half mean squared error", range: [low, high] },
      shapes: [{ x0: -0.6, x1: 3.6, y0: 0, y1: 0, line: { width: 1 } }],
      annotations: labels.map((text, i) => ({ x: i, y: Math.max(0, values[i]) + 0.02 * (high - low), text })),
      margin: { b: 14, l: 74 },
    },
  };
}

// Sliders show the selected neuron, and move it; whichever changes, the other follows.
function keepInStep({ model, change }) {
  const follow = () => {
    const neurons = model.get("neurons");
    const { angle, length } = anglesOf(neurons[chosen({ selected: model.get("selected"), neurons })]);
    const turned = length === 0 ? model.get("angle") : angle; // a neuron without length keeps its direction
    if (turned !== model.get("angle") || length !== model.get("length")) change({ angle: turned, length });
  };
  const lead = () => {
    const neurons = model.get("neurons");
    const k = chosen({ selected: model.get("selected"), neurons });
    const [angle, length] = [model.get("angle"), model.get("length")];
    const now = anglesOf(neurons[k]);
    if (now.length === length && (length === 0 || now.angle === angle)) return;
    const moved = neurons.map((w, i) => (i === k ? neuronAt(angle, length) : w));
    if (someLength(moved) && JSON.stringify(moved) !== JSON.stringify(neurons)) change({ neurons: moved });
  };
  const pairs = [["neurons", follow], ["selected", follow], ["angle", lead], ["length", lead]];
  let busy = false; // one answer to a change, not an answer to the answer
  const guarded = pairs.map(([trait, answer]) => [
    `change:${trait}`,
    () => {
      if (busy) return;
      busy = true;
      answer();
      busy = false;
    },
  ]);
  for (const [event, answer] of guarded) model.on(event, answer);
  guarded[0][1](); // an address may have moved the neurons already
  return () => guarded.forEach(([event, answer]) => model.off(event, answer));
}

// Drag the tip of an arrow: the nearest within a finger's reach.
function dragNeurons({ model, change, plot }) {
  const node = plot("plane");
  node.style.touchAction = "none";
  node.style.cursor = "grab";
  let held = -1;
  const place = (event) => {
    const box = node.getBoundingClientRect();
    return node.toPlane(event.clientX - box.left, event.clientY - box.top);
  };
  const within = (v) => rounded(Math.max(-PLANE, Math.min(PLANE, v)));
  const listeners = {
    pointerdown(event) {
      if (!node.toPlane) return;
      const [x, y] = place(event);
      const far = model.get("neurons").map(([a, b]) => Math.hypot(a - x, b - y) * node.unit);
      const nearest = far.indexOf(Math.min(...far));
      if (far[nearest] > 28) return;
      held = nearest;
      node.setPointerCapture(event.pointerId);
      change({ selected: held + 1 });
    },
    pointermove(event) {
      if (held < 0) return;
      const moved = model.get("neurons").map((w, i) => (i === held ? place(event).map(within) : w));
      if (someLength(moved)) change({ neurons: moved });
    },
    pointerup: () => (held = -1),
    pointercancel: () => (held = -1),
  };
  for (const [event, listener] of Object.entries(listeners)) node.addEventListener(event, listener);
  return () => {
    for (const [event, listener] of Object.entries(listeners)) node.removeEventListener(event, listener);
  };
}

function addNeuron({ settings, change }) {
  const { neurons } = settings();
  if (neurons.length >= MOST_NEURONS) return;
  const angle = (neurons.length * 137.5) % 360; // the golden angle: never on top of another
  change({ neurons: [...neurons, neuronAt(angle, 1)] });
  change({ selected: neurons.length + 1 });
}

function removeNeuron({ settings, change }) {
  const { neurons, selected } = settings();
  const rest = neurons.filter((_, i) => i !== chosen({ selected, neurons }));
  if (rest.length === 0 || !someLength(rest)) return;
  change({ selected: Math.max(1, Math.min(selected, rest.length)) });
  change({ neurons: rest });
}

function pythonPairs(neurons) {
  return `[${neurons.map((w) => `[${w.map(pythonFloat).join(", ")}]`).join(", ")}]`;
}

const CIRCLE_FIGURE = {
  name: "Circle",
  title: "Live figure: symmetrization on the circle",
  controls: [
    {
      trait: "selected", label: "neuron", values: linearValues(1, MOST_NEURONS, 1),
      text: (_, settings) => `${chosen(settings) + 1} of ${settings.neurons.length}`,
    },
    { trait: "angle", label: "its angle", values: linearValues(0, 355, 5), text: (angle) => `${Math.round(angle) % 360}°` },
    { trait: "length", label: "its length", values: linearValues(0, 1.6, 0.05) },
    { trait: "w2", label: "w₂", values: linearValues(-3, -0.05, 0.05) },
    { trait: "b2", label: "b₂", values: linearValues(0.05, 1.5, 0.05) },
    {
      trait: "reading", label: "f̃ is",
      choices: [
        { value: "layer 2 on F~", label: "layer 2 on F̃" },
        { value: "mean of f", label: "mean of f" },
      ],
    },
    // last: what an address says of the neurons stands, whatever the sliders were at
    {
      trait: "neurons", hidden: true, read: readNeurons,
      write: (neurons) => neurons.map((w) => w.join(",")).join("_"),
    },
  ],
  actions: [
    { action: "add", label: "Add a neuron", run: addNeuron },
    { action: "remove", label: "Remove this neuron", run: removeNeuron },
  ],
  plots: [
    {
      name: "plane",
      alt: "Neurons as arrows in the plane; around the origin the curve of F, and the circle of its average",
      keys: [
        { label: "neurons" },
        { label: "F", colour: BLUE },
        { label: "F̃ = α|x|", colour: VERMILION },
      ],
      caption: "Drag the tip of an arrow. In the direction u the blue curve is at the distance F(u), the red circle at α.",
      show: showPlane,
    },
    {
      name: "terms",
      alt: "Four bars: the loss, the loss of the symmetrized network, the distance to it, and the cross term",
      caption: "L = T₁ + T₂ − cross (next section), at d = 2, over 360 directions. A round F leaves L = T₁.",
    },
  ],
  python: ({ neurons, w2, b2, reading }) =>
    `mf.decompose(mf.BesselLaw(2), np.array(${pythonPairs(neurons)}), np.array([${pythonFloat(w2)}]), ` +
    `np.array([${pythonFloat(b2)}]), np.stack([np.cos(np.deg2rad(np.arange(360))), np.sin(np.deg2rad(np.arange(360)))], axis=-1), ` +
    `symmetrize="${reading}")`,
  draw: drawCircle,
  live: (handle) => {
    const ends = [keepInStep(handle), dragNeurons(handle)];
    return () => ends.forEach((end) => end());
  },
};

export function render(context) {
  return explorable(CIRCLE_FIGURE, context);
}
