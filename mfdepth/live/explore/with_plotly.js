// Figures that only plotly.js can draw. It is the page's own, else the book's file, else asked of Python; one copy for
// all.

import { element, legend } from "../kit/controls.js";
import { onBookPage } from "../kit/settings.js";

export const COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"]; // of traces that name none

function loadPlotly(model) {
  globalThis.mfdepthPlotly ??= globalThis.Plotly
    ? Promise.resolve(globalThis.Plotly)
    : onBookPage()
    ? plotlyFromPage(`${document.documentElement.dataset.content_root}_static/plotly.min.js`)
    : plotlyFromPython(model);
  return globalThis.mfdepthPlotly;
}

// Fulfilled once the node comes within a few hundred pixels of what the reader sees: plotly.js is larger than all the
// rest of a page, and few readers see every figure.
function nearView(node) {
  node.near ??= /** @type {Promise<void>} */ (new Promise((resolve) => {
    const watch = new IntersectionObserver(
      (entries) => {
        if (!entries.some((entry) => entry.isIntersecting)) return;
        watch.disconnect();
        resolve();
      },
      { rootMargin: "400px" },
    );
    watch.observe(node);
  }));
  return node.near;
}

function plotlyFromPage(src) {
  return new Promise((resolve, reject) => {
    const script = element("script", { src });
    script.onload = () => resolve(globalThis.Plotly);
    script.onerror = () => reject(new Error(`${src} could not be loaded`));
    document.head.append(script);
  });
}

function plotlyFromPython(model) {
  return new Promise((resolve) => {
    model.on("msg:custom", function receive(message, buffers) {
      if (message?.reply !== "plotly") return;
      model.off("msg:custom", receive);
      // The parameters hide a page's module loader, which would swallow the library.
      new Function("define", "module", "exports", new TextDecoder().decode(buffers[0]))();
      resolve(globalThis.Plotly);
    });
    model.send({ request: "plotly" });
  });
}

// --- drawing: of a node only the latest picture asked for is kept, until plotly.js has come --------------------------

export function showKeys(node, keys) {
  const same = JSON.stringify(keys) === JSON.stringify(node.keys);
  if (!same) node.previousElementSibling.replaceWith(legend(keys));
  node.keys = keys;
}

export async function showPlotly(node, wanted, model) {
  if (!("plotly" in node.dataset)) node.replaceChildren();
  node.dataset.plotly = ""; // live.js looks for it before a page is printed
  node.wanted = wanted;
  showKeys(node, []); // it draws its own
  if (!globalThis.Plotly) await nearView(node).then(() => loadPlotly(model));
  await drawWanted(node);
}

export function clearPlotly(node) {
  if (!("plotly" in node.dataset)) return;
  delete node.dataset.plotly;
  node.wanted = node.frame = undefined;
  globalThis.Plotly?.purge(node);
}

export async function drawWanted(node) {
  if (!node.wanted) return;
  const { data, layout } = plotlyInput(node.wanted);
  node.wanted = undefined;
  await Plotly.react(node, data, layout, { displayModeBar: false });
}

// A figure as plotly.js takes it: of this size, in the colours of the page, and still under a finger that scrolls.
export function plotlyInput({ drawing, size, colours }) {
  const { data, layout } = drawing.figure ?? { data: [], layout: {} };
  const axis = {
    gridcolor: colours.faint,
    zerolinecolor: colours.faint,
    linecolor: colours.text,
    automargin: true,
    fixedrange: true,
  };
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
  return {
    data: data.map((trace) => ({ ...trace })),
    layout: { ...JSON.parse(JSON.stringify(layout)), ...size, template, dragmode: false },
  };
}
