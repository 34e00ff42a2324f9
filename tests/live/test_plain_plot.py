"""Figures of Plotly that plot.js draws: which they are, where their points stand, and the same page without plotly.js."""

import json
from itertools import pairwise

import numpy as np
import plotly.graph_objects as go
import pytest
from bare_page import ADDRESS, serve, state_of
from front_end import Scripts
from plotly.offline import get_plotlyjs

import mfdepth as mf
from mfdepth.figures import style as draw
from mfdepth.live.explore.frames import plain_figure


@pytest.fixture(scope="module")
def scripts():
    return Scripts("explore/explore.js")


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
    second = {"x": [1, 3], "y": [2, 2], "showlegend": True}
    found = plain(scripts, go.Figure([go.Scatter(second | {"showlegend": False}), go.Scatter(second)]))
    assert [key["label"] for key in found["keys"]] == ["trace 1"]  # as Plotly names it


def test_short_curves_have_points_too_and_each_trace_a_colour(scripts):
    found = plain(scripts, go.Figure([go.Scatter(x=[1, 2], y=[1, 2]), go.Scatter(x=list(range(20)), y=[0] * 20)]))
    assert [trace.get("mode", "lines") for trace in found["data"]] == ["lines", "markers", "lines"]
    assert found["data"][0]["line"]["color"] == found["data"][1]["marker"]["color"] == draw.FINITE
    assert found["data"][2]["line"]["color"] == draw.INFINITE
    own = {"line": {"color": "red"}, "marker": {"color": "black"}}
    curve, points = plain(scripts, go.Figure(go.Scatter(x=[1, 2], y=[1, 2], **own)))["data"]
    assert curve["line"]["color"] == "red" and points["marker"]["color"] == "black"


def test_the_legend_shows_an_area_as_one(scripts):
    law = mf.BesselLaw(5)
    traces = [draw.density(law, 2), draw.curve([0, 1], [0, 1], "curve", "red"), go.Bar(x=[1], y=[1], name="bar")]
    density, curve, bar = plain(scripts, draw.figure(traces, "x", "y", alt=""))["keys"]
    assert density == {"label": "density of r (scaled)", "colour": draw.DENSITY_FILL, "filled": True}
    assert bar == {"label": "bar", "colour": draw.PREDICTION, "filled": True}
    assert "filled" not in curve


def test_bars_stand_on_zero(scripts):
    [bars] = plain(scripts, go.Figure(go.Bar(x=[4, 1, 2], y=[2, 3, -1])))[
        "data"
    ]  # in any order, as wide as the least gap
    area = {"x": 0, "y": 0, "width": 40, "height": 40}
    axes = {"x": {"low": 0, "high": 4}, "y": {"low": -4, "high": 4, "from": 0, "to": 1}}
    [area] = scripts(f"traceMarks({json.dumps(axes)}, {json.dumps(area)})({json.dumps(bars)})")
    assert area["style"]["d"] == "M36 10L44 10L44 20L36 20ZM6 5L14 5L14 20L6 20ZM16 25L24 25L24 20L16 20Z"
    assert area["style"]["fill"] == draw.FINITE and area["style"]["stroke"] == "none"
    [alone] = plain(scripts, go.Figure(go.Bar(x=[3], y=[1])))["data"]
    assert alone["x"][:2] == [2.6, 3.4]


# Where real Plotly puts the bars of every trace, and how far the axis goes.
PLACES = """async ({ data, layout }) => {
  const node = document.body.appendChild(document.createElement("div"));
  await Plotly.newPlot(node, data, layout);
  return [node.calcdata.map((bars) => bars.map(({ p0, p1 }) => [p0, p1])), node._fullLayout.xaxis.range];
}"""


def test_sets_of_bars_stand_where_plotly_puts_them(scripts, browser):
    page = browser.new_page()
    page.add_script_tag(content=get_plotlyjs())
    for sets in (
        [[1, 2, 4]],
        [[3], [3]],
        [[1, 2, 3], [1, 2, 3]],
        [[1, 2, 3], [2, 3, 5]],  # some places in common
        [[1, 2, 3], [4, 5.5]],  # none
        [[1, 1, 3], [4, 5.5]],  # none, but two bars of one set
        [[1, 2], [1], [2, 2.5]],
    ):
        figure = go.Figure([go.Bar(x=x, y=[1 + i for i in range(len(x))]) for x in sets])
        found = plain(scripts, figure)
        ours = [np.array([v for v in bars["x"] if v is not None]).reshape(-1, 2) for bars in found["data"]]
        theirs, reach = page.evaluate(PLACES, json.loads(figure.to_json()))
        for a, b in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-12)
        np.testing.assert_allclose(found["layout"]["xaxis"]["range"], reach, rtol=1e-12)
    page.close()


