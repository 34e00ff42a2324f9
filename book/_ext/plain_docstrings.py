"""Sphinx extension: our docstrings are plain text, so |x| and f* mean what they say on the API page too.

Names in backticks are code, an indented block is an equation, and `>>>` examples stay as they are.
"""

import re
from inspect import signature


def to_rst(text):
    """Mark up a plain docstring, one block between blank lines at a time."""
    blocks = re.split(r"\n\s*\n", text)
    for i, block in enumerate(blocks):
        follows = blocks[i + 1] if i + 1 < len(blocks) else ""
        if block.startswith((" ", ">>>")):
            continue  # an equation or an example
        block = re.sub(r"([|*\\])", r"\\\1", block)
        block = re.sub(r"`([^`]+)`", r"``\1``", block)
        if follows.startswith(" "):  # "::" alone announces an equation and is not shown
            block = re.sub(r":$", "::", block) if block.endswith(":") else f"{block}\n\n::"
        blocks[i] = block
    return "\n\n".join(blocks)


def mark_up(app, what, name, obj, options, lines):
    lines[:] = to_rst("\n".join(lines)).split("\n")


def own_signature(app, what, name, obj, *_):
    """A widget's arguments are those of its `__init__`; Sphinx finds the `__new__` of traitlets first."""
    if what == "class" and hasattr(obj, "traits"):
        return str(signature(obj.__init__)).replace("(self, ", "("), ""


def setup(app):
    app.connect("autodoc-process-signature", own_signature)
    app.connect("autodoc-process-docstring", mark_up)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
