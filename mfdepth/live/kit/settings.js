// The settings of a live figure: declared in Python, held by the model, and repeated in the address where they differ
// from the start: #~InfiniteWidth.d=10&InfiniteWidth.w2=-0.5, which no heading's anchor looks like.

/** @import { Control, Figure, Model, Settings } from "./protocol.d.ts" */
import { listen } from "./listen.js";
import { linearValues, logarithmicValues, pythonFloat } from "./values.js";

// On the book's pages the root element knows the way to _static; in JupyterLab and elsewhere it does not.
export function onBookPage() {
  return "content_root" in document.documentElement.dataset;
}

/**
 * The figure's controls: what Python declared (kit/settings.py) and what the figure adds to some of them, by name.
 * @param {Figure} figure
 * @param {Model} model
 * @returns {Control[]}
 */
export function controlsOf(figure, model) {
  const declared = model.get("controls");
  const added = Object.entries(figure.controls ?? {});
  const controls = declared.map((control) => ({
    ...control,
    values: stopsOf(control),
    ...figure.controls?.[control.name],
  }));
  for (const [name, control] of added.filter(([name]) => declared.every((other) => other.name !== name))) {
    if (!control.get) throw new Error(`Python declares no setting ${name}`);
    const place = controls.findIndex((other) => other.name === control.after) + 1;
    controls.splice(place, 0, { name, ...control, values: stopsOf(control) });
  }
  return controls;
}

// The stops of a slider.
function stopsOf({ linear = null, log = null, stops = null, whole = false }) {
  if (linear) return linearValues(...linear);
  if (log) return whole ? logarithmicValues(...log, Math.round) : logarithmicValues(...log);
  return stops;
}

/**
 * The present settings, what changes them, and how they differ from the start.
 * @param {Control[]} controls
 * @param {Model} model
 * @param {string} id  of the figure, in the address
 */
export function createSettings(controls, model, id) {
  const kept = controls.filter(({ get }) => !get);
  const events = kept.map(({ name }) => `change:${name}`);
  const now = () => Object.fromEntries(kept.map(({ name }) => [name, model.get(name)]));
  const start = model.get("made_with") ?? now();
  const change = (values) => {
    for (const [name, value] of Object.entries(values)) model.set(name, value);
    model.save_changes();
  };
  const changed = () => {
    const different = kept.filter(({ name }) => JSON.stringify(model.get(name)) !== JSON.stringify(start[name]));
    return different.map((control) => [control.name, textOf(control, model.get(control.name))]);
  };
  return {
    start,
    now,
    change,
    reset: () => change(start),
    /** @param {string[][]} more  what else it says of the figure */
    address: (more = []) => addressWith(id, [...changed(), ...more]),
    /** @param {string} name */
    inAddress: (name) => inAddress().get(`${id}.${name}`),
    // Takes what the address says; was there anything?
    readAddress() {
      const parameters = inAddress();
      const found = {};
      for (const control of kept) {
        const value = valueOf(control, parameters.get(`${id}.${control.name}`));
        if (value !== undefined) found[control.name] = value;
      }
      const some = Object.keys(found).length > 0;
      if (some) change({ ...start, ...found });
      return some;
    },
    /** @param {() => void} hear */
    whenChanged: (hear) => listen(model, Object.fromEntries(events.map((event) => [event, hear]))),
  };
}

// Where the address is that of a heading, the settings of the page are what it last said of them. Each class of figures
// has a module of its own, so they keep this in one place that all of them find.
function inAddress() {
  if (location.hash.startsWith("#~")) keepSettings(location.hash.slice(2));
  return new URLSearchParams(globalThis.mfdepthSettings ??= keptSettings());
}

// A page that is loaded again at a heading remembers them by the browser, where it lets a page keep anything.
const keptUnder = () => `mfdepth settings of ${location.pathname}`;

function keepSettings(text) {
  globalThis.mfdepthSettings = text;
  try {
    sessionStorage.setItem(keptUnder(), text);
  } catch {
    // then they last as long as the page
  }
}

function keptSettings() {
  const [opened] = /** @type {PerformanceNavigationTiming[]} */ (performance.getEntriesByType("navigation"));
  if (opened?.type === "navigate" || location.hash.length < 2) return "";
  try {
    return sessionStorage.getItem(keptUnder()) ?? "";
  } catch {
    return "";
  }
}

function addressWith(id, settings) {
  const parameters = inAddress();
  for (const key of [...parameters.keys()]) if (key.startsWith(`${id}.`)) parameters.delete(key);
  for (const [name, text] of settings) parameters.set(`${id}.${name}`, text);
  const text = parameters.toString();
  keepSettings(text);
  return location.pathname + location.search + (text ? `#~${text}` : "");
}

function textOf(control, value) {
  if (control.write) return control.write(value);
  return control.pairs ? value.map((pair) => pair.join("_")).join("__") : String(value);
}

/**
 * What the address says of a control, as a value that the control may take; undefined for anything else.
 * @param {Control} control
 * @param {string | null} text
 */
export function valueOf({ read, pairs, toggle, choices, values, range = values, whole, exact }, text) {
  if (text === null || text === "") return undefined;
  if (read) return read(text);
  if (pairs) return pairsFrom(text, pairs);
  if (toggle) return { true: true, false: false }[text];
  if (choices) return choices.find(({ value }) => String(value) === text)?.value;
  const value = whole ? Math.round(Number(text)) : Number(text);
  const allowed = exact ? values.includes(value) : value >= range[0] && value <= range[range.length - 1];
  return allowed ? value : undefined;
}

// "1_0.5__-0.25_0" as [[1, 0.5], [-0.25, 0]]; "1,0.5_-0.25,0", as older links have it, too.
function pairsFrom(text, { most, within }) {
  const rows = text.includes(",")
    ? text.split("_").map((row) => row.split(","))
    : text.split("__").map((row) => row.split("_"));
  const pairs = rows.map((row) => row.map(Number));
  const good = pairs.every((pair) => pair.length === 2 && pair.every((x) => Math.abs(x) <= within));
  return good && pairs.length <= most && pairs.flat().some((x) => x !== 0) ? pairs : undefined;
}

/**
 * Some of the settings as Python's keywords: "d=10, alpha=1.0".
 * @param {Control[]} controls
 * @param {Settings} settings
 * @param {string[]} names
 */
export function pythonKeywords(controls, settings, names) {
  return names.map((name) => {
    const [{ whole, toggle }, value] = [controls.find((control) => control.name === name), settings[name]];
    if (toggle) return `${name}=${value ? "True" : "False"}`;
    return `${name}=${typeof value === "string" ? JSON.stringify(value) : whole ? value : pythonFloat(value)}`;
  }).join(", ");
}
