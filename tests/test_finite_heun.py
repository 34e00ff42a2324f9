"""Heun's steps in the finite flow: what a step is, what it is off by, how long the next may be; few slopes for many."""

import numpy as np
import pytest

import mfdepth as mf
from mfdepth.finite.frame import TurningView, View, columns_of
from mfdepth.finite.heun import AT_ONCE, EVALUATIONS, MANY, NODES, Heun
from mfdepth.flow import Stopped
from mfdepth.radius import radial_averages


@pytest.fixture
def batch(start):
    """Three runs, of which the second moves most."""
    w1, w2, b2 = start
    return np.stack([w1, 1.2 * w1, w1]), np.stack([w2, 1.5 * w2, w2]), np.stack([0.9 * b2, b2, b2])


def by_hand(law, state, u, h, rates):
    """The state after a step of Heun's method, and what the step is off by in each layer, for the worst run."""
    scale = np.array([rates[0], rates[1], rates[1]]) * h
    first = mf.velocity(law, *state, u)
    euler = [x + k * v for x, v, k in zip(state, first, scale, strict=True)]
    second = mf.velocity(law, *euler, u)
    after = [x + k * (v + w) / 2 for x, v, w, k in zip(state, first, second, scale, strict=True)]
    half, squares = scale[0] / 2, np.sum(state[0] ** 2, axis=(-2, -1))
    growth = [2 * np.sum(w * v, axis=(-2, -1)) for w, v in ((state[0], first[0]), (euler[0], second[0]))]
    off = {
        "first layer": half**2 * np.sum(first[0] ** 2, axis=(-2, -1)) / squares * 2,
        "alpha": half * abs(growth[1] - growth[0]) / np.sum(euler[0] ** 2, axis=(-2, -1)),
    }
    for name, x, y in (("w2", after[1], euler[1]), ("b2", after[2], euler[2])):
        off[name] = np.sqrt(np.mean((x - y) ** 2, axis=-1) / np.mean(x * x, axis=-1))
    return after, {name: np.max(value) for name, value in off.items()}


def test_heun_is_of_second_order(start, rng):
    law, u = mf.BesselLaw(5), mf.orthogonal_directions(20, 5, rng)
    b2 = [float(mf.finite_width(law, *start, [4], directions=u, step=h).b2[0, 0]) for h in (0.2, 0.1, 0.05)]
    assert (b2[0] - b2[1]) / (b2[1] - b2[2]) == pytest.approx(4, rel=0.3)


def test_every_layer_moves_at_its_own_rate(start, rng):
    law, u, rates = mf.BesselLaw(5), mf.orthogonal_directions(20, 5, rng), (0.5, 2.0, 2.0)
    run = mf.finite_width(law, *start, [0.1], rates[:2], directions=u, step=0.1, tolerance=1.0, save_w1=True)
    first = mf.velocity(law, *start, u)
    second = mf.velocity(law, *(x + 0.1 * rate * v for x, v, rate in zip(start, first, rates, strict=True)), u)
    for moved, x, v, w, rate in zip((run.w1, run.w2, run.b2), start, first, second, rates, strict=True):
        np.testing.assert_allclose(moved[0], x + 0.05 * rate * (v + w), rtol=1e-12, atol=1e-15)


def test_a_step_too_long_is_cut_until_the_flow_is_followed(start):
    # a single step of 40 would carry w2 above 0, where the loss is infinite
    law = mf.BesselLaw(5)
    long, short = (mf.finite_width(law, *start, [0, 40], step=h, rng=0) for h in (40.0, 0.1))
    assert long.stats["rejected"] > 0 and long.stats["steps"] < short.stats["steps"]
    np.testing.assert_allclose(long.alpha, short.alpha, rtol=5e-3)


def test_steps_are_equal_and_every_evaluation_is_counted(start):
    law, fixed = mf.BesselLaw(5), mf.orthogonal_directions(10, 5, np.random.default_rng(0))
    run = mf.finite_width(law, *start, [0, 1, 1.5], step=0.3, tolerance=1.0, directions=fixed)
    assert run.stats["steps"] == 4 + 2 and run.stats["rejected"] == 0  # 4 of 0.25, 2 of 0.25
    equal = mf.finite_width(law, *start, [1.5], step=0.25, tolerance=1.0, directions=fixed)
    np.testing.assert_allclose(run.b2[-1], equal.b2[-1], rtol=1e-13)
    long = mf.finite_width(law, *start, [0, 40], step=40.0)
    for stats in (run.stats | {"saved": 3}, equal.stats | {"saved": 1}, long.stats | {"saved": 2}):
        most = 2 * (stats["steps"] + stats["rejected"]) + stats["saved"]  # a rejected step may take one
        assert most - stats["rejected"] <= stats["evaluations"] <= most
        assert 0 < stats["seconds"] < 600
    assert np.array_equal(run.w2[0], start[1])
    assert run.loss[0] == pytest.approx(float(mf.loss(law, *start, fixed)), rel=1e-13)


