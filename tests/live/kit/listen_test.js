// What passes with time: only while the figure is in view, whatever the browser told before.

/// <reference lib="deno.ns" />
import { deepEqual, equal } from "node:assert/strict";

import { animate, drag } from "../../../mfdepth/live/kit/listen.js";

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

Deno.test("what one finger holds no other one moves or lets go", () => {
  const heard = [];
  const node = Object.assign(new EventTarget(), {
    getBoundingClientRect: () => ({ left: 0, top: 0 }),
    setPointerCapture: (id) => heard.push(id),
  });
  const end = drag(node, { find: (x) => x, take: (i) => heard.push(`take ${i}`), move: (i, x) => heard.push([i, x]) });
  const point = (kind, pointerId, clientX) =>
    node.dispatchEvent(Object.assign(new Event(kind), { pointerId, clientX, clientY: 0 }));
  point("pointerdown", 7, 1);
  point("pointerdown", 8, 5);
  point("pointermove", 8, 6);
  point("pointerup", 8, 6);
  point("pointermove", 7, 2);
  point("pointerup", 7, 2);
  point("pointerdown", 8, 5);
  deepEqual(heard, [7, "take 1", [1, 2], 8, "take 5"]);
  end();
});
