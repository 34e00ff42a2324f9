// A live figure: native controls in step with the model, plots, a read-out, buttons; one redraw a frame.
//
// A figure is a plain object (infinite_width.js is one to read):
//   name, title
//   controls: [{ trait, label, ... }] with one of
//       values: [...]                        a slider through these numbers; text?(value, settings) says where it stands
//       choices: [{ value, label }]          a list to choose from
//       toggle: true                         a box to tick
//       hidden: true, read(text), write(value)   no control: a setting that the figure itself changes, kept in the address
//     and beneath?: the name of the plot to stand under; still?: true if it changes no picture at once (speed, say)
//   actions?: [{ action, label, run(handle, button) }]   buttons of its own, above the plots
//   plots:    [{ name, alt, caption, keys?: [{ label, colour, dash? (as in SVG), filled?, dot? }], show? }]
//             show(node, drawing, size, colours, model) draws; without it drawPlot does (plot.js). It may return a promise
//             that is fulfilled when the drawing is done, and leave the keys of what it drew in node.keys
//   python(settings): the call that gives the same numbers
//   draw(settings): { message, readout: [[label, text], ...], plots: { name: drawing } }
//   savePicture?(handle): saves a picture that drawPlot did not draw, and returns true if it did
//   live?(handle): starts what moves by itself, returns a function that ends it. The handle has
//             root, model, settings(), change({ trait: value }), redraw(), plot(name), button(action)

import { addressWith, onBookPage, readAddress, valueFromText } from "./address.js";
import { copy, element, legend, makeControl, showReadout, themeColours } from "./controls.js";
import { drawPlot } from "./plot.js";
import { picture, plottedNumbers, saveFile } from "./save.js";