@pytest.mark.parametrize(("d", "m1", "spread"), [(10, 512, 0.02), (100, 64, 0.02), (3, 30, 0.3)])
def test_many_neurons_seen_through_few_slopes_move_as_seen_through_all(d, m1, spread, rng):
    law, w1 = mf.BesselLaw(d), mf.init_first_layer(d, m1, 1.0, rng)
    w2, b2 = -0.8 - spread * rng.random(128), 0.9 + spread * rng.standard_normal(128)
    columns = columns_of(w1)
    view = TurningView(columns, 200, rng, keep=False)
    few, every = (Heun(law, view, (1.0, 1.0), 1.0, 0.0) for _ in range(2))
    every.nodes = 1000
    view.turn(columns)
    F = view.slopes(columns)
    found, plain = few.averages(F, w2, b2), every.averages(F, w2, b2)
    assert few.nodes < 100
    for x, y in zip(found, plain, strict=True):  # a part in 300 of what varies; ten times better where it is smooth
        assert np.sqrt(np.mean((x - y) ** 2)) < 4e-3 * np.std(plain[0]) + 2e-3 * np.sqrt(np.mean(y**2))


def test_a_step_without_limit_is_left_to_the_error_control(start):
    run = mf.finite_width(mf.BesselLaw(5), *start, [60], step=1e10, rng=0)
    assert run.status == "reached t = 60" and run.stats["rejected"] > 0
    short = mf.finite_width(mf.BesselLaw(5), *start, [60], step=0.2, rng=0)
    np.testing.assert_allclose(run.alpha, short.alpha, rtol=5e-3)


STATES = {  # what the step is most off by: factors of the start, so that it is, and the rates
    "first layer": (1, 3, 3, (1.0, 0.01)),
    "alpha": (0.45, 25, 2, (0.12, 0.004)),
    "w2": (1, 1, 3, (0.01, 1.0)),
    "b2": (1, 3, 1, (0.01, 1.0)),
}


@pytest.mark.parametrize("most", STATES)
def test_a_step_is_refused_where_it_leaves_eulers_by_more_than_the_tolerance(batch, rng, most):
    # of alpha, of the root mean square of w2 and of b2; for the first layer half the square of its way stands for it
    law, u, h, (*factors, rates) = mf.GaussianLaw(5), mf.orthogonal_directions(20, 5, rng), 0.5, STATES[most]
    state = [x * factor for x, factor in zip(batch, factors, strict=True)]
    _, off = by_hand(law, state, u, h, rates)
    assert max(off, key=off.get) == most

    def rejected(tolerance):
        options = {"directions": u, "step": h, "tolerance": tolerance}
        return mf.finite_width(law, *state, [h], rates, **options).stats["rejected"]

    assert rejected(1.001 * off[most]) == 0 < rejected(0.999 * off[most])


def stepped(law, state, u, h, rates, tolerance, shortest=0.0):
    """What `advance` returns, with the first layer by rows, and the first layer behind."""
    flow = Heun(law, View(columns_of(state[0]), u), rates, tolerance, shortest)
    columns = columns_of(state[0])
    after, longest = flow.advance((columns, *state[1:]), h)
    assert flow.rejected == (after is None)
    return after and (after[0].mT, *after[1:]), longest, columns.mT


def test_the_next_step_is_as_long_as_the_error_allows(batch, rng):
    # the error grows as h^2: .9 of the longest that is allowed, at most twice and at least a fifth of this one
    law, u, h, rates = mf.GaussianLaw(5), mf.orthogonal_directions(20, 5, rng), 0.5, (0.7, 1.3)
    wanted, off = by_hand(law, batch, u, h, rates)
    for more, factor in ((1e6, 2.0), (6, 2.0), (4, 1.8), (1.21, 0.99), (1.001, 0.9 * 1.001**0.5)):
        after, longest, _ = stepped(law, batch, u, h, rates, more * max(off.values()))
        assert longest == pytest.approx(factor * h, rel=1e-9)
        for found, x in zip(after, wanted, strict=True):
            np.testing.assert_allclose(found, x, rtol=1e-12)
    for more, factor in ((0.999, 0.9 * 0.999**0.5), (0.25, 0.45), (0.04, 0.2), (1e-6, 0.2)):
        after, longest, back = stepped(law, batch, u, h, rates, more * max(off.values()))
        assert after is None and longest == pytest.approx(factor * h, rel=1e-9)
        np.testing.assert_allclose(back, batch[0], rtol=1e-12)  # the start again


