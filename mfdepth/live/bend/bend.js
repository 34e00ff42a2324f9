// What K does not say: the bend of the loss over the range of F, and rho' by its value at alpha and exactly.

/** @import { Drawing, Drawn, Figure } from "../kit/protocol.d.ts" */
import { explorable } from "../kit/figure.js";
import { BLUE, curve, DENSITY_GREY, GREEN, points, upright } from "../kit/traces.js";
import { linearValues, outward, pythonFloat, remember, scientific } from "../kit/values.js";
import { errorOf, gathered, rhoVelocityAt } from "../maths/exact.js";
import { nextTurn, STREAMS } from "../maths/frames.js";
import { besselLaw } from "../maths/laws.js";
import { product } from "../maths/matrices.js";
import { momentTable } from "../maths/radius.js";
import { gaussians } from "../maths/random.js";
import { firstLayerAlpha, stability } from "../maths/rho.js";
import { reluMean } from "../maths/sphere.js";

const ARROWS = [0.68, 1.27, 0.33, 2.43, 1.16, -0.14];
const CLOUD = { name: "256 neurons", d: 100, m1: 256, alpha: 0.9976, frames: 4 };
const HALF_CIRCLE = 1000; // directions, and as many opposite ones
// By d; the teeth of the density are .02 apart at 100.
const SHOWN = [0.3, 1.3]; // kinks
const KINKS = { 2: linearValues(SHOWN[0], SHOWN[1], 0.01), 100: linearValues(SHOWN[0], SHOWN[1], 0.0025) };
const NODES_OF_F = 100; // moves the curve by .02 % of its height
const BINS = 60;
const COUNTEREXAMPLES = { "256 neurons": { w2: -0.5, b2: 0.2 }, "three arrows": { w2: -0.148, b2: 0.152 } };

const tableOf = remember((d) => momentTable(besselLaw(d)));

// The first layer, and what it looks like along the directions. Those of the cloud are frames: the axes, as random as
// any for weights that prefer none, and in turn each the one before, turned as in a training.
const layerOf = remember((network, seed) => {
  if (network !== CLOUD.name) {
    const angles = Array.from({ length: HALF_CIRCLE }, (_, i) => (Math.PI * (i + 0.5)) / HALF_CIRCLE);
    const Q = Float64Array.from(angles.flatMap((angle) => [Math.cos(angle), Math.sin(angle)]));
    return { d: 2, w1: Float64Array.from(ARROWS), along: (rows) => [product(rows, Q, 2)] };
  }
  const { d, m1, alpha, frames } = CLOUD;
  const drawn = gaussians(seed, STREAMS.firstLayer, 0, m1 * d);
  const scale = Math.sqrt(alpha / firstLayerAlpha(drawn, d));
  const turns = Array.from({ length: frames - 1 }, (_, k) => nextTurn(d, seed, k + 1));
  const along = (rows) => turns.reduce((views, turn) => [...views, turn(views[views.length - 1])], [rows]);
  return { d, w1: drawn.map((x) => x * scale), along };
});
const errorHere = remember((network, seed) => {
  const { d, w1, along } = layerOf(network, seed);
  const error = errorOf(w1, d, along);
  return { ...error, rho: error.e.reduce((sum, x) => sum + x * x, 0) / error.e.length };
});

// K and rho' at the kink R, each w2 linear + w2^2 square: what of them does not know w2.
function parts(table, error, R) {
  const { law } = table;
  const within = R < 1 ? (R * R * law.density(R) * (1 - R)) / error.alpha : 0;
  return { K: [within, law.moments(R)[2]], exact: rhoVelocityAt(table, error, R) };
}

function velocitiesOf(network, seed, w2, { K, exact }) {
  const { d } = layerOf(network, seed);
  const { alpha, contraction } = errorHere(network, seed);
  const at = ([linear, square]) => w2 * linear + w2 * w2 * square;
  return { K: at(K), first: ((-2 * alpha * at(K)) / reluMean(d)) * contraction, exact: at(exact) };
}

// rho' at w2, b2: by K alone, and exactly.
export function velocities(network, seed, w2, b2) {
  const error = errorHere(network, seed);
  const here = parts(tableOf(layerOf(network, seed).d), error, -b2 / (w2 * error.alpha));
  return velocitiesOf(network, seed, w2, here);
}

// Both against the kink: the bias moves it. The F of the cloud are near each other and far from 0.
const partsAlong = remember((network, seed) => {
  const { d } = layerOf(network, seed);
  const error = network === CLOUD.name ? gathered(errorHere(network, seed), NODES_OF_F) : errorHere(network, seed);
  return KINKS[d].map((R) => parts(tableOf(d), error, R));
});

export function velocitiesAlong(network, seed, w2) {
  return partsAlong(network, seed).map((row) => velocitiesOf(network, seed, w2, row));
}

