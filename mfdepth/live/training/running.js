// What runs when in the live figure `Training`: a worker of the page, or Python.

/** @import { Frame, Handle } from "../kit/protocol.d.ts" */
import { element } from "../kit/controls.js";
import { listen, together } from "../kit/listen.js";
import { onBookPage } from "../kit/settings.js";
import { startWorker } from "../kit/worker.js";
import WORKER from "./worker.js" with { type: "text" };

// The names of what a run starts from.
export function starting(settings) {
  return Object.keys(settings).filter((name) => name !== "speed");
}

/**
 * Runs as the settings and the buttons say.
 * @param {{ frame: Frame, step(): void, restart(): void }} now  what is drawn, and what the buttons do
 * @param {Handle} handle
 */
export function keepRunning(now, handle) {
  const { model, redraw } = handle;
  const bar = element("progress", { max: 1, value: 0, "aria-label": "progress of the run" });
  handle.button("restart").after(bar);
  const refresh = () => {
    handle.button("run").textContent = model.get("running") ? "Pause" : "Run";
    bar.value = now.frame.fraction ?? 0;
  };
  const show = (frame) => {
    now.frame = frame;
    redraw();
    refresh();
  };
  const run = model.get("backend") === "python" ? runInPython : runInWorker;
  const end = run(now, handle, show);
  refresh();
  return together(listen(model, { "change:running": refresh }), end);
}

/**
 * The page's own worker. A frame that belongs to earlier settings is dropped; Python, if there is one, hears of the
 * progress at each frame and of the frame itself when the run rests.
 * @param {Parameters<typeof keepRunning>[0]} now
 * @param {Handle} handle
 * @param {(frame: Frame) => void} show
 */
function runInWorker(now, { model, change, root, settings }, show) {
  let [worker, generation, following] = [null, 0, false]; // following: it finds the infinite-width course, unhearing
  const hear = ({ data }) => {
    if (data.generation !== generation) return;
    const { frame, over } = data;
    following = !frame.ideal && !frame.problem;
    show(frame);
    change({
      progress: frame.fraction,
      ...(over || !model.get("running") ? { frame } : {}),
      ...(over ? { running: false } : {}),
    });
    root.setAttribute("aria-busy", String(following));
  };
  const launch = () => {
    worker?.terminate();
    worker = startWorker(WORKER);
    worker.onmessage = hear;
    worker.onerror = ({ message }) => show({ ...now.frame, problem: `The training stopped: ${message}.` });
    worker.postMessage({ speed: model.get("speed"), running: model.get("running") });
  };
  const begin = () => {
    if (following) launch();
    following = false;
    root.setAttribute("aria-busy", "true"); // until the infinite-width course is known, or that there is none
    worker.postMessage({ generation: ++generation, settings: settings() });
  };
  const runOrPause = () => {
    // a run that has ended starts over
    if (model.get("running") && (now.frame.fraction === 1 || now.frame.problem)) begin();
    worker.postMessage({ running: model.get("running") });
  };
  Object.assign(now, { step: () => worker.postMessage({ step: true }), restart: begin });
  launch();
  begin();
  const deaf = listen(model, {
    ...Object.fromEntries(starting(settings()).map((name) => [`change:${name}`, begin])),
    "change:running": runOrPause,
    "change:speed": () => worker.postMessage({ speed: model.get("speed") }),
    "msg:custom": (message) => ({ step: now.step, restart: now.restart })[message?.do]?.(),
  });
  return together(deaf, () => worker.terminate());
}

/**
 * Python trains; on a page without a kernel the figure keeps the frame that it was stored with.
 * @param {Parameters<typeof keepRunning>[0]} now
 * @param {Handle} handle
 * @param {(frame: Frame) => void} show
 */
function runInPython(now, { model, root }, show) {
  now.step = () => model.send({ request: "step" });
  now.restart = () => model.send({ request: "restart" });
  if (onBookPage()) {
    for (const input of root.querySelectorAll("[data-trait], .mf-actions:first-of-type button")) {
      /** @type {HTMLButtonElement} */ (input).disabled = true;
    }
  }
  return listen(model, { "change:frame": () => show(model.get("frame")) });
}