def test_a_step_that_moves_nothing_may_be_doubled(batch, rng):
    after, longest, _ = stepped(mf.GaussianLaw(5), batch, mf.orthogonal_directions(20, 5, rng), 1e-200, (1, 1), 1e-3)
    assert longest == 2e-200 and all(np.array_equal(x, y) for x, y in zip(after, batch, strict=True))


def test_a_step_to_where_the_flow_is_not_defined_is_halved(batch, rng):
    # whatever the tolerance; where the half is too short the run ends, and says why
    law, u = mf.BesselLaw(5), mf.orthogonal_directions(20, 5, rng)
    for h in (40.0, 4.0):  # beyond w2 = 0 in Euler's step, and in Heun's
        after, longest, back = stepped(law, batch, u, h, (1, 1), 1e9, shortest=h / 2)
        assert after is None and longest == h / 2
        np.testing.assert_allclose(back, batch[0], rtol=1e-12)
        with pytest.raises(Stopped, match="w2 must be at most 0"):
            stepped(law, batch, u, h, (1, 1), 1e9, shortest=h / 2 * (1 + 1e-9))
    with pytest.raises(Stopped, match="no step is short enough"):
        stepped(law, batch, u, 0.1, (1, 1), 1e-9, shortest=0.1)


def test_evaluations_have_an_end(start, rng):
    law, (w1, w2, b2) = mf.BesselLaw(5), start
    flow = Heun(law, View(columns_of(w1), mf.orthogonal_directions(20, 5, rng)), (1, 1), 1.0, 0.0)
    flow.evaluations = EVALUATIONS - 1
    flow.velocity(flow.view.start, w2, b2, 0.1)
    for flow.evaluations in (EVALUATIONS, EVALUATIONS + 1):  # saving counts too
        with pytest.raises(Stopped, match=f"{EVALUATIONS} evaluations of the velocity were not enough"):
            flow.velocity(flow.view.start, w2, b2, 0.1)


@pytest.mark.parametrize("n", [None, 4, 30, 41])  # fixed rows; the axes of a frame: some, and of two bases
def test_the_change_of_alpha_is_that_of_the_neurons_that_move(n, rng):
    d, m1, law = 20, 7, mf.BesselLaw(20)
    columns = columns_of(np.stack([mf.init_first_layer(d, m1, alpha, rng) for alpha in (0.5, 1.0, 2.0)]))
    w2, b2 = -0.8 - 0.2 * rng.random((3, 4)), 0.9 + 0.2 * rng.standard_normal((3, 4))
    view = (
        View(columns, mf.orthogonal_directions(10, d, rng)) if n is None else TurningView(columns, n, rng, keep=False)
    )
    flow = Heun(law, view, (1.0, 1.0), 0.003, 1e-9)
    moved, dalpha, dw2, _ = flow.velocity(columns, w2, b2, 0.1)
    growth = 2 * mf.relu_mean(d) * np.mean(np.sum(columns * moved, axis=-2), axis=-1)
    np.testing.assert_allclose(dalpha, growth, rtol=1e-10)
    # and what both layers feel is one number, E[g S F r]: so alpha - 2 C_d mean w2^2 is conserved
    np.testing.assert_allclose(dalpha, 4 * mf.relu_mean(d) * 0.1 * np.mean(w2 * dw2, axis=-1), rtol=1e-10)


def seeing(law):
    """The law, noting in a list at how many slopes its moments were asked for; and the list."""
    seen = []

    class Seen(type(law)):
        def moments(self, r, orders):
            if r.ndim > 1:
                seen.append(r.shape[-2])
            return super().moments(r, orders)

    return Seen(law.d), seen


def averages(law, *arguments):
    return Heun(law, View(np.eye(5), np.eye(5)), (1, 1), 1.0, 0.0).averages(*arguments)


