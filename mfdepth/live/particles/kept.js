// The run of the particles, kept as it is computed: any of its moments can be shown again.

import { INPUTS, RAYS, startParticles, STEP, stepParticles } from "../maths/two_layers.js";

const ROOM = 4e6; // numbers kept, at most

export const END = 40; // the last time of a run

export function createFilm() {
  return { run: undefined, key: "", moments: [], every: 1 };
}

/**
 * The run from a start, as far as it is computed; another start begins another one, and begun() is told.
 * @param {any} film
 * @param {any} start
 * @param {() => void} begun
 */
export function runOf(film, start, begun) {
  const key = JSON.stringify(start);
  if (film.key === key) return film.run;
  const numbers = 2 * start.m + 3 * RAYS + 2 * INPUTS; // of a moment
  Object.assign(film, { key, run: startParticles(start), moments: [] });
  film.every = Math.max(1, Math.ceil((numbers * END) / STEP / ROOM));
  keep(film);
  begun();
  return film.run;
}

export function knownTime({ run }) {
  return run.steps * STEP;
}

export function isOver({ run }) {
  return run.steps >= END / STEP - 0.5;
}

export function computeUntil(film, t) {
  while (!isOver(film) && (film.run.steps + 1) * STEP <= t + 1e-9) {
    stepParticles(film.run);
    if (film.run.steps % film.every === 0 || isOver(film)) keep(film);
  }
}

function keep({ run, moments }) {
  const { steps, finite, limit } = run;
  const { w, angles, f } = limit;
  moments.push({
    ...run,
    steps,
    finite: { ...finite, w: finite.w.slice(), f: finite.f },
    limit: { ...limit, w: w.slice(), angles: angles.slice(), f },
  });
}

/** The run as it was at the last kept moment up to t; at the end of what is computed, as it is. */
export function momentAt({ run, moments, every }, t) {
  const steps = Math.round(t / STEP);
  if (steps >= run.steps) return run;
  return moments[Math.floor(steps / every)];
}
