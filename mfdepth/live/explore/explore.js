// A figure function of Python, movable. Python sends what it drew ahead (frames: { pool, at: { "0,2": result }, start,
// kind }); where it runs it draws what is asked (drawn: { at, ...result }). A result is { figure } or { error }; at
// holds the place of each setting in its range.

/** @import { Figure, Handle } from "../kit/protocol.d.ts" */
import { themeColours } from "../kit/controls.js";
import { explorable } from "../kit/figure.js";
import { listen, together } from "../kit/listen.js";
import { drawPlot } from "../kit/plot.js";
import { nearestIndex, plainNumber } from "../kit/values.js";
import { plainPlot } from "./plain_plot.js";
import { clearPlotly, drawWanted, plotlyInput, showKeys, showPlotly } from "./with_plotly.js";

// In a frame and in the parts of the pool, { "=": 7 } stands for part 7; a part refers only to earlier ones.
export function unpackPool(pool) {
  const parts = [];
  for (const part of pool) parts.push(unpack(part, parts));
  return parts;
}

export function unpack(node, parts) {
  if (node === null || typeof node !== "object") return node;
  if (Array.isArray(node)) return node.map((value) => unpack(value, parts));
  if ("=" in node) return parts[node["="]];
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, unpack(value, parts)]));
}

function placeOf(labels, value) {
  return typeof value === "number" ? nearestIndex(labels, value) : labels.indexOf(value);
}

function labelText(label) {
  return typeof label === "number" ? plainNumber(label) : { true: "yes", false: "no" }[label] ?? label;
}

function pythonCall({ name, fixed }, controls, at) {
  return `${name}(${[...fixed, ...controls.map((control, i) => `${control.name}=${control.code[at[i]]}`)].join(", ")})`;
}

const EXPLORE_CAPTIONS = {
  all: "",
  each: "On a page without Python one control moves at a time: moving one sets the others back.",
  none: "This figure moves where Python runs: download the notebook, and open it there.",
};

const PATIENCE = 3000; // milliseconds
const LATE =
  "Python has not answered yet: the picture is that of the settings below it. If its kernel was restarted, " +
  "run the cell again.";

// What is known of a figure: the results that came with the page, and the last that Python drew. `shown` is what the
// reader sees, `python` whether it answers, `late` that it takes long.
function resultsOf(model) {
  const [controls, frames] = [model.get("controls"), model.get("frames")];
  const parts = unpackPool(frames.pool);
  const results = {
    controls,
    frames,
    python: false,
    late: false,
    shown: { at: frames.start, figure: null, error: "" },
    atOf: (settings) => controls.map(({ name, labels }) => placeOf(labels, settings[name])),
    find(at) {
      const [key, drawn] = [at.join(), model.get("drawn")];
      if (drawn.at?.join() === key) return drawn;
      return key in frames.at ? unpack(frames.at[key], parts) : undefined;
    },
  };
  results.shown = { at: frames.start, ...results.find(frames.start) };
  return results;
}

/** @returns {Figure} */
function explorer(model) {
  const call = model.get("call");
  const results = resultsOf(model);
  const { controls, frames, atOf } = results;
  const name = call.name.replace(/^.*\./, "");
  const first = results.shown.figure;
  const keys = (first && plainPlot(first)?.keys) ?? []; // from the first, so that nothing jumps when it is drawn
  const words = (labels) => ({ text: (v) => labelText(labels[placeOf(labels, v)]) });
  return {
    name,
    title: `Live figure: ${name.replaceAll("_", " ")}`,
    controls: Object.fromEntries(controls.map(({ name, labels }) => [name, words(labels)])),
    plots: [{ name: "figure", alt: "", keys, caption: EXPLORE_CAPTIONS[frames.kind], show: showFigure }],
    python: (settings) => pythonCall(call, controls, atOf(settings)),
    draw(settings) {
      const at = atOf(settings);
      const result = results.find(at); // nothing, while Python computes: what is shown stays
      if (result) results.shown = { at, ...result };
      const { shown } = results;
      return {
        message: !result && results.late ? LATE : shown.error ?? "",
        readout: controls.map(({ name, labels }, i) => [`${name} =`, labelText(labels[shown.at[i]])]),
        plots: { figure: { ...shown, busy: !result && !results.late } },
      };
    },
    savePicture: (handle) => savePlotly(handle, results.shown, name),
    live: (handle) => followPython(handle, results),
  };
}

