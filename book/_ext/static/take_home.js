// What a reader takes from a Plotly figure: its data, its picture, and the figure alone, as large as the window.
globalThis.mfdepthTakeHome = (() => {
  // One row for each point: the trace, then x, y and, where there is one, z. plotly.js has made lists of packed arrays.
  function table(traces) {
    const quoted = (value) => (/[",\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);
    const rows = traces.flatMap(({ name, x, y, z }) => {
      if (!z) return Array.from(y ?? x ?? [], (_, i) => [name, x?.[i] ?? i, y?.[i] ?? i]);
      if (!z[0]?.length) return Array.from(z, (value, i) => [name, x[i], y[i], value]);
      return Array.from(z).flatMap((row, i) => Array.from(row, (value, j) => [name, x?.[j] ?? j, y?.[i] ?? i, value]));
    });
    const heading = ["trace", "x", "y", "z"].slice(0, Math.max(3, ...rows.map((row) => row.length)));
    return [heading, ...rows].map((row) => row.map((value) => quoted(String(value ?? ""))).join(",")).join("\n") + "\n";
  }

  function save(filename, text) {
    const href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
    Object.assign(document.createElement("a"), { href, download: filename }).click();
    setTimeout(() => URL.revokeObjectURL(href), 1000);
  }

  // For a lecture. The address is then a link that opens the figure so, out of a fold too.
  function showAlone(div, button, { height = 450 }, address) {
    const [box, place] = [div.parentElement, document.createComment("")];
    const dialog = Object.assign(document.createElement("dialog"), { className: "mf-alone" });
    const become = (pixels, label, address) => {
      Plotly.relayout(div, { height: pixels, autosize: true });
      button.textContent = label;
      history.replaceState(history.state, "", address);
      button.focus();
    };
    dialog.onclose = () => {
      place.replaceWith(box);
      dialog.remove();
      become(height, "Full window", location.pathname + location.search);
    };
    dialog.ariaLabel = box.querySelector(".visually-hidden").textContent;
    box.replaceWith(place);
    dialog.append(box);
    document.body.append(dialog);
    dialog.showModal();
    become(innerHeight - 100, "Close window", address); // the buttons have the rest
  }

  // Buttons under the figure, after it in the order of the keyboard; what they do is in their names.
  return (div, { name, data, layout, paper, alone }) => {
    const bar = Object.assign(document.createElement("div"), { className: "mf-take" });
    const button = (label, onclick) => {
      const node = Object.assign(document.createElement("button"), { type: "button", textContent: label, onclick });
      bar.append(node);
      return node;
    };
    const whole = button("Full window", () => {
      const open = div.closest("dialog");
      if (open) open.close();
      else showAlone(div, whole, layout, alone);
    });
    button("Download picture", () => {
      const { width, height } = div.getBoundingClientRect();
      const onPaper = { data, layout: { ...layout, paper_bgcolor: "#fff", plot_bgcolor: "#fff", template: paper } };
      Plotly.downloadImage(onPaper, { format: "svg", filename: name, width, height });
    });
    button("Download data", () => save(`${name}.csv`, table(div._fullData)));
    div.after(bar);
    if (location.hash === alone) whole.click();
  };
})();
