"""What every figure of the book promises to a reader, whatever it shows."""

import json


def assert_in_style(drawn, name):
    """The figure says in words what it shows, names its axes, and takes its text's colour from the page's theme."""
    content = json.loads(drawn.to_json())
    layout = content["layout"]
    alt = layout["meta"]["alt"]
    assert len(alt) > 60 and alt.endswith("."), name
    assert "nan" not in alt and "array" not in alt, name
    assert all(layout[axis]["title"]["text"] for axis in layout if axis.startswith(("xaxis", "yaxis"))), name
    assert layout["paper_bgcolor"] == layout["plot_bgcolor"] == "rgba(0,0,0,0)", name
    layout.pop("template")  # as the book's extension does
    assert '"font"' not in json.dumps(content), name
