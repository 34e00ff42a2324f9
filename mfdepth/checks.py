"""Refusals: every message names the argument, its value and the accepted range."""

import math
import operator
from collections.abc import Sequence
from importlib import import_module
from typing import Any, TypeAlias

import array_api_compat as api
import numpy as np

Array: TypeAlias = Any  # of NumPy or torch, or what becomes one: the two have no type in common
Rng: TypeAlias = Any  # a seed, a numpy.random.Generator or a torch.Generator: torch is not loaded for its name
Rates: TypeAlias = tuple[float, float]  # (eta_1, eta_2)


def library(*arrays: Array) -> Any:
    """The array library of the arrays; NumPy's own where all are NumPy's, without the wrapper's cost on every call."""
    for x in arrays:  # written out, as `all` would take four times as long
        if not isinstance(x, np.ndarray):
            return api.array_namespace(*arrays)
    return np


def whole(name: str, value: Any, least: int, most: int | None = None) -> int:
    """The integer `value`, at least `least` (and at most `most`)."""
    accepted = f"a whole number, at least {least}" if most is None else f"a whole number from {least} to {most}"
    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"{name} must be {accepted}; got {value!r}") from None
    if isinstance(value, bool) or number < least or (most is not None and number > most):
        raise ValueError(f"{name} must be {accepted}; got {value!r}")
    return number


def even(name: str, value: Any) -> int:
    """The number of directions `value`, at least 2, in pairs u and -u."""
    number = whole(name, value, 2)
    if number % 2:
        raise ValueError(f"{name} must be even: directions come in pairs u, -u; got {value!r}")
    return number


def positive(name: str, value: Any) -> float:
    """The float `value`, positive and finite."""
    return _real(name, value, lambda x: x > 0, "a positive finite number")


def number(
    name: str, value: Any, low: Array = -math.inf, high: Array = math.inf, *, whole: Array = False, above: Array = None
) -> Array:
    """The number `value`, finite, from low to high; above `above`, and whole (which 3.0 is) where that is asked."""
    kind = "a whole number" if whole else "a finite number"
    accepted = kind if above is None else f"{kind} above {above:g}"
    if math.isfinite(low):
        accepted = f"{kind} from {low:g} to {high:g}" if math.isfinite(high) else f"{kind}, at least {low:g}"
    inside = lambda x: low <= x <= high and (above is None or x > above) and (not whole or x.is_integer())
    found = _real(name, value, inside, accepted)
    return int(found) if whole else found


def _real(name, value, accept, accepted):
    try:
        number = _numpy(name, value).item()  # float() takes text, truth values and complex numbers of NumPy
    except (TypeError, ValueError, RuntimeError):
        raise TypeError(f"{name} must be {accepted}; got {value!r}") from None
    if not (math.isfinite(number) and accept(number)):
        raise ValueError(f"{name} must be {accepted}; got {value!r}")
    return number


def one_of(name: str, value: Any, accepted: Sequence) -> Any:
    """The string or number `value`, one of those accepted."""
    if getattr(value, "ndim", 0) or value not in accepted:  # an array has no one truth
        raise ValueError(f"{name} must be one of {tuple(accepted)}; got {value!r}")
    return value


def array(name: str, value: Any, ndim: int | None = None, shape: Any = None) -> Any:
    """A finite real floating-point array of the caller's own kind; Python numbers and lists become NumPy arrays."""
    x = value if api.is_array_api_obj(value) and not isinstance(value, np.ma.MaskedArray) else _numpy(name, value)
    xp = api.array_namespace(x)
    if not xp.isdtype(x.dtype, "real floating"):
        if not xp.isdtype(x.dtype, "integral"):
            raise TypeError(f"{name} must hold real numbers; got dtype {x.dtype}")
        x = xp.astype(x, xp.float64)
    if ndim is not None and x.ndim < ndim:
        raise ValueError(f"{name} must have at least {ndim} dimension(s); got shape {tuple(x.shape)}")
    if shape is not None and tuple(x.shape) != tuple(shape):
        raise ValueError(f"{name} must have shape {tuple(shape)}; got shape {tuple(x.shape)}")
    return x


def finite_array(name: str, value: Any, ndim: int | None = None, shape: Any = None) -> Array:
    """Like `array`, and every entry is finite and there is at least one."""
    x = array(name, value, ndim, shape)
    xp = api.array_namespace(x)
    if math.prod(x.shape) == 0:
        raise ValueError(f"{name} must not be empty; got shape {tuple(x.shape)}")
    if not bool(xp.all(xp.isfinite(x))):
        raise ValueError(f"{name} must be finite; got NaN or infinity among its {math.prod(x.shape)} entries")
    return x


def copied(x: Array) -> Array:
    """A copy of a NumPy array, for what its owner does to it later; a tensor as it is, in its graph."""
    return np.copy(x) if isinstance(x, np.ndarray) else x


