"""Figures of Plotly that plot.js draws: which they are, where their points stand, and the same page without plotly.js."""

import json

import numpy as np
import plotly.graph_objects as go
import pytest
from bare_page import ADDRESS, serve, state_of
from front_end import Scripts

import mfdepth as mf
from mfdepth import drawing as draw
from mfdepth.explorables.base import KIT
from mfdepth.explorables.frames import plain_figure


@pytest.fixture(scope="module")
def scripts():
    return Scripts(*KIT, "load_plotly.js", "plain_plot.js", "explore.js")


def plain(scripts, figure):
    """What drawPlot is given for a figure; None for one that asks for plotly.js."""
    return scripts(f"plainPlot({json.dumps(plain_figure(figure))}) ?? null")


def book_style(**more):
    traces = [
        draw.curve([1, 2, 4], [1, 10, 100], "a curve", draw.TARGET, "dash", width=3),
        draw.points([1, 4], [5, 50], "points", draw.FINITE, size=7, opacity=0.5),
    ]
    return draw.figure(traces, "x", "y", alt="Two.", **more)


def test_a_figure_of_the_book_is_drawn_as_it_says(scripts):
    found = plain(scripts, book_style(log_x=True, log_y=True, ticks=[1, 3]))
    curve, points = found["data"]
    assert curve["x"] == [1, 2, 4] and curve["y"] == [1, 10, 100]
    assert curve["line"] == {"color": draw.TARGET, "dash": "dash", "width": 3}
    assert points["mode"] == "markers" and points["opacity"] == 0.5
    assert points["marker"] == {"size": 7, "color": draw.FINITE}
    assert found["layout"]["xaxis"]["marked"] == [{"value": 1, "label": "1"}, {"value": 3, "label": "3"}]
    assert [found["layout"][axis]["title"] for axis in ("xaxis", "yaxis")] == ["x", "y"]
    assert [found["layout"][axis]["type"] for axis in ("xaxis", "yaxis")] == ["log", "log"]
    low, high = found["layout"]["xaxis"]["range"]
    assert low < 0 and high > np.log10(4)  # points do not touch the frame
    assert [key["label"] for key in found["keys"]] == ["a curve", "points"]
    assert [key["dot"] for key in found["keys"]] == [False, True]
    assert found["keys"][0]["dash"] == "8 5"


def test_lines_end_at_the_frame(scripts):
    found = plain(scripts, go.Figure(go.Scatter(x=[1, 3], y=[2, 2], mode="lines")))
    assert found["layout"]["xaxis"]["range"] == [1, 3]
    assert found["keys"] == []  # one trace needs no legend, unless it asks for one
    assert plain(scripts, go.Figure(go.Scatter(x=[1, 3], y=[2, 2], showlegend=True)))["keys"][0]["label"] == "trace 0"


def test_short_curves_have_points_too_and_each_trace_a_colour(scripts):
    found = plain(scripts, go.Figure([go.Scatter(x=[1, 2], y=[1, 2]), go.Scatter(x=list(range(20)), y=[0] * 20)]))
    assert [trace.get("mode", "lines") for trace in found["data"]] == ["lines", "markers", "lines"]
    assert found["data"][0]["line"]["color"] == found["data"][1]["marker"]["color"] == draw.FINITE
    assert found["data"][2]["line"]["color"] == draw.INFINITE


def test_bars_stand_on_zero(scripts):
    [bars] = plain(scripts, go.Figure(go.Bar(x=[1, 2, 4], y=[3, -1, 2])))["data"]
    area = {"x": 0, "y": 0, "width": 40, "height": 40}
    axes = {"x": {"low": 0, "high": 4}, "y": {"low": -4, "high": 4, "from": 0, "to": 1}}
    [area] = scripts(f"traceMarks({json.dumps(axes)}, {json.dumps(area)})({json.dumps(bars)})")
    outline = "M6 20L6 5L14 5L14 20M16 20L16 25L24 25L24 20M36 20L36 10L44 10L44 20"
    assert area["style"]["d"] == f"{outline}L44 20L6 20Z"  # the last strokes run along zero
    assert area["style"]["fill"] == draw.FINITE and area["style"]["stroke"] == "none"


def test_panels_share_the_height_as_in_plotly(scripts):
    traces = [draw.curve([0, 1], [0, 1], "up", draw.FINITE), draw.curve([0, 1], [5, 6], "up", draw.FINITE, yaxis="y2")]
    found = plain(scripts, draw.figure(traces, "x", ["one", "two"], alt=""))
    domains = [found["layout"][axis]["domain"] for axis in ("yaxis", "yaxis2")]
    np.testing.assert_allclose(domains, [[1 - 0.85 / 1.85, 1], [0, 0.85 / 1.85]], atol=1e-12)
    assert found["data"][1]["yaxis"] == "y2"


