// A figure alone, as large as the window: for a lecture, and for a small screen.

import { element } from "./controls.js";

/**
 * A function that opens the window, and closes it when it is open; Escape closes it too. It is modal: the keys stay in
 * it, and the page behind keeps its place.
 * @param {HTMLElement} root  the figure's
 * @param {(open: boolean) => void} tell
 */
export function windowOf(root, tell) {
  let dialog = null;
  const close = () => dialog?.close();
  const open = () => {
    const place = root.parentElement;
    place.style.minHeight = `${place.offsetHeight}px`;
    dialog = element("dialog", { class: "mf-window", "aria-label": root.getAttribute("aria-label") });
    root.replaceWith(dialog);
    dialog.append(root);
    dialog.showModal();
    dialog.addEventListener("close", () => {
      dialog.replaceWith(root);
      dialog = null;
      place.style.minHeight = "";
      tell(false);
    });
    tell(true);
  };
  return { toggle: () => (dialog ? close() : open()), close };
}
