// A plot as SVG, drawn in a millisecond: lines, markers and filled curves on linear or logarithmic axes.
//
// It takes a small part of Plotly's own format, { data, layout }:
//   data:   [{ x, y, mode: "lines" | "markers", meta, yaxis: "y" | "y2" ..., opacity, fill: "tozeroy", fillcolor,
//              line: { color, width, dash: "solid" | "dash" | "dot" | "dashdot" },
//              marker: { color, size, opacity, symbol: "circle" | "x-thin" } }]
//   layout: { xaxis, yaxis, yaxis2 ...: { title, range, type: "log", domain, overlaying, visible, showgrid,
//               marked: [{ value, label }] in place of round values },
//             shapes: [{ x0, x1, y0, y1, yref: "paper" | "y" ..., line }], annotations: [{ x, y, text, yref }], margin }
// As there, the range of a logarithmic axis is in powers of ten, and a value that is not a number lifts the pen.
// Text and lines of the frame are in the page's text colour, which "currentColor" names.

import { element } from "./controls.js";
import { plainNumber, powerOfTen, scientific } from "./values.js";

// One colour an idea, through the whole book (Okabe-Ito); the target is in the text's colour, dashed.
export const VERMILION = "#D55E00"; // infinite width
export const BLUE = "#0072B2"; // finite width
export const GREEN = "#009E73"; // first-order prediction
export const PURPLE = "#CC79A7"; // two layers
export const DENSITY_GREY = "rgba(128, 128, 128, 0.28)"; // where the inputs are

export const SVG = "http://www.w3.org/2000/svg";
export const MARGIN = { l: 58, r: 16, t: 8, b: 44 };
export const DASHES = { solid: "", dash: "8 5", dot: "2.5 4", dashdot: "8 4 2.5 4" };

export function drawPlot(node, { data, layout }, { width, height }) {
  node.data = data;
  const axes = axesOf(data, layout);
  const area = plotArea({ ...MARGIN, ...layout.margin }, width, height);
  const frame = JSON.stringify([width, height, axes, area]);
  if (node.frame !== frame) {
    node.frame = frame;
    node.marks = [];
    node.panels = drawFrame(node, axes, area, width, height);
  }
  const marks = [...data.flatMap(traceMarks(axes, area)), ...otherMarks(layout, axes, area)];
  if (marks.length !== node.marks.length || marks.some((mark, i) => mark.axis !== node.marks[i].axis || mark.tag !== node.marks[i].tag)) {
    for (const { shape } of node.marks) shape.remove();
    node.marks = marks.map((mark) => ({ ...mark, shape: node.panels[mark.axis].appendChild(svg(mark.tag)), style: {} }));
  }
  marks.forEach(({ style, text }, i) => {
    const old = node.marks[i];
    for (const name in style) if (style[name] !== old.style[name]) old.shape.setAttribute(name, style[name]);
    if (text !== old.shape.textContent && text !== undefined) old.shape.textContent = text;
    old.style = style;
  });
}

function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

// --- axes: x, y, y2, ... each { low, high, log, title, marked, visible, grid, from, to }, from and to its part of the height

