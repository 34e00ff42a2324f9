// The worker of the harmonics: trains seeds one after the other and reports each saved time.

import { trainSeed } from "./seeds.js";

onmessage = ({ data: { settings, times, seeds, degree } }) => {
  for (let i = 0; i < seeds; i++) {
    trainSeed(settings, times, settings.seed * seeds + i, degree, (errors) => postMessage({ seed: i, errors }));
  }
};
