// A guess before the answer: the reader draws curves on empty axes, then sees what the library computed, and how far
// off.
//
// A guess is a value, or null, at each of NODES places along the axis, one list a curve. On a logarithmic axis a value
// is a power of ten, as in plot.js. A pen (mouse or finger) draws across the plot; two sliders do the same from the
// keyboard.

/** @import { Figure, Handle, Model, Trace } from "../kit/protocol.d.ts" */
import { plotArea } from "../kit/axes.js";
import { explorable } from "../kit/figure.js";
import { listen, together } from "../kit/listen.js";
import { DASHES, MARGIN } from "../kit/plot.js";
import { curve, points } from "../kit/traces.js";
import { mean, plainNumber, scientific } from "../kit/values.js";
import { interpolate } from "../maths/interpolate.js";

const NODES = 33;
const STYLES = ["solid", "dot", "dash", "dashdot"]; // of the curves, in turn
const SHOWN = ["dash", "dot", "dashdot"]; // of those that are there from the beginning

/**
 * @param {Model} model
 * @returns {Figure}
 */
export function guessFigure(model) {
  const given = model.get("problem");
  const { labels, x_title, y_title, x_range, y_range, log_y, colour, shown, question, call } = given;
  const place = (i) => x_range[0] + (i / (NODES - 1)) * (x_range[1] - x_range[0]);
  const problem = { ...given, place };
  return {
    name: "Guess",
    title: `Guess: ${question}`,
    held: true,
    controls: {
      node: { text: (i) => `${x_title} = ${plainNumber(Number(place(i).toPrecision(3)))}`, beneath: "guess" },
      value: { text: (v) => plainNumber(Number((log_y ? 10 ** v : v).toPrecision(2))) },
      guesses: { read: (text) => readGuesses(text, labels.length), write: writeGuesses },
      revealed: { read: (text) => text === "true" },
      asked: { read: (text) => text === "true" },
    },
    actions: [{ action: "reveal", label: "Reveal", run: reveal }],
    plots: [
      {
        name: "guess",
        alt:
          `Axes for your guess: ${question} Draw with the mouse or a finger, or set one place after the other with ` +
          "the two sliders.",
        keys: [
          ...labels.map((label, i) => ({ label, colour, dash: DASHES[STYLES[i % STYLES.length]] })),
          { label: "your guess" },
          ...Object.keys(shown).map((label, i) => ({ label, dash: DASHES[SHOWN[i % SHOWN.length]] })),
        ],
        caption: "Draw on the plot, or set one place after the other with the sliders.",
      },
    ],
    python: () => call,
    draw({ revealed, asked, guesses, curve: k = 0, node }) {
      const own = revealed ? score(problem, guesses) : [];
      const here = guesses[k][node];
      const set = here === null ? "not yet" : plainNumber(Number((log_y ? 10 ** here : here).toPrecision(2)));
      const cursor = here === null
        ? []
        : [points("the place", [place(node)], [log_y ? 10 ** here : here], "currentColor", 7)];
      const yaxis = { title: y_title, range: y_range, ...(log_y ? { type: "log" } : {}) };
      return {
        message: advice(guesses, revealed, asked),
        readout: [
          ["your guess there:", set],
          ...own.map(({ label, text }) => /** @type {[string, string]} */ ([label, text])),
          ...pageSoFar(),
        ],
        plots: {
          guess: {
            data: [
              ...traces(problem, guesses, labels.filter((_, i) => revealed && (asked || drawn(guesses[i])))),
              ...cursor,
            ],
            layout: { xaxis: { title: x_title, range: x_range }, yaxis },
          },
        },
      };
    },
    moves: true,
    live: (handle) => followGuess(handle, problem),
  };
}

const drawn = (guess) => guess.some((v) => v !== null);

function advice(guesses, revealed, asked) {
  if (!revealed) {
    return asked && !guesses.some(drawn) ? "Draw a guess first. Or press Reveal again, and give up." : "";
  }
  return asked || guesses.every(drawn) ? "" : "Draw the others too. Or press Reveal again to see them.";
}

