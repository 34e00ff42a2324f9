"""The live figure of what K does not say: rho' by the curvature at alpha, and exactly."""

import numpy as np

from mfdepth.live.kit.settings import Choice, Number
from mfdepth.live.kit.widget import Explorable, module
from mfdepth.live.training.course import training_rows
from mfdepth.rho import first_layer_alpha
from mfdepth.starts import standard_start

ARROWS = ((0.68, 1.27), (0.33, 2.43), (1.16, -0.14))
CLOUD = "256 neurons"
D, M1, ALPHA, FRAMES = 100, 256, 0.9976, 4
HALF_CIRCLE = 1000  # directions, and as many opposite ones


class Bend(Explorable):
    """Does the error rho of a first layer grow? By K, the bend of the loss at alpha, and by the exact law.

    network: "256 neurons", in a hundred dimensions, from `standard_start` with this seed, scaled to alpha = .9976; or
    "three arrows" in the plane. w2, b2: the one second-layer neuron, w2 from -3 to -0.02 and b2 from 0.01 to 3. seed:
    0 to 30. Each is a trait. Raises ValueError out of range.

    >>> figure = Bend("three arrows", w2=-0.148, b2=0.152)
    >>> figure.seed = 3
    >>> figure.network, figure.seed
    ('three arrows', 3)

    See: the chapter "Why errors do not compound".
    """

    _esm = module("bend/bend.js")

    network = Choice(
        CLOUD,
        {"256 neurons": "d = 100", "three arrows": "d = 2"},
        label="first layer",
    )
    w2 = Number(-0.5, -3, -0.02, label="w₂", linear=(-1, -0.02, 0.002))
    b2 = Number(0.2, 0.01, 3, label="b₂", linear=(0.02, 1, 0.002))
    seed = Number(0, 0, 30, whole=True, label="another draw", linear=1)

    def first_layer(self) -> tuple[np.ndarray, np.ndarray]:
        """The first layer that the page draws, shape (m1, d), and the directions that it averages over, (n, d).

        >>> import mfdepth as mf
        >>> w1, u = Bend().first_layer()
        >>> round(float(mf.first_layer_alpha(w1)), 4), u.shape
        (0.9976, (800, 100))
        """
        if self.network != CLOUD:
            angles = np.pi * (np.arange(HALF_CIRCLE) + 0.5) / HALF_CIRCLE
            half = np.stack([np.cos(angles), np.sin(angles)], axis=1)
            return np.array(ARROWS), np.concatenate([half, -half])
        w1 = standard_start(D, M1, 1, self.seed)[0]
        frames = [np.eye(D)]  # as random as any frame, for the weights prefer none
        for k in range(1, FRAMES):
            frames.append(training_rows(D, self.seed, k, frames[-1]))
        half = np.concatenate(frames)
        return w1 * (ALPHA / first_layer_alpha(w1)) ** 0.5, np.concatenate([half, -half])
