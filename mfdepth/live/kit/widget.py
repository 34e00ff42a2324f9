"""What every live figure shares in Python: its front-end module, its settings, and plotly.js for pages that lack it."""

import inspect
from inspect import Parameter
from typing import ClassVar

import anywidget
import traitlets

from mfdepth.live.kit.bundle import LIVE, bundle
from mfdepth.live.kit.settings import Setting


def module(entry):
    """The front-end module of a figure, as anywidget takes it: its script, which has `render`, and the kit."""
    return bundle(entry) + "export default { render };\n"


class Explorable(anywidget.AnyWidget):
    """A live figure. A subclass gives `_esm = module("its/script.js")` and its settings (kit/settings.py).

    Figures take their settings by name or in the order of their declaration; a wrong call is a TypeError.
    """

    _css = (LIVE / "kit/kit.css").read_text(encoding="utf-8")
    settings: ClassVar = {}

    controls = traitlets.List().tag(sync=True)
    made_with = traitlets.Dict().tag(sync=True)  # what Reset goes back to, in a view made later too

    def __init_subclass__(cls, **more):
        super().__init_subclass__(**more)
        cls.settings = cls.settings | {name: trait for name, trait in vars(cls).items() if isinstance(trait, Setting)}
        own = inspect.signature(cls.__init__).parameters.values()
        if any(parameter.kind is Parameter.VAR_POSITIONAL for parameter in own):  # else it takes something else
            keywords = [
                Parameter(name, trait.kind, default=trait.default_value) for name, trait in cls.settings.items()
            ]
            keywords += [parameter for parameter in own if parameter.kind is Parameter.KEYWORD_ONLY]
            cls.__signature__ = inspect.Signature(sorted(keywords, key=lambda parameter: parameter.kind))

    def __init__(self, *values, **settings):
        if values or "__signature__" in vars(type(self)):
            settings = inspect.signature(type(self)).bind(*values, **settings).arguments
        # what is no setting comes first: what a setting accepts may depend on it
        super().__init__(**dict(sorted(settings.items(), key=lambda item: item[0] in self.settings)))
        self.on_msg(self._answer)

    @traitlets.default("controls")
    def _described(self):
        return [trait.described() for trait in self.settings.values()]

    @traitlets.default("made_with")
    def _present(self):
        return {control["name"]: getattr(self, control["name"]) for control in self.controls}

    def _answer(self, _, message, buffers):
        # The page of a live kernel has no plotly.js of its own: the installed package carries one.
        if message.get("request") == "plotly":
            from plotly.offline import get_plotlyjs

            self.send({"reply": "plotly"}, [get_plotlyjs().encode()])
