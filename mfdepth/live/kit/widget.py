"""What every live figure shares in Python: its front-end module, its settings, and plotly.js for pages that lack it."""

import math

import anywidget
import traitlets

from mfdepth.live.kit.bundle import LIVE, bundle


def module(entry):
    """The front-end module of a figure, as anywidget takes it: its script, which has a function `render`, and the kit."""
    return bundle(entry) + "export default { render };\n"


class Explorable(anywidget.AnyWidget):
    """A live figure. A subclass gives `_esm = module("its/script.js")` and its traits."""

    _css = (LIVE / "kit/kit.css").read_text(encoding="utf-8")

    def __init__(self, **settings):
        super().__init__(**settings)
        self.on_msg(self._answer)

    def _answer(self, _, message, buffers):
        # The page of a live kernel has no plotly.js of its own: the installed package carries one.
        if message.get("request") == "plotly":
            from plotly.offline import get_plotlyjs

            self.send({"reply": "plotly"}, [get_plotlyjs().encode()])


class Number(traitlets.TraitType):
    """A trait shared with the page, a number that is `accepted`: the range as `check_number` takes it.

    >>> class Figure(traitlets.HasTraits):
    ...     d = Number(2, 1000, whole=True)
    >>> Figure(d=30.0).d, Figure.d.accepted
    (30, {'low': 2, 'high': 1000, 'whole': True})
    """

    def __init__(self, low=-math.inf, high=math.inf, **more):
        super().__init__(default_value=None)
        self.accepted = {"low": low, "high": high, **more}
        self.tag(sync=True)

    def validate(self, obj, value):
        return check_number(self.name, value, **self.accepted)


def check_number(name, value, low=-math.inf, high=math.inf, *, whole=False, above=None):
    """Refuse what is not a finite number from low to high (above `above`, whole where asked), naming it and the range."""
    kind = "a whole number" if whole else "a finite number"
    if above is not None:
        accepted = f"{kind} above {above:g}"
    elif math.isfinite(low):
        accepted = f"{kind} from {low:g} to {high:g}"
    else:
        accepted = kind
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise TypeError(f"{name} must be {accepted}; got {value!r}") from None
    inside = low <= number <= high and (above is None or number > above)
    if not (math.isfinite(number) and inside and (not whole or number.is_integer())):
        raise ValueError(f"{name} must be {accepted}; got {value!r}")
    return int(number) if whole else number
