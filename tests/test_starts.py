"""How a first layer is drawn: what each start promises."""

import math

import numpy as np
import pytest
import torch

import mfdepth as mf

KINDS = [(directions, lengths) for directions in ("independent", "pairs", "bases") for lengths in ("gaussian", "equal")]


def rows(w):
    return {tuple(row) for row in np.round(w, 9).tolist()}


def test_the_default_is_gaussian_neurons():
    w1, scale = np.random.default_rng(3).standard_normal((40, 10)), (0.7 / (10 * mf.relu_mean(10))) ** 0.5
    np.testing.assert_allclose(mf.init_first_layer(10, 40, 0.7, np.random.default_rng(3)), scale * w1, rtol=1e-14)


@pytest.mark.parametrize(("directions", "lengths"), KINDS)
def test_every_start_has_the_alpha_and_the_structure_asked_for(directions, lengths):
    d, m1, draws = 4, 16, 400
    rng = np.random.default_rng(1)
    layers = np.stack([mf.init_first_layer(d, m1, 0.7, rng, directions, lengths) for _ in range(draws)])
    alpha = mf.first_layer_alpha(layers)
    assert abs(alpha.mean() - 0.7) <= 4 * alpha.std() / math.sqrt(draws) + 1e-14
    length = np.linalg.norm(layers, axis=-1)
    if lengths == "equal":
        np.testing.assert_allclose(length, (0.7 / mf.relu_mean(d)) ** 0.5, rtol=1e-13)
    else:  # those of Gaussian neurons: the variance of |w|^2 over its squared mean is 2/d
        square = length**2
        assert square.var() / square.mean() ** 2 == pytest.approx(2 / d, rel=0.1)
    if directions != "independent":
        np.testing.assert_array_equal(layers[:, 8:], -layers[:, :8])
    unit = layers / length[..., None]
    gram = unit[0, :8] @ unit[0, :8].T
    orthogonal = np.abs(gram[:4, :4] - np.eye(4)).max() < 1e-12 and np.abs(gram[4:, 4:] - np.eye(4)).max() < 1e-12
    assert orthogonal == (directions == "bases")
    balanced = np.abs(unit.mean(axis=1)).max() < 1e-12
    assert balanced == (directions != "independent")
    assert np.abs(unit[:, 0].mean(axis=0)).max() < 4 / math.sqrt(d * draws)


def test_bases_balance_degree_two_only_with_equal_lengths():
    d, m1 = 10, 40
    equal = mf.init_first_layer(d, m1, 1.0, np.random.default_rng(0), "bases", "equal")
    np.testing.assert_allclose(mf.harmonic_errors(equal, 3), 0, atol=1e-15)
    gaussian = mf.init_first_layer(d, m1, 1.0, np.random.default_rng(0), "bases", "gaussian")
    parts = mf.harmonic_errors(gaussian, 2)
    assert parts[0] < 1e-15 and parts[1] > 0.1 * mf.discretization_error(gaussian)


@pytest.mark.parametrize(("directions", "lengths"), KINDS)
def test_torch_generators_give_torch(directions, lengths):
    w1 = mf.init_first_layer(3, 12, 1.0, torch.Generator().manual_seed(0), directions, lengths)
    assert isinstance(w1, torch.Tensor) and w1.shape == (12, 3) and w1.dtype == torch.float64
    if directions != "independent":
        assert torch.equal(w1[6:], -w1[:6])


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (
            lambda rng: mf.init_first_layer(3, 4, 1.0, rng, "orthogonal"),
            r"directions must be one of .*got 'orthogonal'",
        ),
        (lambda rng: mf.init_first_layer(3, 4, 1.0, rng, lengths="unit"), r"lengths must be one of .*got 'unit'"),
        (lambda rng: mf.init_first_layer(3, 5, 1.0, rng, "pairs"), "m1 must be a multiple of 2 for pairs.*got 5"),
        (lambda rng: mf.init_first_layer(3, 9, 1.0, rng, "bases"), "m1 must be a multiple of 6 for bases.*3; got 9"),
        (lambda rng: mf.standard_start(3, 4, rng=2**32), "rng must be a whole number from 0 to 4294967295; got"),
        (lambda rng: mf.standard_start(3, 4, 2, spread=-0.1), "spread must be a finite number, at least 0; got -0.1"),
        (lambda rng: mf.standard_start(3, 4, w2=math.nan), "w2 must be a finite number; got nan"),
    ],
)
def test_bad_input_is_named(call, words, rng):
    with pytest.raises(ValueError, match=words):
        call(rng)


def test_the_standard_start_is_one_neuron_or_a_cloud_around_it(rng):
    w1, w2, b2 = mf.standard_start(50, 400)
    assert (w1.shape, w2.tolist(), b2.tolist()) == ((400, 50), [-0.1], [0.5])
    assert mf.first_layer_alpha(w1) == pytest.approx(1, abs=4 * (2 / 20_000) ** 0.5)
    again, other = mf.standard_start(50, 400)[0], mf.standard_start(50, 400, rng=1)[0]
    assert np.array_equal(w1, again) and not np.array_equal(w1, other)
    options = {"alpha": 2.0, "w2": -0.4, "b2": 0.3, "spread": 0.05}
    for source in (3, rng, torch.Generator().manual_seed(3)):
        w1, w2, b2 = (np.asarray(x) for x in mf.standard_start(20, 300, 500, source, **options))
        assert mf.first_layer_alpha(w1) == pytest.approx(2, abs=8 * (2 / 6000) ** 0.5)
        for x, centre in ((w2, -0.4), (b2, 0.3)):
            assert x.mean() == pytest.approx(centre, abs=0.01) and x.std() == pytest.approx(0.05, abs=0.007)
        assert abs(np.corrcoef(w2, b2)[0, 1]) < 0.2
    assert isinstance(mf.standard_start(3, 4, rng=torch.Generator())[1], torch.Tensor)
    for cloud in mf.standard_start(3, 4, 5, spread=0.0)[1:]:
        assert np.ptp(cloud) == 0


def test_a_seed_draws_another_start_than_directions():
    # else the first directions of a run would be those of its own neurons
    w1 = mf.standard_start(5, 40)[0]
    u = mf.random_directions(40, 5, 0)
    unit = w1 / np.linalg.norm(w1, axis=1, keepdims=True)
    assert np.abs(np.sum(u * unit, axis=1)).mean() < 0.5
