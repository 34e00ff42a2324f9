// A live figure: native controls in step with the model, plots, a read-out, buttons. What a figure says of itself is in
// protocol.d.ts; infinite_width/infinite_width.js is one to read.

/** @import { Figure, Handle, Model } from "./protocol.d.ts" */
import { copy, themeColours } from "./controls.js";
import { together } from "./listen.js";
import { addButton, buildPage, uniqueId } from "./page.js";
import { stagePlayer } from "./player.js";
import { keepDrawn } from "./redraw.js";
import { picture, plottedNumbers, saveFile } from "./save.js";
import { controlsOf, createSettings, onBookPage, pythonKeywords } from "./settings.js";
import { windowOf } from "./window.js";

/**
 * Builds the figure in el; returns the function that ends it.
 * @param {Figure} figure
 * @param {{ model: Model, el: HTMLElement }} context
 */
export function explorable(figure, { model, el }) {
  const id = uniqueId(figure.name);
  const controls = controlsOf(figure, model);
  const settings = createSettings(controls, model, id);
  const { now, change, whenChanged } = settings;
  const page = buildPage(
    figure,
    controls,
    id,
    settings.start,
    ({ name, set }, value) => change(set ? set(value, now()) : { [name]: value }),
  );
  const { schedule, end } = keepDrawn(figure, page, now, model);
  /** @type {Handle} */
  const handle = {
    root: page.root,
    model,
    settings: now,
    change,
    whenChanged,
    redraw: schedule,
    plot: (name) => page.plots[name],
    button: (action) => page.root.querySelector(`[data-action="${action}"]`),
  };
  for (const { action, label, run } of figure.actions ?? []) addButton(page.top, action, label, () => run(handle));
  const stage = figure.player && stagePlayer(figure.player, handle, page.top, id);
  if (stage) page.whenShown(stage.refresh);
  const { toggle, close } = offerWindow(handle, page, settings);
  takeHome(figure, handle, page, settings, (...names) => pythonKeywords(controls, now(), names));
  el.append(page.root);
  if (onBookPage() && settings.inAddress("window") === "full") toggle();
  if (!onBookPage()) page.root.addEventListener("keydown", keepOwnKeys);
  return together(
    onBookPage() ? followAddress(settings, page.root) : () => {},
    whenChanged(schedule),
    figure.live?.(handle) ?? (() => {}),
    stage?.end ?? (() => {}),
    close,
    end,
  );
}

// In JupyterLab the notebook would take a control's keys for itself. All others are the notebook's: Ctrl+S saves it.
function keepOwnKeys(event) {
  const { key, target, ctrlKey, metaKey, altKey, shiftKey } = event;
  if (ctrlKey || metaKey || altKey) return;
  const steps = /^(Arrow|Page|Home$|End$)/.test(key);
  const presses = key === " " || (key === "Enter" && !shiftKey);
  const own = target.matches("input[type=range]")
    ? steps
    : target.matches("select")
    ? steps || presses || key.length === 1
    : target.matches("input, button")
    ? presses
    : steps || presses || /^\d$/.test(key); // a picture that is moved by keys
  if (own) event.stopPropagation();
}

/** @param {Handle} handle */
function offerWindow({ root, button }, { bottom }, { inAddress, address }) {
  const found = windowOf(root, (open) => {
    button("window").textContent = open ? "Close window" : "Full window";
    button("window").focus();
    if (!open && onBookPage() && inAddress("window")) history.replaceState(history.state, "", address());
  });
  addButton(bottom, "window", "Full window", found.toggle);
  return found;
}

// The buttons below: what a reader takes along. A link that is copied from the full window opens it.
/** @param {Figure} figure @param {Handle} handle */
function takeHome(figure, handle, { plots, bottom }, settings, keywords) {
  const { name } = figure;
  addButton(
    bottom,
    "copy-python",
    "Copy as Python",
    (button) => copy(button, figure.python(handle.settings(), keywords)),
  );
  if (onBookPage()) {
    const full = () => (handle.root.closest("dialog") ? [["window", "full"]] : []);
    addButton(bottom, "copy-link", "Copy link", (button) => copy(button, location.origin + settings.address(full())));
  }
  addButton(bottom, "save-data", "Save data", () => saveFile(`${name}.csv`, "text/csv", plottedNumbers(plots)));
  addButton(bottom, "save-picture", "Save picture", () => {
    if (figure.savePicture?.(handle)) return;
    saveFile(`${name}.svg`, "image/svg+xml", picture(plots, themeColours(handle.root)));
  });
  addButton(bottom, "reset", "Reset", () => {
    figure.player?.seek(0); // at its opening state a figure rests
    settings.reset();
    handle.redraw();
  });
}

// The settings follow the address, and the address them; a page that was opened by a link shows the figure.
function followAddress({ readAddress, address, whenChanged }, root) {
  const [opened] = /** @type {PerformanceNavigationTiming[]} */ (performance.getEntriesByType("navigation"));
  if (readAddress() && opened?.type === "navigate") root.scrollIntoView();
  let resting = null; // browsers allow a page a few address changes a second: wait until the hand rests
  const deaf = whenChanged(() => {
    clearTimeout(resting);
    resting = setTimeout(() => history.replaceState(history.state, "", address()), 150);
  });
  const moved = () => {
    clearTimeout(resting); // the address that the reader went to stands
    if (location.hash.startsWith("#~")) readAddress(); // a heading's asks for nothing
  };
  addEventListener("hashchange", moved);
  return () => {
    deaf();
    removeEventListener("hashchange", moved);
    clearTimeout(resting);
  };
}