@pytest.mark.parametrize(
    ("n", "m2", "low", "slopes"),
    [
        (200, 10, 0.9, 8),
        (MANY, 1, 0.9, 8),
        (MANY - 1, 1, 0.9, MANY - 1),  # too few pairs to be worth it
        (32, 70, 0.9, 8),
        (31, 70, 0.9, 31),  # hardly more slopes than nodes
        (200, 70, 0.13, 8),
        (200, 70, 0.12, 200),  # below an eighth of the largest slope
    ],
)
def test_many_neurons_are_seen_through_few_slopes(n, m2, low, slopes):
    law, seen = seeing(mf.BesselLaw(5))
    F, w2, b2 = np.linspace(low, 1.0, n), np.full(m2, -0.05), np.full(m2, 0.5)
    averages(law, F, w2, b2)
    averages(law, np.stack([F, np.ones(n), F]), *(np.stack([x] * 3) for x in (w2, b2)))  # beside a run of equal slopes
    assert (MANY, NODES) == (2000, 8) and seen == [slopes] * 2


@pytest.mark.parametrize(
    ("law", "low", "w2", "b2", "slopes", "accuracy"),
    [
        (mf.SphereLaw(5), 0.3, -0.2, 0.5, [8], 1e-14),  # no kink within reach: polynomials of F
        (mf.GaussianLaw(20), 0.3, -0.1, 1.0, [8], 1e-13),
        (mf.GaussianLaw(20), 0.8, -0.2, 0.5, [8], 1e-5),
        (mf.GaussianLaw(20), 0.3, -0.2, 0.5, [8, 16], 1e-4),
        (mf.GaussianLaw(20), 0.3, -1.2, 0.9, [8, 16, 32], 1e-8),
        (mf.SphereLaw(5), 0.3, -1.2, 0.9, [8, 16, 32], 0.02),  # a kink of the velocity within the range
        (mf.GaussianLaw(20), 0.5, -1.2, 0.9, [8, 16], 1e-4),
    ],
)
def test_as_many_slopes_are_seen_as_the_pull_is_smooth(law, low, w2, b2, slopes, accuracy):
    law, seen = seeing(law)
    F, w2, b2 = np.linspace(low, 1.0, 200), np.linspace(w2, w2 * 1.01, 70), np.linspace(b2, b2 * 1.01, 70)
    found = averages(law, F, w2, b2)
    assert seen == slopes
    plain = radial_averages(law, F, w2, b2)
    for x, y in zip(found, (plain.pull, plain.h0, plain.h1), strict=True):
        assert np.max(abs(x - y)) <= accuracy * np.max(abs(y))
    # only w2 F counts, and the order of the directions does not
    far = averages(law, F * 2.0**-30, w2 * 2.0**30, b2)
    both = averages(law, np.stack([F, F[::-1]]), *(np.stack([x, x]) for x in (w2, b2)))
    for x, y, z, unit in zip(found, far, both, (2.0**30, 1, 2.0**-30), strict=True):
        rounding = {"rtol": 0, "atol": 1e-9 * np.max(abs(x))}
        np.testing.assert_allclose(y / unit, x, **rounding)
        np.testing.assert_allclose(z, np.stack([x, x[::-1] if len(x) == 200 else x]), **rounding)


def test_where_twice_as_many_slopes_would_be_most_of_them_all_are_seen():
    law, seen = seeing(mf.GaussianLaw(20))
    F, w2, b2 = np.linspace(0.3, 1.0, 100), np.full(70, -1.2), np.full(70, 0.9)
    pull, h0, h1 = averages(law, F, w2, b2)
    assert seen == [8, 16, 100]
    plain = radial_averages(law, F, w2, b2)
    for x, y in ((pull, plain.pull), (h0, plain.h0), (h1, plain.h1)):
        np.testing.assert_array_equal(x, y)


def test_a_loss_over_many_pairs_is_taken_in_parts(start, rng):
    law, seen = seeing(mf.BesselLaw(5))
    u = mf.orthogonal_directions(250, 5, rng)
    state = start[0], -0.5 - rng.random(2000), 0.5 + rng.random(2000)
    run = mf.finite_width(law, *state, [0], directions=u)
    assert run.loss[0] == pytest.approx(float(mf.loss(law, *state, u)), rel=1e-13)
    two = mf.finite_width(law, *(np.stack([x, y]) for x, y in zip(state, (2 * state[0], *state[1:]), strict=True)),
                          [0], directions=u)  # fmt: skip
    assert two.loss[0, 0] == pytest.approx(float(run.loss[0]), rel=1e-13) and two.loss[0, 1] != two.loss[0, 0]
    assert AT_ONCE == 75 * 2000 and seen[:4] == seen[5:] == [76, 76, 76, 22]  # between them what mf.loss asks for