/** @returns {Drawn} */
function drawBend({ network, seed, w2, b2 }) {
  const { alpha, rho } = errorHere(network, seed);
  const { K, first, exact } = velocities(network, seed, w2, b2);
  const kink = -b2 / (w2 * alpha);
  return {
    message: kink < SHOWN[0] || kink > SHOWN[1]
      ? "The kink is not on the axis of the second picture, so its points are not there."
      : "",
    readout: [
      ["kink R =", kink.toFixed(3)],
      ["K =", scientific(K, 3)],
      ["ρ =", scientific(rho, 2)],
      ["ρ′ by K", scientific(first, 2)],
      ["ρ′, exactly", scientific(exact, 2)],
      ["ρ", exact > 0 ? (K > 0 ? "grows, though K > 0" : "grows") : exact < 0 ? "shrinks" : "rests"],
    ],
    plots: { bend: bendPlot(network, seed, w2, b2), growth: growthPlot(network, seed, w2, kink, first, exact) },
  };
}

/** @returns {Drawing} */
function bendPlot(network, seed, w2, b2) {
  const { alpha, e } = errorHere(network, seed);
  const { law } = tableOf(layerOf(network, seed).d);
  const [low, high] = [Math.min(...e), Math.max(...e)];
  const counts = new Array(BINS).fill(0);
  for (const x of e) counts[Math.min(BINS - 1, Math.floor(((x - low) / (high - low)) * BINS))]++;
  const at = counts.map((_, i) => 1 + low + ((i + 0.5) / BINS) * (high - low));
  const share = linearValues(Math.max(1 + low, 0.02), 1 + high, (high - low) / 300);
  const bends = share.map((x) => stability(law, alpha * x, w2, b2));
  const K = stability(law, alpha, w2, b2);
  return {
    data: [
      curve("directions", at, counts, "transparent", 0, { fill: "tozeroy", fillcolor: DENSITY_GREY, yaxis: "y2" }),
      curve("bend", share, bends, BLUE, 2.5),
      points("here", [1], [K], GREEN, 11),
    ],
    layout: {
      xaxis: { title: "F(u)/α, over the directions", range: [1 + low, 1 + high] },
      yaxis: { title: "bend ℓ″ of the loss there", range: outward([0, K, ...bends], 0.01) },
      yaxis2: { range: [0, 2 * Math.max(...counts)], overlaying: "y", visible: false },
      shapes: [{ x0: 1 + low, x1: 1 + high, y0: 0, y1: 0, line: { width: 1 } }],
      margin: { l: 72 },
    },
  };
}

/** @returns {Drawing} */
function growthPlot(network, seed, w2, kink, first, exact) {
  const swept = velocitiesAlong(network, seed, w2);
  const kinks = KINKS[layerOf(network, seed).d];
  const share = (speed) => (100 * speed) / errorHere(network, seed).rho;
  const [byK, exactly] = [swept.map((row) => share(row.first)), swept.map((row) => share(row.exact))];
  return {
    data: [
      curve("by-K", kinks, byK, GREEN, 1.5),
      curve("exact", kinks, exactly, BLUE, 3),
      points("by-K-here", [kink], [share(first)], GREEN, 9),
      points("exact-here", [kink], [share(exact)], BLUE, 11),
    ],
    layout: {
      xaxis: { title: "kink R", range: SHOWN },
      yaxis: { title: "ρ′/ρ, % per unit of time", range: outward([0, ...byK, ...exactly], 0.2) },
      shapes: [upright(kink), { x0: SHOWN[0], x1: SHOWN[1], y0: 0, y1: 0, line: { width: 1 } }],
    },
  };
}

function pythonCall({ network, w2, b2 }, keywords) {
  const law = `mf.BesselLaw(${network === CLOUD.name ? CLOUD.d : 2})`;
  const [w, b] = [w2, b2].map(pythonFloat);
  return (
    `w1, u = mf.explorables.Bend(${keywords("network", "seed")}).first_layer()\n` +
    `K = mf.stability(${law}, mf.first_layer_alpha(w1), ${w}, ${b})\n` +
    `mf.rho_velocity(${law}, w1, np.array([${w}]), np.array([${b}]), u)`
  );
}

/** @type {Figure} */
const BEND = {
  name: "Bend",
  title: "Live figure: what K does not say",
  actions: [{
    action: "counterexample",
    label: "K > 0, and ρ grows",
    run: ({ settings, change }) => change(COUNTEREXAMPLES[settings().network]),
  }],
  plots: [
    {
      name: "bend",
      alt: "The second derivative of the loss in a direction against F(u)/alpha, and how many directions have that F",
      keys: [
        { label: "bend ℓ″ where F(u) is", colour: BLUE },
        { label: "K, at α", colour: GREEN, dot: true },
        { label: "directions", colour: DENSITY_GREY, filled: true },
      ],
      caption: "K is the bend at one point. The network asks the loss at all its F(u), where the grey is.",
    },
    {
      name: "growth",
      alt: "The speed of rho by K alone and by the exact law, against the kink, at one slope",
      keys: [
        { label: "ρ′ by K alone", colour: GREEN },
        { label: "ρ′, exactly", colour: BLUE },
      ],
      caption: "Above the line ρ grows. Where green is below it and blue above, K > 0 promises what is not kept.",
    },
  ],
  python: pythonCall,
  draw: drawBend,
};

export function render(context) {
  return explorable(BEND, context);
}
