"""Single precision: every function of arrays gives its float64 value to the stated tolerance, and float32 comes back."""

import numpy as np
import pytest

import mfdepth as mf

D = 5
LAWS = [mf.BesselLaw(D), mf.GaussianLaw(D), mf.BallLaw(D, 2.5), mf.SphereLaw(D, 0.8)]


@pytest.fixture
def arrays(rng):
    """What the functions below take, as float64 NumPy arrays."""
    return {
        "x": rng.standard_normal((6, D)),
        "r": np.array([0.0, 0.3, 1.0, 7.0, 400.0]),
        "q": np.array([0.0, 0.1, 0.6, 0.97]),
        "cosine": np.array([-1.0, -0.3, 0.0, 0.9, 1.0]),
        "w1": rng.standard_normal((7, D)),
        "w2": np.array([-0.3, -1.2, -0.1]),
        "b2": np.array([0.5, 0.7, 0.4]),
        "u": mf.orthogonal_directions(2 * D, D, rng),
    }


LAW = LAWS[0]
# name: (function of the arrays, relative tolerance); the roundings of the arguments are 6e-8
FUNCTIONS = {
    **{f"pdf, {law}": (lambda a, law=law: law.pdf(a["r"]), 5e-5) for law in LAWS[:3]},
    **{f"cdf, {law}": (lambda a, law=law: law.cdf(a["r"]), 2e-6) for law in LAWS},
    **{f"moment, {law}": (lambda a, law=law: law.partial_moment(2, a["r"]), 2e-6) for law in LAWS},
    **{f"ppf, {law}": (lambda a, law=law: law.ppf(a["q"]), 5e-6) for law in LAWS},
    "relu_kernel": (lambda a: mf.relu_kernel(a["cosine"], D), 1e-6),
    "tent": (lambda a: mf.tent(a["x"]), 1e-5),
    "first_layer": (lambda a: mf.first_layer(a["w1"], a["x"]), 2e-6),
    "first_layer_alpha": (lambda a: mf.first_layer_alpha(a["w1"]), 1e-6),
    "discretization_error": (lambda a: mf.discretization_error(a["w1"]), 2e-5),
    "learner": (lambda a: mf.learner(a["w1"], a["w2"], a["b2"])(a["x"]), 1e-5),
    "loss": (lambda a: mf.loss(LAW, a["w1"], a["w2"], a["b2"], a["u"]), 2e-5),
    "dw1": (lambda a: mf.velocity(LAW, a["w1"], a["w2"], a["b2"], a["u"])[0], 2e-5),
    "dw2": (lambda a: mf.velocity(LAW, a["w1"], a["w2"], a["b2"], a["u"])[1], 2e-5),
    "run": (lambda a: mf.finite_width(LAW, a["w1"], a["w2"], a["b2"], [2], directions=a["u"]).b2, 1e-4),
    "decompose": (lambda a: mf.decompose(LAW, a["w1"], a["w2"], a["b2"], a["u"]).discretization_loss, 2e-4),
    "stability": (lambda a: mf.stability(LAW, mf.first_layer_alpha(a["w1"]), a["w2"], a["b2"]), 1e-4),
    "harmonic_errors": (lambda a: mf.harmonic_errors(a["w1"], 4), 1e-4),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_float32_is_float64_to_the_stated_tolerance(name, arrays, kind):
    function, tolerance = FUNCTIONS[name]
    exact = np.asarray(function(arrays))
    value = function({key: kind(x.astype(np.float32)) for key, x in arrays.items()})
    assert str(value.dtype).removeprefix("torch.") == "float32"
    np.testing.assert_allclose(np.asarray(value), exact, rtol=tolerance, atol=tolerance * np.max(np.abs(exact)))
