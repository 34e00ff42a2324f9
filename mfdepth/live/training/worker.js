// The worker of the live figure `Training`.

import { trainingLoop } from "./loop.js";

const hear = trainingLoop(postMessage, setTimeout, () => performance.now());
onmessage = ({ data }) => hear(data);
