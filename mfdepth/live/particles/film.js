// The film: density below, then light of the trails and points, in the page's own colours.

import { remember } from "../kit/values.js";
import { limitDensity } from "../maths/two_layers.js";
import { REACH } from "./target.js";

const LIGHT_PIXELS = 640; // at most, each way
const DENSITY_PIXELS = 200; // each way
const DENSITY_BINS = 720;
const TRAIL_KEPT = 0.955; // of the light of a trail, from frame to frame
const FAR = 30; // steps from the last picture, from which on it leaves no trail

// What is painted, and where: scale (pixels a unit of |w|), toPlane(pixels across, pixels down), chosen (ring).
export function createPicture() {
  return {
    density: document.createElement("canvas"),
    light: document.createElement("canvas"),
    pixels: densityPixels(),
    plate: null,
    steps: 0,
    key: "",
    scale: 1,
    toPlane: (_x, _y) => [0, 0],
    chosen: -1,
  };
}

// Half the side of the view: room for the target's neurons and for the start.
function reach(neurons, size) {
  const total = neurons.reduce((sum, [a, b]) => sum + a * a + b * b, 0);
  return Math.max(1.25 * REACH, 0.5 * Math.ceil(2 * Math.max(2.3 * Math.sqrt(total), 2.8 * size)));
}

// A moment of a run (of maths/two_layers.js) into a canvas; key: of the run, since another one starts from a clean
// plate. So does a moment before the last one, or long after it.
export function paintPicture(picture, { run, key }, neurons, context, width, height, colours) {
  const { density, light, pixels } = picture;
  const half = reach(neurons, run.size);
  const side = Math.min(width, height);
  const scale = side / (2 * half);
  const [cx, cy] = [width / 2, height / 2];
  const ratio = context.getTransform().a;
  Object.assign(picture, { scale, toPlane: (px, py) => [(px - cx) / scale, (cy - py) / scale] });
  const view = JSON.stringify([key, half, side, ratio]);
  if (picture.key !== view || run.steps < picture.steps || run.steps > picture.steps + FAR) {
    const across = Math.min(LIGHT_PIXELS, Math.round(side * ratio));
    Object.assign(picture, { key: view, steps: run.steps, plate: lightPlate(across, run.finite.w) });
    Object.assign(light, { width: across, height: across });
  }
  context.clearRect(0, 0, width, height);
  drawAxes(context, { width, height, cx, cy, scale, half }, colours);
  paintDensity(density, pixels, run, half, colours);
  if (picture.steps !== run.steps) addTrails(picture.plate, run.finite.w, half);
  addPoints(picture.plate, run.finite.w, half, side);
  develop(light, picture.plate, colours);
  picture.steps = run.steps;
  context.imageSmoothingQuality = "high";
  context.drawImage(density, cx - side / 2, cy - side / 2, side, side);
  // on black light adds up, on white ink covers
  context.globalCompositeOperation = colours.dark ? "lighter" : "source-over";
  context.drawImage(light, cx - side / 2, cy - side / 2, side, side);
  context.globalCompositeOperation = "source-over";
  drawTeacher(context, neurons, picture.chosen, { cx, cy, scale, half }, colours);
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
  if (canvas.run === run && canvas.key === key) return; // a moment is a run of its own
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
  return {
    across,
    trails: new Float32Array(across ** 2),
    points: new Float32Array(across ** 2),
    before: Float64Array.from(w),
  };
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
