"""Mutation testing: change one operator or number of a module, and see whether the module's own tests notice.

Cosmic Ray makes the mutants. A seeded sample of them is tried on a copy of the package, each in a forked child, so that
torch and SciPy are imported once. Prints killed/total with Wilson's 95 % interval, and the survivors, which mutants.md
explains. Run it as `make mutants MODULE=laws`; several modules are sampled as one, MODULE="finite finite/heun".
"""

import argparse
import difflib
import importlib
import json
import math
import os
import random
import re
import resource
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

import pytest
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names
from tqdm import tqdm

ROOT = Path(__file__).resolve().parent.parent
# Modules that others' tests test; any other has its own, at the same place under tests/.
FINITE = ["finite", "finite_heun", "finite_frame"]
ROOM = "chapters/discretization/"
TESTS = {
    "finite": FINITE,
    "finite/heun": FINITE,
    "finite/frame": FINITE,
    "bessel": ["laws"],
    "radius": [*FINITE, "infinite", "rho", ROOM + "decomposition", "properties"],
}
# The fast tests of a module, as pytest's -k. Without the slow ones a mutant can only live on: the share is too low at
# most.
FAST = {
    "finite": "not (out_of_all_proportion or tracks_the_infinite or the_papers_size or rates0 or torch-rates)"
    " and not step_too_long",
    "infinite": "not (of_the_note or cube_root or to_the_edge or infinite.infinite_width or 10-1.0--0.1-0.5)",
    "laws": "not neumann_series",
}
# On floats << >> | & ^ ~ only raise TypeError, and `is` compares no values: mutants that any test kills prove nothing.
# Two operators need arguments of their own.
LEFT_OUT = r"_(RShift|LShift|BitOr|BitAnd|BitXor|Invert|Is|IsNot)$|Variable(Replacer|Inserter)$"


def path_of(module):
    """Where the module is, or the package of that name."""
    package = Path("mfdepth", module, "__init__.py")
    return package if (ROOT / package).exists() else Path("mfdepth", f"{module}.py")


def tests_of(module):
    rooms = [Path("tests", name) for name in TESTS.get(module, [module])]
    return [str(room.with_name(f"test_{room.name}.py")) for room in rooms]


def mutants(path):
    """Every mutant of a file that changes the program, as (path, operator, occurrence)."""
    nodes = list(ast_nodes(get_ast((ROOT / path).read_text())))
    names = [n for n in operator_names() if not re.search(LEFT_OUT, n) or re.search(r"_(IsNot_Is|Is_IsNot)$", n)]
    operators = [get_operator(name)() for name in sorted(names)]
    return [(path, op, i) for op in operators for i in range(sum(len(list(op.mutation_positions(n))) for n in nodes))]


class FastestFirst:
    """Orders the tests by the processor time that they took before, and ends the run in one that takes far longer."""

    def __init__(self, path):
        self.path = Path(path)
        self.seconds = json.loads(self.path.read_text()) if self.path.exists() else None
        self.measured = {}

    def pytest_collection_modifyitems(self, items):
        if self.seconds:
            items.sort(key=lambda item: self.seconds.get(item.nodeid, 0.0))

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_protocol(self, item):
        if self.seconds:
            signal.setitimer(signal.ITIMER_PROF, 2 + 4 * self.seconds.get(item.nodeid, 0.0))
        started = time.process_time()
        yield
        self.measured[item.nodeid] = time.process_time() - started

    def pytest_sessionfinish(self):
        if self.seconds is None:
            self.path.write_text(json.dumps(self.measured))


def run(arguments):
    """The exit status of pytest in a forked child."""
    child = os.fork()
    if child == 0:
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1), os.dup2(quiet, 2)
        resource.setrlimit(resource.RLIMIT_AS, (16 << 30, 16 << 30))
        resource.setrlimit(resource.RLIMIT_CPU, (300, 300))
        status = 1
        try:
            status = int(pytest.main(arguments, plugins=[FastestFirst("seconds.json")]))
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def wilson(killed, total, z=1.96):
    """The ends of Wilson's 95 % interval for the share of killed mutants."""
    middle, spread = killed + z * z / 2, z * math.sqrt(killed * (total - killed) / total + z * z / 4)
    return (middle - spread) / (total + z * z), (middle + spread) / (total + z * z)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("modules", nargs="+", help="for example laws, or finite/heun; several are sampled as one")
    parser.add_argument("--sample", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--minutes", type=float, default=math.inf, help="stop then; the sample is the mutants tried")
    parser.add_argument("--only", type=int, nargs="*", help="numbers of the sample, to try again")
    options = parser.parse_args()
    name = " ".join(options.modules)
    everything = [mutant for module in options.modules for mutant in mutants(path_of(module))]
    sample = random.Random(options.seed).sample(everything, min(options.sample, len(everything)))
    chosen = range(len(sample)) if options.only is None else options.only

    prepare()
    survivors, total, started = [], 0, time.monotonic()
    with tempfile.TemporaryDirectory() as copy:
        for folder in ("mfdepth", "tests"):
            shutil.copytree(ROOT / folder, Path(copy, folder), ignore=shutil.ignore_patterns("__pycache__", "book"))
        shutil.copy(ROOT / "pyproject.toml", copy)
        os.chdir(copy)
        sys.path.insert(0, copy)  # before the installed package
        arguments = pytest_arguments(options.modules)
        if run(arguments) != 0:
            sys.exit(f"the tests of {name} fail without any mutant")
        for number in tqdm(chosen, desc=name, leave=False):
            path, operator, occurrence = sample[number]
            source = path.read_text()
            mutant = mutate_code(source, operator, occurrence)
            path.write_text(mutant)
            if run(arguments) == 0:
                survivors.append(number)
                lines = list(difflib.unified_diff(source.splitlines(), mutant.splitlines(), n=0, lineterm=""))[2:]
                print(f"{number}: {path}", *lines, sep="\n  ", flush=True)
            path.write_text(source)
            total += 1
            if time.monotonic() - started > 60 * options.minutes:
                break
    low, high = wilson(total - len(survivors), total)
    print(f"{name}: {total - len(survivors)}/{total} killed, 95 % interval {low:.0%} to {high:.0%}", end="; ")
    print(f"{len(everything)} mutants in all, {time.monotonic() - started:.0f} s")


def prepare():
    """Import once what every child needs, and keep each child alone and quick."""
    tqdm.monitor_interval = 0  # no thread beside the one that forks
    sys.dont_write_bytecode = True  # a stale file of bytecode would hide a mutant
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # nbval alone takes a second to load
    for name in ("torch", "scipy.integrate", "scipy.stats", "scipy.optimize.elementwise", "mpmath",
                 "hypothesis.strategies", "array_api_compat.numpy", "array_api_compat.torch", "playwright.sync_api"):  # fmt: skip
        importlib.import_module(name)
    importlib.import_module("torch").set_num_threads(1)


def pytest_arguments(modules):
    """The tests of the modules and the examples in them, without the slow ones; they end at the first failure."""
    tests = sorted({test for module in modules for test in tests_of(module)})
    fast = [
        FAST[name]
        for name in sorted({room for module in modules for room in TESTS.get(module, [module])} & FAST.keys())
    ]
    return [
        *("-x", "-q", "-p", "no:cacheprovider", "--tb=no", "--assert=plain", *tests, *map(str, map(path_of, modules))),
        *("-o", "addopts=--import-mode=importlib --doctest-modules"),
        *("-k", " and ".join(f"({k})" for k in fast)),
    ]


if __name__ == "__main__":
    main()
