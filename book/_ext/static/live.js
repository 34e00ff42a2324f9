// Makes a page live that has no kernel: hosts its anywidgets and draws its Plotly figures.
(() => {
  const root = document.documentElement;
  const scripts = (type) => [...document.querySelectorAll(`script[type="${type}"]`)];
  const parse = (script) => JSON.parse(script.textContent);

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
    const emit = (event, ...args) =>
      listeners.filter((l) => l.event === event).forEach((l) => l.callback(...args));
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

  const states = Object.assign(
    {},
    ...scripts("application/vnd.jupyter.widget-state+json").map((script) => parse(script).state),
  );
  // one module for all widgets of a class, one model for all views of a widget
  const moduleOf = once((esm, state) => load(state));
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
      throw error;
    }
  }

  // ---- Plotly figures: drawn when they come near, again when the theme changes

  const plotly = once(
    (src) =>
      new Promise((resolve, reject) => {
        if (globalThis.Plotly) return resolve(globalThis.Plotly);
        const script = Object.assign(document.createElement("script"), { src });
        script.onload = () => resolve(globalThis.Plotly);
        script.onerror = () => reject(new Error(`${src} could not be loaded`));
        document.head.append(script);
      }),
  );

  function template() {
    const style = getComputedStyle(document.body);
    const color = style.color;
    const line = style.getPropertyValue("--pst-color-border");
    const axis = { gridcolor: line, zerolinecolor: line, linecolor: color, automargin: true };
    return {
      layout: {
        paper_bgcolor: "transparent",
        plot_bgcolor: "transparent",
        font: { color, family: style.fontFamily },
        colorway: ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"], // Okabe-Ito
        xaxis: axis,
        yaxis: axis,
        legend: { orientation: "h", x: 0, y: 1.02, yanchor: "bottom" }, // above: a phone is narrow
        margin: { l: 50, r: 20, t: 40, b: 45 },
      },
    };
  }

  function drawFigure(script) {
    const { data, layout } = parse(script);
    const div = document.createElement("div");
    script.replaceWith(div);
    const draw = async () => {
      const Plotly = await plotly(`${root.dataset.content_root}_static/plotly.min.js`);
      await Plotly.react(div, data, { ...layout, template: template() }, { responsive: true, displaylogo: false });
    };
    const near = new IntersectionObserver(
      ([entry]) => {
        if (!entry.isIntersecting) return;
        near.disconnect();
        draw();
        new MutationObserver(draw).observe(root, { attributeFilter: ["data-theme"] });
      },
      { rootMargin: "400px" },
    );
    near.observe(div.parentElement);
  }

  scripts("application/vnd.jupyter.widget-view+json").forEach(show);
  scripts("application/vnd.plotly.v1+json").forEach(drawFigure);
})();
