// A finite run beside the infinite-width one, stepped through its saved times. Nothing is computed here: Python sends
// the frames, { t, loss, idealLoss, radii, target, rays, ideal, w2, b2, idealW2, idealB2, error }, all but radii and
// target with an entry a saved time.

/** @import { Drawn, Figure } from "../kit/protocol.d.ts" */
import { extent } from "../kit/axes.js";
import { explorable } from "../kit/figure.js";
import { BLUE, curve, points, upright, VERMILION } from "../kit/traces.js";
import { plainNumber, scientific } from "../kit/values.js";

/** @returns {Figure} */
function simulation(frames) {
  const last = frames.t.length - 1;
  return {
    name: "Simulation",
    title: "Live figure: a finite network trains beside the infinite one",
    controls: { frame: { text: (i) => `t = ${plainNumber(frames.t[i])}` } },
    plots: [
      {
        name: "rays",
        alt: "The finite network along rays from the origin, the infinite one, and the target, against the radius",
        keys: [
          { label: "finite, along rays", colour: BLUE },
          { label: "infinite width", colour: VERMILION },
          { label: "target f*", dash: "6 4" },
        ],
        caption: "One blue line for each random direction. They separate where the network is not radial.",
      },
      {
        name: "cloud",
        alt: "The second-layer neurons, w2 against b2, with the mean of the infinite-width flow",
        keys: [
          { label: "neurons", colour: BLUE, dot: true },
          { label: "infinite width, mean and path", colour: VERMILION },
        ],
        caption: frames.w2[0].length > 1
          ? "The second layer: a cloud that travels like one neuron."
          : "The second layer is one neuron. It goes beside the path of infinite width.",
      },
      {
        name: "loss",
        alt: "The loss of both on a logarithmic scale, against time",
        caption:
          "The loss; below, ideal is that at infinite width, and √ρ how far the first layer is from round. The blue " +
          "line leaves the other where the error of finite width is all that is left.",
      },
    ],
    python: ({ frame }) => `run.t[${frame}], run.loss[${frame}]`,
    draw: ({ frame }) => drawSimulation(frames, Math.min(last, Math.max(0, frame))),
  };
}

/** @returns {Drawn} */
function drawSimulation(frames, i) {
  const { t, radii } = frames;
  const single = frames.w2[0].length === 1;
  const positive = (values) => values.map((v) => (v > 1e-14 ? v : null));
  const cross = { symbol: /** @type {const} */ ("x-thin"), line: { color: VERMILION, width: 3 } };
  return {
    message: "",
    readout: [
      ["t =", plainNumber(t[i])],
      ["loss =", scientific(frames.loss[i], 2)],
      ["limit =", scientific(Math.max(0, frames.idealLoss[i]), 2)],
      ["√ρ =", `${(100 * frames.error[i]).toFixed(2)} %`],
    ],
    plots: {
      rays: {
        data: [
          ...frames.rays[i].map((ray, k) => curve(`ray-${k}`, radii, ray, BLUE, 1, { opacity: 0.7 })),
          curve("ideal", radii, frames.ideal[i], VERMILION),
          curve("target", radii, frames.target, "currentColor", 2, { dash: "dash" }),
        ],
        layout: {
          xaxis: { title: "radius r", range: extent([radii], false, 0) },
          yaxis: { title: "f", range: [-0.03, 1.1] },
        },
      },
      cloud: {
        data: [
          points("cloud", frames.w2[i], frames.b2[i], BLUE, single ? 10 : 5, { opacity: single ? 1 : 0.6 }),
          curve("path", frames.idealW2, frames.idealB2, VERMILION, 1.5),
          points("mean", [frames.idealW2[i]], [frames.idealB2[i]], VERMILION, 12, cross),
        ],
        layout: {
          xaxis: { title: "w₂", range: extent([...frames.w2, frames.idealW2], false, 0.05) },
          yaxis: { title: "b₂", range: extent([...frames.b2, frames.idealB2], false, 0.05) },
        },
      },
      loss: {
        data: [
          curve("loss", t, positive(frames.loss), BLUE),
          curve("ideal-loss", t, positive(frames.idealLoss), VERMILION, 2),
        ],
        layout: { xaxis: { title: "time t" }, yaxis: { title: "loss", type: "log" }, shapes: [upright(t[i])] },
      },
    },
  };
}

export function render(context) {
  return explorable(simulation(context.model.get("frames")), context);
}
