// The neurons of the target: those of a list, or the reader's own.

export const REACH = 1.6; // how far a target's neuron may be dragged
const TARGETS = {
  one: [[0.77, 0.64]],
  two: [[0.94, 0.34], [-0.34, 0.94]],
  three: [[0.97, 0.26], [0.2, 0.75], [-0.84, 0.31]],
  star: [[0, 1], [-0.87, -0.5], [0.87, -0.5]],
};

export function neuronsOf({ target, teacher }) {
  return target === "own" ? teacher : TARGETS[target];
}
