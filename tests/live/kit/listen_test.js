// What passes with time: only while the figure is in view, whatever the browser told before.

/// <reference lib="deno.ns" />
import { equal } from "node:assert/strict";

import { animate } from "../../../mfdepth/live/kit/listen.js";

Deno.test("of several records of the view that come at once the newest counts", () => {
  let [tell, tick, steps] = [null, null, 0];
  Object.assign(globalThis, {
    IntersectionObserver: class {
      constructor(heard) {
        tell = heard;
      }
      observe() {}
      disconnect() {}
    },
    requestAnimationFrame: (next) => (tick = next, 1),
    cancelAnimationFrame: () => {},
  });
  const end = animate(null, () => steps++);
  tick(0);
  equal(steps, 0); // not seen yet
  tell([{ isIntersecting: false }, { isIntersecting: true }]);
  tick(16);
  equal(steps, 1);
  tell([{ isIntersecting: true }, { isIntersecting: false }]);
  tick(32);
  equal(steps, 1);
  end();
});
