// The worker of the live figure `Training`.

import { trainingLoop } from "./loop.js";

// Where there is nothing to wait for, a message to itself: a timer that another timer sets waits 4 ms at least.
const { port1, port2 } = new MessageChannel();

function wait(turn, delay) {
  if (delay > 0) {
    setTimeout(turn, delay);
  } else {
    port1.onmessage = turn;
    port2.postMessage(null);
  }
}

const hear = trainingLoop(postMessage, wait, () => performance.now());
onmessage = ({ data }) => hear(data);
