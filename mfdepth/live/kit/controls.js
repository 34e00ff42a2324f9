// Native controls and other small things of the document that live figures are built from.

/** @import { Control, Key, Settings } from "./protocol.d.ts" */
import { nearestIndex, plainNumber } from "./values.js";

export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

/**
 * A labelled control: its row in the page, and a function that shows its value in the settings.
 * @param {Control} control
 * @param {string} id
 * @param {(value: any) => void} onChange
 */
export function makeControl(control, id, onChange) {
  const { name, label, still, toggle, choices } = control;
  const attributes = { id, "data-trait": name, ...(still ? { "data-no-redraw": "" } : {}) };
  const make = toggle ? toggleInput : choices ? choiceInput : rangeInput;
  const { input, shown = [], refresh } = make(control, attributes, onChange);
  const kind = toggle ? "mf-control mf-toggle" : "mf-control";
  const row = element("div", { class: kind }, element("label", { for: id }, label), ...shown, input);
  return { row, refresh };
}

/** @param {Control} control */
function rangeInput({ name, get, values, last, text = plainNumber }, attributes, onChange) {
  const input = element("input", { type: "range", min: 0, max: values.length - 1, step: 1, ...attributes });
  const shown = element("span", { class: "mf-value", "aria-hidden": "true" }); // aria-valuetext says the same
  input.addEventListener("input", () => onChange(values[input.valueAsNumber]));
  /** @param {Settings} now */
  const refresh = (now) => {
    const value = get ? get(now) : now[name];
    const words = text(value, now);
    if (last) input.max = last(now);
    input.value = nearestIndex(values, value);
    if (shown.textContent === words) return;
    input.setAttribute("aria-valuetext", words);
    shown.textContent = words;
  };
  return { input, shown: [shown], refresh };
}

/** @param {Control} control */
function choiceInput({ name, choices }, attributes, onChange) {
  const options = choices.map(({ value, label }) => element("option", { value: String(value) }, label));
  const input = element("select", attributes, ...options);
  input.addEventListener("change", () => onChange(choices[input.selectedIndex].value));
  return { input, refresh: (now) => (input.value = String(now[name])) };
}

/** @param {Control} control */
function toggleInput({ name }, attributes, onChange) {
  const input = element("input", { type: "checkbox", ...attributes });
  input.addEventListener("change", () => onChange(input.checked));
  return { input, refresh: (now) => (input.checked = now[name]) };
}

/** @param {Key[]} keys */
export function legend(keys) {
  const entries = keys.map(({ label, colour = "currentColor", dash = "", filled = false, dot = false }) => {
    const entry = element("span", {}, label);
    const line = filled ? `stroke-width="10"` : `stroke-width="2.5" stroke-dasharray="${dash}"`;
    const [d, pen] = dot ? ["M11 5h0", `stroke-width="8" stroke-linecap="round"`] : ["M0 5H22", line];
    const drawn = `<path d="${d}" stroke="${colour}" ${pen}/>`;
    entry.insertAdjacentHTML("afterbegin", `<svg width="22" height="10" aria-hidden="true">${drawn}</svg>`);
    return entry;
  });
  return element("div", { class: "mf-legend" }, ...entries);
}

const COLUMN = 20; // characters that fit a column of the read-out

// [[label, text], ...]; the same spans are kept while the labels are the same.
export function showReadout(node, pairs) {
  const labels = pairs.map(([label]) => label).join("\n");
  if (node.labels !== labels) {
    node.labels = labels;
    node.replaceChildren(...pairs.flatMap(([label]) => [element("span", {}, label, " ", element("b")), " "]));
  }
  node.querySelectorAll("b").forEach((value, i) => {
    if (value.textContent === pairs[i][1]) return;
    value.textContent = pairs[i][1];
    // for good, so that no number goes back and forth
    if (value.parentElement.textContent.length > COLUMN) value.parentElement.classList.add("mf-wide");
  });
}

// The text's colour, a faint version of it, and the page's own, for what cannot say "currentColor": canvases and saved
// pictures.
export function themeColours(root) {
  const style = getComputedStyle(root);
  const { color, fontFamily } = style;
  const [r, g, b] = color.match(/[\d.]+/g);
  const dark = Number(g) > 128;
  const own = (name) => style.getPropertyValue(name);
  const ground = own("--pst-color-background") || own("--jp-layout-color0") || (dark ? "#000" : "#fff");
  return { text: color, faint: `rgba(${r}, ${g}, ${b}, 0.16)`, ground, font: fontFamily, dark };
}

export async function copy(button, text) {
  button.dataset.label ??= button.textContent; // a second click may find the first one's answer there
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
    clearTimeout(button.resting);
    button.resting = setTimeout(() => (button.textContent = button.dataset.label), 1500);
  } catch {
    prompt("Copy this:", text); // no clipboard on an insecure page
  }
}
