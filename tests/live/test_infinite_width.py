"""The figure of the infinite-width dynamics: its Python class, and what it draws, without a browser."""

import numpy as np
import pytest
import traitlets
from front_end import run_copied

import mfdepth as mf
from mfdepth.live import InfiniteWidth

START = {"d": 100, "alpha": 1.0, "w2": -0.1, "b2": 0.5, "eta_1": 1.0, "eta_2": 1.0, "t_end": 60.0, "t_fraction": 1.0}


def settings(**changes):
    return str(START | changes)  # as it happens a JavaScript object too


def draw(scripts, **changes):
    """What the figure would plot: traces by name, the read-out, the message."""
    drawing = scripts(f"INFINITE_WIDTH.draw({settings(**changes)})")
    drawing["traces"] = {t["meta"]: t for plot in drawing["plots"].values() for t in plot["data"]}
    return drawing


def test_defaults_and_settings():
    assert {name: getattr(InfiniteWidth(), name) for name in START} == START
    figure = InfiniteWidth(d=10, w2=-0.5)
    assert (figure.d, figure.w2) == (10, -0.5)


@pytest.mark.parametrize(
    ("name", "value", "accepted"),
    [
        ("d", 1, "from 2 to 1000"),
        ("d", 2.5, "whole"),
        ("d", 1001, "from 2 to 1000"),
        ("alpha", 0, "above 0"),
        ("alpha", float("inf"), "finite"),
        ("w2", float("nan"), "finite"),
        ("b2", float("-inf"), "finite"),
        ("eta_1", -1, "above 0"),
        ("eta_2", 0.0, "above 0"),
        ("t_end", 0, "above 0"),
        ("t_fraction", 1.5, "from 0 to 1"),
    ],
)
def test_bad_settings_are_refused(name, value, accepted):
    with pytest.raises(ValueError, match=rf"{name} must be .*{accepted}.*; got {value}"):
        InfiniteWidth(**{name: value})
    figure = InfiniteWidth()
    with pytest.raises((ValueError, traitlets.TraitError)):
        setattr(figure, name, value)
    assert getattr(figure, name) == START[name]


def test_a_word_is_no_number():
    with pytest.raises(TypeError, match="w2 must be a finite number; got 'small'"):
        InfiniteWidth(w2="small")


def test_python_sends_plotly_when_asked(monkeypatch):
    figure, sent = InfiniteWidth(), []
    monkeypatch.setattr(figure, "send", lambda content, buffers=None: sent.append((content, buffers)))
    figure._handle_custom_msg({"request": "plotly"}, [])
    figure._handle_custom_msg({"request": "something else"}, [])
    [(content, [source])] = sent
    assert content == {"reply": "plotly"}
    assert b"plotly.js" in source[:200]


def test_every_slider_can_stand_on_its_default(scripts):
    controls = scripts.controls("INFINITE_WIDTH", InfiniteWidth())
    assert list(controls) == list(START)
    values = {name: control["values"] for name, control in controls.items()}
    for name, stops in values.items():
        assert stops == sorted(set(stops))
        assert START[name] in stops
    assert values["d"][:4] == [2, 3, 4, 5]
    assert values["d"][-1] == 1000
    assert {-2, 0, 0.5} <= set(values["w2"])  # the sliders reach every place where the flow fails
    assert {-0.5, 0, 2} <= set(values["b2"])


@pytest.mark.parametrize("changes", [{}, {"d": 7, "alpha": 0.3, "w2": -1.0, "b2": 1.5, "eta_1": 2.5, "t_end": 20.0}])
def test_the_copied_call_gives_the_plotted_numbers(scripts, changes):
    run, _ = run_copied(scripts.copied("INFINITE_WIDTH", InfiniteWidth(), START | changes))
    traces = draw(scripts, **changes)["traces"]
    for name in ("alpha", "w2", "b2", "loss"):
        np.testing.assert_allclose(traces[name]["x"], run.t, rtol=1e-12)
        np.testing.assert_allclose(traces[name]["y"], getattr(run, name), atol=1e-6)


def test_the_profile_at_the_time_shown(scripts):
    drawing = draw(scripts, t_fraction=0.0)
    f, density = drawing["traces"]["f"], drawing["traces"]["density"]
    np.testing.assert_allclose(f["y"], np.maximum(0, 0.5 - 0.1 * np.array(f["x"])), atol=1e-12)
    width = density["x"][1] - density["x"][0]
    np.testing.assert_allclose(np.sum(density["y"]) * width, mf.BesselLaw(100).cdf(1.6), rtol=1e-10)
    assert drawing["readout"][0] == ["t =", "0"]
    assert dict(draw(scripts)["readout"])["α ="] == "1.05041"


def test_the_course_is_drawn_up_to_the_time_shown(scripts):
    whole, part = draw(scripts)["traces"], draw(scripts, t_fraction=0.25)["traces"]
    for name in ("alpha", "w2", "b2", "loss"):
        assert len(whole[name]["x"]) == 161 and len(part[name]["x"]) == 41
        assert part[name]["y"] == whole[name]["y"][:41]
    assert part["loss"]["x"][-1] == 15


def test_a_neuron_is_called_blind_while_it_sees_hardly_any_input_and_no_longer(scripts):
    blind = {"d": 100, "w2": -1.8, "b2": 0.5, "t_end": 400}
    assert "Hardly any input" in draw(scripts, **blind, t_fraction=0)["message"]
    assert draw(scripts, **blind, t_fraction=1)["message"] == ""  # it woke


def test_refusals_clear_the_curves_and_say_why(scripts):
    growing = draw(scripts, w2=0.5)
    assert "heavy a tail" in growing["message"]
    assert growing["traces"]["alpha"]["y"] == growing["traces"]["loss"]["y"] == []
    assert dict(growing["readout"])["loss ="] == "∞"
    dead = draw(scripts, b2=-0.5)
    assert "dead" in dead["message"]
    assert set(dead["traces"]["alpha"]["y"]) == {1.0}
    assert max(dead["traces"]["f"]["y"]) == 0
