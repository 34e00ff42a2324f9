// What drawings share: one colour an idea, through the whole book (Okabe-Ito), and the traces that most plots are made
// of.

/** @import { Drawing, Layout, Line, Trace } from "./protocol.d.ts" */

export const VERMILION = "#D55E00"; // infinite width
export const BLUE = "#0072B2"; // finite width
export const GREEN = "#009E73"; // first-order prediction
export const PURPLE = "#CC79A7"; // two layers
export const GREY = "#9a9a9a";
export const DENSITY_GREY = "rgba(128, 128, 128, 0.28)"; // where the inputs are

/**
 * A line. more: its dash, and what else a trace has.
 * @param {string} meta
 * @param {Trace["x"]} x
 * @param {Trace["y"]} y
 * @param {string} color
 * @param {number} [width]
 * @param {Partial<Trace> & { dash?: string }} [more]
 * @returns {Trace}
 */
export function curve(meta, x, y, color, width = 2.5, { dash = "solid", ...more } = {}) {
  return { meta, x, y, mode: "lines", line: { color, width, dash: /** @type {Line["dash"]} */ (dash) }, ...more };
}

/**
 * @param {string} meta
 * @param {Trace["x"]} x
 * @param {Trace["y"]} y
 * @param {string} color
 * @param {number} size
 * @param {Trace["marker"]} [more]
 * @returns {Trace}
 */
export function points(meta, x, y, color, size, more = {}) {
  return { meta, x, y, mode: "markers", marker: { color, size, ...more } };
}

/**
 * The target ReLU(1 - r): in the text's colour, dashed.
 * @param {number} farthest
 * @param {Partial<Trace>} [more]
 */
export function targetCurve(farthest, more = {}) {
  return curve("target", [0, 1, farthest], [1, 0, 0], "currentColor", 2, { dash: "dash", ...more });
}

/**
 * A dotted line upright through all panels: the time shown, say.
 * @param {number} x
 * @param {Line} line
 * @returns {Layout["shapes"][0]}
 */
export function upright(x, line = { width: 1, dash: "dot" }) {
  return { x0: x, x1: x, y0: 0, y1: 1, yref: "paper", line };
}

/**
 * A network's profile f(r) over the density of the radius (from binnedDensity), with the target.
 * @param {{ r: number[], p: number[] }} density
 * @param {Trace} f
 * @param {number} farthest
 * @param {number[]} range
 * @returns {Drawing}
 */
export function profilePlot({ r, p }, f, farthest, range) {
  const inputs = curve("density", r, p, DENSITY_GREY, 0, { fill: "tozeroy", fillcolor: DENSITY_GREY });
  return {
    data: [inputs, targetCurve(farthest, { yaxis: "y2" }), { ...f, yaxis: "y2" }],
    layout: {
      xaxis: { title: "radius r = |x|", range: [0, farthest], showgrid: false },
      yaxis: { visible: false, range: [0, 1.05 * Math.max(...p)] },
      yaxis2: { title: "f(r)", overlaying: "y", range },
    },
  };
}
