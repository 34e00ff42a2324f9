"""One rule for randomness, and what the library draws: Gaussians, directions, orthonormal bases.

Whatever draws takes `rng`: a seed, which is a whole number from 0 on, or a generator, which goes on where it stopped. A
NumPy generator draws for NumPy and for torch arrays, a torch generator for torch alone. Numbers are drawn in float64
and come in the library, dtype and device of `like`, an array; without one, in those of the generator (a seed: NumPy).

At the end a generator that a page can repeat: Philox4x32-10 (Salmon, Moraes, Dror and Shaw 2011), here in NumPy. A
block of four 32-bit words is a function of a counter and a key, so any stretch of any stream can be had without what
came before it, and all blocks at once. maths/random.js is the same generator.
"""

import operator
from typing import Any

import array_api_compat as api
import numpy as np

from mfdepth import checks
from mfdepth.checks import Array, Rng

MULTIPLIERS = 0xD2511F53, 0xCD9E8D57
WEYL = 0x9E3779B9, 0xBB67AE85
MASK = np.uint64(0xFFFFFFFF)


def generator(rng: Rng, like: Array | None = None) -> Any:
    """The generator that `rng` stands for: itself, or for a seed one that draws arrays of the kind of `like`.

    Raises TypeError for what is neither, and for a torch generator where the arrays are NumPy's; ValueError for a seed
    below 0 or above 2^64 - 1.

    >>> float(generator(0).standard_normal()) == float(np.random.default_rng(0).standard_normal())
    True
    """
    if isinstance(rng, np.random.Generator):
        return rng
    if _is_torch_generator(rng):
        if like is not None and not api.is_torch_array(like):
            raise TypeError("rng must be a seed or a numpy.random.Generator for NumPy arrays; got a torch.Generator")
        return rng
    try:
        seed = operator.index(rng)
    except TypeError:
        seed = None
    if seed is None or isinstance(rng, bool):
        accepted = "a seed (a whole number from 0 on), a numpy.random.Generator or a torch.Generator"
        raise TypeError(f"rng must be {accepted}; got {rng!r}")
    checks.whole("rng", seed, 0, 2**64 - 1)
    if like is not None and api.is_torch_array(like):
        torch = checks.needs("torch")

        return torch.Generator(like.device).manual_seed(seed)
    return np.random.default_rng(seed)


def normal(shape: Any, rng: Rng, like: Array | None = None) -> Array:
    """Standard Gaussian array; rng a generator.

    >>> normal((2, 3), generator(0)).shape
    (2, 3)
    """
    return _draw("standard_normal", "randn", shape, rng, like)


def uniform(shape: Any, rng: Rng, like: Array | None = None) -> Array:
    """Uniform array on [0, 1); rng a generator."""
    return _draw("random", "rand", shape, rng, like)


def random_directions(n: int, d: int, rng: Rng, *, like: Array | None = None) -> Array:
    """n independent uniform directions, unit rows of shape (n, d).

    n: at least 1. d: at least 2. rng: a seed or a generator. like: an array whose library, dtype and device they take;
    by default those of the generator. Raises ValueError or TypeError for anything else.

    >>> import mfdepth as mf, numpy as np
    >>> u = mf.random_directions(5, 3, 0)
    >>> bool(np.allclose(np.sum(u**2, axis=1), 1))
    True

    See: the chapter "A finite network, simulated".
    """
    n, d = checks.whole("n", n, 1), checks.whole("d", d, 2)
    return directions(n, d, generator(rng, _checked(like)), like)


def directions(n: int, d: int, rng: Rng, like: Array | None = None) -> Array:
    """What `random_directions` draws, unchecked; rng a generator."""
    x = normal((n, d), rng)
    xp = api.array_namespace(x)
    return _as(x / xp.linalg.vector_norm(x, axis=-1, keepdims=True), like)


def orthogonal_directions(n: int, d: int, rng: Rng, *, like: Array | None = None) -> Array:
    """n directions, shape (n, d): rows of random orthonormal bases, then their negatives; each row is uniform.

    Whole bases with their negatives average every polynomial of degree at most 3 exactly, and every odd one. The last
    basis is cut when d does not divide n/2, and then only the odd polynomials keep this.

    n: an even whole number, at least 2. d: at least 2. rng, like: as for `random_directions`. Raises ValueError or
    TypeError for anything else.

    >>> import mfdepth as mf, numpy as np
    >>> u = mf.orthogonal_directions(6, 3, 0)
    >>> bool(np.allclose(u.T @ u / 6, np.eye(3) / 3))
    True

    See: the chapter "A finite network, simulated".
    """
    n, d = checks.even("n", n), checks.whole("d", d, 2)
    return orthogonal(n, d, generator(rng, _checked(like)), like)


