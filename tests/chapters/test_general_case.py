"""The unstable case: its second layer, its linearisation, and runs that grow as predicted."""

import math

import numpy as np
import pytest
import torch

import mfdepth as mf
from mfdepth.chapters import general_case

STEP = 0.2


@pytest.fixture
def case(rng):
    return general_case.general_case(4, 200, rng)


def test_the_second_layer_is_its_mean_over_biases(case, rng):
    sign = np.where(rng.random(400_000) < 0.5, -1, 1)
    b2 = case.B * (2 * rng.random(400_000) - 1)
    for F in (0.0, 0.3, -0.3, case.B / case.s, -2.0):
        values = np.maximum(sign * case.s * F + b2, 0)
        assert abs(case.second_layer(F) - values.mean()) < 4 * values.std() / math.sqrt(len(b2))
    F = np.linspace(-1, 1, 41)
    slope = (case.second_layer(F + 1e-6) - case.second_layer(F - 1e-6)) / 2e-6
    np.testing.assert_allclose(case.second_layer_slope(F), slope, atol=1e-6)
    assert case.second_layer(0.0) == pytest.approx(np.mean(case.y), rel=1e-14)


def test_the_inputs_are_antithetic_on_their_sphere(case):
    assert case.x.shape == (400, 4)
    np.testing.assert_array_equal(case.x[:200], -case.x[200:])
    np.testing.assert_allclose(np.linalg.norm(case.x, axis=1), 2, rtol=1e-14)
    np.testing.assert_array_equal(case.y, np.abs(case.x[:, 0]))


def test_the_rate_is_that_of_the_linear_modes(case):
    # odd functions see the kernel x.x'/(4 d) when a = 0: a d x d eigenproblem with the same answer
    pull = (case.y - case.y.mean()) * case.s**2 / (2 * case.B)
    rates, directions = np.linalg.eigh((case.x.T * pull) @ case.x / len(case.y) / 16)
    mode = general_case.unstable_mode(case, scale=1e-6)
    assert mode.rate == pytest.approx(rates[-1], rel=1e-9)
    # the amplitude of one mode does not read the others
    read = mode.dual @ case.x @ directions
    np.testing.assert_allclose(read[:-1] / read[-1], 0, atol=1e-9)
    mode = general_case.unstable_mode(case, step=STEP)
    assert mode.euler_rate == pytest.approx(math.log(1 + STEP * mode.rate) / STEP, rel=1e-14)
    assert mode.dual @ mode.shape == pytest.approx(1, rel=1e-12)
    assert np.mean(mode.shape**2) == pytest.approx(1, rel=1e-12)
    np.testing.assert_allclose(mode.shape[:200], -mode.shape[200:], atol=1e-9)


def test_the_rate_of_the_note_is_within_its_scatter_over_draws(rng):
    # over all inputs the mode is x_1 and lambda = s^2/(2 B) (E|x_1|^3 - E|x_1| E x_1^2)/(4 d) = .3000;
    # 200 pairs scatter by .015: .2956 (SCIENCE) is one draw
    first = 2 * 2 * mf.relu_mean(4)  # E|x_1| at d = 4, radius 2
    third = 8 * math.gamma(2) ** 2 / (math.gamma(0.5) * math.gamma(3.5))
    whole = 64 / (8 * first) * (third - first) / 16
    assert whole == pytest.approx(0.3000, abs=2e-4)
    rates = [general_case.unstable_mode(general_case.general_case(4, 200, rng)).rate for _ in range(12)]
    assert np.std(rates) < 0.03
    assert abs(np.mean(rates) - whole) < 4 * np.std(rates) / math.sqrt(12)


