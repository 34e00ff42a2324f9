// The axes of a plot: x, y, y2, ... each { low, high, log, title, marked, visible, grid, from, to }, from and to its
// part of the height. As in Plotly, the range of a logarithmic axis is in powers of ten.

/** @import { Drawing } from "./protocol.d.ts" */
import { plainNumber, powerOfTen, scientific } from "./values.js";

/** @param {Drawing["data"]} data @param {Drawing["layout"]} layout */
export function axesOf(data, layout) {
  const names = ["xaxis", ...Object.keys(layout).filter((key) => key.startsWith("yaxis"))];
  const axes = names.map((name) => {
    const { title, range, type, visible = true, showgrid = true, overlaying, domain, marked } = layout[name] ?? {};
    const short = name.replace("axis", "");
    const log = type === "log";
    const own = data.filter((trace) => short === "x" || (trace.yaxis ?? "y") === short);
    const base = short !== "x" && own.some(({ fill }) => fill) ? [[0]] : []; // an area stands on zero
    const [low, high] = range ?? extent([...own.map((trace) => trace[short[0]]), ...base], log);
    const [from, to] = (overlaying ? layout.yaxis.domain : domain) ?? [0, 1];
    return [short, { low, high, log, title, marked, visible, grid: showgrid && !overlaying, from, to }];
  });
  return Object.fromEntries(axes);
}

// The least and the greatest of many values, a little apart; of their logarithms where the axis has them.
export function extent(columns, log = false, margin = 0.03) {
  let [low, high] = [Infinity, -Infinity];
  for (const column of columns) {
    for (const v of column) {
      const value = log ? Math.log10(v) : v ?? NaN;
      if (value > -Infinity && value < low) low = value;
      if (value < Infinity && value > high) high = value;
    }
  }
  if (!(low <= high)) return [0, 1];
  const pad = high > low ? margin * (high - low) : 0.5 * (Math.abs(low) || 1);
  return [low - pad, high + pad];
}

export function plotArea({ l, r, t, b }, width, height) {
  return { x: l, y: t, width: Math.max(10, width - l - r), height: Math.max(10, height - t - b) };
}

// The plane with one unit of length along both axes, whatever the box: the pixels of a unit, and how far the plane is
// seen to the right and up when it is seen as far as `reach` at least.
export function evenPlane(area, reach) {
  const unit = Math.min(area.width, area.height) / (2 * reach);
  return { unit, right: area.width / unit / 2, up: area.height / unit / 2 };
}

// From a value to pixels of the axis's panel.
export function across({ low, high, log }, size) {
  const scale = size / (high - low);
  return log ? (v) => (Math.log10(v) - low) * scale : (v) => (v - low) * scale;
}

export function upward(axis, area) {
  const size = (axis.to - axis.from) * area.height;
  const along = across(axis, size);
  return (v) => size - along(v);
}

// About `count` round values, or those that the axis marks; each with its label.
export function ticks({ low, high, log, marked }, count) {
  const place = log ? Math.log10 : (v) => v;
  const inside = ({ value }) => low <= place(value) && place(value) <= high;
  const labelled = (values) => values.map((value) => ({ value, label: tickLabel(value) }));
  if (marked) return marked.filter(inside);
  if (log && high - low >= 1.5) {
    const step = Math.ceil((high - low) / count);
    return multiples(low, high, step).map((e) => ({ value: 10 ** e, label: powerOfTen(e) }));
  }
  if (log) {
    const decades = multiples(low - 1, high, 1);
    const digits = [1, 2, 3, 5].flatMap((m) => decades.map((e) => Number((m * 10 ** e).toPrecision(6))));
    return labelled(digits.sort((a, b) => a - b)).filter(inside);
  }
  const rough = (high - low) / Math.max(1, count);
  const ten = 10 ** Math.floor(Math.log10(rough));
  let step = ten * [1, 2, 5, 10].find((m) => m * ten >= rough * 0.95);
  while (step > 0 && multiples(low, high, step).length < 2) step /= 2; // one label alone tells no scale
  return labelled(multiples(low, high, step));
}

function multiples(low, high, step) {
  const [first, last] = [Math.ceil(low / step - 1e-9), Math.floor(high / step + 1e-9)];
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

export function tickLabel(value) {
  const size = Math.abs(value);
  return size && (size >= 1e5 || size < 1e-4) ? scientific(value, 0).replace("1 × ", "") : plainNumber(value);
}
