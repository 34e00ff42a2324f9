"""One rule for randomness at every function that draws; directions and bases by their moments."""

import math

import numpy as np
import pytest
import torch

import mfdepth as mf
from mfdepth.chapters import bottleneck, general_case
from mfdepth.chapters.discretization import seeds
from mfdepth.random import generator, normal, uniform

NETWORK = mf.learner(np.eye(3), -np.ones(4), np.ones(4))
RUN = mf.BesselLaw(3), np.eye(3), np.array([-0.1]), np.array([0.5]), [1]
DRAWS = {
    "sample": lambda rng: mf.GaussianLaw(3).sample(4, rng),
    "random_directions": lambda rng: mf.random_directions(4, 3, rng),
    "orthogonal_directions": lambda rng: mf.orthogonal_directions(4, 3, rng),
    "init_first_layer": lambda rng: mf.init_first_layer(3, 4, 1.0, rng),
    "resample": lambda rng: NETWORK.resample([9, 5], rng).weights[0],
    "finite_width": lambda rng: mf.finite_width(*RUN, directions=2, rng=rng).loss,
    "draw_seeds": lambda rng: seeds.draw_seeds(3, 4, 1.0, 2, rng),
    "train_seeds": lambda rng: seeds.train_seeds(3, 4, [1], seeds=2, rng=rng, predict=False)["loss"],
    "general_case": lambda rng: general_case.general_case(3, 4, rng).x,
    "general_init": lambda rng: general_case.general_init(3, 4, rng)[1],
    "bottleneck_network": lambda rng: bottleneck.bottleneck_network((3, 1), (4,), rng).weights[0],
}


@pytest.mark.parametrize("draw", DRAWS.values(), ids=DRAWS)
def test_a_seed_or_a_generator(draw):
    zero, again, one = (np.asarray(draw(seed)) for seed in (0, np.int64(0), 1))
    assert np.array_equal(zero, again) and not np.array_equal(zero, one)
    rng = np.random.default_rng(0)
    first, second = draw(rng), draw(rng)
    assert not np.array_equal(first, second)  # a generator goes on
    for wrong in (None, 0.5, "0", True, np.random.RandomState(0)):
        with pytest.raises(TypeError, match="rng must be a seed"):
            draw(wrong)
    with pytest.raises(ValueError, match=r"rng must be a whole number from 0 to 18446744073709551615; got -1"):
        draw(-1)


def test_a_seed_is_the_generator_made_from_it():
    for name in DRAWS.keys() - {"train_seeds"}:  # whose seed is one of a grid
        assert np.array_equal(DRAWS[name](3), DRAWS[name](np.random.default_rng(3))), name
        if name not in ("finite_width", "resample"):  # these draw for arrays they are given
            assert isinstance(DRAWS[name](torch.Generator().manual_seed(0)), torch.Tensor), name
        else:
            with pytest.raises(TypeError, match=r"numpy.random.Generator for NumPy arrays; got a torch.Generator"):
                DRAWS[name](torch.Generator())


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("draw", [normal, uniform])
def test_what_is_drawn_is_of_the_kind_asked_for(draw, dtype):
    like = torch.ones(1, dtype=dtype)
    given = draw((2, 3), generator(0, np.ones(1, "float32")), np.ones(1, "float32"))
    assert given.dtype == np.float32 and given.shape == (2, 3)
    from_numpy, from_torch = draw((2, 3), np.random.default_rng(0), like), draw((2, 3), generator(0, like), like)
    assert from_numpy.dtype == from_torch.dtype == dtype
    assert np.array_equal(from_numpy, draw((2, 3), generator(0)).astype(str(dtype).removeprefix("torch.")))
    own = draw((2, 3), torch.Generator().manual_seed(0))
    assert own.dtype == torch.float64 and bool((own.to(dtype) == from_torch).all())


def test_a_numpy_generator_trains_torch_weights():
    w1, w2, b2 = (torch.as_tensor(x, dtype=torch.float32) for x in RUN[1:4])
    runs = [
        mf.finite_width(RUN[0], *weights, [1], rng=np.random.default_rng(0)) for weights in ((w1, w2, b2), RUN[1:4])
    ]
    assert runs[0].alpha.dtype == torch.float32
    np.testing.assert_allclose(runs[0].alpha, runs[1].alpha, rtol=1e-5)  # the same directions


def test_directions_come_in_the_kind_of_like(kind):
    like = kind(np.ones(2, "float32"))
    for draw in (mf.random_directions, mf.orthogonal_directions):
        u = draw(6, 3, np.random.default_rng(0), like=like)
        assert u.dtype == like.dtype and type(u) is type(like)
        np.testing.assert_allclose(u, draw(6, 3, 0), atol=1e-6)
    for wrong, words in ((3, "like must be a NumPy or torch array; got 3"), (np.ones(2, int), "got dtype int64")):
        with pytest.raises(TypeError, match=words):
            mf.random_directions(6, 3, 0, like=wrong)


def test_directions_are_unit_antithetic_and_orthonormal(rng):
    u = mf.orthogonal_directions(20, 5, rng)
    np.testing.assert_allclose(np.linalg.norm(u, axis=1), 1, rtol=1e-13)
    np.testing.assert_allclose(u.mean(axis=0), 0, atol=1e-15)
    np.testing.assert_allclose(u.T @ u / 20, np.eye(5) / 5, atol=1e-14)
    for n in (2, 8, 10, 12, 30):  # fewer than a basis and its negatives, one, some more, three
        assert mf.orthogonal_directions(n, 5, rng).shape == (n, 5)


def test_directions_of_a_basis_are_uniform(rng):
    # u_1^4 has mean 3/(d(d+2)); without the sign correction of the QR factor the basis is not uniform
    u = np.concatenate([mf.orthogonal_directions(6, 3, rng)[:3] for _ in range(4000)])
    np.testing.assert_allclose(np.mean(u**4, axis=0), 3 / 15, atol=0.012)  # 4 standard errors
    np.testing.assert_allclose(u[::3].mean(axis=0), 0, atol=4 / math.sqrt(3 * 4000))
