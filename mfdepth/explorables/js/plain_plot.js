// Which figures of Plotly need no plotly.js, a megabyte on its way and tens of milliseconds a picture? Lines, points and
// bars over one horizontal axis, as most of this book are: plot.js draws those.

// What plot.js understands or may pass over. Anything else asks for plotly.js.
const PLAIN = {
  layout: ["height", "meta", "legend", "margin", "paper_bgcolor", "plot_bgcolor", "grid"],
  axis: ["title", "type", "range", "tickvals", "ticktext", "dtick", "exponentformat", "anchor"],
  trace: ["type", "name", "x", "y", "yaxis", "mode", "opacity", "line", "marker", "fill", "fillcolor", "showlegend", "legendgroup", "hoverinfo"],
  line: ["color", "width", "dash"],
  marker: ["color", "size", "symbol", "line", "maxdisplayed"],
};
const COLOURS = [BLUE, VERMILION, GREEN, PURPLE, "#E69F00", "#56B4E9"]; // of traces that name none

// { data, layout, keys } as drawPlot and legend take them; undefined for a figure that has more.
function plainPlot({ data, layout }) {
  const axes = Object.entries(layout).filter(([name]) => /^(xaxis|yaxis\d*)$/.test(name));
  const others = Object.fromEntries(Object.entries(layout).filter((entry) => !axes.some(([name]) => name === entry[0])));
  if (!hasOnly("layout", others) || !axes.every(([, axis]) => isPlainAxis(axis)) || !data.every(isPlainTrace)) return undefined;
  const coloured = data.map((trace, i) => ({ colour: trace.line?.color ?? trace.marker?.color ?? COLOURS[i % COLOURS.length], ...trace }));
  const traces = coloured.flatMap(drawnTraces);
  const drawn = { xaxis: {}, yaxis: {}, ...Object.fromEntries(axes.map(([name, axis]) => [name, drawnAxis(axis)])) };
  drawn.xaxis.range ??= tightRange(traces, drawn.xaxis.type === "log");
  for (const [name, domain] of panels(layout.grid)) drawn[name].domain = domain;
  const shown = coloured.filter(({ showlegend = data.length > 1 }) => showlegend);
  return { data: traces, layout: drawn, keys: shown.map(keyOf) };
}

function hasOnly(kind, part) {
  return Object.keys(part).every((name) => PLAIN[kind].includes(name));
}

// No markup, of which Plotly has its own.
function isPlainText(text = "") {
  return !text.includes("<");
}

function isPlainAxis(axis) {
  return hasOnly("axis", axis) && ["linear", "log", undefined].includes(axis.type) && isPlainText(axis.title?.text);
}

function isPlainTrace(trace) {
  const { type = "scatter", mode, x, y, line = {}, marker = {}, fill, fillcolor, name } = trace;
  const numbers = (column) => Array.isArray(column) && column.every((v) => v === null || typeof v === "number");
  const drawable = ["scatter", "bar"].includes(type) && ["lines", "markers", "lines+markers", undefined].includes(mode);
  const area = fill === undefined || (fill === "tozeroy" && fillcolor !== undefined);
  const dots = (marker.symbol ?? "circle") === "circle" && !marker.line?.width && !marker.maxdisplayed;
  const one = [marker.color, marker.size].every((value) => !Array.isArray(value)); // not one a point
  const known = hasOnly("trace", trace) && hasOnly("line", line) && hasOnly("marker", marker) && (line.dash ?? "solid") in DASHES;
  return known && drawable && numbers(x) && numbers(y) && area && dots && one && isPlainText(name);
}

function drawnAxis({ title, type, range, tickvals, ticktext }) {
  const marked = tickvals?.map((value, i) => ({ value, label: ticktext?.[i] ?? tickLabel(value) }));
  return { title: title?.text, type, range, marked };
}

function drawnTraces({ type, mode, colour, line, marker, x, y, ...trace }) {
  if (type === "bar") return [{ ...trace, ...outlines(x, y), line: { width: 0 }, fill: "tozeroy", fillcolor: colour }];
  const modes = mode ?? (x.length < 20 ? "lines+markers" : "lines"); // as Plotly chooses
  const curve = { ...trace, x, y, line: { ...line, color: colour } };
  const points = { ...trace, x, y, mode: "markers", marker: { size: marker?.size, color: marker?.color ?? colour } };
  return [...(modes.includes("lines") ? [curve] : []), ...(modes.includes("markers") ? [points] : [])];
}

// Bars as one curve, from zero to each height and back; the pen is lifted in between.
function outlines(x, y) {
  const gaps = x.slice(1).map((v, i) => v - x[i]);
  const half = 0.4 * (gaps.length ? Math.min(...gaps) : 1);
  const around = (v) => [v - half, v - half, v + half, v + half];
  const lifted = (parts) => parts.flatMap((part, i) => (i ? [null, ...part] : part));
  return { x: lifted(x.map(around)), y: lifted(y.map((v) => [0, v, v, 0])) };
}

// As in Plotly, lines end at the frame and points do not touch it.
function tightRange(traces, log) {
  const margin = traces.some(({ mode }) => mode === "markers") ? 0.03 : 0;
  return extent(traces.map(({ x }) => x), log, margin);
}

// The part of the height that each vertical axis has, from the top down.
function panels({ subplots = [], ygap = 0 } = {}) {
  const size = 1 / (subplots.length - ygap);
  return subplots.map(([cell], i) => [cell.replace("xy", "yaxis"), [1 - (i + 1 - ygap) * size, 1 - i * size]]);
}

function keyOf({ name, type, mode, colour, line, fillcolor }, i) {
  const label = name ?? `trace ${i}`;
  if (type === "bar") return { label, colour, filled: true };
  if (fillcolor && line?.width === 0) return { label, colour: fillcolor, filled: true };
  return { label, colour, dash: DASHES[line?.dash ?? "solid"], dot: mode === "markers" };
}
