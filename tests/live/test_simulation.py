"""The frames of the simulation figure: what Python sends is what the run holds, and a bad run is refused."""

import json

import numpy as np
import pytest
from front_end import Scripts

import mfdepth as mf
from mfdepth.live import Simulation


@pytest.fixture(scope="module")
def runs():
    rng = np.random.default_rng(0)
    law, w1, t = mf.BesselLaw(4), mf.init_first_layer(4, 60, 1.0, rng), [0, 2, 10]
    w2, b2 = -0.2 + 0.02 * rng.standard_normal(3), 0.5 + 0.02 * rng.standard_normal(3)
    run = mf.finite_width(law, w1, w2, b2, t, save_w1=True)
    return run, mf.infinite_width(law, 1.0, w2, b2, t), mf.random_directions(5, 4, rng)


def test_the_frames_hold_the_networks_of_the_run(runs):
    run, ideal, u = runs
    frames = Simulation(*runs).frames
    r = np.array(frames["radii"])
    for i in range(3):
        net = mf.learner(run.w1[i], run.w2[i], run.b2[i])
        np.testing.assert_allclose(frames["rays"][i], net(r[:, None] * u[:, None, :]), atol=6e-5)
        f = np.maximum(ideal.w2[i] * ideal.alpha[i] * r[:, None] + ideal.b2[i], 0).mean(axis=1)
        np.testing.assert_allclose(frames["ideal"][i], f, atol=6e-5)
    np.testing.assert_allclose(frames["error"], np.sqrt(run.rho), atol=6e-5)
    assert frames["loss"] == run.loss.tolist() and frames["idealLoss"] == ideal.loss.tolist()
    np.testing.assert_allclose(frames["idealW2"], ideal.w2.mean(axis=1), atol=6e-5)


def test_the_drawing_shows_the_frame_asked_for(runs):
    figure = Simulation(*runs, frame=1)
    scripts = Scripts("simulation/simulation.js")
    scripts.v8.eval(f"const frames = {json.dumps(figure.frames)}")
    drawn = scripts("drawSimulation(frames, 1).plots.rays.data")
    rays = [trace["y"] for trace in drawn if trace["meta"].startswith("ray")]
    assert rays == figure.frames["rays"][1]
    cloud = scripts("drawSimulation(frames, 2).plots.cloud.data[0]")
    assert cloud["x"] == figure.frames["w2"][2] and cloud["y"] == figure.frames["b2"][2]
    path = scripts("drawSimulation(frames, 2).plots.cloud.data[1]")
    assert path["x"] == figure.frames["idealW2"]
    readout = scripts("drawSimulation(frames, 0).readout")
    assert readout[0] == ["t =", "0"]


def test_bad_runs_are_refused(runs):
    run, ideal, u = runs
    without = mf.finite_width(mf.BesselLaw(4), run.w1[0], run.w2[0], run.b2[0], [0, 1])
    with pytest.raises(ValueError, match="save_w1=True"):
        Simulation(without, ideal, u)
    short = mf.infinite_width(mf.BesselLaw(4), 1.0, -0.1, 0.5, [0, 1])
    with pytest.raises(ValueError, match="run and ideal must be saved at the same times"):
        Simulation(run, short, u)
    with pytest.raises(ValueError, match="frame must be a whole number from 0 to 2; got 3"):
        Simulation(run, ideal, u, frame=3)
