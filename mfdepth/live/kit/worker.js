// Work beside the page: scripts joined as one text (import WORKER from "./worker.js" with { type: "text" }).

/** @import { Handle } from "./protocol.d.ts" */

// Whoever starts it terminates it; it ends with the page too.
export function startWorker(source) {
  const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  const worker = new Worker(url);
  URL.revokeObjectURL(url);
  return worker;
}

/**
 * Keeps a worker at the task that the present settings ask for. When they ask for another one, the work under way ends
 * at once, begin() is told, and the new work starts when the hand has rested a while. Returns the function that ends
 * it.
 * @param {Handle} handle
 * @param {Job} job
 * @typedef {Object} Job
 * @property {string} source  the worker's text
 * @property {(settings: any) => any} taskOf  what is posted to the worker; null for nothing
 * @property {() => void} begin
 * @property {(data: any) => void} hear  what the worker posts; a redraw follows
 * @property {number} [rest]  milliseconds
 */
export function keepAtWork({ settings, redraw, whenChanged }, { source, taskOf, begin, hear, rest = 250 }) {
  let [worker, waiting, asked] = [null, null, ""];
  const stop = () => {
    clearTimeout(waiting);
    worker?.terminate();
    worker = null;
  };
  const start = () => {
    const task = taskOf(settings());
    if (task === null) return;
    worker = startWorker(source);
    worker.onmessage = ({ data }) => {
      hear(data);
      redraw();
    };
    worker.postMessage(task);
  };
  const ask = () => JSON.stringify(taskOf(settings()));
  asked = ask();
  start();
  const deaf = whenChanged(() => {
    if (ask() === asked) return;
    asked = ask();
    stop();
    begin();
    waiting = setTimeout(start, rest);
  });
  return () => {
    deaf();
    stop();
  };
}
