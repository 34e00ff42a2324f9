// Thin tubes: lines of the plane blurred by a disc, and the part of a ring that they cover; beside it, the count in d.

/** @import { Drawing, Figure } from "../kit/protocol.d.ts" */
import { evenPlane, plotArea } from "../kit/axes.js";
import { explorable } from "../kit/figure.js";
import { drawPlot, MARGIN } from "../kit/plot.js";
import { curve, points, PURPLE, VERMILION } from "../kit/traces.js";
import { linearValues, logarithmicValues, plainNumber, powerOfTen, remember } from "../kit/values.js";
import { uniforms } from "../maths/random.js";
import { coveredArcs, shareOf, tubesForHalf } from "../maths/tubes.js";

const LINES = 0; // stream of the generator
const DIMENSIONS = logarithmicValues(2, 200, 40, Math.round);

const countsNow = remember((ratio) => DIMENSIONS.map((d) => Math.max(0, tubesForHalf(d, ratio))));

/** @type {Figure} */
const TUBES = {
  name: "Tubes",
  title: "Live figure: thin tubes and a ring",
  plots: [
    {
      name: "plane",
      alt:
        "Lines through the centre of the plane, each blurred to a tube, and a ring: the part of it within the tubes " +
        "is thick",
      keys: [
        { label: "tubes, one per neuron", colour: PURPLE, filled: true },
        { label: "ring, reached", colour: VERMILION },
        { label: "not reached", dash: "3 4" },
      ],
      caption: "The plane of frequencies, d = 2. A network lives on the tubes, the target evenly on the whole ring.",
      show: showTubes,
    },
    {
      name: "count",
      alt:
        "The least number of tubes that could cover half of the sphere, on a logarithmic scale, against the dimension",
      keys: [{ label: "tubes for half of the sphere", colour: PURPLE }],
      caption: "In d dimensions no fewer tubes than this cover half of the sphere, however they are laid.",
    },
  ],
  python: ({ d, ratio }) =>
    `from mfdepth.chapters import lower_bound\nlower_bound.tubes_for_half(${d}, ${plainNumber(ratio)})`,
  draw({ m, ratio, d, seed }) {
    const angles = Array.from(uniforms(seed, LINES, 0, m), (u) => Math.PI * u);
    const arcs = coveredArcs(angles, ratio);
    const here = Math.max(0, tubesForHalf(d, ratio));
    return {
      message: "",
      readout: [
        ["ring reached:", `${(100 * shareOf(arcs)).toFixed(0)} %`],
        ["first line at", `${((180 * angles[0]) / Math.PI).toFixed(0)}°`],
        ["tubes for half:", here < 5 ? String(Math.ceil(10 ** here - 1e-9)) : powerOfTen(Math.floor(here))],
      ],
      plots: { plane: { angles, arcs, ratio }, count: countPlot(d, here, countsNow(ratio)) },
    };
  },
};

// One length along both axes; the tubes are as wide as the plane says.
function showTubes(node, { angles, arcs, ratio }, size) {
  const { unit, right, up } = evenPlane(plotArea(MARGIN, size.width, size.height), 1.25 * ratio);
  const far = 2 * Math.hypot(right, up);
  const tube = (angle, i) => {
    const [x, y] = [Math.cos, Math.sin].map((along) => [-far, far].map((r) => r * along(angle)));
    return curve(`tube-${i + 1}`, x, y, PURPLE, 2 * unit, { opacity: 0.3 });
  };
  const arc = (meta, [from, to], color, width, dash) => {
    const at = linearValues(0, 60, 1).map((i) => from + ((to - from) * i) / 60);
    const [x, y] = [Math.cos, Math.sin].map((along) => at.map((a) => ratio * along(a)));
    return curve(meta, x, y, color, width, { dash });
  };
  const data = [
    ...angles.map(tube),
    arc("ring", [0, 2 * Math.PI], "currentColor", 2, "dot"),
    ...arcs.map((part, i) => arc(`reached-${i + 1}`, part, VERMILION, 4, "solid")),
  ];
  const layout = {
    xaxis: { title: "frequency ξ₁, in tube radii", range: [-right, right], showgrid: false },
    yaxis: { title: "ξ₂", range: [-up, up], showgrid: false },
  };
  drawPlot(node, { data, layout }, size);
}

/** @returns {Drawing} */
function countPlot(d, here, counts) {
  const range = [0, Math.max(2, counts[counts.length - 1])];
  return {
    data: [
      curve("tubes", DIMENSIONS, counts.map((e) => 10 ** e), PURPLE),
      points("here", [d], [10 ** here], PURPLE, 11),
    ],
    layout: {
      xaxis: { title: "dimension d", type: "log", range: [Math.log10(2), Math.log10(200)] },
      yaxis: { title: "tubes for half of the sphere", type: "log", range },
    },
  };
}

export function render(context) {
  return explorable(TUBES, context);
}
