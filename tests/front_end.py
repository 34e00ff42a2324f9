"""The scripts of the live figures, evaluated in V8 as a browser would."""

import json

from py_mini_racer import MiniRacer

from mfdepth.live.kit.bundle import bundle


class Scripts:
    """The joined text of some scripts; `scripts(expression)` evaluates and brings the value back through JSON."""

    def __init__(self, *entries):
        self.v8 = MiniRacer()
        self.v8.eval(bundle(*entries))

    def __call__(self, expression):
        return json.loads(self.v8.eval(f"JSON.stringify({expression})"))
