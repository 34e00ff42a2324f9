// The worker of the harmonics: trains seeds one after the other and reports each saved time.

import { simulateSeed } from "./seeds.js";

onmessage = ({ data: { task, seeds } }) => {
  for (let i = 0; i < seeds; i++) {
    simulateSeed({ ...task, seed: task.seed * seeds + i }, (row) => postMessage({ seed: i, row }));
  }
};
