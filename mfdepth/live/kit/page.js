// The document of a live figure: controls above, plots, what is said below, buttons.

/** @import { Control, Figure } from "./protocol.d.ts" */
import { element, legend, makeControl } from "./controls.js";

/**
 * @param {Figure} figure
 * @param {Control[]} controls
 * @param {string} id
 * @param {any} start  the settings that the figure was made with
 * @param {(control: Control, value: any) => void} onChange
 */
export function buildPage(figure, controls, id, start, onChange) {
  const { name, title, actions } = figure;
  const which = id.slice(name.length + 1); // the second figure of a kind says so
  const label = which ? `${title} (${which})` : title;
  const root = element("section", { class: "mf-explorable", "data-explorable": name, "aria-label": label });
  Object.assign(root.dataset, { ready: "false", revision: "0" });
  const { panel, beneath, refreshers } = buildControls(controls, id, start, onChange);
  const message = element("p", { class: "mf-message", role: "status" });
  const { node, plots } = buildPlots(figure.plots, beneath);
  // what moves by itself would never let a screen reader finish
  const readout = element("p", {
    class: "mf-readout",
    "data-readout": "",
    "aria-live": figure.moves ? "off" : "polite",
  });
  const [top, bottom] = [0, 1].map(() => element("div", { class: "mf-actions" }));
  // over the plots it would hide them, and above them it would move what a hand holds there
  const parts = figure.held ? [node, message] : [message, node];
  root.append(panel, ...(actions ? [top] : []), ...parts, readout, bottom);
  const refresh = (now) => refreshers.forEach((refreshOne) => refreshOne(now));
  /** @param {(settings: any) => void} show */
  const whenShown = (show) => refreshers.push(show);
  return { root, plots, message, readout, top, bottom, refresh, whenShown };
}

// The controls: in a panel, some of them behind a fold, some beneath a plot.
function buildControls(controls, id, start, onChange) {
  const panel = element("div", { class: "mf-controls" });
  const more = element("div", { class: "mf-controls" });
  const fold = element("details", { class: "mf-more" }, element("summary", {}, "More settings"), more);
  const beneath = {};
  const refreshers = controls.filter(({ hidden }) => !hidden).map((control) => {
    const { row, refresh } = makeControl(control, `${id}-${control.name}`, (value) => onChange(control, value));
    if (control.beneath) beneath[control.beneath] = row;
    else (control.more ? more : panel).append(row);
    return refresh;
  });
  const folded = controls.filter(({ more }) => more).map(({ name }) => name);
  const textOf = (settings) => JSON.stringify(folded.map((name) => settings[name]));
  const first = textOf(start);
  let last = first;
  if (folded.length) panel.append(fold);
  refreshers.push((now) => {
    const text = textOf(now);
    if (text !== last && text !== first) fold.open = true; // what a link or Python changed is seen
    last = text;
  });
  return { panel, beneath, refreshers };
}

/** @param {Figure["plots"]} plots */
function buildPlots(plots, beneath) {
  const nodes = {};
  const node = element("div", { class: "mf-plots" });
  for (const { name, alt, caption, keys, low } of plots) {
    nodes[name] = element("div", { class: "mf-drawing", role: "img", "aria-label": alt });
    const parts = [keys && legend(keys), nodes[name], beneath[name], element("figcaption", {}, caption)];
    node.append(
      element("figure", { class: low ? "mf-plot mf-low" : "mf-plot", "data-plot": name }, ...parts.filter(Boolean)),
    );
  }
  return { node, plots: nodes };
}

export function addButton(bar, action, label, run) {
  const button = element("button", { type: "button", "data-action": action }, label);
  button.addEventListener("click", () => run(button));
  bar.append(button);
}

// InfiniteWidth, then InfiniteWidth-2, ... down the page.
export function uniqueId(name) {
  const before = document.querySelectorAll(`[data-explorable="${name}"]`).length;
  return before ? `${name}-${before + 1}` : name;
}
