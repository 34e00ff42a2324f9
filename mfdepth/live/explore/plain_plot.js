// Which figures of Plotly need no plotly.js, a megabyte on its way and tens of milliseconds a picture? Lines, points
// and bars over one horizontal axis, as most of this book are: plot.js draws those.

/** @import { Axis, Drawing, Key } from "../kit/protocol.d.ts" */
import { extent, tickLabel } from "../kit/axes.js";
import { DASHES, MARGIN } from "../kit/plot.js";
import { COLOURS } from "./with_plotly.js";

// What plot.js understands or may pass over. Anything else asks for plotly.js.
const PLAIN = Object.fromEntries(
  Object.entries({
    layout: "height meta legend margin paper_bgcolor plot_bgcolor grid",
    grid: "rows columns subplots ygap",
    axis: "title type range tickvals ticktext tickfont dtick exponentformat anchor",
    trace: "type name x y yaxis mode opacity line marker fill fillcolor showlegend legendgroup hoverinfo",
    line: "color width dash",
    marker: "color size symbol line maxdisplayed",
  }).map(([kind, names]) => [kind, names.split(" ")]),
);

/**
 * A figure as drawPlot and legend take it; undefined for one that has more.
 * @returns {Drawing & { keys: Key[] } | undefined}
 */
export function plainPlot({ data, layout }) {
  const axes = { xaxis: {}, yaxis: {} };
  const others = {};
  for (const [name, part] of Object.entries(layout)) (/^(xaxis|yaxis\d*)$/.test(name) ? axes : others)[name] = part;
  if (!Object.values(axes).every(isPlainAxis) || !isPlainLayout(others, axes) || !arePlainTraces(data, axes)) {
    return undefined;
  }
  const named = data.map((trace, i) => {
    const colour = trace.line?.color ?? trace.marker?.color ?? COLOURS[i % COLOURS.length];
    return { name: `trace ${i}`, showlegend: data.length > 1, ...trace, colour };
  });
  const bars = groups(data.filter(({ type }) => type === "bar"));
  const traces = named.flatMap((trace, i) => drawnTraces(trace, bars.outlines.get(data[i])));
  const drawn = { xaxis: drawnAxis(axes.xaxis) };
  for (const [name, axis] of Object.entries(axes)) drawn[name] = drawnAxis(axis);
  drawn.xaxis.range ??= tightRange([...traces, bars.room], drawn.xaxis.type === "log");
  for (const [name, domain] of panels(layout.grid)) drawn[name].domain = domain;
  drawn.margin = { l: leftMargin(Object.values(axes).slice(1)) };
  return { data: traces, layout: drawn, keys: named.filter(({ showlegend }) => showlegend).map(keyOf) };
}

function hasOnly(kind, part) {
  return Object.keys(part).every((name) => PLAIN[kind].includes(name));
}

// Plotly has a markup, entities and formulas of its own.
function isPlainText(text = "") {
  return !/[<&$]/.test(text);
}

function isPlainAxis(axis) {
  const { type = "linear", title, range, tickvals = [], ticktext = [], tickfont } = axis;
  const rising = range === undefined || (range.every(Number.isFinite) && range[0] < range[1]);
  const ticks = tickvals.every(Number.isFinite) &&
    ticktext.every((text) => typeof text === "string" && isPlainText(text));
  // powers of ten, which Plotly draws larger by a quarter: of the size of ours
  const ours = tickfont === undefined || (type === "log" && JSON.stringify(tickfont) === '{"size":9.6}');
  const known = hasOnly("axis", axis) && ["linear", "log"].includes(type);
  return known && isPlainText(title?.text) && rising && ticks && ours;
}

// See through, and one panel below the other.
function isPlainLayout(layout, axes) {
  const { grid, paper_bgcolor = "rgba(0,0,0,0)", plot_bgcolor = "rgba(0,0,0,0)" } = layout;
  const clear = [paper_bgcolor, plot_bgcolor].every((colour) => colour === "rgba(0,0,0,0)");
  const isPanel = (row) => row.length === 1 && /^xy\d*$/.test(row[0]) && axisName(row[0].slice(1)) in axes;
  const stacked = !grid ||
    (hasOnly("grid", grid) && grid.ygap !== undefined && (grid.subplots?.every(isPanel) ?? false));
  return hasOnly("layout", layout) && clear && stacked;
}

function axisName(y) {
  return y.replace("y", "yaxis");
}

