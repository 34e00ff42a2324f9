// Symmetrization on the circle: a handful of neurons in the plane, moved by hand; F and F~ around the circle, and the
// terms of the loss.

/** @import { Drawing, Drawn, Figure, Handle } from "../kit/protocol.d.ts" */
import { evenPlane, plotArea } from "../kit/axes.js";
import { explorable } from "../kit/figure.js";
import { drag } from "../kit/listen.js";
import { drawPlot, MARGIN } from "../kit/plot.js";
import { BLUE, curve, GREY, points, PURPLE, VERMILION } from "../kit/traces.js";
import { pythonFloat, remember, scientific } from "../kit/values.js";
import { CIRCLE, decomposeOnCircle, DIRECTIONS, firstLayerOnCircle } from "../maths/decomposition.js";
import { besselLaw } from "../maths/laws.js";
import { errorsOf, firstLayerAlpha } from "../maths/rho.js";

const MOST_NEURONS = 12;
const PLANE = 1.6; // a hand moves neurons within this square; the drawing shows a little more
const SHOWN = 2.05;
const FINGER = 28; // pixels from the tip of an arrow
const ENLARGED = [3, 2, 1, 0.5]; // how F is drawn: as large as fits, for it is small beside the arrows
const circleLaw = remember(() => besselLaw(2));
const circleTerms = remember((neurons, w2, b2, reading) => decomposeOnCircle(circleLaw(), neurons, w2, b2, reading));
const circleError = remember((neurons) => errorsOf(Float64Array.from(neurons.flat()), 2, 2));

function rounded(x) {
  return Math.round(x * 1000) / 1000;
}

// The selected neuron in degrees and length, and back.
export function anglesOf([x, y]) {
  return { angle: rounded(((Math.atan2(y, x) * 180) / Math.PI + 360) % 360), length: rounded(Math.hypot(x, y)) };
}

export function neuronAt(angle, length) {
  return [Math.cos((angle * Math.PI) / 180) * length, Math.sin((angle * Math.PI) / 180) * length].map(rounded);
}

function chosen({ selected, neurons }) {
  return Math.min(selected, neurons.length) - 1;
}

function someLength(neurons) {
  return neurons.some(([x, y]) => x || y);
}

// The neurons with the k-th of them elsewhere; unchanged where that would leave none with a length.
function withNeuron(neurons, k, place) {
  const moved = neurons.map((w, i) => (i === k ? place : w));
  return { neurons: someLength(moved) ? moved : neurons };
}

/** @returns {Drawn} */
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
      ["F is drawn", `× ${enlargement(F)}`],
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

function enlargement(F) {
  const most = Math.max(...F);
  return ENLARGED.find((times) => times * most <= PLANE) ?? ENLARGED[ENLARGED.length - 1];
}

/**
 * F as a closed curve around the origin, at distance F(u) in the direction u, enlarged: round when the neurons are
 * symmetric.
 * @returns {Drawing}
 */
function planePlot(neurons, k, F, alpha) {
  const closed = [...CIRCLE, CIRCLE[0]];
  const times = enlargement(F);
  const around = (meta, radius, color, width) =>
    curve(
      meta,
      closed.map(([x], j) => times * radius(j) * x),
      closed.map(([, y], j) => times * radius(j) * y),
      color,
      width,
    );
  const arrow = ([x, y], i) => curve(`arrow-${i + 1}`, [0, x], [0, y], "currentColor", i === k ? 2.5 : 1.2);
  return {
    data: [
      around("symmetrized", () => alpha, VERMILION, 2),
      around("F", (j) => F[j % DIRECTIONS], BLUE, 3),
      ...neurons.map(arrow),
      points("neurons", neurons.map(([x]) => x), neurons.map(([, y]) => y), BLUE, 12),
      points("selected", [neurons[k][0]], [neurons[k][1]], "currentColor", 5),
    ],
    layout: { xaxis: { title: "x₁" }, yaxis: { title: "x₂" } },
  };
}

// One length along both axes.
function showPlane(node, { data, layout }, size) {
  const area = plotArea(MARGIN, size.width, size.height);
  const { unit, right, up } = evenPlane(area, SHOWN);
  const centre = [area.x + area.width / 2, area.y + area.height / 2];
  Object.assign(node, { unit, toPlane: (x, y) => [(x - centre[0]) / unit, (centre[1] - y) / unit] });
  const axes = {
    xaxis: { ...layout.xaxis, range: [-right, right] },
    yaxis: { ...layout.yaxis, range: [-up, up] },
  };
  drawPlot(node, { data, layout: axes }, size);
}

const TERMS = /** @type {const} */ ([
  ["loss", "loss L", GREY],
  ["infinite_width_loss", "T₁", VERMILION],
  ["discretization_loss", "T₂", BLUE],
  ["cross", "cross", PURPLE],
]);

