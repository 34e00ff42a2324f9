"""What the sweeps of test_sweep run: a module of its own, so that worker processes can import it."""

import os
import resource

import numpy as np

import mfdepth as mf


def product(a, b=1):
    return {"product": a * b, "vector": np.arange(a)}


def leave_a_mark(a, folder):
    """Appends to a file, so that a test can count how often it ran."""
    with open(os.path.join(folder, f"ran-{a}"), "a") as stream:
        stream.write("x")
    return {"square": a * a}


def rho_of_seeds(m1, seeds):
    rng = np.random.default_rng(0)
    w1 = np.stack([mf.init_first_layer(4, m1, 1.0, rng) for _ in range(seeds)])
    return {"rho": mf.discretization_error(w1)}


def lose_a_worker(a, folder):
    """The first time that a = 2 is run, its worker process dies in the middle of the row."""
    first = not os.path.exists(os.path.join(folder, "ran-2"))
    row = leave_a_mark(a, folder)
    if a == 2 and first:
        os._exit(1)
    return row


def fail_at_two(a):
    if a == 2:
        raise ArithmeticError("two is not allowed")
    return {"square": a * a}


class Stubborn(Exception):
    """One that pickle cannot make again: it is called with one word, not with two."""

    def __init__(self, of, a):
        super().__init__(f"{of} {a}")


def stubborn_error(a):
    if a == 1:
        raise Stubborn("of", a)
    return {"y": a}


def lose_the_disk(a):
    """After it its process can write no file."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
    return {"square": a * a}
