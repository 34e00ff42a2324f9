// Paper is white and nothing on it can be pressed: a page is printed in the light theme, with all that is folded open.
(() => {
  const root = document.documentElement;
  let undo; // set while the page is on its way to paper, which some browsers announce twice

  function prepare() {
    if (undo) return;
    const theme = root.dataset.theme;
    const closed = /** @type {HTMLDetailsElement[]} */ ([...document.querySelectorAll("details:not([open])")]);
    const hidden = [...document.querySelectorAll(".toggle-hidden")];
    // what fills the window would lie on every sheet: it goes back to its place
    for (const open of document.querySelectorAll("dialog[open]")) open.dispatchEvent(new Event("close"));
    root.dataset.theme = "light";
    for (const box of closed) box.open = true;
    for (const box of hidden) box.classList.remove("toggle-hidden");
    undo = () => {
      root.dataset.theme = theme;
      for (const box of closed) box.open = false;
      for (const box of hidden) box.classList.add("toggle-hidden");
      undo = undefined;
    };
  }

  // Before any figure looks at its colours and its room. Chromium calls who listens to the window in turn, whoever
  // captures; so this script also comes first.
  addEventListener("beforeprint", prepare, { capture: true });
  addEventListener("afterprint", () => undo?.());
  document.addEventListener("click", ({ target }) => {
    if (target instanceof Element && target.closest("[data-print]")) print();
  });
})();
