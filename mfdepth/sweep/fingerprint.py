"""What a function computes, as a hash: its code, and by value whatever it holds and reads.

Two functions may share a name: partials, closures, a cell that was edited. What is followed: code (not comments),
defaults, closures, partial arguments, the object of a bound method, attributes, and the globals that the code names,
functions and classes among them. What an installed package defines goes by its name, for it changes with an upgrade
only. Other objects are taken apart as pickle would.
"""

import contextlib
import copyreg
import dis
import functools
import hashlib
import importlib.util
import sys
import sysconfig
import threading
import types
from pathlib import Path

import array_api_compat as api
import numpy as np

SIMPLE = type(None), bool, float, complex, str, bytes, type(Ellipsis), type(NotImplemented)
LOCK, RLOCK = type(threading.Lock()), type(threading.RLock())
MACHINERY = {"_abc_impl", "__dict__", "__weakref__", "__doc__", "__annotations__", "__dataclass_fields__"}
MACHINERY |= {"__dataclass_params__", "__firstlineno__", "__static_attributes__"}


def fingerprint(run):
    """64 hexadecimal digits: equal for functions that compute the same by the same code, in this process or another.

    Raises TypeError, naming it, for what has no value to compare: an open file, a lock, a generator that is running.

    >>> from functools import partial
    >>> fingerprint(partial(round, ndigits=2)) == fingerprint(partial(round, ndigits=3))
    False
    """
    try:
        return _digest(run, "run", {})
    except RecursionError:
        raise TypeError(
            "run must hold values that can be compared; got one too deep to follow, or without end"
        ) from None


def _digest(value, where, known):
    """`known` keeps every object seen, with its digest, or where it was met first if we are still inside it."""
    if type(value) in SIMPLE:
        return repr(value)
    if type(value) is int:
        return f"int {value:x}"
    if id(value) not in known:
        known[id(value)] = value, f"again: {where}"
        parts = _parts(value, where, lambda part, name: _digest(part, f"{name} of {where}", known))
        known[id(value)] = value, hashlib.sha256(repr([type(value).__name__, *parts]).encode()).hexdigest()
    return known[id(value)][1]


def _parts(value, where, see):
    """The strings that tell `value` from others of its type; `see(part, name)` is the string of a part."""
    match value:
        case types.FunctionType():
            return _function(value, see)
        case types.CodeType():
            return _code(value, see)
        case types.MethodType():
            return see(value.__func__, "the function"), see(value.__self__, "the object")
        case types.ModuleType():
            return [value.__name__]
        case type():
            return _class(value, see)
        case types.BuiltinFunctionType() if type(value.__self__).__name__ in ("module", "NoneType", "PyCapsule"):
            return str(value.__module__), value.__qualname__
        case LOCK() | RLOCK():  # no result depends on one
            return []
        case np.ufunc() if not value.__name__.endswith("(vectorized)"):  # of a package, not of numpy.frompyfunc
            return [value.__name__]
        case staticmethod() | classmethod():
            return [see(value.__func__, "the function")]
        case property():
            return [see(part, "an accessor") for part in (value.fget, value.fset, value.fdel)]
        case functools.cached_property():
            return [see(value.func, "the function")]
        case functools.partial():
            held = value.func, value.args, sorted(value.keywords.items()), vars(value)
            return [see(part, "the partial") for part in held]
    if type(value) in (list, tuple):
        return [see(part, f"entry {i}") for i, part in enumerate(value)]
    if type(value) in (set, frozenset):
        return sorted(see(part, "an entry") for part in value)
    if type(value) in (dict, types.MappingProxyType):
        names = {key: repr(key) if type(key) is str else "an entry" for key in value}
        return [see(key, "a key") + see(part, names[key]) for key, part in value.items()]  # a loop sees their order
    if isinstance(value, np.ndarray) and type(value) in (np.ndarray, np.memmap) and not value.dtype.hasobject:
        return repr(value.dtype), str(value.shape), hashlib.sha256(value.tobytes()).hexdigest()
    if api.is_torch_array(value):
        return str(value.dtype), str(value.device), see(_bytes_of(value), "the numbers")
    return _reduced(value, where, see)