/** @param {Handle} handle */
function savePlotly({ root, plot }, shown, filename) {
  if (!("plotly" in plot("figure").dataset)) return false;
  const { width, height } = plot("figure").getBoundingClientRect();
  const colours = { ...themeColours(root), text: "#222", faint: "#ddd" };
  const { data, layout } = plotlyInput({ drawing: shown, size: { width, height }, colours });
  const onPaper = { data, layout: { ...layout, paper_bgcolor: "#fff", plot_bgcolor: "#fff" } };
  globalThis.Plotly?.downloadImage(onPaper, { format: "svg", filename, width, height });
  return true;
}

/** @param {Handle} handle */
function followPython({ model, redraw, settings, change, plot }, results) {
  const { controls, frames, atOf, find } = results;
  // A page without Python holds no figure for some settings: then all controls but the moved one go back.
  let [returning, waiting] = [false, null];
  const wait = () => {
    clearTimeout(waiting);
    results.late = false;
    waiting = setTimeout(() => {
      results.late = true;
      redraw();
    }, PATIENCE);
  };
  const settle = (moved) => {
    const at = atOf(settings());
    if (results.python && !find(at)) wait();
    if (results.python || returning || find(at)) return;
    const stays = (i) => i === moved && frames.kind !== "none";
    returning = true;
    change(
      Object.fromEntries(controls.map(({ name, labels }, i) => [name, labels[stays(i) ? at[i] : frames.start[i]]])),
    );
    returning = false;
  };
  // A page is printed before the next frame, and in the light theme; what has not come near the view is drawn now.
  const beforeprint = () => {
    if (!globalThis.Plotly || !("plotly" in plot("figure").dataset)) return;
    drawWanted(plot("figure"));
    Plotly.relayout(plot("figure"), { "font.color": "#222" });
  };
  const deaf = listen(model, {
    "change:drawn": () => {
      if (find(atOf(settings()))) clearTimeout(waiting);
      redraw();
    },
    "msg:custom": (message) => {
      if (message?.reply === "python") results.python = true;
    },
    ...Object.fromEntries(controls.map(({ name }, i) => [`change:${name}`, () => settle(i)])),
  });
  model.send({ request: "python" });
  settle(-1); // the address may ask for what is not here
  return together(
    deaf,
    listen(globalThis, { beforeprint }),
    () => clearTimeout(waiting),
    () => clearPlotly(plot("figure")),
  );
}

// Most figures are drawn at once. plotly.js is loaded for the others, when one comes near the view; until then the box
// has its height already, and only the latest picture asked for is kept.
function showFigure(node, drawing, size, colours, model) {
  const { data, layout } = drawing.figure ?? { data: [], layout: {} };
  node.setAttribute("aria-busy", drawing.busy);
  node.setAttribute("aria-label", layout.meta?.alt ?? layout.title?.text ?? "");
  if (layout.height) node.style.minHeight = `${layout.height}px`;
  const byPlotly = "plotly" in node.dataset; // then a refusal, which has no figure, is for it to clear
  const plain = drawing.figure || !byPlotly ? plainPlot({ data, layout }) : undefined;
  if (!plain) return showPlotly(node, { drawing, size, colours }, model);
  clearPlotly(node);
  showKeys(node, plain.keys);
  drawPlot(node, plain, size);
  node.data = data; // to take home: what Python drew, not the outlines of bars
}

export function render(context) {
  return explorable(explorer(context.model), context);
}