def test_a_small_error_grows_by_the_linearised_steps_of_its_own_neurons(case, rng):
    # antisymmetric neurons of any size are an equilibrium; a nudge of 1e-8 follows the matrix I + h N D/n
    a, w = general_case.general_init(4, 40, rng, scale=1.0, antisymmetric=True)
    nudged = a + 1e-8 * rng.standard_normal(40)
    pre = case.x @ w.T
    active = pre > 0
    kernel = (np.maximum(pre, 0) @ np.maximum(pre, 0).T + ((active * a**2) @ active.T) * (case.x @ case.x.T)) / 40
    pull = (case.y - case.y.mean()) * case.s**2 / (2 * case.B)
    once = np.eye(400) + 0.05 * kernel * pull / 400
    run = general_case.general_run(case, nudged, w, [0, 2], step=0.05)
    expected = np.linalg.matrix_power(once, 40) @ run.F[0]
    np.testing.assert_allclose(run.F[1], expected, rtol=1e-3, atol=1e-3 * np.abs(expected).max())
    assert np.abs(expected).max() > 3 * np.abs(run.F[0]).max()


def test_the_kernel_of_the_theory_is_that_of_many_neurons(case, rng):
    # N(x, x') by 2e5 neurons, through the rate it gives: both terms matter at size 1
    a, w = general_case.general_init(4, 200_000, rng, scale=1.0)
    few = type(case)(case.x[::8], case.y[::8], case.s, case.B)
    pre = few.x @ w.T
    hidden, active = np.maximum(pre, 0), (pre > 0).astype(float)
    kernel = (hidden @ hidden.T + ((active * a**2) @ active.T) * (few.x @ few.x.T)) / len(a)
    pull = (few.y - few.y.mean()) * few.s**2 / (2 * few.B)
    np.testing.assert_allclose(few.kernel(1.0), kernel, atol=0.02 * np.max(kernel))
    sampled = np.linalg.eigvals(kernel * pull / len(pull)).real.max()
    assert general_case.unstable_mode(few, scale=1.0).rate == pytest.approx(sampled, rel=1e-2)


def test_finite_width_grows_at_the_predicted_rate(case, rng):
    # a neuron's share of the rate scatters by sqrt(2/m) (that of w_1^2): 4 % at m = 1024, and three times that is asked
    mode, t = general_case.unstable_mode(case, step=STEP), np.arange(0, 20.1, 2)
    p = general_case.general_run(case, *general_case.general_init(4, 1024, rng), t).F @ mode.dual
    gain = np.log(p / p[0])
    assert gain[-1] == pytest.approx(20 * mode.euler_rate, rel=3 * math.sqrt(2 / 1024))
    assert np.polyfit(t, gain, 1)[0] == pytest.approx(mode.euler_rate, rel=3 * math.sqrt(2 / 1024))


def test_the_start_of_the_mode_and_the_width_it_needs(case, rng):
    mode = general_case.unstable_mode(case, step=STEP)
    amplitude = [
        general_case.general_run(case, *general_case.general_init(4, 64, rng), [0]).F[0] @ mode.dual * 8
        for _ in range(800)
    ]
    assert np.std(amplitude) == pytest.approx(mode.start, rel=4 / math.sqrt(2 * 800))
    m = mode.width_needed(0.05, 20)
    assert mode.start / math.sqrt(m) * math.exp(20 * mode.euler_rate) == pytest.approx(0.05, rel=1e-12)
    assert mode.width_needed(0.05, 24) / m == pytest.approx(math.exp(8 * mode.euler_rate), rel=1e-12)
    # at the rate of SCIENCE, .2872, its start is .00237: 220, 2.2e3, 2.2e4; over draws the start hardly moves
    assert mode.start == pytest.approx(0.00237, rel=0.25)


def test_antisymmetric_neurons_stay_at_the_equilibrium_where_others_leave(case, rng):
    a, w = general_case.general_init(4, 64, rng, antisymmetric=True)
    run = general_case.general_run(case, a, w, [0, 28])
    assert np.abs(run.F).max() < 1e-15
    np.testing.assert_allclose(run.w, w, atol=1e-15)
    assert run.loss[1] == pytest.approx(np.var(case.y) / 2, rel=1e-12)
    away = general_case.general_run(case, *general_case.general_init(4, 256, rng), [0, 28])
    assert away.loss[1] < 0.9 * away.loss[0]