def alike(name: str, value: Any, like: Array, *, graph: bool = False) -> Array:
    """`value` as a finite array of the kind, dtype and device of `like`; cut off from torch's graph, unless `graph`."""
    x, xp = finite_array(name, value), api.array_namespace(like)
    if graph and api.is_torch_array(x) and api.is_torch_array(like):
        return x.to(like)
    if api.is_torch_array(x):
        x = x.detach()
    if xp is not api.array_namespace(x):
        x = api.to_device(x, "cpu")  # and a copy below: torch takes no strides below 0, nor foreign bytes
        x = x.numpy() if api.is_torch_array(x) else np.array(x, dtype=float)
    return xp.asarray(x, dtype=like.dtype, device=api.device(like))


def returned(name: str, value: Any, like: Array, shape: Any) -> Array:
    """What a caller's own function returned, `alike`; of exactly this shape, as (n, 1) for (n,) would broadcast."""
    return alike(name, array(name, value, shape=shape), like)


def output(name: str, value: Any, like: Array, shape: Any) -> Array:
    """What a caller's network returned: of the library of `like` and exactly of this shape; its gradients are kept."""
    alike = api.is_array_api_obj(value) and api.array_namespace(value) is api.array_namespace(like)
    if not alike or tuple(value.shape) != tuple(shape):
        got = f"{type(value).__name__} of shape {tuple(getattr(value, 'shape', ()))}"
        raise ValueError(f"{name} must return a {type(like).__name__} of shape {tuple(shape)}; got {got}")
    return value


def _numpy(name, value):
    """A copy, float64. Text, truth values, complex numbers and times are no numbers; with a mask, not all are there."""
    try:
        x = np.asarray(value.detach().cpu() if api.is_torch_array(value) else value)
        if x.dtype.kind in "iufO" and not isinstance(value, np.ma.MaskedArray):
            return x.astype(float)
    except (TypeError, ValueError, RuntimeError, OverflowError):
        pass
    masked = ", not masked" if isinstance(value, np.ma.MaskedArray) else ""
    raise TypeError(f"{name} must be a number or an array of numbers{masked}; got {value!r}")


def within(name: str, x: Array, low: float, high: float, accepted: str) -> Array:
    """Refuse an array with an entry outside [low, high] (NaN is outside)."""
    xp = api.array_namespace(x)
    outside = ~((x >= low) & (x <= high))
    if bool(xp.any(outside)):
        worst = float(xp.reshape(x, (-1,))[int(xp.argmax(xp.astype(xp.reshape(outside, (-1,)), xp.int8)))])
        raise ValueError(f"{name} must be {accepted}; got {worst!r}")
    return x


def unit_rows(name: str, value: Any, d: int | None = None) -> Array:
    """Directions: a finite array of unit rows, (n, d), unit up to rounding."""
    u = finite_array(name, value, ndim=2)
    if u.ndim != 2 or (d is not None and u.shape[-1] != d):
        wanted = "(n, d)" if d is None else f"(n, d) with d = {d}"
        raise ValueError(f"{name} must have shape {wanted}; got {tuple(u.shape)}")
    xp = api.array_namespace(u)
    off = float(xp.max(xp.abs(xp.linalg.vector_norm(u, axis=-1) - 1)))
    if off > 1e-4:
        raise ValueError(f"{name} must be unit rows; got one whose length is off by {off:.2g}")
    return u


def times(name: str, value: Any) -> np.ndarray:
    """Saved times: a one-dimensional NumPy array, not negative, finite, strictly increasing."""
    t = np.atleast_1d(_numpy(name, value))
    accepted = "one-dimensional, finite, not negative and strictly increasing"
    if t.ndim != 1 or t.size == 0 or not np.all(np.isfinite(t)) or t[0] < 0 or np.any(np.diff(t) <= 0):
        raise ValueError(f"{name} must be {accepted}; got {value!r}")
    return t


def rates(value: Any) -> Rates:
    """The pair (eta_1, eta_2) of learning rates, each positive and finite."""
    try:
        eta_1, eta_2 = [] if isinstance(value, (dict, set, frozenset)) else value  # those have no order
    except (TypeError, ValueError):
        raise ValueError(f"rates must be a pair (eta_1, eta_2) of positive numbers; got {value!r}") from None
    return positive("rates[0]", eta_1), positive("rates[1]", eta_2)


EXTRAS = {
    "anywidget": "figures",
    "flint": "proofs",
    "plotly": "figures",
    "joblib": "sweeps",
    "pandas": "sweeps",
    "torch": "torch",
}


def needs(name: str) -> Any:
    """The module `name` of a package that an extra brings, or a refusal that says which line installs it."""
    try:
        return import_module(name)
    except ModuleNotFoundError as missing:
        if missing.name != name:  # it is there, and something that it needs is not
            raise
        line = f'pip install "mfdepth[{EXTRAS[name]}]"'
        raise ModuleNotFoundError(f"{name} is needed here and not installed: {line} brings it", name=name) from None
