"""What the sweeps of test_sweep run: a module of its own, so that worker processes can import it."""

import math
import os
import resource

import numpy as np
import torch

import mfdepth as mf
from mfdepth import flow
from mfdepth.chapters import why_depth
from mfdepth.networks import ParametricNetwork


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


def press_ctrl_c_in_a_flow(a):
    def advance(state, h):
        if a == 1:
            raise KeyboardInterrupt
        return state, math.inf

    return {"kept": len(flow.follow(advance, (np.ones(1),), np.array([0.0, 1.0]), 0.5).t)}


def press_ctrl_c_in_adam(a):
    def network(x, w):
        if a == 1 and w.requires_grad:
            raise KeyboardInterrupt
        return x @ w

    start = ParametricNetwork(network, (torch.ones(3),))
    return {"kept": len(why_depth.train_adam(mf.BesselLaw(3), start, steps=2, batch=8, rng=0).history)}


def lose_the_disk(a):
    """After it its process can write no file."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
    return {"square": a * a}
