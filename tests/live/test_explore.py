"""A figure function made movable: what Python keeps, refuses and answers, and what the front end makes of it."""

import json

import numpy as np
import plotly.graph_objects as go
import pytest
import torch
import traitlets
from front_end import Scripts

import mfdepth as mf
from mfdepth.live.explore import explore as explore_module
from mfdepth.live.explore.frames import Pool, plain_figure

LAWS = {"Bessel": mf.BesselLaw(3), "Gauss": mf.GaussianLaw(3)}


def density(d=3, law="Bessel", logarithmic=False, points=50):
    """A figure with an array, a function of the arguments, and an axis that depends on them."""
    r = np.linspace(0.1, 2, points)
    law = LAWS.get(law, law)
    if logarithmic and d == 7:
        raise ValueError("d must not be 7 on a logarithmic axis; got 7")
    trace = go.Scatter(x=r, y=law.pdf(r) * d, name="density </script>")
    return go.Figure(trace, {"yaxis": {"type": "log" if logarithmic else "linear"}, "meta": {"alt": f"At d = {d}."}})


@pytest.fixture(scope="module")
def scripts():
    return Scripts("explore/explore.js")


def put(scripts, figure):
    """The front end's figure object, before a model without Python; `model` and `drawing(settings)` are its handles."""
    names = [*figure._choices, "call", "controls", "frames", "drawn"]
    state = {name: getattr(figure, name) for name in names}
    scripts.v8.eval(
        f"var state = {json.dumps(state)}; var made = explorer({{ get: (name) => state[name] }});"
        "var drawing = (settings) => made.draw(Object.assign(state, settings));"
    )


def traces(figure):
    return [{key: trace[key] for key in ("x", "y")} for trace in plain_figure(figure)["data"]]


# --- what Python keeps --------------------------------------------------------------------------------------------


def test_every_frame_is_what_the_function_draws(scripts):
    figure = mf.explore(density, d=[3, 5, 8], law=LAWS, logarithmic=[False, True], points=20)
    assert figure.frames["kind"] == "all" and len(figure.frames["at"]) == 12
    put(scripts, figure)
    for d in (3, 5, 8):
        for law in LAWS:
            for logarithmic in (False, True):
                drawing = scripts(f"drawing({json.dumps({'d': d, 'law': law, 'logarithmic': logarithmic})})")
                drawn, expected = drawing["plots"]["figure"]["figure"], density(d, law, logarithmic, 20)
                np.testing.assert_allclose(drawn["data"][0]["x"], expected.data[0].x, rtol=1e-4)
                np.testing.assert_allclose(drawn["data"][0]["y"], expected.data[0].y, rtol=1e-4)
                assert drawn["data"][0]["name"] == "density </script>"
                assert drawn["layout"]["yaxis"]["type"] == ("log" if logarithmic else "linear")
                assert drawing["readout"] == [
                    ["d =", str(d)],
                    ["law =", law],
                    ["logarithmic =", "yes" if logarithmic else "no"],
                ]
                assert not drawing["plots"]["figure"]["busy"] and drawing["message"] == ""


def test_what_frames_share_is_kept_once():
    one = mf.explore(density, d=[3, 4], points=1500).frames
    many = mf.explore(density, d=list(range(3, 12)), points=1500).frames
    size = [len(json.dumps(frames)) for frames in (one, many)]
    y = len(json.dumps(plain_figure(density(11, points=1500))["data"][0]["y"]))
    assert size[1] - size[0] < 7 * (y + 1000)  # a further frame costs its own curve and little else


def test_numbers_are_rounded_to_five_digits():
    # whole numbers, numbers that are none, nested arrays, and text go through as they are
    figure = go.Figure(
        [
            go.Scatter(x=np.array([1, 2]), y=[1e-7 / 3, float("nan")], text=["a", "b"]),
            go.Heatmap(z=np.array([[1 / 3, 2.0], [2e9 / 3, np.inf]])),
        ],
        {"height": 300, "title": "α"},
    )
    scatter, heat = plain_figure(figure)["data"]
    assert scatter == {"type": "scatter", "x": [1, 2], "y": [3.3333e-8, None], "text": ["a", "b"]}
    assert heat["z"] == [[0.33333, 2], [666670000.0, None]]
    assert plain_figure(figure)["layout"] == {"height": 300, "title": {"text": "α"}}