function axesOf(data, layout) {
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
export function extent(columns, log, margin = 0.03) {
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

// From a value to pixels of the axis's panel.
function across({ low, high, log }, size) {
  const scale = size / (high - low);
  return log ? (v) => (Math.log10(v) - low) * scale : (v) => (v - low) * scale;
}

function upward(axis, area) {
  const size = (axis.to - axis.from) * area.height;
  const along = across(axis, size);
  return (v) => size - along(v);
}

// About `count` round values, or those that the axis marks; each with its label.
function ticks({ low, high, log, marked }, count) {
  const place = log ? Math.log10 : (v) => v;
  const inside = ({ value }) => low <= place(value) && place(value) <= high;
  if (marked) return marked.filter(inside);
  if (log && high - low >= 1.5) {
    const step = Math.ceil((high - low) / count);
    return multiples(low, high, step).map((e) => ({ value: 10 ** e, label: powerOfTen(e) }));
  }
  if (log) {
    const digits = [1, 2, 3, 5].flatMap((m) => multiples(low - 1, high, 1).map((e) => Number((m * 10 ** e).toPrecision(6))));
    return digits.sort((a, b) => a - b).map((value) => ({ value, label: tickLabel(value) })).filter(inside);
  }
  const rough = (high - low) / Math.max(1, count);
  const ten = 10 ** Math.floor(Math.log10(rough));
  const step = ten * [1, 2, 5, 10].find((m) => m * ten >= rough * 0.999);
  return multiples(low, high, step).map((value) => ({ value, label: tickLabel(value) }));
}

function multiples(low, high, step) {
  const [first, last] = [Math.ceil(low / step - 1e-9), Math.floor(high / step + 1e-9)];
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

export function tickLabel(value) {
  const size = Math.abs(value);
  return size && (size >= 1e5 || size < 1e-4) ? scientific(value, 0).replace("1 × ", "") : plainNumber(value);
}

// --- the frame: a panel for each y axis, its grid, the numbers and the titles; drawn anew only when an axis changes ----

function drawFrame(node, axes, area, width, height) {
  const root = svg("svg", { class: "mf-plot-frame", width, height, viewBox: `0 0 ${width} ${height}` });
  const text = (x, y, label, more) => root.append(svg("text", { x, y, ...more }, label));
  const line = (x1, y1, x2, y2) => root.append(svg("line", { x1, y1, x2, y2 }));
  const bottom = area.y + area.height;
  const panels = {};
  const { x: xAxis, ...yAxes } = axes;
  const right = across(xAxis, area.width);
  const xTicks = xAxis.visible ? ticks(xAxis, area.width / 70) : [];
  let end = -Infinity; // of the last label: one that would run into it is left out
  for (const { value, label } of xTicks) {
    const [x, half] = [area.x + right(value), 3.8 * label.length];
    if (x - half < end) continue;
    end = x + half + 4;
    text(x, bottom + 18, label, { "text-anchor": "middle" });
  }
  if (xAxis.visible) text(area.x + area.width / 2, height - 5, xAxis.title ?? "", { "text-anchor": "middle" });
  for (const [name, axis] of Object.entries(yAxes)) {
    const box = { x: area.x, y: bottom - axis.to * area.height, width: area.width, height: (axis.to - axis.from) * area.height };
    if (axis.visible) {
      const up = upward(axis, area);
      for (const { value, label } of ticks(axis, box.height / 34)) {
        const y = box.y + up(value);
        text(box.x - 6, y + 4, label, { "text-anchor": "end" });
        if (axis.grid) line(box.x, y, box.x + box.width, y);
      }
      const middle = box.y + box.height / 2;
      text(0, 0, axis.title ?? "", { "text-anchor": "middle", transform: `translate(13 ${middle}) rotate(-90)` });
    }
    if (axis.grid && xAxis.grid) for (const { value } of xTicks) line(box.x + right(value), box.y, box.x + right(value), box.y + box.height);
    panels[name] = svg("svg", { ...box, class: "mf-plot-panel" }); // an svg within clips what is drawn in it
    root.append(panels[name]);
  }
  panels.paper = svg("svg", { ...area, class: "mf-plot-panel" });
  root.append(panels.paper);
  node.replaceChildren(root);
  return panels;
}

// --- marks: { axis, tag, style, text? }, what is drawn into the panels -------------------------------------------------

function traceMarks(axes, area) {
  const right = across(axes.x, area.width);
  return ({ x, y, mode = "lines", yaxis = "y", line = {}, marker = {}, fill, fillcolor, opacity = 1 }) => {
    const up = upward(axes[yaxis], area);
    const pixels = Array.from(x, (v, i) => [right(v ?? NaN), up(y[i] ?? NaN)]);
    if (mode === "markers") {
      const { color, size = 6, symbol = "circle" } = marker;
      const thin = symbol === "x-thin";
      const d = thin ? crosses(pixels, size / 2) : dots(pixels);
      const pen = { stroke: marker.line?.color ?? color, "stroke-width": thin ? marker.line?.width ?? 2 : size };
      return [{ axis: yaxis, tag: "path", style: { d, ...pen, fill: "none", opacity: marker.opacity ?? opacity, "stroke-linecap": "round" } }];
    }
    const d = polyline(pixels);
    const { color = "currentColor", width = 2, dash = "solid" } = line;
    const curve = { d, stroke: color, "stroke-width": width, "stroke-dasharray": DASHES[dash], fill: "none", opacity, "stroke-linejoin": "round" };
    const curves = width ? [{ axis: yaxis, tag: "path", style: curve }] : [];
    if (fill !== "tozeroy") return curves;
    const base = axes[yaxis].log ? area.height : up(0);
    return [{ axis: yaxis, tag: "path", style: { d: areaDownTo(base, pixels), fill: fillcolor, stroke: "none", opacity } }, ...curves];
  };
}

function otherMarks({ shapes = [], annotations = [] }, axes, area) {
  const right = across(axes.x, area.width);
  const height = (yref) => (yref === "paper" ? (v) => (1 - v) * area.height : upward(axes[yref], area));
  const lines = shapes.map(({ x0, x1, y0, y1, yref = "y", line: { color = "currentColor", width = 1, dash = "solid" } = {} }) => {
    const up = height(yref);
    const d = polyline([[right(x0), up(y0)], [right(x1), up(y1)]]);
    return { axis: yref, tag: "path", style: { d, stroke: color, "stroke-width": width, "stroke-dasharray": DASHES[dash] } };
  });
  const words = annotations.map(({ x, y, text, yref = "y", anchor = "middle" }) => {
    const [px, py] = [right(x), height(yref)(y)];
    return { axis: yref, tag: "text", text, style: { x: tenth(px), y: tenth(py), "text-anchor": anchor } };
  });
  return [...lines, ...words];
}

// To a tenth of a pixel, and never so far out that a browser gives up.
function tenth(v) {
  return Math.round(Math.max(-1e5, Math.min(1e5, v)) * 10) / 10;
}

// The pen is lifted at what is not a number: a curve is drawn run by run, and an area under each run.
function runs(pixels) {
  const found = [[]];
  for (const [x, y] of pixels) {
    if (Number.isFinite(x) && Number.isFinite(y)) found[found.length - 1].push(`${tenth(x)} ${tenth(y)}`);
    else found.push([]);
  }
  return found.filter((run) => run.length);
}

function polyline(pixels) {
  return runs(pixels).map((run) => `M${run.join("L")}`).join("");
}

function areaDownTo(base, pixels) {
  const foot = (point) => `${point.split(" ")[0]} ${tenth(base)}`;
  return runs(pixels).map((run) => `M${run.join("L")}L${foot(run[run.length - 1])}L${foot(run[0])}Z`).join("");
}

// A line of no length with round ends is a dot: a whole cloud is one path.
function dots(pixels) {
  return pixels.map(([x, y]) => (Number.isFinite(x + y) ? `M${tenth(x)} ${tenth(y)}h0` : "")).join("");
}

function crosses(pixels, s) {
  const one = ([x, y]) => `M${tenth(x - s)} ${tenth(y - s)}l${2 * s} ${2 * s}M${tenth(x - s)} ${tenth(y + s)}l${2 * s} ${-2 * s}`;
  return pixels.map(([x, y]) => (Number.isFinite(x + y) ? one([x, y]) : "")).join("");
}

// --- canvases that a figure paints itself: { data, paint(context, width, height, colours) } ----------------------------

// Give it to a plot as `show: paintCanvas`. Lengths are in the page's pixels, whatever the screen's resolution.
export function paintCanvas(node, { data = [], paint }, { width, height }, colours) {
  node.data = data;
  node.canvas ??= node.appendChild(element("canvas", { class: "mf-paint" }));
  const ratio = globalThis.devicePixelRatio || 1;
  const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (node.canvas.width !== w || node.canvas.height !== h) Object.assign(node.canvas, { width: w, height: h });
  const context = node.canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  paint(context, width, height, colours);
}
