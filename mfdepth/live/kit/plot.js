// A plot as SVG, drawn in a millisecond: lines, markers and filled curves on linear or logarithmic axes. It takes a
// small part of Plotly's own format (Drawing in protocol.d.ts); a value that is not a number lifts the pen. Text and
// lines of the frame are in the page's text colour, which "currentColor" names.

/** @import { Drawing, Layout, Size, Trace } from "./protocol.d.ts" */
import { across, axesOf, plotArea, ticks, upward } from "./axes.js";

export const SVG = "http://www.w3.org/2000/svg";
export const MARGIN = { l: 58, r: 16, t: 8, b: 44 };
export const DASHES = { solid: "", dash: "8 5", dot: "2.5 4", dashdot: "8 4 2.5 4" };

/**
 * @param {any} node
 * @param {Drawing} drawing
 * @param {Size} size
 * @returns {void}
 */
export function drawPlot(node, { data, layout }, { width, height }) {
  node.data = data;
  const axes = axesOf(data, layout);
  const area = plotArea({ ...MARGIN, ...layout.margin }, width, height);
  const frame = JSON.stringify([width, height, axes, area]);
  if (node.frame !== frame) {
    Object.assign(node, { frame, marks: [], panels: drawFrame(node, axes, area, width, height) });
  }
  const marks = [...data.flatMap(traceMarks(axes, area)), ...otherMarks(layout, axes, area)];
  const same = ({ axis, tag }, old) => axis === old?.axis && tag === old.tag;
  if (marks.length !== node.marks.length || !marks.every((mark, i) => same(mark, node.marks[i]))) {
    for (const { shape } of node.marks) shape.remove();
    node.marks = marks.map((mark) => ({
      ...mark,
      shape: node.panels[mark.axis].appendChild(svg(mark.tag)),
      style: {},
    }));
  }
  marks.forEach(({ style, text }, i) => {
    const old = node.marks[i];
    for (const name in style) if (style[name] !== old.style[name]) old.shape.setAttribute(name, style[name]);
    if (text !== old.shape.textContent && text !== undefined) old.shape.textContent = text;
    old.style = style;
  });
}

export function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

// --- the frame: a panel for each y axis, its grid, the numbers and the titles; drawn anew only when an axis changes --

function drawFrame(node, { x: xAxis, ...yAxes }, area, width, height) {
  const root = svg("svg", { class: "mf-plot-frame", width, height, viewBox: `0 0 ${width} ${height}` });
  const xTicks = xAxis.visible ? ticks(xAxis, area.width / 70) : [];
  drawLowerEdge(root, xAxis, xTicks, area, height);
  const panels = {};
  for (const [name, axis] of Object.entries(yAxes)) {
    const tall = (axis.to - axis.from) * area.height;
    const box = { x: area.x, y: area.y + (1 - axis.to) * area.height, width: area.width, height: tall };
    if (axis.visible) drawLeftEdge(root, axis, area, box);
    if (axis.grid && xAxis.grid) {
      const right = across(xAxis, area.width);
      for (const { value } of xTicks) {
        const x = box.x + right(value);
        root.append(line(x, box.y, x, box.y + box.height));
      }
    }
    panels[name] = svg("svg", { ...box, class: "mf-plot-panel" }); // an svg within clips what is drawn in it
    root.append(panels[name]);
  }
  panels.paper = svg("svg", { ...area, class: "mf-plot-panel" });
  root.append(panels.paper);
  node.replaceChildren(root);
  return panels;
}

function words(x, y, label, more) {
  return svg("text", { x, y, ...more }, label);
}

function line(x1, y1, x2, y2) {
  return svg("line", { x1, y1, x2, y2 });
}

function drawLowerEdge(root, axis, found, area, height) {
  const right = across(axis, area.width);
  let end = -Infinity; // of the last label: one that would run into it is left out
  for (const { value, label } of found) {
    const [x, half] = [area.x + right(value), 3.8 * label.length];
    if (x - half < end) continue;
    end = x + half + 4;
    root.append(words(x, area.y + area.height + 18, label, { "text-anchor": "middle" }));
  }
  const middle = area.x + area.width / 2;
  if (axis.visible) root.append(words(middle, height - 5, axis.title ?? "", { "text-anchor": "middle" }));
}

