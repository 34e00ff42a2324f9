"""Refusals: each check by its table of good and bad values, and one bad argument for each public function."""

import inspect
import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
import torch

import mfdepth as mf
from mfdepth import checks
from mfdepth.chapters import (
    beyond,
    bottleneck,
    convergence,
    discretization,
    general_case,
    lower_bound,
    two_layers,
    why_depth,
)
from mfdepth.networks import homogeneous_neuron

GOOD = [
    (checks.whole, (3, 2), 3),
    (checks.whole, (np.int64(3), 2, 3), 3),
    (checks.even, (4,), 4),
    (checks.positive, (2,), 2.0),
    (checks.positive, (torch.tensor(2.0, requires_grad=True),), 2.0),
    (checks.number, (0, 0), 0.0),
    (checks.number, (-1e300,), -1e300),
    (checks.one_of, ("a", ("a", "b")), "a"),
    (checks.one_of, (2, (1, 2)), 2),
    (checks.array, ([1, 2],), np.array([1.0, 2.0])),
    (checks.array, (3,), np.array(3.0)),
    (checks.finite_array, ([[1.0]], 2, (1, 1)), np.array([[1.0]])),
    (checks.within, (np.array([0.0, 1.0]), 0, 1, "in [0, 1]"), np.array([0.0, 1.0])),
    (checks.unit_rows, ([[0.6, 0.8]], 2), np.array([[0.6, 0.8]])),
    (checks.times, ([0, 1, 2],), np.array([0.0, 1.0, 2.0])),
    (checks.times, (3,), np.array([3.0])),
    (checks.times, (torch.tensor([0, 1.5], requires_grad=True),), np.array([0, 1.5])),
    (checks.array, ([Fraction(1, 2)],), np.array([0.5])),
    (checks.positive, (Decimal("0.5"),), 0.5),
]

NONE = ["1", b"1", True, np.True_, 1j, np.complex128(1), np.timedelta64(1, "s"), 10**400]
MASKED = np.ma.masked_array([0.0, 1.0], [False, True])
BAD = [
    (checks.whole, (1, 2), ValueError, "x must be a whole number, at least 2; got 1"),
    (checks.whole, (5, 2, 4), ValueError, "x must be a whole number from 2 to 4; got 5"),
    (checks.whole, (2.0, 2), TypeError, "x must be a whole number, at least 2; got 2.0"),
    (checks.whole, (True, 0), ValueError, "got True"),
    (checks.even, (3,), ValueError, "x must be even: directions come in pairs u, -u; got 3"),
    (checks.positive, (0.0,), ValueError, "x must be a positive finite number; got 0.0"),
    (checks.positive, (math.inf,), ValueError, "x must be a positive finite number; got inf"),
    (checks.positive, (math.nan,), ValueError, "got nan"),
    (checks.positive, ("wide",), TypeError, "x must be a positive finite number; got 'wide'"),
    (checks.positive, (torch.ones(2),), TypeError, "x must be a positive finite number; got tensor"),
    (checks.number, (-1, 0), ValueError, "x must be a finite number, at least 0; got -1"),
    (checks.number, (math.nan,), ValueError, "x must be a finite number; got nan"),
    (checks.one_of, ("c", ("a", "b")), ValueError, r"x must be one of \('a', 'b'\); got 'c'"),
    (checks.array, ("w",), TypeError, "x must be a number or an array of numbers; got 'w'"),
    (checks.array, (np.ones(2, dtype=complex),), TypeError, "x must hold real numbers; got dtype complex128"),
    (checks.array, (np.ones(2), 2), ValueError, r"x must have at least 2 dimension\(s\); got shape \(2,\)"),
    (checks.array, (np.ones(2), None, (3,)), ValueError, r"x must have shape \(3,\); got shape \(2,\)"),
    (checks.finite_array, (np.ones((0, 2)),), ValueError, r"x must not be empty; got shape \(0, 2\)"),
    (checks.finite_array, ([1.0, math.nan],), ValueError, "x must be finite; got NaN or infinity among its 2 entries"),
    (checks.finite_array, (torch.tensor([math.inf]),), ValueError, "x must be finite"),
    (checks.within, (np.array([0.5, 1.5, 2.5]), 0, 1, "in [0, 1]"), ValueError, r"x must be in \[0, 1\]; got 1.5"),
    (checks.within, (np.array([math.nan]), 0, 1, "in [0, 1]"), ValueError, "got nan"),
    (checks.unit_rows, ([[1.0, 1.0]], 2), ValueError, "x must be unit rows; got one whose length is off by 0.41"),
    (checks.unit_rows, ([[1.0, 0.0]], 3), ValueError, r"x must have shape \(n, d\) with d = 3; got \(1, 2\)"),
    (checks.times, ([1, 1],), ValueError, "x must be one-dimensional, finite, not negative and strictly increasing"),
    (checks.times, ([-1, 1],), ValueError, r"got \[-1, 1\]"),
    (checks.times, ([],), ValueError, r"got \[\]"),
    (checks.times, ([0, math.inf],), ValueError, "strictly increasing"),
    *((checks.positive, (x,), TypeError, "x must be a positive finite number; got") for x in NONE),
    *(
        (check, ([x],), TypeError, "x must be a number or an array of")
        for x in NONE
        for check in (checks.array, checks.times)
    ),
    *(
        (check, (MASKED,), TypeError, "an array of numbers, not masked; got masked")
        for check in (checks.array, checks.times)
    ),
    *((checks.one_of, (x, ("a", "b")), ValueError, "x must be one of") for x in (np.ones(2), torch.ones(2), None)),
]