def test_a_pool_gives_back_what_went_in(scripts):
    rng = np.random.default_rng(0)

    def tree(depth):
        kind = rng.integers(4 if depth else 2)
        if kind == 0:
            return [None, True, "text = longer than a reference", 1.5, 7][rng.integers(5)]
        if kind == 1:
            return rng.integers(3, size=rng.integers(12)).tolist()
        parts = [tree(depth - 1) for _ in range(3)]
        return parts if kind == 2 else dict(zip("abc", parts, strict=True))

    trees, pool = [tree(4) for _ in range(60)], Pool()
    kept = [pool.add(node) for node in trees]
    assert pool.bytes == sum(len(json.dumps(part, separators=(",", ":"))) + 1 for part in pool.parts())
    assert (
        scripts(f"((parts) => {json.dumps(kept)}.map((k) => unpack(k, parts)))(unpackPool({json.dumps(pool.parts())}))")
        == trees
    )


def test_all_combinations_while_they_fit_else_one_control_at_a_time(monkeypatch):
    assert len(mf.explore(density, d=range(2, 7), points=range(2, 12)).frames["at"]) == 50
    each = mf.explore(density, d=range(2, 20), points=range(2, 12), start={"d": 5, "points": 3}).frames
    assert each["kind"] == "each" and len(each["at"]) == 18 + 10 - 1
    assert each["start"] == [3, 1] and set(each["at"]) == {f"{i},1" for i in range(18)} | {f"3,{k}" for k in range(10)}
    monkeypatch.setattr(explore_module, "MOST_BYTES", 20_000)
    large = mf.explore(density, d=range(2, 6), points=range(100, 110)).frames  # few figures, long ones
    assert large["kind"] == "each" and len(large["at"]) == 13
    assert list(mf.explore(density, d=[2, 3], points=[4, 5], frames="none").frames["at"]) == ["0,0"]


def test_no_figure_is_computed_twice():
    calls = []

    def counted(d, points):
        calls.append((d, points))
        return density(d, points=points)

    mf.explore(counted, d=range(2, 20), points=range(2, 12))
    assert len(calls) == len(set(calls)) == 27


def test_too_much_is_refused(monkeypatch):
    with pytest.raises(ValueError, match="ranges ask for 180 figures, at most 150 are kept: give fewer values"):
        mf.explore(density, d=range(2, 20), points=range(2, 12), frames="all")
    with pytest.raises(ValueError, match="ranges ask for 200 figures"):
        mf.explore(density, points=range(2, 202))
    monkeypatch.setattr(explore_module, "MOST_BYTES", 5_000)
    with pytest.raises(ValueError, match="the figures take more than 5 kB: give fewer values, or draw fewer points"):
        mf.explore(density, points=range(200, 210))


# --- what Python answers --------------------------------------------------------------------------------------------


def test_a_moved_trait_calls_the_function():
    calls = []

    def counted(d, law):
        calls.append((d, law))
        return density(d, law)

    figure = mf.explore(counted, d=[3, 5], law=LAWS, frames="none")
    assert calls == [(3, LAWS["Bessel"])] and figure.drawn == {}
    seen = []
    figure.observe(lambda change: seen.append(change.new), "law")
    figure.law = "Gauss"
    figure.d = np.int64(5)
    assert calls[1:] == [(3, LAWS["Gauss"]), (5, LAWS["Gauss"])] and seen == ["Gauss"] and figure.d == 5
    assert figure.drawn["at"] == [1, 1]
    assert figure.drawn["figure"] == plain_figure(density(5, LAWS["Gauss"]))
    assert figure.figure() == density(5, LAWS["Gauss"])


def test_traits_that_change_together_are_one_call():
    calls = []
    figure = mf.explore(lambda d, m: calls.append((d, m)) or density(d), d=[3, 4], m=[1, 2], frames="none")
    figure.set_state({"d": 4, "m": 2})  # as a front end does
    assert calls == [(3, 1), (4, 2)]


