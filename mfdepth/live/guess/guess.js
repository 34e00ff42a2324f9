// A guess before the answer: the reader draws curves on empty axes, then sees what the library computed, and how far off.
//
// A guess is a value, or null, at each of NODES places along the axis, one list a curve. On a logarithmic axis a value is
// a power of ten, as in plot.js. A pen (mouse or finger) draws across the plot; two sliders do the same from the keyboard.

import { explorable } from "../kit/figure.js";
import { DASHES, MARGIN, plotArea } from "../kit/plot.js";
import { linearValues, plainNumber } from "../kit/values.js";

const NODES = 33;
const STEPS = 100; // of the slider that sets a height
const STYLES = /** @type {const} */ (["solid", "dot", "dash", "dashdot"]); // of the curves, in turn

/** @param {import("../kit/protocol.d.ts").Model} model */
export function guessFigure(model) {
  const { answers, x, x_title, y_title, x_range, y_range, log_y, colour, shown, question, call } = model.get("problem");
  const labels = Object.keys(answers);
  const place = (i) => x_range[0] + (i / (NODES - 1)) * (x_range[1] - x_range[0]);
  const height = (v) => (log_y ? 10 ** v : v);
  const written = (v) => plainNumber(Number(height(v).toPrecision(2)));
  const problem = { answers, x, labels, place, y_range, log_y };

  function traces({ guesses, revealed }) {
    const at = Array.from({ length: NODES }, (_, i) => place(i));
    const line = (i, width) => ({ width, dash: STYLES[i % STYLES.length] });
    const given = Object.entries(shown).map(([label, y]) => ({ x, y, meta: label, line: { width: 2, dash: "dash" } }));
    const drawn = guesses.map((guess, i) => ({
      x: at,
      y: guess.map((v) => (v === null ? null : height(v))),
      meta: `guess ${labels[i]}`,
      line: { ...line(i, 4), color: "currentColor" },
      opacity: 0.45,
    }));
    const told = labels.map((label, i) => ({
      x,
      y: answers[label],
      meta: label,
      line: { ...line(i, 2.5), color: colour },
    }));
    return [...given, ...drawn, ...(revealed ? told : [])];
  }

  const many = labels.length > 1;
  const curve = { trait: "curve", label: "you draw", choices: labels.map((label, value) => ({ value, label })) };
  const axis = log_y ? { type: "log" } : {};
  return {
    name: "Guess",
    title: `Guess: ${question}`,
    controls: [
      ...(many ? [curve] : []),
      {
        trait: "node",
        label: "at",
        values: linearValues(0, NODES - 1, 1),
        text: (i) => `${x_title} = ${plainNumber(Number(place(i).toPrecision(3)))}`,
        beneath: "guess",
      },
      { trait: "value", label: "your guess", values: heights(y_range), text: written },
      { trait: "guesses", hidden: true, read: (text) => readGuesses(text, labels.length), write: writeGuesses },
      ...["revealed", "asked"].map((trait) => ({ trait, hidden: true, read: (text) => text === "true" })),
    ],
    actions: [{ action: "reveal", label: "Reveal", run: reveal }],
    plots: [
      {
        name: "guess",
        alt:
          `Axes for your guess: ${question} Draw with the mouse or a finger, or set one place after the other with the two sliders.`,
        keys: [
          ...labels.map((label, i) => ({ label, colour, dash: DASHES[STYLES[i % STYLES.length]] })),
          { label: "your guess" },
          ...Object.keys(shown).map((label) => ({ label, dash: DASHES.dash })),
        ],
        caption: question,
      },
    ],
    python: () => call,
    draw(settings) {
      const { revealed, asked, guesses } = settings;
      const own = revealed ? score(problem, guesses) : [];
      return {
        message: asked && !revealed ? "Draw a guess first. Or press Reveal again, and give up." : "",
        readout: [...own.map(({ label, text }) => [label, text]), ...pageSoFar()],
        plots: {
          guess: {
            data: traces(settings),
            layout: { xaxis: { title: x_title, range: x_range }, yaxis: { title: y_title, range: y_range, ...axis } },
          },
        },
      };
    },
    live: (handle) => listen(handle, problem),
  };
}

/** @param {number[]} range */
function heights([low, high]) {
  return linearValues(0, STEPS, 1).map((i) => Number((low + (i / STEPS) * (high - low)).toPrecision(6)));
}

// "1,,3_..." in the address: a curve a word, thousandths kept.
export function writeGuesses(guesses) {
  return guesses.map((guess) => guess.map((v) => (v === null ? "" : Number(v.toFixed(3)))).join(",")).join("_");
}

export function readGuesses(text, count) {
  const guesses = text.split("_").map((word) => word.split(",").map((v) => (v === "" ? null : Number(v))));
  const good = (guess) => guess.length === NODES && guess.every((v) => v === null || Number.isFinite(v));
  return guesses.length === count && guesses.every(good) ? guesses : undefined;
}

// A stroke from one point to the next sets every node that it passes; a short one the nearest.
export function stroke(guess, from, to) {
  const [a, b] = from[0] <= to[0] ? [from, to] : [to, from];
  const next = [...guess];
  const nearest = Math.max(0, Math.min(NODES - 1, Math.round(to[0])));
  next[nearest] = to[1];
  for (let i = Math.max(0, Math.ceil(a[0])); i <= Math.min(NODES - 1, Math.floor(b[0])); i++) {
    const part = b[0] === a[0] ? 1 : (i - a[0]) / (b[0] - a[0]);
    next[i] = a[1] + part * (b[1] - a[1]);
  }
  return next;
}