def test_the_step_is_gradient_descent_of_the_loss(case, rng):
    # torch, autograd: far from F = 0, where |s F| > B on some inputs
    a, w = general_case.general_init(4, 12, rng, scale=2.0)
    torch_case = type(case)(torch.as_tensor(case.x), torch.as_tensor(case.y), case.s, case.B)
    a0, w0 = torch.as_tensor(a).requires_grad_(), torch.as_tensor(w).requires_grad_()
    F = (torch_case.x @ w0.T).clamp(min=0) @ a0 / 12
    assert (abs(case.s * F) > case.B).any() and (abs(case.s * F) < case.B).any()
    loss = ((torch_case.y - torch_case.second_layer(F)) ** 2).mean() / 2
    da, dw = torch.autograd.grad(loss, (a0, w0))
    run = general_case.general_run(torch_case, a0, w0, [0, 0.02], step=0.1)
    torch.testing.assert_close(run.a, a0.detach() - 0.02 * 12 * da, rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(run.w, w0.detach() - 0.02 * 12 * dw, rtol=1e-12, atol=1e-12)
    assert not run.w.requires_grad and not run.F.requires_grad
    assert float(run.loss[0]) == pytest.approx(float(loss.detach()), rel=1e-12)
    same = general_case.general_run(case, a0, w, [0, 0.02], step=0.1)
    np.testing.assert_allclose(run.F, same.F, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda c, r: general_case.general_init(4, 3, r, antisymmetric=True), "m must be even"),
        (lambda c, r: c.kernel(-1.0), "scale must be at least 0; got -1.0"),
        (lambda c, r: general_case.unstable_mode(c).width_needed(0.0, 1.0), "error must be"),
        (lambda c, r: general_case.unstable_mode(c).width_needed(0.05, math.nan), "t must be .* at least 0; got nan"),
        (
            lambda c, r: general_case.unstable_mode(c).width_needed(0.05, 1e6),
            "must need a width below 1e300; got .*1000000",
        ),
        (
            lambda c, r: general_case.GeneralCase(c.x, c.y[:, None], c.s, c.B),
            r"y must have shape \(400,\); got shape \(400, 1\)",
        ),
        (lambda c, r: general_case.GeneralCase(c.x[0], c.y, c.s, c.B), "x must have at least 2 dimension"),
        (lambda c, r: general_case.GeneralCase(c.x, c.y, -1.0, c.B), "s must be a positive"),
        (lambda c, r: general_case.GeneralCase(c.x, c.y, c.s, math.inf), "B must be a positive"),
        (
            lambda c, r: general_case.general_run(c, np.full(3, 1e200), np.ones((3, 4)), [1]),
            "a, w must leave the loss finite",
        ),
        (
            lambda c, r: general_case.general_run(c, np.ones(3), np.zeros((3, 4)), [1]),
            "w must have a neuron that is not zero",
        ),
        (lambda c, r: general_case.general_run(c, np.ones(3), np.ones((2, 4)), [1]), "w must have shape"),
        (lambda c, r: general_case.general_run(c, np.ones(3), np.full((3, 4), math.nan), [1]), "w must be finite"),
        (lambda c, r: general_case.general_run(c, np.ones(3), np.ones((3, 4)), [2, 1]), "t must be"),
    ],
)
def test_bad_input_is_named(call, words, case, rng):
    with pytest.raises(ValueError, match=words):
        call(case, rng)