// Bars on logarithmic axes, and on two axes, where they may hide each other, are for plotly.js.
function arePlainTraces(data, axes) {
  const bars = data.filter(({ type }) => type === "bar");
  const linear = Object.values(axes).every(({ type }) => type !== "log");
  const together = new Set(bars.map(({ yaxis = "y" }) => yaxis)).size <= (linear ? 1 : 0);
  return together &&
    data.every((trace) => isPlainTrace(trace) && axisName(trace.yaxis ?? "y") in axes);
}

function isPlainTrace(trace) {
  const { type = "scatter", mode, x, y, line = {}, marker = {}, fill, fillcolor, name } = trace;
  const numbers = (column) => Array.isArray(column) && column.every((v) => v === null || typeof v === "number");
  const placed = type !== "bar" || !x?.includes(null);
  const drawable = ["scatter", "bar"].includes(type) && ["lines", "markers", "lines+markers", undefined].includes(mode);
  const area = fill === undefined || (fill === "tozeroy" && fillcolor !== undefined);
  const dots = (marker.symbol ?? "circle") === "circle" && !marker.line?.width && !marker.maxdisplayed;
  const one = [marker.color, marker.size].every((value) => !Array.isArray(value)); // not one for each point
  const known = hasOnly("trace", trace) && hasOnly("line", line) && hasOnly("marker", marker) &&
    (line.dash ?? "solid") in DASHES;
  return known && drawable && numbers(x) && numbers(y) && placed && area && dots && one && isPlainText(name);
}

/** @returns {Axis} */
function drawnAxis(axis) {
  const { title, type, range, tickvals, ticktext } = axis;
  const marked = tickvals?.map((value, i) => ({ value, label: ticktext?.[i] ?? tickLabel(value) }));
  return { title: title?.text, type, range, marked };
}

function drawnTraces({ type, mode, colour, line, marker, x, y, ...trace }, outline) {
  if (type === "bar") return [{ ...trace, ...outline, line: { width: 0 }, fill: "tozeroy", fillcolor: colour }];
  const modes = mode ?? (x.length < 20 ? "lines+markers" : "lines"); // as Plotly chooses
  const curve = { ...trace, x, y, line: { ...line, color: colour } };
  const points = { ...trace, x, y, mode: "markers", marker: { size: marker?.size, color: marker?.color ?? colour } };
  return [...(modes.includes("lines") ? [curve] : []), ...(modes.includes("markers") ? [points] : [])];
}

// Each set of bars as one curve with the pen lifted in between, tops of areas down to zero; and the room they take. As
// in Plotly, sets stand side by side if any two bars have one place, in four fifths of the least gap.
function groups(bars) {
  const taken = bars.flatMap(({ x }) => x);
  const places = [...new Set(taken)].sort((a, b) => a - b);
  const gap = Math.min(...places.slice(1).map((v, i) => v - places[i]));
  const half = (gap < Infinity ? gap : 1) / 2;
  const sets = taken.length > places.length ? bars.length : 1;
  const outlines = new Map(bars.map((bar, i) => {
    const [left, right] = [i % sets, i % sets + 1].map((k) => (2 * k / sets - 1) * 0.8 * half);
    const x = bar.x.flatMap((v) => [v + left, v + right, null]);
    return [bar, { x, y: bar.y.flatMap((v) => [v, v, null]) }];
  }));
  return { outlines, room: { x: places.flatMap((v) => [v - half, v + half]) } };
}

// As in Plotly, lines end at the frame and points do not touch it.
function tightRange(traces, log) {
  const margin = traces.some(({ mode }) => mode === "markers") ? 0.03 : 0;
  return extent(traces.map(({ x }) => x), log, margin);
}

// Room for the title beside marks with long names.
function leftMargin(axes) {
  const longest = Math.max(0, ...axes.flatMap(({ ticktext = [] }) => ticktext.map((text) => text.length)));
  return Math.max(MARGIN.l, 24 + 8 * longest);
}

// The part of the height that each vertical axis has, from the top down.
function panels({ subplots = [], ygap = 0 } = {}) {
  const size = 1 / (subplots.length - ygap);
  return subplots.map(([cell], i) => [axisName(cell.slice(1)), [1 - (i + 1 - ygap) * size, 1 - i * size]]);
}

function keyOf({ name: label, type, mode, colour, line, fillcolor }) {
  if (type === "bar") return { label, colour, filled: true };
  if (fillcolor && line?.width === 0) return { label, colour: fillcolor, filled: true };
  return { label, colour, dash: DASHES[line?.dash ?? "solid"], dot: mode === "markers" };
}
