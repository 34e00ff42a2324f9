// The settings of a figure and the values that they walk through, without a browser.

/// <reference lib="deno.ns" />
import { deepEqual, equal, throws } from "node:assert/strict";

import { controlsOf, pythonKeywords, valueOf } from "../../../mfdepth/live/kit/settings.js";
import {
  fixed,
  linearValues,
  logarithmicValues,
  nearestIndex,
  outward,
  plainNumber,
  pythonFloat,
  scientific,
} from "../../../mfdepth/live/kit/values.js";

/** @returns {any} */
function modelOf(controls) {
  return { get: (name) => ({ controls })[name] };
}

Deno.test("lists of values", () => {
  deepEqual(linearValues(-0.1, 0.1, 0.05), [-0.1, -0.05, 0, 0.05, 0.1]);
  const values = logarithmicValues(2, 1000, 40, Math.round);
  deepEqual(values.slice(0, 4), [2, 3, 4, 5]);
  deepEqual([...new Set(values)].sort((a, b) => a - b), values);
  equal(values.at(-1), 1000);
  equal(nearestIndex([1, 10, 100], 60), 2);
  deepEqual([outward([0.2, 0.9], 0.5), outward([0, 1], 0.5)], [[0, 1], [-0.5, 1.5]]);
  const written = [scientific(3.14159e-4, 1), scientific(0), plainNumber(-0.1), plainNumber(-3.08e-7), pythonFloat(2)];
  deepEqual(written, ["3.1 × 10⁻⁴", "0", "−0.1", "−3.08 × 10⁻⁷", "2.0"]);
  deepEqual([fixed(-0.1234, 2), fixed(-1e-9, 3)], ["−0.12", "0.000"]);
});

Deno.test("what an address may say", () => {
  const of = (control, text) => valueOf({ name: "x", ...control }, text);
  equal(of({ values: [0, 1, 2], whole: true }, "1.4"), 1);
  equal(of({ values: [0, 0.5] }, "0.4"), 0.4);
  equal(of({ values: [0, 5, 7], exact: true }, "5"), 5);
  equal(of({ values: [0, 1], range: [-5, 5] }, "-4"), -4); // a hand goes farther than the slider
  equal(of({ toggle: true }, "true"), true);
  equal(of({ choices: [{ value: "a" }, { value: 2 }] }, "2"), 2);
  deepEqual(of({ read: (text) => text.split("_").map(Number) }, "1_2"), [1, 2]);
  const refused = [
    [{ values: [0, 1] }, "2"],
    [{ values: [0, 1] }, "one"],
    [{ values: [0, 1] }, ""],
    [{ values: [0, 5, 7], exact: true }, "6"],
    [{ toggle: true }, "yes"],
    [{ choices: [{ value: "a" }] }, "b"],
  ];
  for (const [control, text] of refused) equal(of(control, text), undefined);
});

Deno.test("pairs in an address, also as older links have them", () => {
  const of = (text) => valueOf({ name: "w", pairs: { most: 3, within: 2 } }, text);
  deepEqual(of("1_0.25__-0.5_0"), [[1, 0.25], [-0.5, 0]]);
  deepEqual(of("1,0.25_-0.5,0"), [[1, 0.25], [-0.5, 0]]);
  for (const bad of ["1", "1_2_3", "a_b", "0_0", "9_0", "1_0__1_0__1_0__1_0"]) equal(of(bad), undefined);
});

Deno.test("a figure adds to what Python declared, and has controls of its own", () => {
  const declared = [{ name: "d", label: "d", whole: true, log: [2, 10, 20] }, { name: "w", linear: [0, 1, 0.5] }];
  const double = { after: "d", linear: [0, 4, 2], get: ({ d }) => 2 * d, set: (v) => ({ d: v / 2 }) };
  const figure = /** @type {any} */ ({ controls: { w: { beneath: "plot" }, double } });
  const controls = controlsOf(figure, modelOf(declared));
  deepEqual(controls.map(({ name }) => name), ["d", "double", "w"]);
  deepEqual(controls.map(({ values }) => values), [[2, 3, 4, 5, 6, 7, 8, 9, 10], [0, 2, 4], [0, 0.5, 1]]);
  equal(controls[2].beneath, "plot");
  const wrong = /** @type {any} */ ({ controls: { v: { beneath: "plot" } } });
  throws(() => controlsOf(wrong, modelOf(declared)), /Python declares no setting v/);
});

Deno.test("settings as Python's keywords", () => {
  const controls = [{ name: "d", whole: true }, { name: "w" }, { name: "on", toggle: true }, { name: "kind" }];
  const text = pythonKeywords(controls, { d: 3, w: 2, on: false, kind: "a" }, ["w", "d", "on", "kind"]);
  equal(text, 'w=2.0, d=3, on=False, kind="a"');
});