@pytest.mark.parametrize("step", [2.0, 5.0, 10.0, 20.0])
def test_too_long_a_step_is_told(step, rng):
    # at 10 and 20 the network would be dead in the end: finite, and wrong
    case, start = (
        general_case.general_case(4, 50, np.random.default_rng(0)),
        general_case.general_init(4, 64, np.random.default_rng(0)),
    )
    run = general_case.general_run(case, *start, [0, step, 400], step=step)
    assert run.t.tolist() == [0, step] and run.status.endswith(": take a shorter step")
    assert all(np.isfinite(x).all() for x in (run.F, run.loss, run.a, run.w)) and len(run.loss) == len(run.F) == 2
    unsaved = general_case.general_run(case, *start, [400], step=step)
    assert len(unsaved.t) == 0 and unsaved.F.shape == (0, 100) and unsaved.loss.shape == (0,)
    assert general_case.general_run(case, *start, [0, 400], step=1.0).status == "reached t = 400"
    # one step of 1000 moves a by 46 times its size, and the loss falls: at the end of the run all looks well
    huge = general_case.general_run(case, *start, [0, 1000], step=1000.0)
    assert huge.t.tolist() == [0] and huge.status == (
        "stopped at t = 0: a step moves a by more than its own size: take a shorter step"
    )


def test_runs_side_by_side_are_the_runs_alone(case, rng):
    a, w = general_case.general_init(4, 3 * 20, rng, scale=1.0)
    a, w, t = a.reshape(3, 20), w.reshape(3, 20, 4), [0, 1, 3]
    together = general_case.general_run(case, a, w, t)
    assert together.F.shape == (3, 3, 400) and together.loss.shape == together.error.shape == (3, 3)
    for i in range(3):
        alone = general_case.general_run(case, a[i], w[i], t)
        for name in ("F", "loss", "error"):
            np.testing.assert_allclose(getattr(together, name)[:, i], getattr(alone, name), rtol=1e-12, atol=1e-14)
        np.testing.assert_allclose(together.w[i], alone.w, rtol=1e-12)
    with pytest.raises(ValueError, match=r"w must have shape \(3, 20, 4\)"):
        general_case.general_run(case, a, w[:2], t)


def test_the_error_is_the_root_mean_square_over_the_inputs(case, rng):
    run = general_case.general_run(case, *general_case.general_init(4, 30, rng), [0, 5])
    np.testing.assert_allclose(run.error, np.linalg.norm(run.F, axis=1) / 20, rtol=1e-13)


def test_the_curvature_is_that_of_the_loss(case):
    def loss(F):
        return (case.y - case.second_layer(F)) ** 2 / 2

    curvature = (loss(1e-4) - 2 * loss(0.0) + loss(-1e-4)) / 1e-8
    np.testing.assert_allclose(case.curvature(), curvature, atol=1e-5)
    assert abs(case.curvature().mean()) < 1e-13


def test_the_rates_of_the_linear_part_sum_to_zero(rng):
    # the odd part of F moves by M = (1 + d size^2)/(4 d) E[-curvature x x'], whose trace vanishes on a sphere
    for d, size in ((3, 0.01), (6, 0.5)):
        case = general_case.general_case(d, 40, rng)
        rates = np.linalg.eigvalsh((1 + d * size**2) / (4 * d) * (case.x.T * -case.curvature()) @ case.x / 80)
        assert abs(rates.sum()) < 1e-13 and rates[0] < 0 < rates[-1]
        assert general_case.unstable_mode(case, scale=size).rate == pytest.approx(rates[-1], rel=1e-9)


def test_the_chance_is_that_of_a_gaussian_start(case, rng):
    mode = general_case.unstable_mode(case, step=STEP)
    t = np.array([0.0, 10.0, 20.0, 25.0])
    p = np.abs(mode.start / math.sqrt(200) * rng.standard_normal((100_000, 1)) * np.exp(mode.euler_rate * t))
    np.testing.assert_allclose(mode.chance_inside(200, 0.05, t), np.mean(p < 0.05, axis=0), atol=0.01)
    width = mode.width_needed(0.05, 20)
    assert mode.chance_inside(round(width), 0.05, 20) == pytest.approx(math.erf(math.sqrt(0.5)), abs=5e-3)
    with pytest.raises(ValueError, match="m must be a whole number, at least 1; got 0"):
        mode.chance_inside(0, 0.05, 20)
    with pytest.raises(ValueError, match="error must be a positive finite number; got -1"):
        mode.chance_inside(10, -1, 20)