def test_a_function_of_torch_is_as_good():
    def decay(rate):
        t = torch.linspace(0, 3, 7, dtype=torch.float64)
        return go.Figure(go.Scatter(x=t.numpy(), y=torch.exp(-rate * t).numpy()))

    figure = mf.explore(decay, rate=[0.5, 2.0])
    figure.rate = 2
    np.testing.assert_allclose(figure.drawn["figure"]["data"][0]["y"], np.exp(-np.linspace(0, 6, 7)), rtol=1e-4)


def test_what_the_function_refuses_is_said_in_words(scripts):
    figure = mf.explore(density, d=[3, 7], logarithmic=[False, True])
    put(scripts, figure)
    refused = scripts("drawing({ d: 7, logarithmic: true })")
    assert refused["message"] == "d must not be 7 on a logarithmic axis; got 7"
    assert "figure" not in refused["plots"]["figure"]
    figure.d, figure.logarithmic = 7, True
    assert figure.drawn == {"at": [1, 1], "error": "d must not be 7 on a logarithmic axis; got 7"}
    figure.logarithmic = False
    assert "error" not in figure.drawn
    assert mf.explore(lambda d: density() if d == 1 else {}[d], d=[1, 2]).frames["at"]["1"]["error"] == "KeyError: 2"


def test_what_it_refuses_at_the_start_fails_in_the_cell():
    with pytest.raises(ValueError, match="d must not be 7"):
        mf.explore(density, d=[3, 7], logarithmic=True, start={"d": 7})
    with pytest.raises(TypeError, match="figure_function must return a Plotly figure; got 3"):
        mf.explore(lambda d: d, d=[3, 7])


def test_python_answers_that_it_runs(monkeypatch):
    figure, sent = mf.explore(density, d=[3, 5]), []
    monkeypatch.setattr(figure, "send", lambda content, buffers=None: sent.append((content, bool(buffers))))
    for request in ("python", "something else", "plotly"):
        figure._handle_custom_msg({"request": request}, [])
    assert sent == [({"reply": "python"}, False), ({"reply": "plotly"}, True)]


@pytest.mark.parametrize(
    ("ranges", "message"),
    [
        ({"d": 3}, "ranges must give at least one argument a sequence of values; got none"),
        ({"d": [3]}, r"d must hold two or more different values; got \[3\]"),
        ({"d": [3, 3]}, "d must hold two or more different values"),
        ({"d": [5, 3]}, r"d must hold its numbers in increasing order; got \[5, 3\]"),
        ({"d": [3, 2**53 + 1]}, r"d must hold numbers up to 2\^53, beyond which a page rounds"),
        ({"d": [3, 5], "start": {"d": 4}}, "d must be one of 3, 5; got 4"),
        ({"law": LAWS, "start": {"law": "Ball"}}, "law must be one of 'Bessel', 'Gauss'; got 'Ball'"),
        ({"d": [3, 5], "start": {"points": 4}}, "start must name arguments that move, d; got 'points'"),
        ({"d": [3, 5], "frames": "some"}, "frames must be one of 'auto', 'all', 'each', 'none'; got 'some'"),
        ({"layout": [3, 5]}, "ranges must not name an argument 'layout', which every widget has: rename it"),
    ],
)
def test_bad_ranges_are_refused(ranges, message):
    with pytest.raises(ValueError, match=message):
        mf.explore(density, **ranges)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([3, "5"], "d must be a sequence of finite numbers, of strings, or of booleans, or a dictionary"),
        ([3, True], "d must be a sequence of finite numbers"),
        ([3, float("nan")], "d must be a sequence of finite numbers"),
        (np.ones((2, 2)), "d must be a sequence of finite numbers"),
        ({3: 1, 5: 2}, "d must be a dictionary from strings to values"),
    ],
)
def test_values_of_other_kinds_are_refused(values, message):
    with pytest.raises(TypeError, match=message):
        mf.explore(density, d=values)
    with pytest.raises(TypeError, match="figure_function must be a function; got 'density'"):
        mf.explore("density", d=[3, 5])


