// A drawing of the learner at infinite width: an input, the cloud of w1, the one number F that comes out of it, the
// second layer, the output. Each with its number.

/** @import { Size } from "../kit/protocol.d.ts" */
import { svg } from "../kit/plot.js";
import { BLUE, VERMILION } from "../kit/traces.js";
import { fixed } from "../kit/values.js";

const PLACES = [0.1, 0.31, 0.52, 0.71, 0.9]; // across, of x, the cloud, F, the second layer, f
const NEURONS = 42;
const THREADS = 14; // lines into the cloud, and out of it
const ABOVE = 16; // where the names stand, in pixels
const BELOW = 50; // and above the lower edge, the first line of the numbers

// Sunflower seeds: a cloud that looks alike from all sides.
const SEEDS = Array.from({ length: NEURONS }, (_, k) => {
  const [r, angle] = [Math.sqrt((k + 0.5) / NEURONS), 2.39996 * k];
  return [r * Math.cos(angle), r * Math.sin(angle)];
});

/** What the network says at |x| = r. */
export function forward({ r, alpha, w2, b2 }) {
  const F = alpha * r;
  return { F, f: Math.max(0, w2 * F + b2), target: Math.max(0, 1 - r) };
}

/**
 * @param {any} node
 * @param {{ r: number, alpha: number, w2: number, b2: number, data: any[] }} drawing
 * @param {Size} size
 */
export function showNetwork(node, drawing, { width, height }) {
  node.data = drawing.data;
  const frame = [width, height].join();
  if (node.frame !== frame) Object.assign(node, { frame, parts: drawParts(node, width, height) });
  const { cloud, arrow, texts, middle, reach } = node.parts;
  const { r, alpha, w2, b2 } = drawing;
  const { F, f, target } = forward(drawing);
  cloud.setAttribute("transform", `translate(${width * PLACES[1]} ${middle}) scale(${size(alpha, reach)})`);
  arrow.setAttribute("x2", String(width * PLACES[0] + reach * Math.min(1, r / 1.6)));
  const numbers = [`|x| = ${fixed(r, 2)}`, `α = ${fixed(alpha, 2)}`, `F = ${fixed(F, 2)}`, `w₂ = ${fixed(w2, 2)}`];
  [...numbers, `b₂ = ${fixed(b2, 2)}`, `f = ${fixed(f, 2)}`, `f* = ${fixed(target, 2)}`].forEach((text, i) => {
    if (texts[i].textContent !== text) texts[i].textContent = text;
  });
}

// Lengths go with the root of alpha.
function size(alpha, reach) {
  return reach * Math.min(1.25, 0.4 + 0.5 * Math.sqrt(alpha));
}

function drawParts(node, width, height) {
  const root = svg("svg", { width, height, viewBox: `0 0 ${width} ${height}` });
  const middle = ABOVE + (height - ABOVE - BELOW) / 2;
  const reach = Math.min(0.075 * width, (height - ABOVE - BELOW) / 2.8);
  const [input, layer, inner, second, output] = PLACES.map((place) => place * width);
  const line = (x1, y1, x2, y2, more = {}) => svg("line", { x1, y1, x2, y2, stroke: "currentColor", ...more });
  const disc = (x, r, more) => svg("circle", { cx: x, cy: middle, r, fill: "none", stroke: "currentColor", ...more });
  const words = (x, y, text) => svg("text", { x, y, "text-anchor": "middle" }, text);
  for (let i = 0; i < THREADS; i++) {
    const y = middle + reach * (2 * ((i + 0.5) / THREADS) - 1);
    const faint = { opacity: 0.3 };
    root.append(line(input + 0.6 * reach, middle, layer, y, faint), line(layer, y, inner, middle, faint));
  }
  const thick = { "stroke-width": 2, stroke: VERMILION };
  root.append(line(inner, middle, second, middle, thick), line(second, middle, output, middle, thick));
  const cloud = svg("g");
  for (const [x, y] of SEEDS) cloud.append(svg("circle", { cx: x, cy: y, r: 0.09, fill: BLUE, stroke: "none" }));
  const arrow = line(input, middle, input, middle, { "stroke-width": 2.5 });
  root.append(cloud, disc(input, reach, { opacity: 0.4 }), arrow, disc(input, 3, { fill: "currentColor" }));
  for (const x of [inner, second, output]) root.append(disc(x, 0.45 * reach, { ...thick, class: "mf-paper" }));
  const bend = [[-0.3, 0.12], [0, 0.12], [0.25, -0.2]].map(([x, y]) => `${second + x * reach} ${middle + y * reach}`);
  root.append(svg("path", { d: `M${bend.join("L")}`, fill: "none", stroke: "currentColor", "stroke-width": 1.5 }));
  const names = ["input x", "μ₁, the w₁", "one number", "μ₂", "output"];
  names.forEach((name, i) => root.append(words(PLACES[i] * width, ABOVE - 4, name)));
  const lines = [[input, 0], [layer, 0], [inner, 0], [second, 0], [second, 1], [output, 0], [output, 1]];
  const texts = lines.map(([x, row]) => root.appendChild(words(x, height - BELOW + 20 + 20 * row, "")));
  node.replaceChildren(root);
  return { cloud, arrow, texts, middle, reach };
}
