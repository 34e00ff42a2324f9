// Settings in the address: #~InfiniteWidth.d=10&InfiniteWidth.w2=-0.5, which no heading's anchor looks like.

// On the book's pages the root element knows the way to _static; in JupyterLab and elsewhere it does not.
export function onBookPage() {
  return "content_root" in document.documentElement.dataset;
}

export function readAddress() {
  return new URLSearchParams(location.hash.startsWith("#~") ? location.hash.slice(2) : "");
}

export function addressWith(id, settings) {
  const parameters = readAddress();
  for (const key of [...parameters.keys()]) if (key.startsWith(`${id}.`)) parameters.delete(key);
  for (const [trait, value] of Object.entries(settings)) parameters.set(`${id}.${trait}`, value);
  const text = parameters.toString();
  return location.pathname + location.search + (text ? `#~${text}` : "");
}

// What the address says of a control, as a value that the control may take; undefined for anything else.
export function valueFromText(control, text, initial) {
  if (text === null || text === "") return undefined;
  if (control.hidden) return control.read(text);
  if (control.toggle) return { true: true, false: false }[text];
  if (control.choices) return control.choices.find(({ value }) => String(value) === text)?.value;
  const { values } = control;
  const value = Number(text);
  if (!(value >= values[0] && value <= values[values.length - 1])) return undefined;
  return Number.isInteger(initial) && values.every(Number.isInteger) ? Math.round(value) : value;
}
