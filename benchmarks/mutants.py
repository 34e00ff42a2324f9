"""Mutation testing: change one operator or number of a module, and see whether the module's own tests notice.

Cosmic Ray makes the mutants. A seeded sample of them is tried on a copy of the package, each in a forked child, so that
torch and SciPy are imported once. Prints killed/total with Wilson's 95 % interval, and the survivors: mutants.md explains
them. Run it as `make mutants MODULE=laws`.
"""

import argparse
import difflib
import importlib
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
SHARED = {"bessel": ["laws"], "radial": ["finite", "infinite"]}  # tested through the modules that use them
# On floats << >> | & ^ ~ only raise TypeError, and `is` compares no values: mutants that any test kills prove nothing.
# Two operators need arguments of their own.
LEFT_OUT = r"_(RShift|LShift|BitOr|BitAnd|BitXor|Invert|Is|IsNot)$|Variable(Replacer|Inserter)$"


def mutants(source):
    """Every mutant of the text `source` that changes the program, as (operator, occurrence)."""
    nodes = list(ast_nodes(get_ast(source)))
    names = [n for n in operator_names() if not re.search(LEFT_OUT, n) or re.search(r"_(IsNot_Is|Is_IsNot)$", n)]
    operators = [get_operator(name)() for name in sorted(names)]
    return [(op, i) for op in operators for i in range(sum(len(list(op.mutation_positions(n))) for n in nodes))]


def run(arguments, timeout):
    """The exit status of pytest in a forked child; None for one that had to be stopped."""
    child = os.fork()
    if child == 0:
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1), os.dup2(quiet, 2)
        resource.setrlimit(resource.RLIMIT_AS, (16 << 30, 16 << 30))
        status = 1
        try:
            status = int(pytest.main(arguments))
        finally:
            os._exit(status)
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.02)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return None


def wilson(killed, total, z=1.96):
    """The ends of Wilson's 95 % interval for the share of killed mutants."""
    middle, spread = killed + z * z / 2, z * math.sqrt(killed * (total - killed) / total + z * z / 4)
    return (middle - spread) / (total + z * z), (middle + spread) / (total + z * z)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("module", help="for example laws")
    parser.add_argument("--sample", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", type=int, nargs="*", help="numbers of the sample, to try again")
    options = parser.parse_args()
    source = (ROOT / "mfdepth" / f"{options.module}.py").read_text()
    everything = mutants(source)
    sample = random.Random(options.seed).sample(everything, min(options.sample, len(everything)))
    chosen = range(len(sample)) if options.only is None else options.only

    sys.dont_write_bytecode = True  # a stale file of bytecode would hide a mutant
    for name in ("torch", "scipy.integrate", "scipy.stats", "scipy.optimize", "mpmath", "hypothesis.strategies"):
        importlib.import_module(name)
    importlib.import_module("torch").set_num_threads(1)
    survivors, started = [], time.monotonic()
    with tempfile.TemporaryDirectory() as copy:
        for name in ("mfdepth", "tests"):
            shutil.copytree(ROOT / name, Path(copy, name), ignore=shutil.ignore_patterns("__pycache__", "book"))
        shutil.copy(ROOT / "pyproject.toml", copy)
        os.chdir(copy)
        sys.path.insert(0, copy)  # before the installed package
        target = Path("mfdepth", f"{options.module}.py")
        tests = [f"tests/test_{name}.py" for name in SHARED.get(options.module, [options.module])]
        # the tests that failed last come first: one mutant often dies of what killed the one before
        arguments = ["-x", "-q", "--failed-first", "--tb=no", "--assert=plain", *tests, str(target)]
        arguments += ["-o", "addopts=--import-mode=importlib --doctest-modules"]
        os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # nbval alone takes a second to load
        baseline = time.monotonic()
        if run(arguments, 600) != 0:
            sys.exit(f"the tests of {options.module} fail without any mutant")
        limit = 10 + 4 * (time.monotonic() - baseline)
        for number in tqdm(chosen, desc=options.module, leave=False):
            mutant = mutate_code(source, *sample[number])
            target.write_text(mutant)
            if run(arguments, limit) == 0:
                survivors.append((number, mutant))
    for number, mutant in survivors:
        lines = list(difflib.unified_diff(source.splitlines(), mutant.splitlines(), n=0, lineterm=""))[2:]
        print(f"{number}:", *lines, sep="\n  ")
    total = len(chosen)
    low, high = wilson(total - len(survivors), total)
    print(f"{options.module}: {total - len(survivors)}/{total} killed, 95 % interval {low:.0%} to {high:.0%}", end="; ")
    print(f"{len(everything)} mutants in all, {time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()
