// plotly.js, for figures that Python made: the page's own, else the book's file, else asked of Python; one copy for all.

import { onBookPage } from "../kit/address.js";
import { element } from "../kit/controls.js";

export function loadPlotly(model) {
  globalThis.mfdepthPlotly ??= globalThis.Plotly
    ? Promise.resolve(globalThis.Plotly)
    : onBookPage()
      ? plotlyFromPage(`${document.documentElement.dataset.content_root}_static/plotly.min.js`)
      : plotlyFromPython(model);
  return globalThis.mfdepthPlotly;
}

// Fulfilled once the node comes within a few hundred pixels of what the reader sees: plotly.js is larger than all the rest
// of a page, and few readers see every figure.
export function nearView(node) {
  node.near ??= new Promise((resolve) => {
    const watch = new IntersectionObserver(
      (entries) => {
        if (!entries.some((entry) => entry.isIntersecting)) return;
        watch.disconnect();
        resolve();
      },
      { rootMargin: "400px" },
    );
    watch.observe(node);
  });
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