/** @returns {Drawing} */
function termsPlot(terms) {
  const values = TERMS.map(([name]) => terms[name]);
  const [low, high] = [1.3 * Math.min(0, ...values), 1.15 * Math.max(1e-6, ...values)];
  return {
    data: TERMS.map(([name, , color], i) => curve(name, [i, i], [0, values[i]], color, 34)),
    layout: {
      xaxis: { visible: false, range: [-0.6, 3.6], showgrid: false },
      yaxis: { title: "half mean squared error", range: [low, high] },
      shapes: [{ x0: -0.6, x1: 3.6, y0: 0, y1: 0, line: { width: 1 } }],
      annotations: TERMS.map(([, text], i) => ({ x: i, y: Math.max(0, values[i]) + 0.02 * (high - low), text })),
      margin: { b: 14, l: 74 },
    },
  };
}

/**
 * The tip of an arrow follows the hand.
 * @param {Handle} handle
 */
function dragNeurons({ settings, change, plot }) {
  const node = plot("plane");
  Object.assign(node.style, { touchAction: "pan-y pinch-zoom", cursor: "grab" });
  const within = (v) => rounded(Math.max(-PLANE, Math.min(PLANE, v)));
  return drag(node, {
    find(px, py) {
      if (!node.toPlane) return -1;
      const [x, y] = node.toPlane(px, py);
      const far = settings().neurons.map(([a, b]) => Math.hypot(a - x, b - y) * node.unit);
      const nearest = far.indexOf(Math.min(...far));
      return far[nearest] > FINGER ? -1 : nearest;
    },
    take: (i) => change({ selected: i + 1 }),
    move: (i, x, y) => change(withNeuron(settings().neurons, i, node.toPlane(x, y).map(within))),
  });
}

/** @param {Handle} handle */
function addNeuron({ settings, change }) {
  const { neurons } = settings();
  if (neurons.length >= MOST_NEURONS) return;
  const angle = (neurons.length * 137.5) % 360; // the golden angle: never on top of another
  change({ neurons: [...neurons, neuronAt(angle, 1)], selected: neurons.length + 1 });
}

/** @param {Handle} handle */
function removeNeuron({ settings, change }) {
  const { neurons, selected } = settings();
  const rest = neurons.filter((_, i) => i !== chosen({ selected, neurons }));
  if (someLength(rest)) change({ selected: Math.max(1, Math.min(selected, rest.length)), neurons: rest });
}

// Sliders that show the selected neuron, and move it. A neuron without length keeps the direction that it last had.
function polarSliders() {
  let direction = 0;
  const present = ({ selected, neurons }) => {
    const { angle, length } = anglesOf(neurons[chosen({ selected, neurons })]);
    if (length) direction = angle;
    return { angle: direction, length };
  };
  const move = (settings, angle, length) => {
    direction = angle;
    return withNeuron(settings.neurons, chosen(settings), neuronAt(angle, length));
  };
  return {
    angle: {
      after: "selected",
      label: "its angle",
      linear: [0, 355, 5],
      text: (angle) => `${Math.round(angle) % 360}°`,
      get: (settings) => present(settings).angle,
      set: (angle, settings) => move(settings, angle, present(settings).length),
    },
    length: {
      after: "angle",
      label: "its length",
      linear: [0, 1.6, 0.05],
      get: (settings) => present(settings).length,
      set: (length, settings) => move(settings, present(settings).angle, length),
    },
  };
}

function pythonPairs(neurons) {
  return `[${neurons.map((w) => `[${w.map(pythonFloat).join(", ")}]`).join(", ")}]`;
}

/** @returns {Figure} */
function circleFigure() {
  return {
    name: "Circle",
    title: "Live figure: symmetrization on the circle",
    controls: {
      selected: {
        text: (_, settings) => `${chosen(settings) + 1} of ${settings.neurons.length}`,
        last: ({ neurons }) => neurons.length - 1,
      },
      ...polarSliders(),
    },
    actions: [
      { action: "add", label: "Add a neuron", run: addNeuron },
      { action: "remove", label: "Remove this neuron", run: removeNeuron },
    ],
    plots: [
      {
        name: "plane",
        alt: "Neurons as arrows in the plane; around the origin the curve of F, and the circle of its average",
        keys: [
          { label: "neurons", dot: true, colour: BLUE },
          { label: "F", colour: BLUE },
          { label: "F̃ = α|x|", colour: VERMILION },
        ],
        caption: "Drag the tip of an arrow. In the direction u the blue curve is at the distance F(u), enlarged, and " +
          "the orange circle at α, enlarged as much.",
        show: showPlane,
      },
      {
        name: "terms",
        alt: "Four bars: the loss, the loss of the round network f~, the distance to it, and the cross term",
        caption: "L = T₁ + T₂ − cross (next section), at d = 2, over 360 directions. A round F leaves L = T₁.",
      },
    ],
    python: ({ neurons, w2, b2, reading }) =>
      `mf.decompose(mf.BesselLaw(2), np.array(${pythonPairs(neurons)}), np.array([${pythonFloat(w2)}]), ` +
      `np.array([${pythonFloat(b2)}]), np.stack([np.cos(np.deg2rad(np.arange(360))), ` +
      `np.sin(np.deg2rad(np.arange(360)))], axis=-1), symmetrize="${reading}")`,
    draw: drawCircle,
    moves: true,
    live: dragNeurons,
  };
}

export function render(context) {
  return explorable(circleFigure(), context);
}
