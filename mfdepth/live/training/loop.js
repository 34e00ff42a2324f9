// What the worker of the live figure `Training` does: it trains, and yields to messages after each interval.
//
// It is told { generation, settings } for a new start, { running }, { speed } (time units a second), { step: true }. It tells
// { generation, frame, over } whenever there is something to see.

import { createTraining } from "./course.js";

const FASTEST = 1000; // a speed from here on means: without waiting
const PAINT = 30; // milliseconds between two frames of a run without waiting

export function trainingLoop(post, wait, now) {
  let [training, generation, pending, running, speed, steps, turning, painted] = [null, 0, null, false, FASTEST, 0, false, 0];

  const over = () => Boolean(training.problem) || training.k === training.plan.count;
  const tell = () => {
    painted = now();
    post({ generation, frame: training.frame(), over: over() });
  };
  const wake = (delay) => {
    if (turning) return;
    turning = true;
    wait(turn, delay);
  };

  function turn() {
    turning = false;
    const began = now();
    if (pending) {
      // The last of the starts that came meanwhile.
      training = createTraining(pending.settings);
      [generation, pending, steps] = [pending.generation, null, 0];
      tell();
      if (!over()) wake(0);
    } else if (!training.ideal && !training.problem) {
      training.follow();
      tell();
      if (running || steps) wake(0);
    } else if ((running || steps) && !over()) {
      training.advance();
      steps = Math.max(0, steps - 1);
      if (over() || !running || speed < FASTEST || now() > painted + PAINT) tell();
      const rest = speed < FASTEST ? (1000 * training.plan.interval) / speed - (now() - began) : 0;
      if (running || steps) wake(Math.max(0, rest));
    } else {
      steps = 0;
      tell(); // what paused between two frames
    }
  }

  return (message) => {
    if (message.settings) pending = message;
    if ("running" in message) running = message.running;
    if (message.speed) speed = message.speed;
    if (message.step) steps++;
    if (training || pending) wake(0);
  };
}
