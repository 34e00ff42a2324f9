"""two_layers.js against its Python twin, and its limiting density against particles drawn from the limit."""

import json

import numpy as np
import pytest
from front_end import Scripts

import mfdepth as mf
from mfdepth.chapters import two_layers

START = {
    "m": 40,
    "seed": 7,
    "size": 0.3,
    "sector": 360,
    "batch": 128,
    "neurons": [[0.97, 0.26], [0.2, 0.75], [-0.84, 0.31]],
}


@pytest.fixture(scope="module")
def v8():
    scripts = Scripts("maths/two_layers.js")
    scripts.v8.eval(
        "function after(start, steps) { const r = startParticles(start); while (r.steps < steps) stepParticles(r); return r; }"
    )
    scripts.v8.eval("const list = (x) => Array.from(x);")
    return scripts


def pairs(flat):
    return np.array(flat).reshape(-1, 2)


def python_run(t, *, start=START, w=None):
    x = two_layers.circle(128)
    y = two_layers.teacher(np.array(start["neurons"]))(x)
    w = (
        two_layers.particle_start(start["m"], start["seed"], scale=start["size"], sector=start["sector"])
        if w is None
        else w
    )
    batches = None if start["batch"] == 128 else two_layers.particle_batches(128, start["batch"], start["seed"])
    return two_layers.particle_flow(w, x, y, t, step=0.02, batches=batches)


@pytest.mark.parametrize("sector", [360, 40.5])
def test_the_same_starts(v8, sector):
    np.testing.assert_allclose(
        pairs(v8(f"list(particleStart(60, 5, 0.7, {sector}))")),
        two_layers.particle_start(60, 5, scale=0.7, sector=sector),
        rtol=1e-12,
    )
    np.testing.assert_allclose(
        pairs(v8(f"list(particleRing(60, 0.7, {sector}))")),
        two_layers.particle_ring(60, 0.7, sector=sector),
        rtol=1e-12,
    )


@pytest.mark.parametrize("n", [4, 30, 128])
def test_network_and_velocity_at_random_parameters(v8, rng, n):
    for m in (1, 3, 50):
        w, neurons = rng.standard_normal((m, 2)), rng.standard_normal((3, 2))
        x = two_layers.circle(n)
        y = two_layers.teacher(neurons)(x)
        v8.v8.eval(f"var w = Float64Array.from({w.ravel().tolist()}), inputs = circle({n})")
        v8.v8.eval(f"var y = teacher({neurons.tolist()}, inputs), net = network(w, inputs, y)")
        np.testing.assert_allclose(v8("list(y)"), y, atol=1e-13)
        np.testing.assert_allclose(v8("list(net.f)"), mf.first_layer(w, x), atol=1e-13)
        assert v8("net.losses[0]") == pytest.approx(np.mean((y - mf.first_layer(w, x)) ** 2) / 2, rel=1e-12)
        v8.v8.eval(
            "var before = Float64Array.from(w); move(w, pulls(y.map((v, j) => v - net.f[j]), inputs), net.first, 1)"
        )
        np.testing.assert_allclose(
            pairs(v8("list(w.map((v, i) => v - before[i]))")), two_layers.particle_velocity(w, x, y), atol=1e-12
        )


@pytest.mark.parametrize(
    "change", [{}, {"batch": 1, "m": 5}, {"batch": 16, "sector": 60.0, "size": 0.9}, {"neurons": [[0, -1.3]]}]
)
def test_trajectories_are_the_librarys(v8, change):
    start = START | change
    run = python_run([0, 0.6, 6], start=start)
    for i, steps in enumerate((0, 30, 300)):
        v8.v8.eval(f"var r = after({json.dumps(start)}, {steps})")
        np.testing.assert_allclose(pairs(v8("list(r.finite.w)")), run.w[i], atol=1e-8)
        np.testing.assert_allclose(v8("list(r.finite.f)"), run.f[i], atol=1e-8)
        assert v8("r.finite.losses.at(-1)") == pytest.approx(run.loss[i], rel=1e-7)
    assert v8("r.finite.losses.length") == 301


