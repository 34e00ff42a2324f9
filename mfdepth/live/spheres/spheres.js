// Harmonics as one can see them: a function on the sphere, its mean against a ReLU beside it, and both on the circle.

import { explorable } from "../kit/figure.js";
import { listen, together } from "../kit/listen.js";
import { paintCanvas } from "../kit/plot.js";
import { fixed, linearValues, plainNumber, remember } from "../kit/values.js";
import { circleAndMean, functionAndMean } from "../maths/harmonics.js";
import { reluEigenvalues } from "../maths/sphere.js";

const PIXELS = 150; // of a sphere's picture, smoothed to its size on the screen
const [HIGH, LOW] = [[230, 159, 0], [86, 180, 233]]; // orange above zero, sky blue below
const ANGLES = linearValues(-180, 180, 3);

const degrees = (v) => `${plainNumber(v)}°`;

const spheresNow = remember((shape, degree, order) => functionAndMean({ shape, degree, order }));
const circleNow = remember((shape, degree) => circleAndMean({ shape, degree }, ANGLES.map((a) => (a * Math.PI) / 180)));

/** @type {import("../kit/protocol.d.ts").Figure} */
const SPHERES = {
  name: "Spheres",
  title: "Live figure: harmonics of the sphere",
  controls: {
    order: {
      text: (m, { degree }) => `${Math.min(m, degree) + 1} of ${degree + 1}`,
      last: ({ degree }) => degree,
    },
    turn: { text: degrees },
    tilt: { text: degrees },
  },
  plots: [
    {
      name: "function",
      alt: "A sphere coloured by the function: orange above zero, blue below",
      keys: [{ label: "above 0", colour: "#E69F00", filled: true }, {
        label: "below 0",
        colour: "#56B4E9",
        filled: true,
      }],
      caption: "A function q on the sphere of R³. Turn it with the sliders, or drag it.",
      show: paintCanvas,
    },
    {
      name: "mean",
      alt:
        "A sphere coloured by the mean of the function against a ReLU in each direction, in its own scale of colours",
      keys: [{ label: "above 0", colour: "#E69F00", filled: true }, {
        label: "below 0, in its own scale",
        colour: "#56B4E9",
        filled: true,
      }],
      caption: "Its mean E q(u) ReLU(v·u) in each direction v. It turns as q turns: averaging commutes with rotations.",
      show: paintCanvas,
    },
    {
      name: "circle",
      alt: "The same in the plane: the function on the circle and its mean against a ReLU, against the angle",
      keys: [{ label: "q on the circle", colour: "#E69F00" }, { label: "its mean, times 3", dash: "8 4" }],
      caption: "On the circle harmonics are a Fourier series: cos(lθ) comes back as λ_l cos(lθ).",
    },
  ],
  python: ({ shape, degree }) =>
    shape === "harmonic" ? `mf.relu_eigenvalues(3, ${degree})[${degree}]` : "mf.relu_eigenvalues(3, 4)",
  draw({ shape, degree, order, turn, tilt }) {
    const pure = shape === "harmonic";
    const { f, mean } = spheresNow(shape, degree, Math.min(order, degree));
    const circle = circleNow(shape, degree);
    const lambda = reluEigenvalues(3, 6);
    const own = { turn: (turn * Math.PI) / 180, tilt: (tilt * Math.PI) / 180 };
    const data = [{ meta: "turned by, degrees", x: [turn], y: [tilt] }, {
      meta: "degree, which one",
      x: [degree],
      y: [Math.min(order, degree) + 1],
    }];
    const told = pure
      ? [
        ["λ in R³ =", fixed(lambda[degree], 4)],
        ["λ in the plane =", fixed(reluEigenvalues(2, 4)[degree], 4)],
        ["harmonic", `${Math.min(order, degree) + 1} of ${degree + 1}`],
      ]
      : lambda.slice(0, 5).map((value, l) => [`λ_${l} =`, fixed(value, 4)]);
    return {
      message: pure && degree === 3
        ? "Degree 3 comes back as nothing: λ₃ = 0. A ReLU is |z|/2 + z/2, and |z| is even."
        : "",
      readout: /** @type {[string, string][]} */ ([...told, ["turned by", `${degrees(turn)}, ${degrees(tilt)}`]]),
      plots: {
        function: { data, paint: (...to) => paintSphere(f, own, ...to) },
        mean: { data, paint: (...to) => paintSphere(mean, own, ...to) },
        circle: circlePlot(circle),
      },
    };
  },
  live: turnByHand,
};

