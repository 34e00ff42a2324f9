// A finite run beside the infinite-width one, stepped through its saved times. Nothing is computed here: Python
// sends the frames, { t, loss, radii, target, rays, ideal, w2, b2, idealNeuron }, all but t and loss one a saved time.

import { explorable } from "../kit/figure.js";
import { BLUE, VERMILION } from "../kit/plot.js";
import { plainNumber, scientific } from "../kit/values.js";

function simulation(frames) {
  const last = frames.t.length - 1;
  return {
    name: "Simulation",
    title: "Live figure: a finite network trains beside the infinite one",
    controls: [
      {
        trait: "frame",
        label: "time t",
        values: frames.t.map((_, i) => i),
        text: (i) => `t = ${plainNumber(frames.t[i])}`,
      },
    ],
    plots: [
      {
        name: "rays",
        alt: "The finite network along rays from the origin, the infinite one, and the target, against the radius",
        keys: [
          { label: "finite, along rays", colour: BLUE },
          { label: "infinite width", colour: VERMILION },
          { label: "target f*", dash: "6 4" },
        ],
        caption: "One blue line a random direction. They part where the network is not radial.",
      },
      {
        name: "cloud",
        alt: "The second-layer neurons, w2 against b2, with the mean of the infinite-width flow",
        keys: [
          { label: "neurons", colour: BLUE },
          { label: "infinite width, mean", colour: VERMILION },
        ],
        caption: "The second layer: a cloud that travels like one neuron.",
      },
      {
        name: "loss",
        alt: "The loss of both on a logarithmic scale, against time",
        caption: "The loss; below, ideal is that at infinite width, and √ρ how far the first layer is from round. The blue line leaves the other where the error of finite width is all that is left.",
      },
    ],
    python: ({ frame }) => `run.t[${frame}], run.loss[${frame}]`,
    draw: ({ frame }) => drawSimulation(frames, Math.min(last, Math.max(0, frame))),
  };
}

function drawSimulation(frames, i) {
  const line = (x, y, color, width, more = {}) => ({ x, y, mode: "lines", line: { color, width }, ...more });
  const positive = (values) => values.map((v) => (v > 1e-14 ? v : null));
  const extent = (values, pad) => {
    const [low, high] = [Math.min(...values), Math.max(...values)];
    return [low - pad * (high - low), high + pad * (high - low)];
  };
  return {
    message: "",
    readout: [
      ["t =", plainNumber(frames.t[i])],
      ["loss =", scientific(frames.loss[i], 2)],
      ["ideal =", scientific(Math.max(0, frames.idealLoss[i]), 2)],
      ["√ρ =", `${(100 * frames.error[i]).toFixed(2)} %`],
    ],
    plots: {
      rays: {
        data: [
          ...frames.rays[i].map((ray, k) => line(frames.radii, ray, BLUE, 1, { meta: `ray-${k}`, opacity: 0.7 })),
          line(frames.radii, frames.ideal[i], VERMILION, 2.5, { meta: "ideal" }),
          { x: frames.radii, y: frames.target, meta: "target", line: { color: "currentColor", dash: "dash", width: 2 } },
        ],
        layout: {
          xaxis: { title: "radius r", range: extent(frames.radii, 0) },
          yaxis: { title: "f", range: [-0.03, 1.1] },
        },
      },
      cloud: {
        data: [
          { x: frames.w2[i], y: frames.b2[i], mode: "markers", marker: { color: BLUE, size: 5, opacity: 0.6 }, meta: "cloud" },
          {
            x: [frames.idealW2[i]], y: [frames.idealB2[i]], mode: "markers", meta: "mean",
            marker: { color: VERMILION, size: 12, symbol: "x-thin", line: { color: VERMILION, width: 3 } },
          },
        ],
        layout: {
          xaxis: { title: "w₂", range: extent([...frames.w2.flat(), ...frames.idealW2], 0.05) },
          yaxis: { title: "b₂", range: extent([...frames.b2.flat(), ...frames.idealB2], 0.05) },
        },
      },
      loss: {
        data: [
          line(frames.t, positive(frames.loss), BLUE, 2.5, { meta: "loss" }),
          line(frames.t, positive(frames.idealLoss), VERMILION, 2, { meta: "ideal-loss" }),
        ],
        layout: {
          xaxis: { title: "time t" },
          yaxis: { title: "loss", type: "log" },
          shapes: [
            {
              type: "line", x0: frames.t[i], x1: frames.t[i], y0: 0, y1: 1, yref: "paper",
              line: { color: "currentColor", width: 1, dash: "dot" },
            },
          ],
        },
      },
    },
  };
}

export function render(context) {
  return explorable(simulation(context.model.get("frames")), context);
}
