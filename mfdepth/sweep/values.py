"""What a row may hold, exactly: to JSON, which any program reads, and back to an equal value."""

import json

import numpy as np

HELD = "a row must hold numbers, strings and arrays, or lists, tuples and dicts of these"


def to_json(name, value):
    """The value as JSON keeps it; TypeError names it where it would not come back equal."""
    try:
        return json.loads(json.dumps(_encode(value)))
    except (TypeError, ValueError, RuntimeError) as error:  # a RecursionError is a RuntimeError
        raise TypeError(f"{HELD}; got for {name} a value of type {type(value).__name__}: {error}") from None


def _encode(value):
    if hasattr(value, "detach") and hasattr(value, "resolve_conj"):  # of torch
        value = value.detach().cpu().resolve_conj().resolve_neg().numpy()
    if isinstance(value, (np.ndarray, np.generic)) and not isinstance(value, np.ma.MaskedArray):
        return _array(np.asarray(value))
    match value:
        case None | int() | float() | str():
            return value
        case complex():
            return {"(complex)": [value.real, value.imag]}
        case list():
            return [_encode(part) for part in value]
        case tuple():
            return {"(tuple)": [_encode(part) for part in value]}
        case dict() if all(isinstance(key, str) and not key.startswith("(") for key in value):
            return {key: _encode(part) for key, part in value.items()}
        case dict():
            return {"(dict)": [[_encode(key), _encode(part)] for key, part in value.items()]}
    raise TypeError(f"it cannot hold a {type(value).__name__}")


def _array(x):
    if x.dtype.kind not in "biufcU" or x.dtype.char in "gG":  # objects, dates, bytes, records, long doubles
        raise TypeError(f"it cannot hold dtype {x.dtype}")
    if x.ndim == 0:
        return _encode(x.item())
    numbers = np.stack([x.real, x.imag], axis=-1) if x.dtype.kind == "c" else x
    return {"(array)": numbers.tolist(), "dtype": x.dtype.str, "shape": list(x.shape)}


def from_json(value):
    """What `to_json` was given: numbers as Python's, arrays as NumPy's."""
    if isinstance(value, list):
        return [from_json(part) for part in value]
    match value:
        case {"(array)": numbers, "dtype": dtype, "shape": shape}:
            x = np.empty(shape, dtype)
            if x.dtype.kind == "c":
                pairs = np.array(numbers).reshape(*shape, 2)
                x.real, x.imag = pairs[..., 0], pairs[..., 1]
            else:
                x[...] = np.array(numbers, x.dtype).reshape(shape)
            return x
        case {"(complex)": pair}:
            return complex(*pair)
        case {"(tuple)": parts}:
            return tuple(from_json(parts))
        case {"(dict)": items}:
            return {from_json(key): from_json(part) for key, part in items}
        case dict():
            return {key: from_json(part) for key, part in value.items()}
    return value