// The half of the sphere that faces the reader; colours are scaled by the largest value that is seen.
function paintSphere(f, { turn, tilt }, context, width, height, colours) {
  const values = new Float64Array(PIXELS * PIXELS).fill(NaN);
  const [c, s] = [Math.cos(tilt), Math.sin(tilt)];
  let most = 1e-9;
  for (let row = 0; row < PIXELS; row++) {
    for (let column = 0; column < PIXELS; column++) {
      const [x, y] = [(2 * (column + 0.5)) / PIXELS - 1, 1 - (2 * (row + 0.5)) / PIXELS];
      const depth = 1 - x * x - y * y;
      if (depth < 0) continue;
      const towards = Math.sqrt(depth);
      const [up, out] = [c * y + s * towards, c * towards - s * y];
      const value = f(Math.max(-1, Math.min(1, up)), Math.atan2(x, out) - turn);
      values[row * PIXELS + column] = value;
      most = Math.max(most, Math.abs(value));
    }
  }
  const small = Object.assign(document.createElement("canvas"), { width: PIXELS, height: PIXELS });
  const aside = /** @type {CanvasRenderingContext2D} */ (small.getContext("2d"));
  const picture = aside.createImageData(PIXELS, PIXELS);
  values.forEach((value, i) => {
    if (Number.isNaN(value)) return;
    const share = Math.min(1, Math.abs(value) / most);
    const ground = colours.dark ? 40 : 245;
    const hue = value > 0 ? HIGH : LOW;
    for (let k = 0; k < 3; k++) picture.data[4 * i + k] = ground + share * (hue[k] - ground);
    picture.data[4 * i + 3] = 255;
  });
  aside.putImageData(picture, 0, 0);
  const size = Math.min(width, height) - 8;
  context.clearRect(0, 0, width, height);
  context.drawImage(small, (width - size) / 2, (height - size) / 2, size, size);
  context.beginPath();
  context.arc(width / 2, height / 2, size / 2, 0, 2 * Math.PI);
  context.strokeStyle = colours.text;
  context.stroke();
}

function circlePlot({ f, mean }) {
  return {
    data: [
      { x: ANGLES, y: f, meta: "f", line: { color: "#E69F00", width: 2.5 } },
      { x: ANGLES, y: mean.map((v) => 3 * v), meta: "mean", line: { width: 2, dash: "dash" } },
    ],
    layout: {
      xaxis: { title: "angle θ, degrees", range: [-180, 180] },
      yaxis: { title: "q, mean", range: [-1.2, 1.2] },
    },
  };
}

// A sideways drag turns, also by finger; up and down it scrolls the page, and with a mouse it tilts.
function turnByHand({ model, change, plot }) {
  const ends = ["function", "mean"].map((name) => {
    const node = plot(name);
    node.style.touchAction = "pan-y";
    node.style.cursor = "grab";
    let held = null;
    const wrapped = (v) => ((((v + 180) % 360) + 360) % 360) - 180;
    const release = () => (held = null);
    return listen(node, {
      pointerdown(event) {
        if (held) return; // by another finger
        held = [event.clientX, event.clientY, model.get("turn"), model.get("tilt")];
        node.setPointerCapture(event.pointerId);
        event.preventDefault();
      },
      pointermove(event) {
        if (!held) return;
        const tilt = Math.max(-90, Math.min(90, held[3] + Math.round((event.clientY - held[1]) / 2)));
        change({ turn: wrapped(held[2] + Math.round((event.clientX - held[0]) / 2)), tilt });
      },
      pointerup: release,
      pointercancel: release,
    });
  });
  return together(...ends);
}

export function render(context) {
  return explorable(SPHERES, context);
}
