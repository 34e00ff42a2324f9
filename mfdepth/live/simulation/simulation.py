"""The live figure of the chapter on a simulated finite network: two runs, stepped through their saved times."""

import numpy as np
import traitlets

from mfdepth import checks
from mfdepth.figures.style import mean_neuron, numpy
from mfdepth.live.kit.settings import Number
from mfdepth.live.kit.widget import Explorable, module
from mfdepth.networks import first_layer

RADII = np.round(np.linspace(0, 1.6, 33), 3)


class Simulation(Explorable):
    """A finite run beside the infinite-width one: f along rays, the second-layer cloud and the loss, at a saved time.

    run: a `Trajectory` of `finite_width`, made with save_w1=True. ideal: that of `infinite_width` at the same times.
    directions: unit rows (n, d), the rays. frame: which saved time is shown, from 0; a trait, as is `frames`, the data.
    Raises ValueError for a run without its first layer, times that differ, or a frame that does not exist.

    >>> import mfdepth as mf, numpy as np
    >>> w1, t = mf.init_first_layer(3, 50, 1.0, np.random.default_rng(0)), [0, 1]
    >>> run = mf.finite_width(mf.BesselLaw(3), w1, np.array([-0.1]), np.array([0.5]), t, save_w1=True)
    >>> ideal = mf.infinite_width(mf.BesselLaw(3), 1.0, -0.1, 0.5, t)
    >>> Simulation(run, ideal, np.eye(3)).frame
    1

    See: the chapter "A finite network, simulated".
    """

    _esm = module("simulation/simulation.js")

    frame = Number(0, 0, whole=True, label="time t")
    frames = traitlets.Dict().tag(sync=True)

    def __init__(self, run, ideal, directions, *, frame=None):
        if run.w1 is None:
            raise ValueError("run must hold its first layer at the saved times: make it with save_w1=True")
        if len(run.t) != len(ideal.t) or not np.allclose(run.t, ideal.t):
            raise ValueError(f"run and ideal must be saved at the same times; got {run.t} and {ideal.t}")
        frame = len(run.t) - 1 if frame is None else frame
        frame = checks.number("frame", frame, 0, len(run.t) - 1, whole=True)
        super().__init__(frame=frame, frames=_frames(run, ideal, directions))

    @traitlets.default("controls")
    def _described(self):
        return [type(self).frame.described() | {"linear": [0, len(self.frames["t"]) - 1, 1]}]


def _frames(run, ideal, directions):
    """What the front end draws, rounded to what a screen can show."""
    slope = np.stack([numpy(first_layer(w1, directions)) for w1 in run.w1])  # (T, n): F along each ray
    w2, b2 = numpy(run.w2), numpy(run.b2)
    iw2, ib2 = (np.asarray(x).reshape(len(ideal.t), -1) for x in (ideal.w2, ideal.b2))
    numbers = {
        "t": run.t,
        "radii": RADII,
        "target": np.maximum(1 - RADII, 0),
        "rays": _network(slope, w2, b2),
        "ideal": _network(np.asarray(ideal.alpha)[:, None], iw2, ib2)[:, 0],
        "w2": w2,
        "b2": b2,
        "idealW2": mean_neuron(iw2),
        "idealB2": mean_neuron(ib2),
        "error": np.sqrt(numpy(run.rho)),
    }
    frames = {name: np.round(value, 4).tolist() for name, value in numbers.items()}
    return frames | {"loss": numpy(run.loss).tolist(), "idealLoss": np.asarray(ideal.loss).tolist()}


def _network(slope, w2, b2):
    """f at the radii, (T, n, radii), for first layers F(u) r with slopes (T, n), and second layers (T, m2)."""
    inner = w2[:, None, None, :] * slope[:, :, None, None] * RADII[:, None] + b2[:, None, None, :]
    return np.maximum(inner, 0).mean(axis=-1)
