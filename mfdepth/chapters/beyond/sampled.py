"""Gradient flow of any mean-field network on sampled inputs, by torch: for what has no radial structure."""

import numpy as np
from tqdm import tqdm

from mfdepth import checks
from mfdepth.random import generator


def sampled_flow(network, law, target, t, rates=None, *, batch=1024, step=0.1, rng=0, progress=False):
    """Train a mean-field network by gradient flow on fresh inputs each step, and keep it at the times t.

    Each neuron moves by the width of its layer times the negative gradient of 1/2 E (target - f)^2 (the mean-field
    scaling, under which a layer's law moves in the same way at every width), by Euler's method, torch's autograd
    and a fresh batch from the law each step. For the three-layer learner `finite_width` is faster and exact in the
    radius.

    network: a `MeanFieldNetwork` whose neuron functions take torch tensors. law: with `sample(n, rng)`, or inputs of
    shape (n, d) used whole in every step. target: function of inputs (n, d), returning (n,). t: increasing times.
    rates: one a layer (default 1). batch: inputs a step. step: the longest step. rng: a seed or a generator.
    Returns the networks at the times t (torch weights) and the mean loss over the steps before each (NaN at t = 0).
    Raises ValueError for bad input, and FloatingPointError when the weights are no longer finite.

    >>> import mfdepth as mf, numpy as np
    >>> net = mf.learner(mf.init_first_layer(3, 16, 1.0, np.random.default_rng(0)), np.array([-0.1]), np.array([0.5]))
    >>> networks, losses = mf.sampled_flow(net, mf.GaussianLaw(3), mf.tent, [0, 1])
    >>> len(networks), networks[1].weights[0].shape
    (2, torch.Size([16, 3]))

    See: the chapter "More layers through a bottleneck".
    """
    torch = checks.needs("torch")

    t, step = checks.times("t", t), checks.positive("step", step)
    batch = checks.whole("batch", batch, 1)
    rates = [1.0] * len(network.layers) if rates is None else [checks.positive("rates", rate) for rate in rates]
    if len(rates) != len(network.layers):
        raise ValueError(f"rates must hold one number for each of the {len(network.layers)} layers; got {len(rates)}")
    weights = [torch.as_tensor(w, dtype=torch.float64).clone().requires_grad_() for w in network.weights]
    inputs = None if hasattr(law, "sample") else checks.finite_array("law", torch.as_tensor(law).double(), ndim=2)
    rng = generator(rng, weights[0])

    clock, networks, losses = 0.0, [], []
    bar = tqdm(
        total=float(t[-1]), disable=not progress, desc="sampled flow", bar_format="{l_bar}{bar}| {n:.4g}/{total:.4g}"
    )
    for until in t.tolist():
        steps, total = int(np.ceil((until - clock) / step * (1 - 1e-12))), 0.0
        for _ in range(steps):
            h = (until - clock) / steps
            x = torch.as_tensor(law.sample(batch, rng)).to(weights[0]) if inputs is None else inputs
            loss = ((target(x) - network.with_weights(weights)(x)) ** 2).mean() / 2
            gradients = torch.autograd.grad(loss, weights)
            moved = [w - h * rate * len(w) * g for w, rate, g in zip(weights, rates, gradients, strict=True)]
            weights = [w.detach().requires_grad_() for w in moved]
            if not all(bool(torch.isfinite(w).all()) for w in weights):
                raise FloatingPointError(f"the weights are no longer finite before t = {until:g}: take a shorter step")
            total += float(loss.detach())
            bar.update(h)
        clock = until
        networks.append(network.with_weights([w.detach() for w in weights]))
        losses.append(total / steps if steps else float("nan"))
    bar.close()
    return networks, np.array(losses)