@pytest.mark.parametrize(("check", "given", "wanted"), GOOD)
def test_what_is_accepted_comes_back(check, given, wanted):
    found = check("x", *given)
    assert type(found) is type(wanted)
    np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize(("check", "given", "error", "words"), BAD)
def test_what_is_refused_is_named_with_its_value_and_range(check, given, error, words):
    with pytest.raises(error, match=words):
        check("x", *given)


def test_rates_are_a_pair():
    assert checks.rates((1, 2.5)) == (1.0, 2.5)
    for wrong, words in (
        ((1,), "rates must be a pair"),
        ({1, 2}, "rates must be a pair"),
        ((1, 0), r"rates\[1\] must be"),
    ):
        with pytest.raises(ValueError, match=words):
            checks.rates(wrong)


LAW, START = mf.BesselLaw(3), (1.0, -0.1, 0.5)
W1, W2, B2, U = np.eye(3), np.array([-0.1]), np.array([0.5]), np.eye(3)
NETWORK = mf.learner(W1, W2, B2)
CASE = general_case.general_case(4, 5, 0)
# one argument out of range for each public function: its own tests need no more than what is its own
REFUSED = {
    "init_first_layer": (lambda: mf.init_first_layer(1, 4, 1.0, 0), "d must be"),
    "standard_start": (lambda: mf.standard_start(3, 0), "m1 must be"),
    "expected_rho": (lambda: mf.expected_rho(3, 0), "m1 must be"),
    "random_directions": (lambda: mf.random_directions(0, 3, 0), "n must be"),
    "orthogonal_directions": (lambda: mf.orthogonal_directions(3, 3, 0), "n must be even"),
    "relu_mean": (lambda: mf.relu_mean(1), "d must be"),
    "relu_kernel": (lambda: mf.relu_kernel(1.01, 3), r"cosine must be in \[-1, 1\]; got 1.01"),
    "relu_eigenvalues": (lambda: mf.relu_eigenvalues(3, -1), "degree must be"),
    "harmonic_dimension": (lambda: mf.harmonic_dimension(1, 2), "d must be"),
    "relu_profile": (lambda: mf.relu_profile(-1.0, 0.0, 3), "r must be at least 0; got -1.0"),
    "learner": (lambda: mf.learner(W1, W2, np.ones(2)), "b2 must have shape"),
    "first_layer_alpha": (lambda: mf.first_layer_alpha(np.zeros((3, 2))), "w1 must have a neuron that is not zero"),
    "discretization_error": (lambda: mf.discretization_error(np.ones(4)), "w1 must have at least 2"),
    "harmonic_errors": (lambda: mf.harmonic_errors(W1, 0), "degree must be"),
    "stability": (lambda: mf.stability(LAW, 0.0, -0.1, 0.5), "alpha must be positive"),
    "harmonic_decay": (lambda: mf.harmonic_decay(LAW, *START, [1.0], degree=0), "degree must be"),
    "predict_rho": (lambda: mf.predict_rho(LAW, *START, 0, [1.0]), "m1 must be"),
    "rho_velocity": (lambda: mf.rho_velocity(LAW, W1, W2, B2, 2 * U), "directions must be unit rows"),
    "decompose": (lambda: mf.decompose(LAW, W1, W2, B2, U, symmetrize="both"), "symmetrize must be one of"),
    "interference": (lambda: mf.interference(LAW, W1, -W2, B2, U), "w2 must be at most 0"),
    "loss": (lambda: mf.loss(LAW, np.eye(2), W2, B2, U), r"w1 must have shape \(..., m1, d\)"),
    "velocity": (lambda: mf.velocity(LAW, W1, 0 * W2, B2, U), "w2 must be below 0"),
    "finite_width": (lambda: mf.finite_width(LAW, W1, W2, B2, [2, 1]), "t must be"),
    "infinite_width": (lambda: mf.infinite_width(LAW, 0.0, -0.1, 0.5, [1]), "alpha must be a positive"),
    "convergence": (lambda: mf.convergence(LAW, 1.0, -0.1, -0.5), "b2"),
    "shallow_lower_bound": (lambda: mf.shallow_lower_bound(LAW, 0.0), "norm_budget must be"),
    "norm_needed": (lambda: mf.norm_needed(LAW, 0.0), "error must be"),
    "sweep": (lambda: mf.sweep({}, dict), "grid must"),
    "explore": (lambda: mf.explore(dict, a=1), "ranges must"),
    "claims": (lambda: mf.claims({"x": (1, "=", 1)}), "rows must hold"),
    "why_depth.learner_network": (lambda: why_depth.learner_network(3, 0, 0), "width must be"),
    "lower_bound.prove_shallow_bound": (lambda: lower_bound.prove_shallow_bound(4, 5.0, 1e-5), "d must be odd"),
    "why_depth.shallow_network": (lambda: why_depth.shallow_network(1, 3, 0), "d must be"),
    "lower_bound.sufficient_width": (lambda: lower_bound.sufficient_width(LAW, 0.0), "error must be"),
    "why_depth.train_adam": (lambda: why_depth.train_adam(LAW, None, steps=0, rng=0), "steps must be"),
    "why_depth.train_tuned": (lambda: why_depth.train_tuned(LAW, None, rates=(), rng=0), "rates must hold"),
    "why_depth.trained_width": (lambda: why_depth.trained_width(LAW, 0.1, (3, 2), rng=0), "widths must be"),
    "lower_bound.tube_share": (lambda: lower_bound.tube_share(1), "d must be"),
    "lower_bound.tubes_for_half": (lambda: lower_bound.tubes_for_half(1), "d must be"),
    "two_layers.circle": (lambda: two_layers.circle(2), "n must be"),
    "two_layers.teacher": (lambda: two_layers.teacher(np.ones(2)), "neurons must have at least 2"),
    "two_layers.particle_velocity": (lambda: two_layers.particle_velocity(W1, np.eye(2), np.ones(2)), "x must have"),
    "two_layers.particle_flow": (lambda: two_layers.particle_flow(W1, U, np.ones(3), [1], step=0), "step must be"),
    "two_layers.particle_ring": (lambda: two_layers.particle_ring(3, 0.0), "scale must be"),
    "two_layers.particle_start": (lambda: two_layers.particle_start(3, -1), "seed must be"),
    "two_layers.particle_batches": (lambda: two_layers.particle_batches(3, 0, 0), "size must be"),
    "bottleneck.bottleneck_network": (lambda: bottleneck.bottleneck_network((3,), (), 0), "sizes must hold"),
    "bottleneck.fit_network": (lambda: bottleneck.fit_network(NETWORK, U, W2, [1]), "values must have shape"),
    "bottleneck.tent_difference": (lambda: bottleneck.tent_difference(U), "x must have an even last dimension"),
    "bottleneck.vector_neuron": (lambda: bottleneck.vector_neuron(0), "out must be"),
    "convergence.nullclines": (lambda: convergence.nullclines(LAW, -1.0), "R must be"),
    "convergence.plane_of": (lambda: convergence.plane_of(LAW, 0.0, -0.1), "alpha must be"),
    "discretization.lyapunov_inequality": (
        lambda: discretization.lyapunov_inequality(LAW, W1, W2, B2, 2 * U),
        "directions must be unit rows",
    ),
    "convergence.prove_kappa": (lambda: convergence.prove_kappa(1, 1.0, -0.1, 0.1), "d must be"),
    "discretization.apply_operator": (lambda: discretization.apply_operator(W1, W2, U), "x must have shape"),
    "discretization.bootstrap_exponent": (
        lambda: discretization.bootstrap_exponent([1, 2], [[1.0], [-2.0]]),
        "values must be",
    ),
    "discretization.width_reaching": (lambda: discretization.width_reaching([1, 2], [[2.0], [1.0]], 0), "eps must be"),
    "discretization.contraction": (lambda: discretization.contraction(0 * W1), "w1 must have a neuron"),
    "discretization.draw_seeds": (lambda: discretization.draw_seeds(3, 4, 1.0, 0, 0), "seeds must be"),
    "discretization.error_velocity": (lambda: discretization.error_velocity(LAW, W1, W2, B2, 2 * U), "unit rows"),
    "discretization.exponent": (lambda: discretization.exponent([1, -2], [[1.0], [2.0]]), "x must be positive"),
    "discretization.first_order": (lambda: discretization.first_order(LAW, W1, W2, B2, 2 * U), "unit rows"),
    "discretization.loss_per_rho": (lambda: discretization.loss_per_rho(LAW, *START, [2, 1]), "t must be"),
    "discretization.relative_error": (lambda: discretization.relative_error(W1, 2 * U), "unit rows"),
    "discretization.train_seeds": (lambda: discretization.train_seeds(1, 4, [1]), "d must be"),
    "discretization.width_needed": (lambda: discretization.width_needed(LAW, 0.0, 1), "eps must be"),
    "general_case.general_case": (lambda: general_case.general_case(4, 0, 0), "pairs must be"),
    "general_case.general_init": (lambda: general_case.general_init(4, 3, 0, antisymmetric=True), "m must be even"),
    "general_case.general_run": (lambda: general_case.general_run(CASE, W2, np.ones((1, 3)), [1]), "w must have shape"),
    "general_case.unstable_mode": (lambda: general_case.unstable_mode(CASE, step=0.0), "step must be"),
    "beyond.growth_rates": (lambda: beyond.growth_rates(np.ones((2, 3)), 1.0), "kernel must have shape"),
    "beyond.harmonic_growth": (lambda: beyond.harmonic_growth(LAW, *START, 0), "degree must be"),
    "beyond.learner_kernel": (lambda: beyond.learner_kernel(2 * U, 1.0), "directions must be unit rows"),
    "beyond.local_hessian": (lambda: beyond.local_hessian(W1, np.eye(2)), "v must have shape"),
    "beyond.network_distance": (lambda: beyond.network_distance(W1, np.eye(2)), "z must have shape"),
    "beyond.propagator_gain": (lambda: beyond.propagator_gain(W1, [1, 2]), "generators must"),
    "beyond.radial_flow": (lambda: beyond.radial_flow(LAW, abs, 0.0, [[1, -1, 1]], [1]), "alpha must be"),
    "beyond.radial_neuron": (lambda: beyond.radial_neuron("step"), "activation must be one of"),
    "beyond.sampled_flow": (lambda: beyond.sampled_flow(NETWORK, LAW, mf.tent, [1], rates=[1.0]), "rates must hold"),
    "beyond.spread_neurons": (lambda: beyond.spread_neurons(0, 0), "m2 must be"),
    "beyond.subspace_alignment": (lambda: beyond.subspace_alignment(W1, np.eye(2)), "columns must have shape"),
    "beyond.subspace_flow": (lambda: beyond.subspace_flow(4, 3, [1]), "k must be"),
    "beyond.subspace_tent": (lambda: beyond.subspace_tent(np.ones((3, 2))), "columns must be orthonormal"),
    "beyond.teacher_flow": (lambda: beyond.teacher_flow(W1, np.eye(2), [1]), "v must have shape"),
    "beyond.teacher_velocity": (lambda: beyond.teacher_velocity(W1, np.eye(2)), "v must have shape"),
    "beyond.two_radii_profile": (lambda: beyond.two_radii_profile(-1.0, 1.0, 2, 2), "s must be at least 0"),
}
TRUST = {
    "tent",
    "first_layer",
    "lower_bound.norm_needed",
    "lower_bound.shallow_lower_bound",
}  # of arrays alone, or above


