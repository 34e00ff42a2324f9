// What the worker of the live figure `Training` does: it trains, and looks at its messages after each interval, or
// after DEAF milliseconds of a run without waiting.
//
// It is told { generation, settings } for a new start, { running }, { speed } (time units a second), { step: true }. It
// tells { generation, frame, moments, over } whenever there is something to see: moments, all that have come since.

import { createTraining, followIdeal, frameOf, isOver, momentOf, trainInterval } from "./course.js";

const FASTEST = 1000; // a speed from here on means: without waiting
const PAINT = 60; // milliseconds between two frames of a run without waiting: drawing takes a core too
const DEAF = 20; // milliseconds of such a run between two looks at the messages

export function trainingLoop(post, wait, now) {
  const loop = { training: null, generation: 0, pending: null, running: false, speed: FASTEST, steps: 0, moments: [] };
  let turning = false;
  let painted = 0;

  const tell = () => {
    painted = now();
    const { generation, training, moments } = loop;
    post({ generation, frame: frameOf(training), moments, over: isOver(training) });
    loop.moments = [];
  };
  const wake = (delay) => {
    if (turning) return;
    turning = true;
    wait(turn, delay);
  };
  const goesOn = () => loop.running || loop.steps > 0;

  // The last of the starts that came meanwhile.
  function begin({ generation, settings }) {
    const training = createTraining(settings);
    Object.assign(loop, { training, generation, pending: null, steps: 0, moments: [momentOf(training)] });
    tell();
    if (!isOver(loop.training)) wake(0);
  }

  function goOn(began) {
    const { training, speed } = loop;
    const interval = training.plan.ends[training.k] - training.t;
    do {
      trainInterval(training);
      loop.moments.push(momentOf(training));
      loop.steps = Math.max(0, loop.steps - 1);
    } while (loop.running && speed >= FASTEST && !isOver(training) && now() < began + DEAF);
    if (isOver(training) || !loop.running || speed < FASTEST || now() > painted + PAINT) tell();
    const rest = speed < FASTEST ? (1000 * interval) / speed - (now() - began) : 0;
    if (goesOn()) wake(Math.max(0, rest));
  }

  function turn() {
    turning = false;
    const { training, pending } = loop;
    if (pending) {
      begin(pending);
    } else if (!training.ideal && !training.problem) {
      followIdeal(training);
      tell();
      if (goesOn()) wake(0);
    } else if (goesOn() && !isOver(training)) {
      goOn(now());
    } else {
      loop.steps = 0;
      tell(); // what paused between two frames
    }
  }

  return (message) => {
    if (message.settings) loop.pending = message;
    if ("running" in message) loop.running = message.running;
    if (message.speed) loop.speed = message.speed;
    if (message.step) loop.steps++;
    if (loop.training || loop.pending) wake(0);
  };
}
