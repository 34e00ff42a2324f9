"""The scripts of the live figures, evaluated in V8 as a browser would."""

import json

from py_mini_racer import MiniRacer

from mfdepth.live.kit.widget import HERE


class Scripts:
    """Plain scripts loaded one by one; `scripts(expression)` evaluates and brings the value back through JSON."""

    def __init__(self, *names):
        self.v8 = MiniRacer()
        for name in names:
            self.v8.eval((HERE / name).read_text(encoding="utf-8"))

    def __call__(self, expression):
        return json.loads(self.v8.eval(f"JSON.stringify({expression})"))
