// Axes and marks, as far as they need no browser.

/// <reference lib="deno.ns" />
import { deepEqual, equal, ok } from "node:assert/strict";

import { extent, ticks } from "../../../mfdepth/live/kit/axes.js";
import { traceMarks } from "../../../mfdepth/live/kit/plot.js";
import { plottedNumbers } from "../../../mfdepth/live/kit/save.js";

const AXES = { x: { low: 0, high: 10, log: false }, y: { low: -2, high: 2, log: true, from: 0, to: 1 } };
const marksOf = traceMarks(AXES, { x: 0, y: 0, width: 100, height: 40 });

/** @param {import("../../../mfdepth/live/kit/protocol.d.ts").Trace} trace */
function paths(trace) {
  return marksOf(trace).map(({ style }) => style.d);
}

function labels(axis, count) {
  return ticks({ log: false, marked: undefined, ...axis }, count).map(({ label }) => label);
}

Deno.test("linear ticks are round", () => {
  deepEqual(labels({ low: 0, high: 60 }, 6), ["0", "10", "20", "30", "40", "50", "60"]);
  deepEqual(labels({ low: -0.1, high: 0.1 }, 4), ["−0.1", "−0.05", "0", "0.05", "0.1"]);
  deepEqual(labels({ low: 0, high: 1 }, 2), ["0", "0.5", "1"]);
  deepEqual(labels({ low: 0, high: 2e6 }, 2), ["0", "10⁶", "2 × 10⁶"]);
  deepEqual(labels({ low: 3, high: 3.001 }, 2), ["3", "3.0005", "3.001"]);
});

Deno.test("an axis has two labels at least, for one tells no scale", () => {
  deepEqual(labels({ low: -0.62, high: -0.08 }, 1.4), ["−0.5", "−0.25"]);
  deepEqual(labels({ low: 0.1, high: 0.9 }, 1), ["0.25", "0.5", "0.75"]);
  deepEqual(labels({ low: 1, high: 1 }, 3), []); // no length, no scale
});

Deno.test("logarithmic ticks are powers of ten, or round within one", () => {
  const wide = ticks({ low: -6, high: 0, log: true, marked: undefined }, 3);
  deepEqual(wide.map(({ label }) => label), ["10⁻⁶", "10⁻⁴", "10⁻²", "10⁰"]);
  deepEqual(wide.map(({ value }) => value), [1e-6, 1e-4, 1e-2, 1]);
  deepEqual(labels({ low: -0.5, high: 0.5, log: true }, 3), ["0.5", "1", "2", "3"]);
});

Deno.test("an axis may mark its own values", () => {
  const marked = [{ value: 1, label: "one" }, { value: 5, label: "five" }, { value: 50, label: "fifty" }];
  deepEqual(labels({ low: 0, high: 1, log: true, marked }, 3), ["one", "five"]);
  deepEqual(labels({ low: 2, high: 60, marked }, 3), ["five", "fifty"]);
});

Deno.test("an axis without a range holds all its points", () => {
  const [low, high] = extent([[3, 1, NaN], [2, Infinity]]);
  ok(low < 1 && 3 < high && high < 3.2);
  const [least, most] = extent([[0.01, 100, 0]], true); // 0 has no logarithm
  ok(least < -2 && 2 < most && most < 2.2);
  deepEqual(extent([[NaN]]), [0, 1]);
  deepEqual(extent([[null, 5, 6]], false, 0), [5, 6]); // a gap is not at zero
  const [below, above] = extent([[5]]);
  ok(below < 5 && 5 < above);
});

Deno.test("points stand where the axes say", () => {
  const [mark] = marksOf({ x: [0, 5, 10], y: [0.01, 1, 100], line: { color: "red", dash: "dash" } });
  equal(mark.style.d, "M0 40L50 20L100 0");
  equal(mark.style.stroke, "red");
  equal(mark.style["stroke-dasharray"], "8 5");
  deepEqual(paths({ x: [0, 1e30], y: [1, 1] }), ["M0 20L100000 20"]); // far ones stay within a browser's reach
});

Deno.test("what is not a number lifts the pen", () => {
  for (const hole of [NaN, null, Infinity, 0, -1]) {
    deepEqual(paths({ x: [0, 5, 10], y: [0.01, hole, 100] }), ["M0 40M100 0"]);
    deepEqual(paths({ x: [0, 5], y: [1, hole], mode: "markers" }), ["M0 20h0"]);
  }
});

Deno.test("an area is closed along its base, and ends where the pen is lifted", () => {
  const [fill, line] = marksOf({ x: [0, 10], y: [1, 1], fill: "tozeroy", fillcolor: "grey" });
  equal(fill.style.d, "M0 20L100 20L100 40L0 40Z");
  equal(line.style.fill, "none");
  const y = [null, 1, 1, NaN, 1, null];
  const parts = "M20 20L40 20L40 40L20 40ZM80 20L80 40L80 40Z";
  deepEqual(paths({ x: [0, 2, 4, 6, 8, 10], y, fill: "tozeroy", fillcolor: "grey", line: { width: 0 } }), [parts]);
});

Deno.test("markers are as faint as they say, else as their trace", () => {
  const opacity = (marker) => marksOf({ x: [1], y: [1], mode: "markers", opacity: 0.5, marker })[0].style.opacity;
  deepEqual([opacity({ color: "red" }), opacity({ color: "red", opacity: 0.2 })], [0.5, 0.2]);
});

Deno.test("plotted numbers as a table", () => {
  const traces = [{ meta: "a, b", x: [1, 2], y: [3, null] }, { x: [5], y: [6] }];
  equal(
    plottedNumbers({ course: { data: traces } }),
    "plot,trace,x,y\ncourse,a  b,1,3\ncourse,a  b,2,\ncourse,1,5,6\n",
  );
});
