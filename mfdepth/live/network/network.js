// The live figure of the front page: the network, and what it says of an input.

/** @import { Figure } from "../kit/protocol.d.ts" */
import { explorable } from "../kit/figure.js";
import { fixed, plainNumber, pythonFloat } from "../kit/values.js";
import { forward, showNetwork } from "./drawing.js";

/** @type {Figure} */
const NETWORK = {
  name: "Network",
  title: "Live figure: the network",
  plots: [
    {
      name: "network",
      alt:
        "From left to right: the input x, the cloud of first-layer neurons, the one number F, a second-layer neuron " +
        "with its slope and bias, and the output f. The numbers stand below.",
      caption:
        "F = α|x| is all that the second layer sees of x. It says f = ReLU(w₂F + b₂); the tent is f* = ReLU(1 − |x|).",
      show: showNetwork,
      low: true,
    },
  ],
  python: ({ r, alpha, w2, b2 }) =>
    `np.maximum(${pythonFloat(w2)} * ${pythonFloat(alpha)} * ${pythonFloat(r)} + ${pythonFloat(b2)}, 0)`,
  draw(settings) {
    const { r, alpha, w2, b2 } = settings;
    const { F, f, target } = forward(settings);
    const data = [{ meta: "network", x: [r, r, r], y: [F, f, target] }];
    return {
      message: "",
      readout: [["|x| =", plainNumber(r)], ["F =", fixed(F, 3)], ["f =", fixed(f, 3)], ["f* =", fixed(target, 3)]],
      plots: { network: { r, alpha, w2, b2, data } },
    };
  },
};

export function render(context) {
  return explorable(NETWORK, context);
}
