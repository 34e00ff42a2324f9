// What runs when in the live figure `Training`: a worker of the page, or Python.

/** @import { Frame, Handle, Model, Moment } from "../kit/protocol.d.ts" */
import { listen, together } from "../kit/listen.js";
import { createPlayer } from "../kit/player.js";
import { onBookPage } from "../kit/settings.js";
import { startWorker } from "../kit/worker.js";
import WORKER from "./worker.js" with { type: "text" };

const NO_WAITING = 1000; // a speed from here on means: as fast as it is computed,
const LEAST_SECONDS = 4; // and no faster than the eye: a whole run takes so long to see

// The names of what a run starts from.
export function starting(settings) {
  return Object.keys(settings).filter((name) => name !== "speed");
}

/**
 * What is known of a run: the last frame, every moment, what the buttons ask for, and what plays it.
 * @param {Model} model
 */
export function createNow(model) {
  const now = {
    frame: model.get("frame"),
    /** @type {Moment[]} */
    moments: [],
    step: () => {},
    restart: () => {},
    player: null,
  };
  const last = () => model.get("t_end");
  const known = () => now.moments[now.moments.length - 1]?.t ?? 0;
  const ask = (running) => {
    if (model.get("running") === running) return;
    model.set("running", running);
    model.save_changes();
  };
  now.player = createPlayer({
    last,
    known,
    over: () => now.frame.fraction === 1 || Boolean(now.frame.problem),
    stops: () => Math.min(1000, Math.ceil(last() * Math.max(1, model.get("eta_1"), model.get("eta_2")))),
    speed: () => Math.min(model.get("speed"), model.get("speed") < NO_WAITING ? Infinity : last() / LEAST_SECONDS),
    more: () => ask(true),
    rest: () => ask(false),
    moment: (t) => now.moments.findLast((moment) => moment.t <= t + 1e-9)?.t ?? 0,
    next: (t) => now.moments.find((moment) => moment.t > t + 1e-9)?.t ?? known(),
    step: () => now.step(),
  });
  return now;
}

/**
 * The frame of the time shown.
 * @param {ReturnType<typeof createNow>} now
 * @returns {Frame}
 */
export function frameAt({ frame, moments, player }) {
  const t = player.time();
  if (!moments.length || t >= moments[moments.length - 1].t) return frame;
  const { saved, ...moment } = moments.findLast((moment) => moment.t <= t + 1e-9) ?? moments[0];
  const now = { ...frame, ...moment, whole: frame.history };
  if (!player.playing) return { ...now, marked: true };
  const history = Object.fromEntries(Object.entries(frame.history).map(([name, of]) => [name, of.slice(0, saved)]));
  return { ...now, history: /** @type {Frame["history"]} */ (history) };
}

/**
 * Runs as the settings and the buttons say.
 * @param {ReturnType<typeof createNow>} now
 * @param {Handle} handle
 */
export function keepRunning(now, handle) {
  const { model, redraw } = handle;
  const { player } = now;
  /** @param {Frame} frame @param {Moment[]} moments */
  const show = (frame, moments) => {
    now.frame = frame;
    if (moments[0]?.t === 0) {
      now.moments = moments;
      player.restart();
    } else {
      now.moments.push(...moments);
    }
    redraw();
  };
  // Python may have said so
  const follow = () => {
    if (model.get("running") && !player.playing) player.play();
    else if (!model.get("running") && player.playing && !player.run.over()) player.pause();
    redraw();
  };
  if (model.get("running")) player.play();
  const end = (model.get("backend") === "python" ? runInPython : runInWorker)(now, handle, show);
  return together(listen(model, { "change:running": follow }), end);
}

/**
 * The page's own worker. A frame that belongs to earlier settings is dropped; Python, if there is one, hears of the
 * progress at each frame and of the frame itself when the run rests.
 * @param {ReturnType<typeof createNow>} now
 * @param {Handle} handle
 * @param {(frame: Frame, moments: Moment[]) => void} show
 */
function runInWorker(now, { model, change, root, settings }, show) {
  let [worker, generation, following] = [null, 0, false]; // following: it finds the infinite-width course, unhearing
  const hear = ({ data }) => {
    if (data.generation !== generation) return;
    const { frame, moments, over } = data;
    following = !frame.ideal && !frame.problem;
    show(frame, moments);
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
    worker.onerror = ({ message }) => show({ ...now.frame, problem: `The training stopped: ${message}.` }, []);
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
 * @param {ReturnType<typeof createNow>} now
 * @param {Handle} handle
 * @param {(frame: Frame, moments: Moment[]) => void} show
 */
function runInPython(now, { model, root }, show) {
  now.step = () => model.send({ request: "step" });
  now.restart = () => model.send({ request: "restart" });
  if (onBookPage()) {
    for (const input of root.querySelectorAll("[data-trait], [data-time], [data-action=play], [data-action=step]")) {
      /** @type {HTMLButtonElement} */ (input).disabled = true;
    }
  }
  const hear = () => {
    const frame = model.get("frame");
    if (!frame.history) return;
    const { t, slopes, w2, b2, history } = frame;
    show(frame, [{ t, slopes, w2, b2, saved: history.t.length }]);
  };
  hear();
  return listen(model, { "change:frame": hear });
}