/** @returns {Trace[]} */
function traces({ answers, x, labels, place, log_y, colour, shown, start }, guesses, told) {
  const at = Array.from({ length: NODES }, (_, i) => place(i));
  const height = (v) => (v === null ? null : log_y ? 10 ** v : v);
  const dash = (i) => STYLES[i % STYLES.length];
  const given = Object.entries(shown).map(([label, y], i) =>
    curve(label, x, y, "currentColor", 2, { dash: SHOWN[i % SHOWN.length] })
  );
  const starts = start
    ? [points("start", labels.map(() => x[0]), labels.map((label) => answers[label][0]), colour, 9)]
    : [];
  const own = guesses.map((guess, i) =>
    curve(`guess ${labels[i]}`, at, guess.map(height), "currentColor", 4, { dash: dash(i), opacity: 0.45 })
  );
  const right = labels.map((label, i) => curve(label, x, answers[label], colour, 2.5, { dash: dash(i) }));
  return [...given, ...own, ...right.filter((_, i) => told.includes(labels[i])), ...starts];
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
      const right = interpolate(x, answers[label], place(i));
      const goal = log_y ? Math.log10(right) : right;
      return v === null || !Number.isFinite(goal) ? [] : [Math.abs(v - goal)];
    });
    if (!gaps.length) return [];
    const said = (
      gap,
    ) => (log_y ? `a factor ${gap < 4 ? (10 ** gap).toPrecision(2) : scientific(10 ** gap, 1)}` : gap.toPrecision(2));
    const text = `off by ${said(mean(gaps))} on average, ${said(Math.max(...gaps))} at most`;
    return [{ label: `${label}:`, text, share: mean(gaps) / (y_range[1] - y_range[0]) }];
  });
}

// What the reader has guessed on this page: the mean gap of each figure, as a share of its axis.
const page = new Map();

/** @returns {[string, string][]} */
function pageSoFar() {
  if (page.size < 2) return [];
  const shares = [...page.values()];
  return [["this page:", `${shares.length} guesses, off by ${(100 * mean(shares)).toFixed(0)} % of the axis`]];
}

/**
 * The curves that the reader has drawn; and all of them when asked again.
 * @param {Handle} handle
 */
function reveal({ model, change, root }) {
  const some = model.get("guesses").some(drawn);
  if (!some && !model.get("asked")) return change({ asked: true });
  change({ asked: !some || model.get("revealed"), revealed: true });
  root.querySelector("[data-readout]")?.setAttribute("aria-live", "polite");
}

/** @param {Handle} handle */
function followGuess(handle, problem) {
  const { model, change, redraw } = handle;
  const guessed = () => model.get("guesses")[model.get("curve")];
  const follow = () => {
    const value = guessed()[model.get("node")];
    if (value !== null && value !== model.get("value")) change({ value });
  };
  const lead = () => {
    const [node, value] = [model.get("node"), model.get("value")];
    if (guessed()[node] !== value) change({ guesses: withCurve(model, setPlace(guessed(), node, value)) });
  };
  const judge = () => {
    const found = model.get("revealed") ? score(problem, model.get("guesses")) : [];
    page.delete(model);
    if (found.length) page.set(model, found.reduce((sum, { share }) => sum + share, 0) / found.length);
    redraw();
  };
  const answers = { "change:node": follow, "change:curve": follow, "change:value": lead, "change:revealed": judge };
  return together(listen(model, answers), pen(handle, problem));
}

function withCurve(model, guess) {
  return model.get("guesses").map((old, i) => (i === model.get("curve") ? guess : old));
}

/**
 * A pen across the plot. A finger that moves up or down scrolls the page; one that moves sideways draws.
 * @param {Handle} handle
 */
function pen({ model, change, plot }, { y_range }) {
  const node = plot("guess");
  Object.assign(node.style, { touchAction: "pan-y pinch-zoom", cursor: "crosshair" });
  let last = null;
  let hand = null; // the finger that draws: a second one does nothing
  const where = (event) => {
    const box = node.getBoundingClientRect();
    const area = plotArea(MARGIN, box.width, box.height);
    const right = (event.clientX - box.left - area.x) / area.width;
    const up = Math.max(0, Math.min(1, 1 - (event.clientY - box.top - area.y) / area.height));
    return [right * (NODES - 1), y_range[0] + up * (y_range[1] - y_range[0])];
  };
  const inside = (point) => point[0] > -0.5 && point[0] < NODES - 0.5;
  const draw = (event) => {
    const now = where(event);
    if (inside(now)) {
      change({ guesses: withCurve(model, stroke(model.get("guesses")[model.get("curve")], last ?? now, now)) });
    }
    last = now;
  };
  const lift = (event) => {
    if (event.pointerId === hand) last = null;
  };
  return listen(node, {
    pointerdown(event) {
      if (last || event.button || !inside(where(event))) return;
      event.preventDefault(); // a pen selects no text
      hand = event.pointerId;
      node.setPointerCapture(hand);
      draw(event);
    },
    pointermove: (event) => last && event.pointerId === hand && draw(event),
    pointerup: lift,
    pointercancel: lift,
  });
}

export function render(context) {
  return explorable(guessFigure(context.model), context);
}
