// A figure function of Python, movable. Python sends what it drew ahead (frames: { pool, at: { "0,2": result }, start, kind });
// where it runs it draws what is asked (drawn: { at, ...result }). A result is { figure } or { error }; at holds the
// place of each setting in its range.

import { legend, themeColours } from "../kit/controls.js";
import { explorable } from "../kit/figure.js";
import { drawPlot } from "../kit/plot.js";
import { nearestIndex, plainNumber } from "../kit/values.js";
import { loadPlotly, nearView } from "./load_plotly.js";
import { COLOURS, plainPlot } from "./plain_plot.js";

// In a frame and in the parts of the pool, { "=": 7 } stands for part 7; a part refers only to earlier ones.
function unpackPool(pool) {
  const parts = [];
  for (const part of pool) parts.push(unpack(part, parts));
  return parts;
}

function unpack(node, parts) {
  if (node === null || typeof node !== "object") return node;
  if (Array.isArray(node)) return node.map((value) => unpack(value, parts));
  if ("=" in node) return parts[node["="]];
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, unpack(value, parts)]));
}

// The control for a range of numbers, of strings, or of booleans.
function controlOf({ name, labels }) {
  const control = { trait: name, label: name };
  if (typeof labels[0] === "number") return { ...control, values: labels, text: (v) => labelText(labels[placeOf(labels, v)]) };
  if (typeof labels[0] === "boolean") return { ...control, toggle: true };
  return { ...control, choices: labels.map((label) => ({ value: label, label })) };
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

function explorer(model) {
  const [call, controls, frames] = ["call", "controls", "frames"].map((name) => model.get(name));
  const parts = unpackPool(frames.pool);
  const atOf = (settings) => controls.map(({ name, labels }) => placeOf(labels, settings[name]));
  let python = false; // until it answers
  let shown = { at: frames.start, ...resultAt(frames.start) }; // what the reader sees

  function resultAt(at) {
    const [key, drawn] = [at.join(), model.get("drawn")];
    if (drawn.at?.join() === key) return drawn;
    return key in frames.at ? unpack(frames.at[key], parts) : undefined;
  }

  const keys = (shown.figure && plainPlot(shown.figure)?.keys) ?? []; // from the first, so that nothing jumps when it is drawn

  return {
    name: call.name.replace(/^.*\./, ""),
    title: `Live figure: ${call.name.replace(/^.*\./, "").replaceAll("_", " ")}`,
    controls: controls.map(controlOf),
    plots: [{ name: "figure", alt: "", keys, caption: EXPLORE_CAPTIONS[frames.kind], show: showFigure }],
    python: (settings) => pythonCall(call, controls, atOf(settings)),
    draw(settings) {
      const at = atOf(settings);
      const result = resultAt(at); // nothing, while Python computes: what is shown stays
      shown = result ? { at, ...result } : shown;
      return {
        message: shown.error ?? "",
        readout: controls.map(({ name, labels }, i) => [`${name} =`, labelText(labels[shown.at[i]])]),
        plots: { figure: { ...shown, busy: !result } },
      };
    },
    savePicture({ root, plot }) {
      if (!("plotly" in plot("figure").dataset)) return false;
      const { width, height } = plot("figure").getBoundingClientRect();
      const colours = { ...themeColours(root), text: "#222", faint: "#ddd" };
      const { data, layout } = plotlyInput({ drawing: shown, size: { width, height }, colours });
      const onPaper = { data, layout: { ...layout, paper_bgcolor: "#fff", plot_bgcolor: "#fff" } };
      globalThis.Plotly?.downloadImage(onPaper, { format: "svg", filename: call.name.replace(/^.*\./, ""), width, height });
      return true;
    },
    live({ root, redraw, settings, change, plot }) {
      // A page without Python holds no figure for some settings: then all controls but the moved one go back.
      let returning = false;
      const settle = (moved) => {
        const at = atOf(settings());
        if (python || returning || resultAt(at)) return;
        const stays = (i) => i === moved && frames.kind !== "none";
        const back = controls.map(({ name, labels }, i) => [name, labels[stays(i) ? at[i] : frames.start[i]]]);
        returning = true;
        change(Object.fromEntries(back));
        returning = false;
      };
      const hear = (message) => {
        if (message?.reply === "python") python = true;
      };
      const events = [["change:drawn", redraw], ["msg:custom", hear], ...controls.map(({ name }, i) => [`change:${name}`, () => settle(i)])];
      for (const [event, callback] of events) model.on(event, callback);
      root.querySelector("[data-readout]").setAttribute("aria-live", "polite"); // nothing here moves by itself
      // A page is printed before the next frame, and in the light theme; what has not come near the view is drawn now.
      const onPaper = () => {
        if (!globalThis.Plotly || !("plotly" in plot("figure").dataset)) return;
        drawWanted(plot("figure"));
        Plotly.relayout(plot("figure"), { "font.color": "#222" });
      };
      addEventListener("beforeprint", onPaper);
      model.send({ request: "python" });
      settle(); // the address may ask for what is not here
      return () => {
        for (const [event, callback] of events) model.off(event, callback);
        removeEventListener("beforeprint", onPaper);
        clearPlotly(plot("figure"));
      };
    },
  };
}

// Most figures are drawn at once. plotly.js is loaded for the others, when one comes near the view; until then the box has
// its height already, and only the latest picture asked for is kept.
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

function showKeys(node, keys) {
  const same = JSON.stringify(keys) === JSON.stringify(node.keys);
  if (!same) node.previousElementSibling.replaceWith(legend(keys));
  node.keys = keys;
}

async function showPlotly(node, wanted, model) {
  if (!("plotly" in node.dataset)) node.replaceChildren();
  node.dataset.plotly = ""; // live.js looks for it before a page is printed
  node.wanted = wanted;
  showKeys(node, []); // it draws its own
  if (!globalThis.Plotly) await nearView(node).then(() => loadPlotly(model));
  await drawWanted(node);
}

function clearPlotly(node) {
  if (!("plotly" in node.dataset)) return;
  delete node.dataset.plotly;
  node.wanted = node.frame = undefined;
  globalThis.Plotly?.purge(node);
}

async function drawWanted(node) {
  if (!node.wanted) return;
  const { data, layout } = plotlyInput(node.wanted);
  node.wanted = undefined;
  await Plotly.react(node, data, layout, { displayModeBar: false });
}

// A figure as plotly.js takes it: of this size, in the colours of the page, and still under a finger that scrolls.
function plotlyInput({ drawing, size, colours }) {
  const { data, layout } = drawing.figure ?? { data: [], layout: {} };
  const axis = { gridcolor: colours.faint, zerolinecolor: colours.faint, linecolor: colours.text, automargin: true, fixedrange: true };
  const template = {
    layout: {
      paper_bgcolor: "transparent",
      plot_bgcolor: "transparent",
      font: { color: colours.text, family: colours.font },
      colorway: COLOURS,
      xaxis: axis,
      yaxis: axis,
      legend: { orientation: "h", x: 0, y: 1.02, yanchor: "bottom" },
      margin: { l: 60, r: 20, t: 48, b: 50 },
    },
  };
  // plotly.js writes into what it is given: the frames are not to change
  return { data: data.map((trace) => ({ ...trace })), layout: { ...JSON.parse(JSON.stringify(layout)), ...size, template, dragmode: false } };
}

export function render(context) {
  return explorable(explorer(context.model), context);
}
