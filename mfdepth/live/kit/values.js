// Numbers: lists that sliders walk through, and how values are written for readers and for Python.

// A slider's position is an index into a list of values, so that every stop is a round number.
export function linearValues(min, max, step) {
  const count = Math.round((max - min) / step);
  return Array.from({ length: count + 1 }, (_, i) => Number((min + i * step).toPrecision(12)));
}

export function logarithmicValues(min, max, perDecade, round = (v) => Number(v.toPrecision(2))) {
  const values = [min];
  const first = Math.ceil(perDecade * Math.log10(min));
  for (let i = first; i < perDecade * Math.log10(max); i++) {
    const v = round(10 ** (i / perDecade));
    if (v > values[values.length - 1] && v < max) values.push(v);
  }
  return [...values, max];
}

export function nearestIndex(values, value) {
  let best = 0;
  values.forEach((v, i) => {
    if (Math.abs(v - value) < Math.abs(values[best] - value)) best = i;
  });
  return best;
}

export function plainNumber(value) {
  const rounded = Number(Number(value).toPrecision(6));
  const tiny = rounded !== 0 && Math.abs(rounded) < 1e-6; // which JavaScript would write as 1e-7
  return tiny ? scientific(rounded, 2) : String(rounded).replace("-", "−");
}

// To some digits behind the point, with a proper minus.
export function fixed(value, digits) {
  const text = value.toFixed(digits);
  return Number(text) === 0 ? text.replace("-", "") : text.replace("-", "−");
}

// 3.1e-4 as 3.1 × 10⁻⁴
export function scientific(value, digits = 4) {
  if (value === 0) return "0";
  const [mantissa, exponent] = value.toExponential(digits).split("e");
  return `${mantissa} × ${powerOfTen(Number(exponent))}`.replace("-", "−");
}

export function powerOfTen(exponent) {
  return `10${[...String(exponent)].map((c) => (c === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[c])).join("")}`;
}

export function pythonFloat(x) {
  return Number.isInteger(x) ? x.toFixed(1) : String(x);
}

// The last result for some arguments: moving one slider need not redo what the others decide.
export function remember(compute) {
  let last = { key: "", value: undefined };
  return (...args) => {
    const key = JSON.stringify(args);
    if (last.key !== key) last = { key, value: compute(...args) };
    return last.value;
  };
}

export function sum(values) {
  return values.reduce((total, value) => total + value, 0);
}

export function mean(values) {
  return sum(values) / (values.length || 1);
}

// The range of some values, widened to multiples of a step, so that it rests while a slider moves; the margin keeps a
// curve off the frame.
export function outward(values, step) {
  const margin = 0.04 * step;
  let [low, high] = [Infinity, -Infinity];
  for (const v of values) {
    if (v < low) low = v;
    if (v > high) high = v;
  }
  return [step * Math.floor((low - margin) / step), step * Math.ceil((high + margin) / step)];
}
