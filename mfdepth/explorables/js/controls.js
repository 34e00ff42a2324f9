// What every live figure shares: native controls in step with the model, buttons, settings in the address, plotly.js,
// the theme's colours, and one redraw a frame. A figure is a plain object (see infinite_width.js) given to `explorable`.

// --- sliders walk through lists of values: the position is an index, so every stop is a round number ---------------

function linearValues(min, max, step) {
  const count = Math.round((max - min) / step);
  return Array.from({ length: count + 1 }, (_, i) => Number((min + i * step).toPrecision(12)));
}

function logarithmicValues(min, max, perDecade, round = (v) => Number(v.toPrecision(2))) {
  const values = [min];
  const first = Math.ceil(perDecade * Math.log10(min));
  for (let i = first; i < perDecade * Math.log10(max); i++) {
    const v = round(10 ** (i / perDecade));
    if (v > values[values.length - 1] && v < max) values.push(v);
  }
  return [...values, max];
}

function nearestIndex(values, value) {
  let best = 0;
  values.forEach((v, i) => {
    if (Math.abs(v - value) < Math.abs(values[best] - value)) best = i;
  });
  return best;
}

function plainNumber(value) {
  return String(Number(Number(value).toPrecision(6))).replace("-", "−");
}

// 3.1e-4 as 3.1 × 10⁻⁴
function scientific(value, digits = 4) {
  if (value === 0) return "0";
  const [mantissa, exponent] = value.toExponential(digits).split("e");
  const raised = [...exponent.replace("+", "")].map((c) => (c === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[c])).join("");
  return `${mantissa} × 10${raised}`.replace("-", "−");
}

// --- small help with the document ---------------------------------------------------------------------------------

function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

// A legend in the page rather than in the plot, where it would cost a tenth of a frame at each redraw.
function legend(keys) {
  const entries = keys.map(({ label, colour = "currentColor", dash = "", filled = false }) => {
    const entry = element("span", {}, label);
    const line = filled ? `stroke-width="10"` : `stroke-width="2.5" stroke-dasharray="${dash}"`;
    entry.insertAdjacentHTML(
      "afterbegin",
      `<svg width="22" height="10" aria-hidden="true"><path d="M0 5H22" stroke="${colour}" ${line}/></svg>`,
    );
    return entry;
  });
  return element("div", { class: "mf-legend" }, ...entries);
}

// On the book's pages the root element knows the way to _static; in JupyterLab and elsewhere it does not.
function onBookPage() {
  return "content_root" in document.documentElement.dataset;
}

// --- plotly.js: the page's own, else the book's file, else asked of Python; one copy for all figures ------------------