def orthogonal(n: int, d: int, rng: Rng, like: Array | None = None) -> Array:
    """What `orthogonal_directions` draws, unchecked; rng a generator."""
    u = bases(-(-n // (2 * d)), d, rng)
    xp = api.array_namespace(u)
    u = xp.reshape(u, (-1, d))[: n // 2, :]
    return _as(xp.concat([u, -u]), like)


def bases(count: int, d: int, rng: Rng, like: Array | None = None) -> Array:
    """Independent uniform (Haar) orthonormal bases, shape (count, d, d), unchecked; rng a generator."""
    g = normal((count, d, d), rng)
    xp = api.array_namespace(g)
    q, r = xp.linalg.qr(g)
    return _as(q * xp.sign(xp.linalg.diagonal(r))[:, None, :], like)


def philox(counter: Array, key: Array) -> np.ndarray:
    """The four words of each block: counter (4, ...) and key (2, ...) of whole numbers below 2^32; uint64 (4, ...).

    >>> [f"{int(word):x}" for word in philox([0, 0, 0, 0], [0, 0])]  # from the authors' known answers
    ['6627e8d5', 'e169c58d', 'bc57ac4c', '9b00dbd8']
    """
    c0, c1, c2, c3 = (np.asarray(word, dtype=np.uint64) for word in counter)
    k0, k1 = (int(word) for word in key)
    for _ in range(10):
        first, second = c0 * np.uint64(MULTIPLIERS[0]), c2 * np.uint64(MULTIPLIERS[1])
        c0, c2 = (second >> np.uint64(32)) ^ c1 ^ np.uint64(k0), (first >> np.uint64(32)) ^ c3 ^ np.uint64(k1)
        c1, c3 = second & MASK, first & MASK
        k0, k1 = (k0 + WEYL[0]) & int(MASK), (k1 + WEYL[1]) & int(MASK)
    return np.stack([c0, c1, c2, c3])


def uniforms(seed: int, stream: int, index: int, count: int) -> np.ndarray:
    """`count` independent numbers uniform in (0, 1), the `index`-th batch of a stream: the words of `philox`, in turn.

    >>> [round(float(x), 4) for x in uniforms(0, 0, 0, 2)]
    [0.399, 0.8805]
    """
    blocks = np.arange(-(-count // 4), dtype=np.uint64)
    fixed = [np.full_like(blocks, number) for number in (index, stream, 0)]
    return ((philox([blocks, *fixed], [seed, 0]).T.ravel() + 0.5) / 2.0**32)[:count]


def gaussians(seed: int, stream: int, index: int, count: int) -> np.ndarray:
    """`count` independent standard Gaussians: two uniform numbers make two (Box and Muller 1958).

    >>> [round(float(x), 4) for x in gaussians(0, 0, 0, 2)]
    [0.9911, -0.9247]
    """
    u = uniforms(seed, stream, index, count + count % 2).reshape(-1, 2)
    radius, angle = np.sqrt(-2 * np.log(u[:, 0])), 2 * np.pi * u[:, 1]
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1).ravel()[:count]


def _is_torch_generator(rng):
    if not type(rng).__module__.startswith("torch"):
        return False
    import torch

    return isinstance(rng, torch.Generator)


def _draw(numpy_name, torch_name, shape, rng, like):
    if isinstance(rng, np.random.Generator):
        return _as(getattr(rng, numpy_name)(shape), like)
    torch = checks.needs("torch")

    return _as(getattr(torch, torch_name)(shape, generator=rng, dtype=torch.float64, device=rng.device), like)


def _as(x, like):
    """x in the library, dtype and device of `like`."""
    if like is None:
        return x
    return api.array_namespace(like).asarray(x, dtype=like.dtype, device=api.device(like))


def _checked(like):
    if like is None:
        return None
    if not api.is_array_api_obj(like):
        raise TypeError(f"like must be a NumPy or torch array; got {like!r}")
    if not api.array_namespace(like).isdtype(like.dtype, "real floating"):
        raise TypeError(f"like must hold real floating-point numbers; got dtype {like.dtype}")
    return like
