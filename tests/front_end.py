"""The scripts of the live figures, evaluated in V8 as a browser would."""

import ast
import json

import numpy as np
from py_mini_racer import MiniRacer

import mfdepth as mf
from mfdepth.live.kit.bundle import bundle


class Scripts:
    """The joined text of some scripts; `scripts(expression)` evaluates and brings the value back through JSON."""

    def __init__(self, *entries):
        self.v8 = MiniRacer()
        self.v8.eval(bundle(*entries))

    def __call__(self, expression):
        return json.loads(self.v8.eval(f"JSON.stringify({expression})"))

    def controls(self, figure, widget):
        """The controls of a figure (an expression) by name, as the page of the widget makes them."""
        declared = json.dumps(widget.controls)
        found = self(f"controlsOf({figure}, {{ get: () => {declared} }})")
        return {control["name"]: control for control in found}

    def copied(self, figure, widget, settings):
        """What "Copy as Python" gives for a figure (an expression) at some settings."""
        arguments = json.dumps(settings)
        keywords = f"(...names) => pythonKeywords({json.dumps(widget.controls)}, {arguments}, names)"
        return self(f"{figure}.python({arguments}, {keywords})")


def run_copied(call):
    """The value of the last line of what a reader copied, and every name that it sets."""
    names = {"mf": mf, "np": np}
    *lines, last = ast.parse(call).body
    if isinstance(last, ast.Expr):
        last = ast.Assign([ast.Name("last", ast.Store())], last.value)
    exec(compile(ast.fix_missing_locations(ast.Module([*lines, last], [])), "copied", "exec"), names)  # noqa: S102
    return names.get("last"), names
