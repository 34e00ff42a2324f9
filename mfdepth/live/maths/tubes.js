// How much of a sphere the tubes around some lines cover: mfdepth/chapters/lower_bound/tubes.py, and arcs in the plane.

import { reluMean } from "./sphere.js";

// log10 of 1/(2 share), the least number of tubes that could cover half of the sphere of radius `ratio` times a tube's.
export function tubesForHalf(d, ratio) {
  const s2 = ratio ** -2;
  const n = d - 1;
  let [term, sum] = [1, 1];
  for (let k = 1; k < 2000 && term > 1e-17; k++) {
    term *= ((k - 0.5) / k) * s2;
    sum += (term * n) / (n + 2 * k);
  }
  const logShare = (n * Math.log(s2)) / 2 + Math.log(sum) - Math.log(n * Math.PI * reluMean(n));
  return (-Math.LN2 - logShare) / Math.LN10;
}

// In the plane: the arcs [from, to] of the circle, in radians and apart, that lie within the tubes around lines at some
// angles.
export function coveredArcs(angles, ratio) {
  const half = Math.asin(1 / ratio);
  const both = Array.from(angles, (angle) => [angle, angle + Math.PI]).flat();
  const starts = both.map((angle) => turned(angle - half)).sort((a, b) => a - b);
  const arcs = [];
  for (const from of starts) {
    const last = arcs[arcs.length - 1];
    if (last && from <= last[1]) last[1] = from + 2 * half;
    else arcs.push([from, from + 2 * half]);
  }
  // the last one may go on past a full turn, into the first ones
  while (arcs.length > 1 && arcs[arcs.length - 1][1] - 2 * Math.PI >= arcs[0][0]) {
    const [, to] = arcs.shift();
    arcs[arcs.length - 1][1] = Math.max(arcs[arcs.length - 1][1], to + 2 * Math.PI);
  }
  if (arcs.length === 1 && arcs[0][1] - arcs[0][0] >= 2 * Math.PI) return [[0, 2 * Math.PI]];
  return arcs;
}

export function shareOf(arcs) {
  return arcs.reduce((sum, [from, to]) => sum + to - from, 0) / (2 * Math.PI);
}

function turned(angle) {
  return ((angle % (2 * Math.PI)) + 2 * Math.PI) % (2 * Math.PI);
}
