"""What the chapters share: a table of claims, checked. The rooms below are loaded when first used."""

import math
from collections.abc import Mapping
from importlib import import_module
from types import ModuleType
from typing import Any

ROOMS = (
    "why_depth",
    "two_layers",
    "bottleneck",
    "discretization",
    "general_case",
    "beyond",
    "lower_bound",
    "convergence",
)
NOISE = 1e-6  # bounds from here down are on rounding and integrators


def claims(rows: Mapping[str, tuple]) -> None:
    """Print a table of claims with their numbers, and raise where one fails: the end of each chapter.

    rows: claim -> (measured, bound), which says measured < bound; or (measured, sign, bound) with the sign "<" or ">".
    Numbers come with two digits; below a hundredth of the bound that is said instead, and where the bound is on
    rounding the power of ten above, as digits differ between machines there.
    Raises AssertionError, with the claims that fail, once the table is printed.

    >>> import mfdepth as mf
    >>> mf.claims({"the loss at the end": (1.234e-4, 2e-4), "rounding": (3e-16, 1e-12), "ratio": (37.4, ">", 20)})
    claim                   measured      bound
    the loss at the end      0.00012  <  0.0002
    rounding             below 1e-14  <   1e-12
    ratio                         37  >      20

    See: the chapter "What to take away".
    """
    if not isinstance(rows, Mapping):
        raise TypeError(f"rows must be a dict, claim -> (measured, bound); got {rows!r}")
    table, failed = [("claim", "measured", " ", "bound")], []
    for claim, row in rows.items():
        if not isinstance(row, (tuple, list)) or len(row) not in (2, 3):
            raise TypeError(f"rows must hold (measured, bound) or (measured, sign, bound) for {claim!r}; got {row!r}")
        measured, bound = (_number(claim, value) for value in (row[0], row[-1]))
        sign = row[1] if len(row) == 3 else "<"
        if sign not in ("<", ">"):
            raise ValueError(f'rows must hold the sign "<" or ">" for {claim!r}; got {sign!r}')
        table.append((claim, _shown(measured, bound, sign), sign, f"{bound:g}"))
        if not (measured < bound if sign == "<" else measured > bound):
            failed.append(f"{claim}: {measured:.6g} is not {sign} {bound:g}")
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for claim, shown, sign, limit in table:
        print(f"{claim:<{widths[0]}}  {shown:>{widths[1]}}  {sign}  {limit:>{widths[3]}}")
    if failed:
        raise AssertionError("; ".join(failed))


def _number(claim: str, value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError, RuntimeError):
        raise TypeError(f"rows must hold numbers for {claim!r}; got {value!r}") from None


def _shown(measured: float, bound: float, sign: str) -> str:
    if sign == "<" and 0 <= measured < bound / 100:
        return f"below {bound / 100:.0e}"
    if sign == "<" and bound <= NOISE and 0 < measured < math.inf:
        return f"{10.0 ** math.ceil(math.log10(measured) - 1e-9):.0e}"
    return f"{measured:.2g}"


def __getattr__(name: str) -> ModuleType:
    if name in ROOMS:
        return import_module(f"mfdepth.chapters.{name}")
    raise AttributeError(f"module 'mfdepth.chapters' has no attribute {name!r}")
