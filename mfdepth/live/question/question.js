// A question with an answer that the page checks: one of some choices, or a number. Right or wrong is told with the
// reason.

import { element } from "../kit/controls.js";

/** @param {{ model: import("../kit/protocol.d.ts").Model, el: HTMLElement }} context */
export function render({ model, el }) {
  const { text, choices, right, tolerance } = model.get("problem");
  const id = `Question-${document.querySelectorAll('[data-explorable="Question"]').length + 1}`;
  const said = element("p", { class: "mf-verdict", role: "status" });
  const field = choices.length ? choiceField(id, choices) : numberField(id);
  const form = element("form", { novalidate: "" }, ...field.rows, element("button", { type: "submit" }, "Check"));
  const group = element("fieldset", {}, element("legend", {}, text), form, said);
  const root = element("section", { class: "mf-explorable", "data-explorable": "Question", "aria-label": text }, group);
  const show = () => {
    const given = model.get("given");
    field.set(given);
    const { reasons, wrong } = model.get("problem");
    const correct = given !== null && isRight(given, right, tolerance);
    const reason = choices.length && given !== null ? reasons[given] : correct ? reasons[0] : wrong;
    root.dataset.verdict = given === null ? "" : correct ? "right" : "wrong";
    said.textContent = given === null ? "" : `${correct ? "Right." : "Not yet."} ${reason}`;
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const given = field.get();
    if (given === null) {
      said.textContent = choices.length ? "Choose one first." : "Type a number first, such as 0.25 or 1e-3.";
      return;
    }
    model.set("given", given);
    model.save_changes();
    show(); // also when the same answer is given twice
  });
  // a notebook takes single keys for commands; what is typed here is an answer
  form.addEventListener("keydown", (event) => {
    if (!event.ctrlKey && !event.metaKey && event.key !== "Escape" && !event.shiftKey) event.stopPropagation();
  });
  model.on("change:given", show);
  el.append(root);
  show();
  root.dataset.ready = "true";
  return () => model.off("change:given", show);
}

/** A choice is right by its number; a number within the tolerance, relative to the right one.
 * @param {number} given @param {number} right @param {number} tolerance */
export function isRight(given, right, tolerance) {
  return Math.abs(given - right) <= tolerance * Math.abs(right);
}

function choiceField(id, choices) {
  const inputs = choices.map((_, i) => element("input", { type: "radio", name: id, id: `${id}-${i}` }));
  const rows = inputs.map((input, i) =>
    element("p", { class: "mf-choice" }, input, element("label", { for: input.id }, choices[i]))
  );
  return {
    rows,
    get: () => inputs.findIndex((input) => input.checked) < 0 ? null : inputs.findIndex((input) => input.checked),
    set: (given) => inputs.forEach((input, i) => (input.checked = i === given)),
  };
}

// "1e-3", "0,25", "1/4"
export function readNumber(text) {
  const parts = text.replace(",", ".").replace("−", "-").split("/");
  if (!text.trim() || parts.length > 2) return null;
  const value = parts.map((part) => (part.trim() ? Number(part) : NaN)).reduce((a, b) => a / b);
  return Number.isFinite(value) ? value : null;
}

function numberField(id) {
  const input = element("input", { type: "text", inputmode: "decimal", id: `${id}-number`, autocomplete: "off" });
  const row = element("p", { class: "mf-choice" }, element("label", { for: input.id }, "Your number:"), input);
  return {
    rows: [row],
    get: () => readNumber(input.value),
    set: (given) => given !== null && readNumber(input.value) === null && (input.value = String(given)),
  };
}
