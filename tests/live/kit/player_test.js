// What plays a run: its own arithmetic, with a run in the test's hands.

/// <reference lib="deno.ns" />
import { deepEqual, equal } from "node:assert/strict";

import { createPlayer } from "../../../mfdepth/live/kit/player.js";

// A run of 10 units whose moments stand at whole times; `comes`: what is asked for comes at once.
function fakeRun({ comes = true } = {}) {
  const run = {
    computed: 0,
    asked: 0,
    rested: 0,
    last: () => 10,
    known: () => run.computed,
    over: () => run.computed === 10,
    stops: () => 10,
    speed: () => 2,
    more(t) {
      run.asked = t;
      if (comes) run.computed = Math.floor(t);
    },
    rest: () => run.rested++,
    moment: (t) => t,
    next: (t) => Math.floor(t) + 1,
    step: () => run.computed++,
  };
  return run;
}

Deno.test("nothing moves before it plays, and then time passes at the run's speed", () => {
  const player = createPlayer(fakeRun());
  equal(player.pass(1), false);
  equal(player.time(), 0);
  player.play();
  equal(player.pass(0), false); // the first frame: no time has passed
  equal(player.pass(1), true);
  equal(player.time(), 2);
  for (let i = 0; i < 100; i++) player.pass(0.005); // too short for a moment: owed, at most a thousandth of the whole
  equal(player.time(), 2);
  player.pause();
  equal(player.pass(1), false);
});

Deno.test("owed time is not lost", () => {
  const run = { ...fakeRun(), known: () => Math.floor(400 * wanted) / 400, more: (t) => (wanted = t) };
  let wanted = 0;
  const player = createPlayer(run);
  player.play();
  for (let i = 0; i < 1000; i++) player.pass(0.0005); // 0.001 of its time each, less than a moment of 1/400
  equal(Math.abs(player.time() - 1) < 0.01, true);
});

Deno.test("it waits for what is asked for, and shows it when it comes", () => {
  const run = fakeRun({ comes: false });
  const player = createPlayer(run);
  player.play();
  player.pass(1);
  deepEqual([run.asked, player.time()], [2, 0]);
  run.computed = 1;
  player.pass(1);
  equal(player.time(), 1);
});

Deno.test("what is known is scrubbed and stepped through, and no farther", () => {
  const run = fakeRun();
  const player = createPlayer(run);
  run.computed = 5;
  equal(player.time(), 5); // before anything is touched, the last that is known
  player.seek(2);
  equal(player.time(), 2);
  player.step();
  deepEqual([player.time(), run.computed], [3, 5]);
  player.seek(8);
  equal(player.time(), 5);
  player.step();
  deepEqual([player.time(), run.computed], [6, 6]);
});

Deno.test("a time that was rounded below the last that is known, or below the end, is that one", () => {
  const run = fakeRun();
  const player = createPlayer(run);
  run.computed = 0.1 + 0.2;
  player.seek(0.3);
  player.step();
  deepEqual([player.time(), run.computed], [1.3, 1.3]);
  run.computed = 10;
  player.seek(10 * (1 - Number.EPSILON));
  player.play();
  equal(player.time(), 0);
});

Deno.test("a pause shows the time of the moment that is shown", () => {
  const player = createPlayer({ ...fakeRun({ comes: false }), known: () => 5, moment: Math.floor });
  player.seek(0);
  player.play();
  player.pass(1.8);
  equal(player.time(), 3.6);
  player.pause();
  equal(player.time(), 3);
  player.seek(2.7);
  equal(player.time(), 2);
});

Deno.test("at the end it rests, and plays again what is kept", () => {
  const run = fakeRun();
  const player = createPlayer(run);
  player.play();
  for (let i = 0; i < 5; i++) player.pass(1);
  deepEqual([player.playing, player.time(), run.rested], [false, 10, 1]);
  run.asked = 0;
  player.play();
  equal(player.time(), 0);
  player.pass(1);
  deepEqual([player.time(), run.asked], [2, 0]);
});

Deno.test("another run plays on if the last one played or had ended, not if it was paused", () => {
  const begun = (before) => {
    const run = fakeRun();
    const player = createPlayer(run);
    before(player);
    run.computed = 0;
    player.restart();
    return player.playing;
  };
  equal(begun(() => {}), false);
  equal(begun((player) => player.play()), true);
  equal(begun((player) => (player.play(), player.pass(1), player.pause())), false);
  equal(begun((player) => (player.play(), player.pass(9))), true); // ended
  equal(begun((player) => (player.play(), player.pass(9), player.seek(1))), false);
});
