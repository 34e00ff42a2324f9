// Makes a page live that has no kernel: hosts its anywidgets and draws its Plotly figures.
//
// The first live figure comes before all else, then the formulas, which hold a page up for a second, then the other
// live figures, when the page has time. Plotly figures come as they are scrolled to.
(() => {
  const root = document.documentElement;
  /** @returns {any[]} */
  const scripts = (type) => [...document.querySelectorAll(`script[type="${type}"]`)];
  // Python also writes NaN and Infinity, which JSON lacks: in place of a number, outside strings, they are null.
  const parse = ({ textContent }) => {
    try {
      return JSON.parse(textContent);
    } catch {
      const found = /"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b/g;
      return JSON.parse(textContent.replace(found, (part) => (part.startsWith('"') ? part : "null")));
    }
  };

  // ---- anywidget: the state of every model and the place of every view are JSON in the page

  // The model of the anywidget front-end module interface, with nobody at the other end.
  function createModel({ state, buffers = [] }) {
    state = { ...state };
    for (const { path, data } of buffers) {
      const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
      const owner = path.slice(0, -1).reduce((object, key) => object[key], state);
      owner[path.at(-1)] = new DataView(bytes.buffer);
    }
    let listeners = [];
    const emit = (event, ...args) => listeners.filter((l) => l.event === event).forEach((l) => l.callback(...args));
    const model = {
      get: (name) => state[name],
      set(name, value) {
        const changes = Object.entries(typeof name === "object" ? name : { [name]: value });
        const changed = changes.filter(([key, v]) => state[key] !== v);
        for (const [key, v] of changed) state[key] = v;
        for (const [key, v] of changed) emit(`change:${key}`, model, v);
        if (changed.length) emit("change", model);
      },
      on: (event, callback) => void listeners.push({ event, callback }),
      off(event, callback) {
        const leaves = (l) => (!event || l.event === event) && (!callback || l.callback === callback);
        listeners = listeners.filter((l) => !leaves(l));
      },
      save_changes() {},
      send() {},
    };
    return model;
  }

  async function load({ _esm, _css }) {
    if (_css) document.head.append(Object.assign(document.createElement("style"), { textContent: _css }));
    const url = URL.createObjectURL(new Blob([_esm], { type: "text/javascript" }));
    try {
      const module = (await import(url)).default;
      return typeof module === "function" ? await module() : module;
    } finally {
      URL.revokeObjectURL(url);
    }
  }

  function once(make) {
    const made = new Map();
    return (key, ...args) => {
      if (!made.has(key)) made.set(key, make(key, ...args));
      return made.get(key);
    };
  }

  // The states stand in the head, before this script: modules are on their way while the page is read.
  const states = Object.assign(
    {},
    ...scripts("application/vnd.jupyter.widget-state+json").map((script) => parse(script).state),
  );
  // one module for all widgets of a class, one model for all views of a widget
  const moduleOf = once((_esm, state) => load(state));
  for (const { state } of Object.values(states)) moduleOf(state._esm, state).catch(() => {}); // show() says why
  const modelOf = once(async (id) => {
    const { state } = states[id];
    const [module, model] = [await moduleOf(state._esm, state), createModel(states[id])];
    await module.initialize?.({ model });
    return { module, model };
  });

  async function show(script) {
    const el = document.createElement("div");
    script.replaceWith(el);
    try {
      const { module, model } = await modelOf(parse(script).model_id);
      await module.render({ model, el });
    } catch (error) {
      el.textContent = "This live figure could not start: the browser's console says why.";
      reportError(error);
    }
  }

  // ---- MathJax, which the page only names: fetched at once, started later, and typesetting a piece at a time, so that
  // a hand on a slider is answered in between

  const PIECE = 20; // paragraphs and the like
  const append = (tag, properties) => document.head.append(Object.assign(document.createElement(tag), properties));

  function formulas() {
    for (const { src } of scripts("text/later")) {
      const given = globalThis.MathJax; // its configuration, until it is loaded
      globalThis.MathJax = { ...given, startup: { ...given?.startup, typeset: false } };
      append("script", { src, onload: () => (MathJax.startup.promise = MathJax.startup.promise.then(typeset)) });
    }
  }

  async function typeset() {
    const inSections = [...document.querySelectorAll("article section > :not(section)")];
    // a theorem holds a section
    const blocks = inSections.filter((block) => !block.parentElement.closest("section > :not(section)"));
    for (let i = 0; i < blocks.length; i += PIECE) {
      await MathJax.typesetPromise(blocks.slice(i, i + PIECE));
      await idle();
    }
    await MathJax.typesetPromise(); // and what stands elsewhere
  }

  // Paper does not wait for the pieces.
  addEventListener("beforeprint", () => globalThis.MathJax?.typeset?.());

  for (const { src } of scripts("text/later")) append("link", { rel: "preload", as: "script", href: src });

  // ---- Plotly figures: drawn when they come near, again when the theme changes

  // one copy for these figures and for the widgets that need it (with_plotly.js)
  function plotly() {
    globalThis.mfdepthPlotly ??= new Promise((resolve, reject) => {
      if (globalThis.Plotly) return resolve(globalThis.Plotly);
      const script = Object.assign(document.createElement("script"), { src: PLOTLY });
      script.onload = () => resolve(globalThis.Plotly);
      script.onerror = () => reject(new Error(`${PLOTLY} could not be loaded`));
      document.head.append(script);
    });
    return globalThis.mfdepthPlotly;
  }

  const PLOTLY = `${root.dataset.content_root}_static/plotly.min.js`;

  // Paper shows all of the page, and does not wait: what no figure has needed yet is loaded at once.
  function plotlyNow() {
    if (globalThis.Plotly || !document.querySelector(".mf-figure, [data-plotly]")) return;
    const request = new XMLHttpRequest();
    request.open("GET", PLOTLY, false);
    request.send();
    document.head.append(Object.assign(document.createElement("script"), { textContent: request.responseText }));
  }

  function pageColours() {
    const style = getComputedStyle(document.body);
    return { text: style.color, line: style.getPropertyValue("--pst-color-border"), ground: "transparent" };
  }

  const PAPER = { text: "#222", line: "#ddd", ground: "#fff" };

  function template({ text, line, ground }) {
    const axis = { gridcolor: line, zerolinecolor: line, linecolor: text, automargin: true };
    return {
      layout: {
        paper_bgcolor: ground,
        plot_bgcolor: ground,
        font: { color: text, family: getComputedStyle(document.body).fontFamily },
        colorway: ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"], // Okabe-Ito
        xaxis: axis,
        yaxis: axis,
        legend: { orientation: "h", x: 0, y: 1.02, yanchor: "bottom" }, // above: a phone is narrow
        margin: { l: 50, r: 20, t: 40, b: 45 },
      },
    };
  }

  // On black the blue of finite width is too dark: there it is the palette's sky blue, as in the live figures.
  function seen(data) {
    if (root.dataset.theme !== "dark") return data;
    return JSON.parse(JSON.stringify(data).replaceAll("#0072B2", "#56B4E9"));
  }

  // A finger scrolls the page over a plot, as it does elsewhere, and draws no frame to enlarge. Buttons that come and
  // go with a mouse would always lie over the legend.
  const coarse = matchMedia("(pointer: coarse)").matches;
  const forHand = coarse ? { dragmode: false } : {};
  const bar = { displaylogo: false, modeBarButtonsToRemove: ["toImage"], displayModeBar: coarse ? false : "hover" };

  function drawFigure(script, index) {
    let data, layout;
    const div = /** @type {any} */ (document.createElement("div")); // plotly.js keeps its data there
    script.replaceWith(div);
    const page = location.pathname.replace(/.*\/|\.html$/g, "") || "figure";
    const alone = `#alone-${index + 1}`; // the address that opens it in a window of its own
    const draw = async () => {
      const Plotly = globalThis.Plotly ?? (await plotly());
      const first = !div.data;
      if (first) ({ data, layout } = parse(script));
      const themed = { ...layout, ...forHand, template: template(pageColours()) };
      await Plotly.react(div, seen(data), themed, { responsive: true, ...bar });
      if (first) mfdepthTakeHome(div, { name: `${page}-${index + 1}`, data, layout, paper: template(PAPER), alone });
    };
    const near = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) start();
      },
      { rootMargin: "400px" },
    );
    const start = () => {
      near.disconnect();
      removeEventListener("beforeprint", start);
      draw();
      new MutationObserver(draw).observe(root, { attributeFilter: ["data-theme"] });
    };
    addEventListener("beforeprint", start);
    if (location.hash === alone) start();
    else near.observe(div.parentElement);
  }

  // ---- what comes when

  const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
  const frame = () => new Promise(requestAnimationFrame);
  const idle = () =>
    globalThis.requestIdleCallback
      ? new Promise((resolve) => requestIdleCallback(resolve, { timeout: 1000 }))
      : wait(100);

  async function begin() {
    addEventListener("beforeprint", plotlyNow); // before each figure's own listener
    const [first, ...others] = scripts("application/vnd.jupyter.widget-view+json");
    // a frame to measure boxes, one to draw, a hand's turn
    const shown = first && show(first).then(frame).then(frame).then(idle);
    scripts("application/vnd.plotly.v1+json").forEach(drawFigure);
    await Promise.race([shown, wait(1000)]); // a page that is not in front draws no frames
    formulas();
    for (const script of others) await idle().then(() => show(script));
  }

  // "interactive": the page is read, and the scripts that waited for that have yet to run
  if (document.readyState !== "loading") begin();
  else document.addEventListener("readystatechange", begin, { once: true });
})();
