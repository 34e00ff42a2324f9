"""Mutation testing: change one operator or number of a module, and see whether the module's own tests notice.

Cosmic Ray makes the mutants. A seeded sample of them is tried on a copy of the package, each in a forked child, so that
torch and SciPy are imported once. Prints killed/total with Wilson's 95 % interval, and the survivors: mutants.md explains
them. Run it as `make mutants MODULE=laws`.
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
# tested through the modules that use them
SHARED = {"bessel": ["laws"], "radial": ["finite", "infinite"], "hinges": ["properties", "discretization"]}
# The fast tests of a module, as pytest's -k. Without the slow ones a mutant can only live on: the share is at most too low.
FAST = {
    "finite": "not (tracks_the_infinite or the_papers_size or torch-rates or numpy-rates0 or step_too_long)",
    "infinite": "not (of_the_note or cube_root or to_the_edge or infinite.infinite_width or 10-1.0--0.1-0.5)",
    "laws": "not neumann_series",
    "discretization": "not (simulated_seed or own_rate or curvature_is_negative or callers_kind)",
    "hinges": "products_of_piecewise or terms_sum or its_integral or batch or stability or cross_term",
}
FAST["radial"] = f"{FAST['finite']} and {FAST['infinite']}"
# On floats << >> | & ^ ~ only raise TypeError, and `is` compares no values: mutants that any test kills prove nothing.
# Two operators need arguments of their own.
LEFT_OUT = r"_(RShift|LShift|BitOr|BitAnd|BitXor|Invert|Is|IsNot)$|Variable(Replacer|Inserter)$"


def mutants(source):
    """Every mutant of the text `source` that changes the program, as (operator, occurrence)."""
    nodes = list(ast_nodes(get_ast(source)))
    names = [n for n in operator_names() if not re.search(LEFT_OUT, n) or re.search(r"_(IsNot_Is|Is_IsNot)$", n)]
    operators = [get_operator(name)() for name in sorted(names)]
    return [(op, i) for op in operators for i in range(sum(len(list(op.mutation_positions(n))) for n in nodes))]


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
    parser.add_argument("module", help="for example laws")
    parser.add_argument("--sample", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--minutes", type=float, default=math.inf, help="stop then; the sample is the mutants tried")
    parser.add_argument("--only", type=int, nargs="*", help="numbers of the sample, to try again")
    options = parser.parse_args()
    source = (ROOT / "mfdepth" / f"{options.module}.py").read_text()
    everything = mutants(source)
    sample = random.Random(options.seed).sample(everything, min(options.sample, len(everything)))
    chosen = range(len(sample)) if options.only is None else options.only

    tqdm.monitor_interval = 0  # no thread beside the one that forks
    sys.dont_write_bytecode = True  # a stale file of bytecode would hide a mutant
    for name in ("torch", "scipy.integrate", "scipy.stats", "scipy.optimize", "mpmath", "hypothesis.strategies"):
        importlib.import_module(name)
    importlib.import_module("torch").set_num_threads(1)
    survivors, total, started = [], 0, time.monotonic()
    with tempfile.TemporaryDirectory() as copy:
        for name in ("mfdepth", "tests"):
            shutil.copytree(ROOT / name, Path(copy, name), ignore=shutil.ignore_patterns("__pycache__", "book"))
        shutil.copy(ROOT / "pyproject.toml", copy)
        os.chdir(copy)
        sys.path.insert(0, copy)  # before the installed package
        target = Path("mfdepth", f"{options.module}.py")
        tests = [f"tests/test_{name}.py" for name in SHARED.get(options.module, [options.module])]
        arguments = ["-x", "-q", "-p", "no:cacheprovider", "--tb=no", "--assert=plain", *tests, str(target)]
        arguments += ["-o", "addopts=--import-mode=importlib --doctest-modules"]
        arguments += ["-k", FAST.get(options.module, "")]
        os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # nbval alone takes a second to load
        if run(arguments) != 0:
            sys.exit(f"the tests of {options.module} fail without any mutant")
        for number in tqdm(chosen, desc=options.module, leave=False):
            mutant = mutate_code(source, *sample[number])
            target.write_text(mutant)
            if run(arguments) == 0:
                survivors.append(number)
                lines = list(difflib.unified_diff(source.splitlines(), mutant.splitlines(), n=0, lineterm=""))[2:]
                print(f"{number}:", *lines, sep="\n  ", flush=True)
            total += 1
            if time.monotonic() - started > 60 * options.minutes:
                break
    low, high = wilson(total - len(survivors), total)
    print(f"{options.module}: {total - len(survivors)}/{total} killed, 95 % interval {low:.0%} to {high:.0%}", end="; ")
    print(f"{len(everything)} mutants in all, {time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()