def test_the_title_stands_beside_the_longest_mark(scripts):
    found = plain(scripts, mf.figures.growth_by_degree([0.02, 0.01], kink=0.4))
    names = [mark["label"] for mark in found["layout"]["yaxis"]["marked"]]
    # a letter of 13 pixels is at most 8 wide, the marks end 6 before the axis, the title takes 18
    assert max(map(len, names)) == 6 and found["layout"]["margin"]["l"] >= 6 * 8 + 6 + 18
    assert plain(scripts, book_style())["layout"]["margin"]["l"] == 58


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


def bars(*columns, **layout):
    return go.Figure([go.Bar(x=[1, 2], y=y) for y in columns], layout)


def two_panels(**grid):
    traces = [go.Scatter(x=[1, 2], y=[1, 2], yaxis=axis) for axis in ("y", "y2")]
    return go.Figure(traces, {"yaxis2": {"type": "linear"}, "grid": {"rows": 2, "columns": 1, "ygap": 0.1} | grid})


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
        trace().update_xaxes(title="$x^2$"),
        trace().update_xaxes(title="p &amp; q"),
        trace().update_yaxes(showgrid=False),
        trace().update_yaxes(tickfont={"size": 9.6}),
        trace().update_yaxes(type="log", tickfont={"size": 9.6, "color": "red"}),
        trace().update_yaxes(range=[3, 0]),
        trace().update_yaxes(range=[None, 3]),
        trace().update_xaxes(tickvals=[1, 2], ticktext=["1", "10<sup>2</sup>"]),
        trace().update_layout(paper_bgcolor="black"),
        trace().update_layout(plot_bgcolor="white"),
        trace(yaxis="y2"),  # an axis that the layout lacks
        two_panels(),
        two_panels(subplots=[["xy"], ["xy2"]], roworder="bottom to top"),
        two_panels(subplots=[["xy"], [""]]),
        two_panels(subplots=[["xy", "x2y2"]], columns=2),
        two_panels(subplots=[["xy"], ["xy3"]]),
        two_panels(subplots=[["xy"], ["xy2"]], ygap=None),
        bars([1, 2], yaxis={"type": "log"}),
        go.Figure([go.Bar(x=[1], y=[1]), go.Bar(x=[1], y=[2], yaxis="y2")], {"yaxis2": {"type": "linear"}}),
        bars([1, 2], [3, 4], barmode="stack"),
        go.Figure(go.Bar(x=[1, None], y=[1, 2])),
        draw.figure([draw.points([1], [1], "star", "red", "star")], "x", "y", alt=""),
    ],
)
def test_what_has_more_is_left_to_plotly(scripts, figure):
    assert plain(scripts, figure) is None
    for good in (trace(), bars([1, 2]), two_panels(subplots=[["xy"], ["xy2"]])):
        assert plain(scripts, good) is not None


def one_or_other(kind, d):
    """Figures that plot.js draws, one that asks for plotly.js, or none."""
    if kind == "refused":
        raise ValueError("kind must not be refused")
    figure = {
        "plain": book_style(ticks=np.arange(1, 4, 0.05)),
        "bars": go.Figure(go.Bar(x=[1, 2], y=[3, d])),
        "heat": go.Figure(go.Heatmap(z=[[1, d], [3, 4]])),
    }[kind]
    return figure.update_layout(height=300 + d, meta={"alt": f"{kind} at {d}"})


BOXES = (
    "() => [...document.querySelectorAll('.mf-drawing svg text')].map((node) => node.getBoundingClientRect().toJSON())"
)


def test_a_page_needs_plotly_only_for_what_has_more(browser):
    widget = mf.explore(one_or_other, kind=["plain", "bars", "heat", "refused"], d=[10, 20])
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

        labels = [box for box in page.evaluate(BOXES) if box["y"] == page.evaluate(BOXES)[0]["y"]]
        assert 10 < len(labels) < 60  # of sixty values: those that do not run into each other
        assert all(a["right"] < b["left"] for a, b in pairwise(labels))

        move("bars")
        page.wait_for_function("() => document.querySelectorAll('.mf-drawing svg path').length === 1")
        with page.expect_download() as download:
            page.get_by_role("button", name="Save data").click()
        assert download.value.path().read_text().splitlines()[1:] == ["figure,0,1,3", "figure,0,2,10"]

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
