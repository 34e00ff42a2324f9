// One redraw a frame, however many things changed: settings, the theme, a size.

/** @import { Figure, Model } from "./protocol.d.ts" */
import { showReadout, themeColours } from "./controls.js";
import { listen } from "./listen.js";
import { drawPlot } from "./plot.js";

/**
 * Draws the figure into the page at the next frame after each schedule(); end() ends that.
 * @param {Figure} figure
 * @param {any} page  what buildPage returned
 * @param {() => any} settings
 * @param {Model} model
 */
export function keepDrawn(figure, page, settings, model) {
  const { root, plots } = page;
  const sizes = new Map(); // reading a colour or a size makes the browser lay the page out: it is done when they change
  let [colours, frame] = [null, 0];
  const failed = (error) => {
    page.message.textContent = `This figure could not be drawn: ${error.message}.`;
    throw error;
  };
  const redraw = () => {
    const started = performance.now();
    const now = settings();
    const drawing = figure.draw(now); // it may begin a run anew, and the controls tell its time
    page.refresh(now);
    colours ??= themeColours(root);
    page.message.textContent = drawing.message;
    showReadout(page.readout, drawing.readout);
    const sized = figure.plots.filter(({ name }) => sizes.has(plots[name]));
    const drawn = sized.map(({ name, show = drawPlot }) =>
      show(plots[name], drawing.plots[name], sizes.get(plots[name]), colours, model)
    );
    const done = () => tell(root, started, sized.length === figure.plots.length);
    if (drawn.some(Boolean)) Promise.all(drawn).then(done).catch(failed);
    else done();
  };
  const schedule = () => {
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      try {
        redraw();
      } catch (error) {
        failed(error);
      }
    });
  };
  // Paper waits for no frame, and shows what was folded until now. The page is in the colours of paper already
  // (print.js).
  const deaf = listen(window, {
    beforeprint() {
      for (const node of Object.values(plots)) measured(sizes, node, node.getBoundingClientRect());
      colours = null;
      redraw();
    },
  });
  const watches = [
    watchTheme(() => {
      colours = null;
      schedule();
    }),
    watchSizes(Object.values(plots), sizes, schedule), // the first drawing comes when the boxes are measured
  ];
  const end = () => {
    deaf();
    for (const watch of watches) watch.disconnect();
    cancelAnimationFrame(frame);
  };
  return { schedule, end };
}

// For tests and measurements: how long a redraw took, how many there were, and whether all plots are drawn.
function tell(root, started, all) {
  root.dataset.redrawMs = (performance.now() - started).toFixed(1);
  root.dataset.revision = String(Number(root.dataset.revision) + 1);
  if (all) root.dataset.ready = "true";
}

function watchTheme(changed) {
  const watch = new MutationObserver(changed);
  watch.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  watch.observe(document.body, { attributeFilter: ["data-jp-theme-light", "data-jp-theme-name"] });
  return watch;
}

// A box that is folded has no width, and keeps the size it had.
function measured(sizes, node, { width, height }) {
  if (width) sizes.set(node, { width, height });
}

function watchSizes(nodes, sizes, changed) {
  const watch = new ResizeObserver((entries) => {
    for (const { target, contentRect } of entries) measured(sizes, target, contentRect);
    changed();
  });
  for (const node of nodes) watch.observe(node);
  return watch;
}