def _function(f, see):
    parts = [f.__module__ or "", f.__qualname__, see(f.__code__, "the code")]
    parts += [see(part, "the defaults") for part in (f.__defaults__, f.__kwdefaults__)]
    parts += [see(vars(f), "the attributes")]
    for name, cell in zip(f.__code__.co_freevars, f.__closure__ or (), strict=True):
        parts += [name, *(see(part, f"the closure's {name!r}") for part in _contents(cell))]
    if _own(f.__globals__.get("__name__")):
        for name, value in sorted(_globals(f).items()):
            parts += [name, see(value, f"the global {name!r}")]
    return parts


def _contents(cell):
    """What a cell of a closure holds: nothing, if it is not filled yet."""
    with contextlib.suppress(ValueError):
        return [cell.cell_contents]
    return []


def _code(code, see):
    numbers = code.co_flags, code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount
    names = code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars
    return repr((numbers, names, code.co_code, code.co_exceptiontable)), see(code.co_consts, "the constants")


def _class(cls, see):
    parts = [cls.__module__, cls.__qualname__]
    if _own(cls.__module__):
        members = sorted(item for item in vars(cls).items() if item[0] not in MACHINERY)
        parts += [see(cls.__bases__, "the bases"), *(name + see(member, f"{name!r}") for name, member in members)]
    return parts


def _reduced(value, where, see):
    """By what pickle would store: how to make the object, its state, its entries."""
    try:
        by_type = copyreg.dispatch_table.get(type(value))
        reduced = by_type(value) if by_type else value.__reduce_ex__(4)
    except Exception as error:  # noqa: BLE001
        raise TypeError(
            f"run must hold values that can be compared, for a folder keeps the rows of many functions; {where} "
            f"is of type {type(value).__name__} ({error}): make it inside run, or take folder=None"
        ) from None
    if isinstance(reduced, str):  # known by its name
        inner = getattr(value, "__wrapped__", None)
        return str(getattr(value, "__module__", "")), reduced, see(inner, "the function")
    made, args, *rest = reduced
    entries = [part if part is None or i == 0 else list(part) for i, part in enumerate(rest[:3])]
    return see(made, "the type"), see(args, "the value"), *(see(part, "the state") for part in entries)


def _globals(f):
    """The globals that a function and those inside it name; of a module that is the user's, the names taken from it."""
    codes, loaded, named, imports = [f.__code__], set(), set(), set()
    for code in codes:
        codes += [part for part in code.co_consts if isinstance(part, types.CodeType)]
        named |= set(code.co_names)
        for step in dis.get_instructions(code):
            loaded |= {step.argval} if step.opname in ("LOAD_GLOBAL", "LOAD_NAME") else set()
            imports |= {step.argval} if step.opname == "IMPORT_NAME" else set()
    found = {name: f.__globals__[name] for name in loaded if name in f.__globals__}
    found |= {f"import {name}": sys.modules[name] for name in imports if _is_there(name)}
    modules = list(found.items())
    for path, module in modules:
        if isinstance(module, types.ModuleType) and _own(module.__name__):
            inner = {f"{path}.{name}": vars(module)[name] for name in named & set(vars(module))}
            modules += [item for item in inner.items() if not any(item[1] is seen for _, seen in modules)]
            found |= inner
    return found


def _is_there(name):
    """Whether a module that a function imports when it runs is one of the user's; it is imported now."""
    with contextlib.suppress(ImportError, ValueError, AttributeError):
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.origin and not _installed(spec.origin):
            importlib.import_module(name)
            return True
    return False


@functools.cache
def _own(name):
    """Whether a module is the user's: a notebook, a script, a file beside it; not Python's and not an installed one."""
    module = sys.modules.get(name)
    file = getattr(module, "__file__", None)
    return module is None or name == "__main__" or (file is not None and not _installed(file))


def _installed(file):
    file = Path(file)
    return {"site-packages", "dist-packages"} & set(file.parts) or file.is_relative_to(sysconfig.get_path("stdlib"))


def _bytes_of(tensor):
    import torch

    return tensor.detach().cpu().resolve_conj().resolve_neg().reshape(-1).view(torch.uint8).numpy()