def test_a_setting_out_of_range_changes_nothing():
    figure = mf.explore(density, d=[3, 5])
    for bad in (4, "3", None, [3]):
        with pytest.raises((ValueError, traitlets.TraitError), match="d must be one of 3, 5"):
            figure.d = bad
    assert figure.d == 3


# --- what the front end makes of it ---------------------------------------------------------------------------------


def test_controls_fit_their_values(scripts):
    put(scripts, mf.explore(density, d=np.array([3, 5]), law=LAWS, logarithmic=[False, True]))
    figure = mf.explore(density, d=np.array([3, 5]), law=LAWS, logarithmic=[False, True])
    controls = scripts.controls("made", figure)
    assert list(controls) == ["d", "law", "logarithmic"]
    assert (controls["d"]["label"], controls["d"]["values"]) == ("d", [3, 5])
    assert controls["law"]["choices"] == [{"value": name, "label": name} for name in LAWS]
    assert controls["logarithmic"]["toggle"] is True
    assert scripts("made.controls.d.text(5)") == "5"


def test_the_copied_call_gives_the_same_figure(scripts):
    rates = {"fast": 2.0, "slow": 0.5}
    figure = mf.explore(density, d=[3, 5], law=mf.BesselLaw(4), points=[5, 10], frames="none")
    put(scripts, figure)
    text = scripts("made.python({ d: 5, points: 10 })")
    assert text == "density(law=mf.BesselLaw(d=4, frequency=1.0), d=5, points=10)"
    assert eval(text, {"mf": mf, "density": density}) == density(5, mf.BesselLaw(4), points=10)
    put(scripts, mf.explore(lambda rate, w1: density(rate), rate=rates, w1=torch.ones(3)))
    assert scripts("made.python({ rate: 'slow' })") == "figure_function(w1=w1, rate=0.5)"


def test_a_book_figure_is_named_as_the_reader_calls_it():
    rows = [{"m1": m, "rho": 1 / m} for m in (1, 2)]
    assert explore_module._name(mf.figures.scaling) == "mf.figures.scaling"
    assert explore_module._name(mf.tent) == "mf.tent"
    assert explore_module._code("rows", rows) == repr(rows)


def test_what_has_no_short_text_is_named():
    run = mf.infinite_width(mf.BesselLaw(3), 1.0, -0.1, 0.5, [0, 1])  # of mfdepth, and its text is no Python
    for value in (run, mf.figures.scaling, [0.1234567] * 20, np.ones(2)):
        assert explore_module._code("value", value) == "value"
    assert explore_module._code("law", mf.BesselLaw(4)) == "mf.BesselLaw(d=4, frequency=1.0)"


def test_while_python_computes_the_old_picture_stays(scripts):
    put(scripts, mf.explore(density, d=[3, 5, 8], frames="none"))
    waiting = scripts("drawing({ d: 8 })")
    assert waiting["plots"]["figure"]["busy"] and waiting["readout"] == [["d =", "3"]]
    scripts.v8.eval("state.drawn = { at: [2], figure: { data: [], layout: {} } }")
    answered = scripts("drawing({})")
    assert not answered["plots"]["figure"]["busy"] and answered["readout"] == [["d =", "8"]]


def test_drawing_leaves_the_frames_alone(scripts):
    put(scripts, mf.explore(density, d=[3, 5]))
    colours = "{ text: 'black', faint: 'grey', font: 'serif' }"
    drawn = scripts(
        "(() => { const before = JSON.stringify(drawing({}));"
        f"const input = plotlyInput({{ drawing: drawing({{}}).plots.figure, size: {{ width: 300 }}, colours: {colours} }});"
        "input.layout.yaxis.range = [0, 1]; input.data[0].uid = 'x';"
        "return [before === JSON.stringify(drawing({})), input.layout]; })()"
    )
    assert drawn[0] is True
    assert drawn[1]["width"] == 300 and drawn[1]["template"]["layout"]["font"]["color"] == "black"