def test_the_limit_is_the_ring_of_the_library(v8):
    ring = python_run([4], w=two_layers.particle_ring(720, 0.3))
    v8.v8.eval(f"var r = after({json.dumps(START)}, 200)")
    np.testing.assert_allclose(pairs(v8("list(r.limit.w)")), ring.w[0], atol=1e-8)
    finite = python_run([4])
    expected = np.sqrt(np.mean((finite.f[0] - ring.f[0]) ** 2))
    assert v8("distanceToLimit(r)") == pytest.approx(expected, rel=1e-7)
    angles = np.array(v8("list(r.limit.angles)"))
    np.testing.assert_allclose(np.cos(angles), ring.w[0, :, 0] / np.linalg.norm(ring.w[0], axis=-1), atol=1e-8)
    assert np.all(np.diff(angles) > -1e-6) and angles[-1] - angles[0] < 2 * np.pi  # the ring stays in order


@pytest.mark.parametrize("sector", [360, 90])
def test_the_density_is_that_of_particles_carried_by_the_limit(v8, sector):
    start = START | {"sector": sector}
    bins, blur = 90, 0
    v8.v8.eval(f"var d = limitDensity(after({json.dumps(start)}, 150), {bins}, {blur})")
    mass, scale = np.array(v8("list(d.mass)")), np.array(v8("list(d.scale)"))
    assert np.sum(mass) * 2 * np.pi / bins == pytest.approx(1, rel=1e-9)
    # a neuron drawn from the start turns with its ray and grows by the ray's factor
    ring0 = two_layers.particle_ring(720, 0.3, sector=sector)
    ring = python_run([3], w=ring0).w[0]
    n = 400_000
    drawn = np.radians(sector) * (np.linspace(0, 1, n, endpoint=False) + 0.5 / n - 0.5)
    ray = np.radians(sector) * ((np.arange(720) + 0.5) / 720 - 0.5)
    turned = np.interp(drawn, ray, np.unwrap(np.arctan2(ring[:, 1], ring[:, 0])))
    bin_ = np.floor(turned * bins / (2 * np.pi)).astype(int) % bins
    counted = np.bincount(bin_, minlength=bins) / n
    np.testing.assert_allclose(mass * 2 * np.pi / bins, counted, atol=4e-3)
    near = sum(np.roll(counted, k) for k in (-1, 0, 1)) > 0
    assert np.all(mass[~near] == 0)  # nothing lies where a sector sent no neuron
    factor = np.interp(drawn, ray, np.linalg.norm(ring, axis=-1) / np.linalg.norm(ring0, axis=-1))
    log = np.bincount(bin_, np.log(factor), minlength=bins) / np.maximum(counted * n, 1)
    seen = counted > 5e-3
    np.testing.assert_allclose(np.log(scale[seen] / 0.3), log[seen], atol=0.03)


def test_blurring_keeps_the_mass(v8):
    v8.v8.eval(f"var r = after({json.dumps(START)}, 400)")
    for blur in (0, 3, 10):
        assert v8(f"limitDensity(r, 360, {blur}).mass.reduce((a, b) => a + b, 0)") * 2 * np.pi / 360 == pytest.approx(
            1, rel=1e-9
        )


def test_many_steps_with_the_wildest_settings_stay_finite(v8):
    for change in ({"m": 1, "batch": 1, "size": 1.5}, {"m": 4000, "batch": 1}, {"sector": 1, "size": 0.05}):
        v8.v8.eval(f"var r = after({json.dumps(START | change)}, 2000)")
        assert np.isfinite(v8("list(r.finite.w)")).all() and np.isfinite(v8("[r.finite.losses, r.limit.losses]")).all()
