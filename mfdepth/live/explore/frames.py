"""Plotly figures as small JSON: what a page keeps of a figure function, so that its controls move without Python.

Numbers are rounded to five digits, more than a screen shows. What several figures have in common is kept once: every
part longer than a few characters goes into a pool, and {"=": 7} stands for the part number 7.
"""

import base64
import json
import math

import numpy as np

DIGITS = 5
SHORT = 24  # a part with less text than this is cheaper to repeat


def plain_figure(figure):
    """A Plotly figure as {"data": [...], "layout": {...}} of lists and rounded numbers, without its template.

    >>> import plotly.graph_objects as go
    >>> plain_figure(go.Figure(go.Scatter(x=np.array([1, 2]), y=[1 / 3, np.nan]), {"height": 300}))
    {'data': [{'x': [1, 2], 'y': [0.33333, None], 'type': 'scatter'}], 'layout': {'height': 300}}
    """
    try:
        content = json.loads(figure.to_json())
        content = {"data": content["data"], "layout": content["layout"]}
    except (AttributeError, KeyError, TypeError):
        raise TypeError(f"figure_function must return a Plotly figure; got {figure!r:.80}") from None
    content["layout"].pop("template", None)  # the page brings its own, for the light and the dark theme
    return _plain(content)


def _plain(node):
    match node:
        case {"bdata": text, "dtype": dtype}:  # how Plotly writes a NumPy array
            array = np.frombuffer(base64.b64decode(text), dtype)
            shape = [int(n) for n in str(node.get("shape", len(array))).split(",")]
            return _plain(array.reshape(shape).tolist())
        case dict():
            return {key: _plain(value) for key, value in node.items()}
        case list():
            return [_plain(value) for value in node]
        case float():
            return _round(node)
    return node


def _round(x):
    if not math.isfinite(x):
        return None
    x = float(f"{x:.{DIGITS}g}")
    return int(x) if x.is_integer() and abs(x) < 1e6 else x


class Pool:
    """Parts of figures, each kept once. `bytes` is the length of its JSON text.

    >>> pool, x = Pool(), [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]
    >>> [pool.add({"x": x, "colour": "blue", "y": [k]}) for k in (1, 2)]
    [{'=': 1}, {'=': 2}]
    >>> pool.parts()[1]
    {'x': {'=': 0}, 'colour': 'blue', 'y': [1]}
    """

    def __init__(self):
        self._number = {}  # JSON text -> place in the pool
        self.bytes = 0

    def add(self, node):
        """What stands for the node: itself if short, else its number in the pool."""
        match node:
            case dict():
                node = {key: self.add(value) for key, value in node.items()}
            case list():
                node = [self.add(value) for value in node]
            case _:
                return node
        text = json.dumps(node, separators=(",", ":"), ensure_ascii=False)
        if len(text) < SHORT:
            return node
        if text not in self._number:
            self._number[text] = len(self._number)
            self.bytes += len(text.encode()) + 1
        return {"=": self._number[text]}

    def parts(self):
        """The pool as a list; a part refers only to earlier ones."""
        return [json.loads(text) for text in self._number]