@pytest.mark.parametrize("name", REFUSED)
def test_every_public_function_refuses_what_is_out_of_its_range(name):
    call, words = REFUSED[name]
    with pytest.raises(ValueError, match=words):
        call()


NO_LAW = {
    "convergence": lambda law: mf.convergence(law, *START),
    "nullclines": lambda law: convergence.nullclines(law, 1.0),
    "train_adam": lambda law: why_depth.train_adam(law, why_depth.shallow_network(3, 4, 0), rng=0),
    "trained_width": lambda law: why_depth.trained_width(law, 0.1, (1,), rng=0),
}


@pytest.mark.parametrize("law", [None, "x", mf.BesselLaw], ids=repr)
@pytest.mark.parametrize("call", NO_LAW.values(), ids=NO_LAW)
def test_what_is_no_law_is_refused(call, law):
    with pytest.raises(TypeError, match="law must be a radial law"):
        call(law)


def test_no_public_function_is_left_out():
    public = {name: getattr(mf, name) for name in mf.__all__}
    for room in mf.chapters.ROOMS:
        module = getattr(mf.chapters, room)
        public |= {f"{room}.{name}": getattr(module, name) for name in module.__all__ if name not in public}
    functions = {name for name, value in public.items() if inspect.isfunction(value)}
    assert functions == (set(REFUSED) | TRUST & functions)