function loadPlotly(model) {
  globalThis.mfdepthPlotly ??= globalThis.Plotly
    ? Promise.resolve(globalThis.Plotly)
    : onBookPage()
      ? plotlyFromPage(`${document.documentElement.dataset.content_root}_static/plotly.min.js`)
      : plotlyFromPython(model);
  return globalThis.mfdepthPlotly;
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

// --- settings in the address: #~InfiniteWidth.d=10&InfiniteWidth.w2=-0.5, which no heading's anchor looks like ---------

function readAddress() {
  return new URLSearchParams(location.hash.startsWith("#~") ? location.hash.slice(2) : "");
}

function addressWith(id, settings) {
  const parameters = readAddress();
  for (const key of [...parameters.keys()]) if (key.startsWith(`${id}.`)) parameters.delete(key);
  for (const [trait, value] of Object.entries(settings)) parameters.set(`${id}.${trait}`, value);
  const text = parameters.toString();
  return location.pathname + location.search + (text ? `#~${text}` : "");
}

// --- colours: the text's colour and a faint version of it, read where the figure stands --------------------------------

function themeColours(root) {
  const { color, fontFamily } = getComputedStyle(root);
  const [r, g, b] = color.match(/[\d.]+/g);
  return { text: color, faint: `rgba(${r}, ${g}, ${b}, 0.16)`, font: fontFamily };
}

// A layout that reads in the light and the dark theme; axes and the rest are added by the figure.
function plotLayout(colours, layout) {
  const axis = {
    gridcolor: colours.faint,
    linecolor: colours.faint,
    zeroline: false,
    fixedrange: true,
    exponentformat: "power",
    ticklabeloverflow: "allow", // to hide a label plotly would measure every one at each redraw
  };
  const axes = Object.keys(layout).filter((key) => /^[xy]axis/.test(key));
  return {
    paper_bgcolor: "rgba(0, 0, 0, 0)",
    plot_bgcolor: "rgba(0, 0, 0, 0)",
    font: { color: colours.text, family: colours.font, size: 13 },
    margin: { l: 54, r: 18, t: 8, b: 42 },
    showlegend: false,
    hovermode: "closest",
    dragmode: false,
    ...layout,
    ...Object.fromEntries(axes.map((key) => [key, { ...axis, ...layout[key], title: axisTitle(layout[key].title) }])),
  };
}

function axisTitle(text) {
  return { text, font: { size: 14 }, standoff: 6 };
}

// --- the figure itself -------------------------------------------------------------------------------------------------

// figure: { name, title, controls, plots, python(settings), draw(settings) }
//   controls: [{ trait, label, values, text?(value, settings), beneath? (name of a plot) }]
//   plots:    [{ name, alt, caption, keys?: [{ label, colour, dash? (as in SVG), filled? }] }]
//   draw returns { message, readout: [[label, text], ...], plots: { name: (colours) => ({ data, layout }) } }
function explorable(figure, { model, el }) {
  const id = uniqueId(figure.name);
  const root = element("section", { class: "mf-explorable", "data-explorable": figure.name, "aria-label": figure.title });
  root.dataset.ready = "false";
  root.dataset.revision = "0";
  const settings = () => Object.fromEntries(figure.controls.map(({ trait }) => [trait, model.get(trait)]));
  const initial = settings();
  const removals = [];
  const listen = (target, event, callback) => {
    target.addEventListener(event, callback);
    removals.push(() => target.removeEventListener(event, callback));
  };

  // controls
  const panel = element("div", { class: "mf-controls" });
  const beneath = {};
  const refreshers = figure.controls.map((control) => {
    const key = `${id}-${control.trait}`;
    const { values } = control;
    const input = element("input", {
      type: "range", id: key, min: 0, max: values.length - 1, step: 1, "data-trait": control.trait,
    });
    const shown = element("span", { class: "mf-value", "aria-hidden": "true" }); // aria-valuetext says the same
    const row = element("div", { class: "mf-control" }, element("label", { for: key }, control.label), shown, input);
    if (control.beneath) beneath[control.beneath] = row;
    else panel.append(row);
    input.addEventListener("input", () => change({ [control.trait]: values[input.valueAsNumber] }));
    return (now) => {
      const value = now[control.trait];
      const text = control.text ? control.text(value, now) : plainNumber(value);
      input.value = nearestIndex(values, value);
      input.setAttribute("aria-valuetext", text);
      shown.textContent = text;
    };
  });

  // plots
  const canvases = {};
  const plots = element("div", { class: "mf-plots" });
  for (const { name, alt, caption, keys } of figure.plots) {
    canvases[name] = element("div", { class: "mf-canvas", role: "img", "aria-label": alt });
    const parts = [keys && legend(keys), canvases[name], beneath[name], element("figcaption", {}, caption)];
    plots.append(element("figure", { class: "mf-plot", "data-plot": name }, ...parts.filter(Boolean)));
  }
  const message = element("p", { class: "mf-message", role: "status" });
  const readout = element("p", { class: "mf-readout", "data-readout": "", "aria-live": "polite" });

  // buttons
  const actions = element("div", { class: "mf-actions" });
  const addButton = (action, label, run) => {
    const button = element("button", { type: "button", "data-action": action }, label);
    button.addEventListener("click", () => run(button));
    actions.append(button);
  };
  addButton("copy-python", "Copy as Python", (button) => copy(button, figure.python(settings())));
  if (onBookPage()) {
    addButton("copy-link", "Copy link", (button) => copy(button, location.origin + addressWith(id, changed())));
  }
  addButton("reset", "Reset", () => change(initial));
  plots.prepend(message); // laid over the plots, so that nothing jumps under a moving hand
  root.append(panel, plots, readout, actions);
  el.append(root);

  // settings: the model holds them, the address repeats those that differ from the start
  function change(values) {
    for (const [trait, value] of Object.entries(values)) model.set(trait, value);
    model.save_changes();
  }
  function changed() {
    return Object.fromEntries(Object.entries(settings()).filter(([trait, value]) => value !== initial[trait]));
  }
  function applyAddress() {
    const parameters = readAddress();
    const found = {};
    for (const { trait, values } of figure.controls) {
      const text = parameters.get(`${id}.${trait}`);
      const value = Number(text);
      if (text && value >= values[0] && value <= values[values.length - 1]) {
        found[trait] = Number.isInteger(initial[trait]) && values.every(Number.isInteger) ? Math.round(value) : value;
      }
    }
    if (Object.keys(found).length) change({ ...initial, ...found });
    return Object.keys(found).length > 0;
  }

  // one redraw a frame, however many things changed
  const sizes = new Map();
  let colours;
  let frame = 0;
  let latest = Promise.resolve();
  const schedule = () => {
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      latest = latest.then(redraw).catch((error) => {
        message.textContent = `This figure could not be drawn: ${error.message}.`;
        throw error;
      });
    });
  };
  async function redraw() {
    const Plotly = await loadPlotly(model);
    const started = performance.now();
    const now = settings();
    refreshers.forEach((refresh) => refresh(now));
    const drawing = figure.draw(now);
    colours ??= themeColours(root);
    message.textContent = drawing.message;
    const pairs = drawing.readout.map(([label, text]) => element("span", {}, label, " ", element("b", {}, text)));
    readout.replaceChildren(...pairs.flatMap((pair) => [pair, " "]));
    const drawn = Object.entries(drawing.plots).map(([name, plot]) => {
      const { data, layout } = plot(colours);
      const layoutHere = plotLayout(colours, { ...sizes.get(canvases[name]), ...layout });
      return Plotly.react(canvases[name], data, layoutHere, { displayModeBar: false });
    });
    await Promise.all(drawn);
    root.dataset.redrawMs = (performance.now() - started).toFixed(1);
    root.dataset.revision = Number(root.dataset.revision) + 1;
    root.dataset.ready = "true";
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
  Object.values(canvases).forEach((canvas) => sizeWatch.observe(canvas));

  if (onBookPage()) {
    listen(window, "hashchange", applyAddress);
    const cameByLink = performance.getEntriesByType("navigation")[0]?.type === "navigate";
    if (applyAddress() && cameByLink) root.scrollIntoView();
  }
  for (const { trait } of figure.controls) model.on(`change:${trait}`, onModelChange);
  schedule();

  return () => {
    for (const { trait } of figure.controls) model.off(`change:${trait}`, onModelChange);
    for (const remove of removals) remove();
    themeWatch.disconnect();
    sizeWatch.disconnect();
    cancelAnimationFrame(frame);
    clearTimeout(resting);
    for (const canvas of Object.values(canvases)) globalThis.Plotly?.purge(canvas);
  };
}

// InfiniteWidth, then InfiniteWidth-2, ... down the page.
function uniqueId(name) {
  const before = document.querySelectorAll(`[data-explorable="${name}"]`).length;
  return before ? `${name}-${before + 1}` : name;
}

async function copy(button, text) {
  const label = button.textContent;
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
    setTimeout(() => (button.textContent = label), 1500);
  } catch {
    prompt("Copy this:", text); // no clipboard on an insecure page
  }
}
