// The worker of "Compounding": settings come in, one run goes out a width, the narrowest first.

import { simulate, widthsOf } from "./runs.js";

onmessage = ({ data: settings }) => {
  widthsOf(settings.m).forEach((_, index) => postMessage({ index, run: simulate(settings, index) }));
};