KEPT = {
    "times": (np.array([0.0, 1.0]), lambda t: checks.times("t", t), lambda kept: kept),
    "MeanFieldLayer": (np.eye(3), lambda w: mf.MeanFieldLayer(homogeneous_neuron, w), lambda kept: kept(U)),
    "learner": (np.eye(3), lambda w: mf.learner(w, W2, B2), lambda kept: kept(U)),
    "GeneralCase.x": (np.eye(3), lambda x: general_case.GeneralCase(x, B2[[0, 0, 0]], 1, 1), lambda kept: kept.x),
    "GeneralCase.y": (np.ones(3), lambda y: general_case.GeneralCase(U, y, 1, 1), lambda kept: kept.y),
    "teacher": (np.eye(3), two_layers.teacher, lambda kept: kept(U)),
    "subspace_tent": (np.eye(3)[:, :1], beyond.subspace_tent, lambda kept: kept(U / 2)),
}


@pytest.mark.parametrize(("given", "make", "read"), KEPT.values(), ids=KEPT)
def test_what_was_handed_over_may_be_overwritten(given, make, read):
    kept = make(given := given.copy())
    before = np.copy(read(kept))
    given *= 100
    np.testing.assert_array_equal(read(kept), before)


def test_a_tensor_stays_in_its_graph():
    w = torch.eye(3, requires_grad=True)
    assert mf.MeanFieldLayer(homogeneous_neuron, w).weights is w