// One place set by the sliders: what lies between it and the nearest place already set is drawn straight.
export function setPlace(guess, node, value) {
  const before = guess.findLastIndex((v, i) => v !== null && i < node);
  const after = guess.findIndex((v, i) => v !== null && i > node);
  const own = before === node - 1 || before < 0 ? guess : stroke(guess, [before, guess[before]], [node, value]);
  const both = after === node + 1 || after < 0 ? own : stroke(own, [after, guess[after]], [node, value]);
  const next = [...both];
  next[node] = value;
  return next;
}

// How far off each drawn curve is: on average and at most; on a logarithmic axis by which factor.
export function score({ answers, x, labels, place, y_range, log_y }, guesses) {
  return labels.flatMap((label, k) => {
    const gaps = guesses[k].flatMap((v, i) => {
      const right = interpolated(x, answers[label], place(i));
      const goal = log_y ? Math.log10(right) : right;
      return v === null || !Number.isFinite(goal) ? [] : [Math.abs(v - goal)];
    });
    if (!gaps.length) return [];
    const [mean, most] = [gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length, Math.max(...gaps)];
    const said = (gap) => (log_y ? `a factor ${(10 ** gap).toPrecision(2)}` : gap.toPrecision(2));
    const text = `off by ${said(mean)} on average, ${said(most)} at most`;
    return [{ label: `${label}:`, text, share: mean / (y_range[1] - y_range[0]) }];
  });
}

function interpolated(x, y, at) {
  const i = Math.max(1, x.findIndex((v) => v >= at));
  const part = (at - x[i - 1]) / (x[i] - x[i - 1]);
  return y[i - 1] + Math.max(0, Math.min(1, part)) * (y[i] - y[i - 1]);
}

// What the reader has guessed on this page: the mean gap of each figure, as a share of its axis.
const page = new Map();

/** @returns {[string, string][]} */
function pageSoFar() {
  if (page.size < 2) return [];
  const shares = [...page.values()];
  const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
  return [["this page:", `${shares.length} guesses, off by ${(100 * mean).toFixed(0)} % of the axis`]];
}

/** @param {import("../kit/protocol.d.ts").Handle} handle */
function reveal({ model, change, root }) {
  const drawn = model.get("guesses").some((guess) => guess.some((v) => v !== null));
  if (!drawn && !model.get("asked")) return change({ asked: true });
  change({ revealed: true });
  root.querySelector("[data-readout]")?.setAttribute("aria-live", "polite");
}

/** @param {import("../kit/protocol.d.ts").Handle} handle */
function listen({ model, change, plot, redraw }, problem) {
  const ends = [drawing({ model, change, node: plot("guess") }, problem)];
  const on = (trait, answer) => {
    model.on(`change:${trait}`, answer);
    ends.push(() => model.off(`change:${trait}`, answer));
  };
  const guessed = () => model.get("guesses")[model.get("curve")];
  const follow = () => {
    const value = guessed()[model.get("node")];
    if (value !== null && value !== model.get("value")) change({ value });
  };
  on("node", follow);
  on("curve", follow);
  on("value", () => {
    if (guessed()[model.get("node")] === model.get("value")) return;
    change({ guesses: withCurve(model, setPlace(guessed(), model.get("node"), model.get("value"))) });
  });
  on("revealed", () => {
    const found = model.get("revealed") ? score(problem, model.get("guesses")) : [];
    page.delete(model);
    if (found.length) page.set(model, found.reduce((sum, { share }) => sum + share, 0) / found.length);
    redraw();
  });
  return () => ends.forEach((end) => end());
}

function withCurve(model, guess) {
  return model.get("guesses").map((old, i) => (i === model.get("curve") ? guess : old));
}

// A pen across the plot. A finger that moves up or down scrolls the page; one that moves sideways draws.
function drawing({ model, change, node }, { y_range }) {
  node.style.touchAction = "pan-y";
  node.style.cursor = "crosshair";
  let last = null;
  const where = (event) => {
    const box = node.getBoundingClientRect();
    const area = plotArea(MARGIN, box.width, box.height);
    const right = (event.clientX - box.left - area.x) / area.width;
    const up = Math.max(0, Math.min(1, 1 - (event.clientY - box.top - area.y) / area.height));
    return [right * (NODES - 1), y_range[0] + up * (y_range[1] - y_range[0])];
  };
  const inside = ([i]) => i > -0.5 && i < NODES - 0.5;
  const draw = (event) => {
    const now = where(event);
    if (inside(now)) {
      change({ guesses: withCurve(model, stroke(model.get("guesses")[model.get("curve")], last ?? now, now)) });
    }
    last = now;
  };
  const listeners = {
    pointerdown(event) {
      if (event.button || !inside(where(event))) return;
      event.preventDefault(); // a pen selects no text
      last = null;
      node.setPointerCapture(event.pointerId);
      draw(event);
    },
    pointermove: (event) => last && draw(event),
    pointerup: () => (last = null),
    pointercancel: () => (last = null),
  };
  for (const [event, listener] of Object.entries(listeners)) node.addEventListener(event, listener);
  return () => {
    for (const [event, listener] of Object.entries(listeners)) node.removeEventListener(event, listener);
  };
}

export function render(context) {
  return explorable(guessFigure(context.model), context);
}
