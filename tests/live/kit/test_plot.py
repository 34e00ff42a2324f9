"""plot.js, values.js, address.js and save.js, as far as they need no browser."""

import pytest

AXES = "{ x: { low: 0, high: 10, log: false }, y: { low: -2, high: 2, log: true, from: 0, to: 1 } }"
AREA = "{ x: 0, y: 0, width: 100, height: 40 }"


def marks(scripts, trace):
    return scripts(f"traceMarks({AXES}, {AREA})({trace})")


@pytest.mark.parametrize(
    ("low", "high", "count", "labels"),
    [
        (0, 60, 6, ["0", "10", "20", "30", "40", "50", "60"]),
        (-0.1, 0.1, 4, ["−0.1", "−0.05", "0", "0.05", "0.1"]),
        (0, 1, 2, ["0", "0.5", "1"]),
        (0, 2e6, 2, ["0", "10⁶", "2 × 10⁶"]),
        (3, 3.001, 2, ["3", "3.0005", "3.001"]),
    ],
)
def test_linear_ticks_are_round(scripts, low, high, count, labels):
    assert [tick["label"] for tick in scripts(f"ticks({{ low: {low}, high: {high} }}, {count})")] == labels


def test_logarithmic_ticks_are_powers_of_ten_or_round_within_one(scripts):
    wide = scripts("ticks({ low: -6, high: 0, log: true }, 3)")
    assert [(tick["label"], tick["value"]) for tick in wide] == [
        ("10⁻⁶", 1e-6),
        ("10⁻⁴", 1e-4),
        ("10⁻²", 1e-2),
        ("10⁰", 1),
    ]
    narrow = scripts("ticks({ low: -0.5, high: 0.5, log: true }, 3)")
    assert [tick["label"] for tick in narrow] == ["0.5", "1", "2", "3"]


def test_an_axis_without_a_range_holds_all_its_points(scripts):
    low, high = scripts("extent([[3, 1, NaN], [2, Infinity]], false)")
    assert low < 1 and 3 < high < 3.2
    low, high = scripts("extent([[0.01, 100, 0]], true)")  # 0 has no logarithm
    assert low < -2 and 2 < high < 2.2
    assert scripts("extent([[NaN]], false)") == [0, 1]
    assert scripts("extent([[null, 5, 6]], false, 0)") == [5, 6]  # a gap is not at zero
    low, high = scripts("extent([[5]], false)")
    assert low < 5 < high


def test_points_stand_where_the_axes_say(scripts):
    [mark] = marks(scripts, "{ x: [0, 5, 10], y: [0.01, 1, 100], line: { color: 'red', dash: 'dash' } }")
    assert mark["style"]["d"] == "M0 40L50 20L100 0"
    assert mark["style"]["stroke"] == "red"
    assert mark["style"]["stroke-dasharray"] == "8 5"


@pytest.mark.parametrize("hole", ["NaN", "null", "Infinity", "0", "-1"])
def test_what_is_not_a_number_lifts_the_pen(scripts, hole):
    [mark] = marks(scripts, f"{{ x: [0, 5, 10], y: [0.01, {hole}, 100] }}")
    assert mark["style"]["d"] == "M0 40M100 0"
    [mark] = marks(scripts, f"{{ x: [0, 5], y: [1, {hole}], mode: 'markers' }}")
    assert mark["style"]["d"] == "M0 20h0"


def test_an_area_is_closed_along_its_base(scripts):
    fill, line = marks(scripts, "{ x: [0, 10], y: [1, 1], fill: 'tozeroy', fillcolor: 'grey' }")
    assert fill["style"]["d"] == "M0 20L100 20L100 40L0 40Z"
    assert line["style"]["fill"] == "none"


def test_an_area_ends_where_the_pen_is_lifted(scripts):
    trace = "{ x: [0, 2, 4, 6, 8, 10], y: [null, 1, 1, NaN, 1, null], fill: 'tozeroy', fillcolor: 'grey', line: { width: 0 } }"
    [fill] = marks(scripts, trace)
    assert fill["style"]["d"] == "M20 20L40 20L40 40L20 40ZM80 20L80 40L80 40Z"


def test_an_axis_may_mark_its_own_values(scripts):
    marked = "marked: [{ value: 1, label: 'one' }, { value: 5, label: 'five' }, { value: 50, label: 'fifty' }]"
    assert [tick["label"] for tick in scripts(f"ticks({{ low: 0, high: 1, log: true, {marked} }}, 3)")] == [
        "one",
        "five",
    ]
    assert [tick["label"] for tick in scripts(f"ticks({{ low: 2, high: 60, {marked} }}, 3)")] == ["five", "fifty"]


def test_far_points_stay_within_reach(scripts):
    [mark] = marks(scripts, "{ x: [0, 1e30], y: [1, 1] }")
    assert mark["style"]["d"] == "M0 20L100000 20"


def test_lists_of_values(scripts):
    assert scripts("linearValues(-0.1, 0.1, 0.05)") == [-0.1, -0.05, 0, 0.05, 0.1]
    values = scripts("logarithmicValues(2, 1000, 40, Math.round)")
    assert values[:4] == [2, 3, 4, 5] and values[-1] == 1000 and values == sorted(set(values))
    assert scripts("nearestIndex([1, 10, 100], 60)") == 2
    assert scripts("outward([0.2, 0.9], 0.5)") == [0, 1]
    assert scripts("outward([0, 1], 0.5)") == [-0.5, 1.5]
    assert scripts("[scientific(3.14159e-4, 1), scientific(0), plainNumber(-0.1), pythonFloat(2)]") == [
        "3.1 × 10⁻⁴", "0", "−0.1", "2.0",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("control", "text", "value"),
    [
        ("{ values: [0, 1, 2] }", "1.4", 1),  # whole where all of them are
        ("{ values: [0, 0.5] }", "0.4", 0.4),
        ("{ values: [0, 1] }", "2", None),
        ("{ values: [0, 1] }", "one", None),
        ("{ values: [0, 1] }", "", None),
        ("{ toggle: true }", "true", True),
        ("{ toggle: true }", "yes", None),
        ("{ choices: [{ value: 'a' }, { value: 2 }] }", "2", 2),
        ("{ choices: [{ value: 'a' }] }", "b", None),
        ("{ hidden: true, read: (text) => text.split('_').map(Number) }", "1_2", [1, 2]),
    ],
)
def test_what_an_address_may_say(scripts, control, text, value):
    assert scripts(f"valueFromText({control}, '{text}', 0) ?? null") == value


def test_plotted_numbers_as_a_table(scripts):
    table = scripts(
        "plottedNumbers({ course: { data: [{ meta: 'a, b', x: [1, 2], y: [3, null] }, { x: [5], y: [6] }] } })"
    )
    assert table == "plot,trace,x,y\ncourse,a  b,1,3\ncourse,a  b,2,\ncourse,1,5,6\n"