def test_an_area_reaches_down_to_zero(scripts):
    filled = go.Figure(go.Scatter(x=[0, 1], y=[5, 6], mode="lines", fill="tozeroy", fillcolor="grey"))
    found = plain(scripts, filled)
    assert scripts(f"axesOf({json.dumps(found['data'])}, {json.dumps(found['layout'])}).y.low") < 0


def trace(**more):
    return go.Figure(go.Scatter({"x": [1, 2], "y": [3, 4], "mode": "lines"} | more))


@pytest.mark.parametrize(
    "figure",
    [
        go.Figure(go.Heatmap(z=[[1, 2]])),
        go.Figure(go.Scatter3d(x=[1], y=[1], z=[1])),
        trace(text=["a", "b"]),
        trace(x=["Monday", "Tuesday"]),
        trace(mode="text"),
        trace(name="w<sub>2</sub>"),
        trace(fill="tonexty"),
        trace(fill="tozeroy"),  # in a colour of Plotly's
        trace(line={"dash": "3px"}),
        trace(line={"shape": "hv"}),
        trace(error_y={"array": [1, 1]}),
        trace(mode="markers", marker={"color": [1, 2]}),
        trace(mode="markers", marker={"size": [1, 2]}),
        trace(mode="markers", marker={"symbol": "square"}),
        trace(mode="markers", marker={"line": {"width": 1}}),
        trace(mode="markers", marker={"maxdisplayed": 3}),
        trace().update_layout(title="a title"),
        trace().update_layout(annotations=[{"text": "here", "x": 1, "y": 3}]),
        trace().update_layout(xaxis2={"title": "another"}),
        trace().update_xaxes(title="<b>x</b>"),
        trace().update_xaxes(type="category"),
        trace().update_yaxes(showgrid=False),
        draw.figure([draw.points([1], [1], "star", "red", "star")], "x", "y", alt=""),
    ],
)
def test_what_has_more_is_left_to_plotly(scripts, figure):
    assert plain(scripts, figure) is None
    assert plain(scripts, trace()) is not None


def one_or_other(kind, d):
    """A figure that plot.js draws, one that asks for plotly.js, or none."""
    if kind == "refused":
        raise ValueError("kind must not be refused")
    figure = book_style() if kind == "plain" else go.Figure(go.Heatmap(z=[[1, d], [3, 4]]))
    return figure.update_layout(height=300 + d, meta={"alt": f"{kind} at {d}"})


def test_a_page_needs_plotly_only_for_what_has_more(browser):
    widget = mf.explore(one_or_other, kind=["plain", "heat", "refused"], d=[10, 20])
    context, asked = browser.new_context(), []
    serve(context, widget._esm, widget._css, state_of(widget))
    library = "globalThis.Plotly = { drawn: [], react: (node, data) => Plotly.drawn.push(data[0].z), purge: (node) => node.replaceChildren() };"
    context.route("**/plotly.min.js", lambda route: [asked.append(1), route.fulfill(body=library)])
    try:
        page = context.new_page()
        page.goto(ADDRESS)
        page.wait_for_selector("section.mf-explorable[data-ready=true]")
        drawing, move = page.locator(".mf-drawing"), page.get_by_label("kind").select_option
        assert drawing.locator("svg path").count() == 2 and not asked
        assert drawing.bounding_box()["height"] == 310 and drawing.get_attribute("aria-label") == "plain at 10"
        assert page.locator(".mf-legend span").all_text_contents() == ["a curve", "points"]
        with page.expect_download() as download:
            page.get_by_role("button", name="Save picture").click()
        saved = download.value.path().read_text(encoding="utf-8")
        assert "a curve" in saved and draw.FINITE in saved and "NaN" not in saved

        move("heat")
        page.wait_for_function("() => globalThis.Plotly?.drawn.length === 1")
        assert asked == [1] and drawing.locator("svg").count() == 0 and page.locator(".mf-legend span").count() == 0
        move("plain")
        page.wait_for_function("() => document.querySelectorAll('.mf-drawing svg path').length === 2")
        assert "plotly" not in drawing.evaluate("node => ({ ...node.dataset })")
        move("refused")
        page.wait_for_function("() => document.querySelector('.mf-message').textContent === 'kind must not be refused'")
        assert drawing.locator("svg path").count() == 0
        assert page.evaluate("Plotly.drawn.length") == 1
    finally:
        context.close()