export function explorable(figure, { model, el }) {
  const id = uniqueId(figure.name);
  const root = element("section", { class: "mf-explorable", "data-explorable": figure.name, "aria-label": figure.title });
  root.dataset.ready = "false";
  root.dataset.revision = "0";
  const settings = () => Object.fromEntries(figure.controls.map(({ trait }) => [trait, model.get(trait)]));
  const initial = settings();

  const panel = element("div", { class: "mf-controls" });
  const beneath = {};
  const refreshers = figure.controls.filter((control) => !control.hidden).map((control) => {
    const { row, refresh } = makeControl(control, `${id}-${control.trait}`, (value) => change({ [control.trait]: value }));
    if (control.beneath) beneath[control.beneath] = row;
    else panel.append(row);
    return refresh;
  });

  const nodes = {};
  const plots = element("div", { class: "mf-plots" });
  const message = element("p", { class: "mf-message", role: "status" });
  plots.append(message); // laid over the plots, so that nothing jumps under a moving hand
  for (const { name, alt, caption, keys } of figure.plots) {
    nodes[name] = element("div", { class: "mf-drawing", role: "img", "aria-label": alt });
    const parts = [keys && legend(keys), nodes[name], beneath[name], element("figcaption", {}, caption)];
    plots.append(element("figure", { class: "mf-plot", "data-plot": name }, ...parts.filter(Boolean)));
  }
  // what moves by itself would never let a screen reader finish
  const readout = element("p", { class: "mf-readout", "data-readout": "", "aria-live": figure.live ? "off" : "polite" });

  const bars = { top: element("div", { class: "mf-actions" }), bottom: element("div", { class: "mf-actions" }) };
  const addButton = (bar, action, label, run) => {
    const button = element("button", { type: "button", "data-action": action }, label);
    button.addEventListener("click", () => run(button));
    bars[bar].append(button);
  };
  const handle = {
    root,
    model,
    settings,
    change,
    redraw: schedule,
    plot: (name) => nodes[name],
    button: (action) => root.querySelector(`[data-action="${action}"]`),
  };
  for (const { action, label, run } of figure.actions ?? []) addButton("top", action, label, (button) => run(handle, button));
  addButton("bottom", "copy-python", "Copy as Python", (button) => copy(button, figure.python(settings())));
  if (onBookPage()) {
    addButton("bottom", "copy-link", "Copy link", (button) => copy(button, location.origin + addressWith(id, changed())));
  }
  addButton("bottom", "save-data", "Save data", () => saveFile(`${figure.name}.csv`, "text/csv", plottedNumbers(nodes)));
  addButton("bottom", "save-picture", "Save picture", () => {
    if (figure.savePicture?.(handle)) return;
    const keys = Object.fromEntries(figure.plots.map(({ name, keys }) => [name, nodes[name].keys ?? keys]));
    saveFile(`${figure.name}.svg`, "image/svg+xml", picture(nodes, keys, themeColours(root)));
  });
  addButton("bottom", "reset", "Reset", () => change(initial));
  root.append(panel, ...(figure.actions ? [bars.top] : []), plots, readout, bars.bottom);
  el.append(root);
  // in JupyterLab the notebook takes the arrow keys for itself; the slider is to have them
  if (!onBookPage()) root.addEventListener("keydown", (event) => event.stopPropagation());

  // settings: the model holds them, the address repeats those that differ from the start
  function change(values) {
    for (const [trait, value] of Object.entries(values)) model.set(trait, value);
    model.save_changes();
  }
  function changed() {
    const different = figure.controls.filter(({ trait }) => JSON.stringify(model.get(trait)) !== JSON.stringify(initial[trait]));
    return Object.fromEntries(different.map(({ trait, write = (value) => value }) => [trait, write(model.get(trait))]));
  }
  function applyAddress() {
    const parameters = readAddress();
    const values = figure.controls.map((control) => [
      control.trait,
      valueFromText(control, parameters.get(`${id}.${control.trait}`), initial[control.trait]),
    ]);
    const found = Object.fromEntries(values.filter(([, value]) => value !== undefined));
    if (Object.keys(found).length) change({ ...initial, ...found });
    return Object.keys(found).length > 0;
  }

  // one redraw a frame, however many things changed
  const sizes = new Map();
  let colours;
  let frame = 0;
  function schedule() {
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      try {
        redraw();
      } catch (error) {
        failed(error);
      }
    });
  }
  function failed(error) {
    message.textContent = `This figure could not be drawn: ${error.message}.`;
    throw error;
  }
  function redraw() {
    const started = performance.now();
    const now = settings();
    for (const refresh of refreshers) refresh(now);
    const drawing = figure.draw(now);
    colours ??= themeColours(root);
    message.textContent = drawing.message;
    showReadout(readout, drawing.readout);
    const sized = figure.plots.filter(({ name }) => sizes.has(nodes[name]));
    const done = () => {
      root.dataset.redrawMs = (performance.now() - started).toFixed(1);
      root.dataset.revision = Number(root.dataset.revision) + 1;
      if (sized.length === figure.plots.length) root.dataset.ready = "true";
    };
    const drawn = sized.map(({ name, show = drawPlot }) => show(nodes[name], drawing.plots[name], sizes.get(nodes[name]), colours, model));
    if (drawn.some(Boolean)) Promise.all(drawn).then(done).catch(failed);
    else done();
  }

  // Browsers allow a page a few address changes a second: wait until the hand rests.
  let resting = 0;
  const onModelChange = () => {
    schedule();
    if (!onBookPage()) return;
    clearTimeout(resting);
    resting = setTimeout(() => history.replaceState(history.state, "", addressWith(id, changed())), 150);
  };
  // Reading a colour or a size makes the browser lay the page out: do it when they change, not at each redraw.
  const themeWatch = new MutationObserver(() => {
    colours = undefined;
    schedule();
  });
  themeWatch.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  themeWatch.observe(document.body, { attributeFilter: ["data-jp-theme-light", "data-jp-theme-name"] });
  const sizeWatch = new ResizeObserver((entries) => {
    for (const { target, contentRect } of entries) {
      if (contentRect.width) sizes.set(target, { width: contentRect.width, height: contentRect.height });
    }
    schedule();
  });
  for (const node of Object.values(nodes)) sizeWatch.observe(node);

  if (onBookPage()) {
    addEventListener("hashchange", applyAddress);
    const cameByLink = performance.getEntriesByType("navigation")[0]?.type === "navigate";
    if (applyAddress() && cameByLink) root.scrollIntoView();
  }
  for (const { trait } of figure.controls) model.on(`change:${trait}`, onModelChange);
  const end = figure.live?.(handle); // the first drawing comes when the boxes are measured

  return () => {
    end?.();
    for (const { trait } of figure.controls) model.off(`change:${trait}`, onModelChange);
    removeEventListener("hashchange", applyAddress);
    themeWatch.disconnect();
    sizeWatch.disconnect();
    cancelAnimationFrame(frame);
    clearTimeout(resting);
  };
}

// A worker that runs plain scripts given as one text (module(..., worker=[...]) names it WORKER). Whoever starts it
// terminates it; it ends with the page too.
export function startWorker(source) {
  const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  const worker = new Worker(url);
  URL.revokeObjectURL(url);
  return worker;
}

export function prefersStillness() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}

// InfiniteWidth, then InfiniteWidth-2, ... down the page.
function uniqueId(name) {
  const before = document.querySelectorAll(`[data-explorable="${name}"]`).length;
  return before ? `${name}-${before + 1}` : name;
}
