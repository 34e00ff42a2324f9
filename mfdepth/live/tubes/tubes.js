// Thin tubes: lines of the plane blurred by a disc, and the part of a ring that they cover; beside it, the count in d.

import { explorable } from "../kit/figure.js";
import { drawPlot, MARGIN, plotArea, PURPLE, VERMILION } from "../kit/plot.js";
import { linearValues, logarithmicValues, plainNumber, powerOfTen, remember } from "../kit/values.js";
import { uniforms } from "../maths/random.js";
import { coveredArcs, shareOf, tubesForHalf } from "../maths/tubes.js";

const LINES = 0; // stream of the generator
const DIMENSIONS = logarithmicValues(2, 200, 40, Math.round);

const countsNow = remember((ratio) => DIMENSIONS.map((d) => Math.max(0, tubesForHalf(d, ratio))));

/** @type {import("../kit/protocol.d.ts").Figure} */
const TUBES = {
  name: "Tubes",
  title: "Live figure: thin tubes and a ring",
  controls: [
    { trait: "m", label: "neurons m", values: linearValues(1, 40, 1) },
    { trait: "ratio", label: "ring, in tube radii", values: linearValues(1.5, 10, 0.5) },
    { trait: "d", label: "dimension d", values: DIMENSIONS },
    { trait: "seed", label: "other lines", values: linearValues(0, 30, 1) },
  ],
  plots: [
    {
      name: "plane",
      alt:
        "Lines through the centre of the plane, each blurred to a tube, and a ring: the part of it within the tubes is thick",
      keys: [{ label: "tubes, one a neuron", colour: PURPLE, filled: true }, {
        label: "ring, reached",
        colour: VERMILION,
      }, {
        label: "not reached",
        dash: "3 4",
      }],
      caption: "The plane, d = 2. A network lives on the tubes. The target spreads evenly over the ring.",
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
  python: ({ d, ratio }) => `why_depth.tubes_for_half(${d}, ${plainNumber(ratio)})`,
  draw({ m, ratio, d, seed }) {
    const angles = Array.from(uniforms(seed, LINES, 0, m), (u) => Math.PI * u);
    const arcs = coveredArcs(angles, ratio);
    const counts = countsNow(ratio);
    const here = Math.max(0, tubesForHalf(d, ratio));
    return {
      message: "",
      readout: [
        ["ring reached:", `${(100 * shareOf(arcs)).toFixed(0)} %`],
        ["tubes for half:", here < 5 ? String(Math.ceil(10 ** here - 1e-9)) : powerOfTen(Math.floor(here))],
      ],
      plots: { plane: { angles, arcs, ratio }, count: countPlot(d, here, counts) },
    };
  },
};

// One length along both axes; the tubes are as wide as the plane says.
function showTubes(node, { angles, arcs, ratio }, size, colours) {
  const { width, height } = plotArea(MARGIN, size.width, size.height);
  const reach = 1.25 * ratio;
  const unit = Math.min(width, height) / (2 * reach);
  const [right, up] = [width / unit / 2, height / unit / 2];
  const far = 2 * Math.hypot(right, up);
  const line = (angle) => ({
    x: [-far, far].map((r) => r * Math.cos(angle)),
    y: [-far, far].map((r) => r * Math.sin(angle)),
  });
  const arc = ([from, to]) => {
    const at = linearValues(0, 60, 1).map((i) => from + ((to - from) * i) / 60);
    return { x: at.map((a) => ratio * Math.cos(a)), y: at.map((a) => ratio * Math.sin(a)) };
  };
  const data = [
    ...angles.map((angle, i) => ({
      ...line(angle),
      meta: `tube-${i + 1}`,
      line: { color: PURPLE, width: 2 * unit },
      opacity: 0.3,
    })),
    { ...arc([0, 2 * Math.PI]), meta: "ring", line: { dash: /** @type {const} */ ("dot"), width: 2 } },
    ...arcs.map((part, i) => ({ ...arc(part), meta: `reached-${i + 1}`, line: { color: VERMILION, width: 4 } })),
  ];
  const layout = {
    xaxis: { title: "frequency ξ₁, in tube radii", range: [-right, right], showgrid: false },
    yaxis: { title: "ξ₂", range: [-up, up], showgrid: false },
  };
  drawPlot(node, { data, layout }, size);
}

function countPlot(d, here, counts) {
  return {
    data: [
      {
        x: DIMENSIONS,
        y: counts.map((e) => 10 ** e),
        meta: "tubes",
        line: { color: PURPLE, width: 2.5 },
      },
      { x: [d], y: [10 ** here], meta: "here", mode: "markers", marker: { color: PURPLE, size: 11 } },
    ],
    layout: {
      xaxis: { title: "dimension d", type: "log", range: [Math.log10(2), Math.log10(200)] },
      yaxis: {
        title: "tubes for half of the sphere",
        type: "log",
        range: [0, Math.max(2, counts.at(-1) ?? 2)],
      },
    },
  };
}

export function render(context) {
  return explorable(TUBES, context);
}
