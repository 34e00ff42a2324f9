// The real runs of the general case in the live figure "Compounding": compounding.py draws the same starts.

import { GENERAL_DIMENSION, generalCase, generalRun, unstableMode } from "../maths/general_case.js";
import { gaussians } from "../maths/random.js";

const PAIRS = 64; // of inputs
const RADIUS = 2; // of the sphere that they lie on
export const SIZE = 0.01; // the standard deviation of a
export const STEP = 0.5;
export const LAST_TIME = 40;
export const SAVED = LAST_TIME / STEP + 1;

export function widthsOf(m) {
  return [m / 16, m / 4, m];
}

// The inputs and the second layer for some settings.
export function caseOf({ seed, s }) {
  const x = gaussians(seed, 0, 0, GENERAL_DIMENSION * PAIRS);
  for (let i = 0; i < x.length; i += GENERAL_DIMENSION) {
    const row = x.subarray(i, i + GENERAL_DIMENSION);
    row.set(row.map((v) => (RADIUS * v) / Math.hypot(...row)));
  }
  return generalCase(x, s);
}

// The neurons of the `index`-th width m: a ~ SIZE N, w ~ N(0, I/d); antisymmetric: half of them, each again with -a.
function drawnNeurons({ seed, antisymmetric }, index, m) {
  const drawn = antisymmetric ? m / 2 : m;
  const a = gaussians(seed, 1, index, drawn).map((v) => SIZE * v);
  const w = gaussians(seed, 2, index, GENERAL_DIMENSION * drawn).map((v) => v / Math.sqrt(GENERAL_DIMENSION));
  return antisymmetric ? [[...a, ...a.map((v) => -v)], [...w, ...w]] : [a, w];
}

export function simulate(settings, index) {
  const m = widthsOf(settings.m)[index];
  const general = caseOf(settings);
  const [a, w] = drawnNeurons(settings, index, m);
  return { m, ...generalRun(general, unstableMode(general, SIZE, STEP), a, w, STEP, 1, SAVED) };
}