function drawLeftEdge(root, axis, area, box) {
  const up = upward(axis, area);
  for (const { value, label } of ticks(axis, box.height / 34)) {
    const y = box.y + up(value);
    root.append(words(box.x - 6, y + 4, label, { "text-anchor": "end" }));
    if (axis.grid) root.append(line(box.x, y, box.x + box.width, y));
  }
  const turned = `translate(13 ${box.y + box.height / 2}) rotate(-90)`;
  root.append(words(0, 0, axis.title ?? "", { "text-anchor": "middle", transform: turned }));
}

// --- marks: { axis, tag, style, text? }, what is drawn into the panels -----------------------------------------------

export function traceMarks(axes, area) {
  const right = across(axes.x, area.width);
  /** @param {Trace} trace */
  return ({ x, y, mode = "lines", yaxis: axis = "y", line = {}, marker = {}, fill, fillcolor, opacity = 1 }) => {
    const up = upward(axes[axis], area);
    const pixels = Array.from(x, (v, i) => [right(v ?? NaN), up(y[i] ?? NaN)]);
    const path = (style) => ({ axis, tag: "path", style });
    if (mode === "markers") return [path({ opacity, ...markerStyle(pixels, marker) })];
    const { color = "currentColor", width = 2, dash = "solid" } = line;
    const pen = { stroke: color, "stroke-width": width, "stroke-dasharray": DASHES[dash], "stroke-linejoin": "round" };
    const curves = width ? [path({ d: polyline(pixels), ...pen, fill: "none", opacity })] : [];
    if (fill !== "tozeroy") return curves;
    const base = axes[axis].log ? area.height : up(0);
    return [path({ d: areaDownTo(base, pixels), fill: fillcolor, stroke: "none", opacity }), ...curves];
  };
}

/** @param {number[][]} pixels @param {Trace["marker"]} marker */
function markerStyle(pixels, { color, size = 6, symbol = "circle", line = {}, opacity }) {
  const thin = symbol === "x-thin";
  const d = thin ? crosses(pixels, size / 2) : dots(pixels);
  const pen = { stroke: line.color ?? color, "stroke-width": thin ? line.width ?? 2 : size, "stroke-linecap": "round" };
  return { d, ...pen, fill: "none", ...(opacity === undefined ? {} : { opacity }) };
}

/** @param {Layout} layout */
export function otherMarks({ shapes = [], annotations = [] }, axes, area) {
  const right = across(axes.x, area.width);
  const height = (yref) => (yref === "paper" ? (v) => (1 - v) * area.height : upward(axes[yref], area));
  const lines = shapes.map(
    ({ x0, x1, y0, y1, yref = "y", line: { color = "currentColor", width = 1, dash = "solid" } = {} }) => {
      const up = height(yref);
      const d = polyline([[right(x0), up(y0)], [right(x1), up(y1)]]);
      const style = { d, stroke: color, "stroke-width": width, "stroke-dasharray": DASHES[dash] };
      return { axis: yref, tag: "path", style };
    },
  );
  const labels = annotations.map(({ x, y, text, yref = "y", anchor = "middle" }) => {
    const style = { x: tenth(right(x)), y: tenth(height(yref)(y)), "text-anchor": anchor };
    return { axis: yref, tag: "text", text, style };
  });
  return [...lines, ...labels];
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

function marked(pixels, mark) {
  return pixels.map(([x, y]) => (Number.isFinite(x + y) ? mark(x, y) : "")).join("");
}

// A line of no length with round ends is a dot: a whole cloud is one path.
function dots(pixels) {
  return marked(pixels, (x, y) => `M${tenth(x)} ${tenth(y)}h0`);
}

function crosses(pixels, s) {
  const stroke = (x, y, rise) => `M${tenth(x)} ${tenth(y)}l${2 * s} ${rise}`;
  return marked(pixels, (x, y) => stroke(x - s, y - s, 2 * s) + stroke(x - s, y + s, -2 * s));
}

// --- canvases that a figure paints itself: { data, paint(context, width, height, colours) } --------------------------

// Give it to a plot as `show: paintCanvas`. Lengths are in the page's pixels, whatever the screen's resolution.
export function paintCanvas(node, { data = [], paint }, { width, height }, colours) {
  node.data = data;
  node.canvas ??= node.appendChild(Object.assign(document.createElement("canvas"), { className: "mf-paint" }));
  const ratio = globalThis.devicePixelRatio || 1;
  const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (node.canvas.width !== w || node.canvas.height !== h) Object.assign(node.canvas, { width: w, height: h });
  const context = node.canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  paint(context, width, height, colours);
}
