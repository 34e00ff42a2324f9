"""The targets, by hand."""

import numpy as np
import pytest

import mfdepth as mf


def test_the_tent_by_hand(kind):
    x = kind(np.array([[0.0, 0.0], [0.3, -0.4], [1.0, 0.0], [3.0, 0.0]]))
    np.testing.assert_allclose(mf.tent(x), [1, 0.5, 0, 0], atol=1e-15)


def test_the_subspace_tent_sees_its_subspace_alone(rng, kind):
    basis = np.linalg.qr(rng.standard_normal((5, 5)))[0]
    target, x = mf.subspace_tent(kind(basis[:, :2])), rng.standard_normal((7, 2)) * 0.4
    np.testing.assert_allclose(target(kind(x @ basis[:, :2].T)), mf.tent(x), atol=1e-14)
    beside = x @ basis[:, :2].T + rng.standard_normal((7, 3)) @ basis[:, 2:].T
    np.testing.assert_allclose(target(kind(beside)), mf.tent(x), atol=1e-14)


def test_the_whole_space_gives_back_the_tent(rng):
    x = rng.standard_normal((9, 3)) * 0.5
    rotation = np.linalg.qr(rng.standard_normal((3, 3)))[0]
    np.testing.assert_allclose(mf.subspace_tent(rotation)(x), mf.tent(x), atol=1e-14)


def test_the_first_coordinate_is_even(rng):
    x = rng.standard_normal((4, 3))
    assert np.array_equal(mf.first_coordinate(x), np.abs(x[:, 0]))
    assert np.array_equal(mf.first_coordinate(-x), mf.first_coordinate(x))


def test_columns_that_are_not_orthonormal_are_refused():
    with pytest.raises(ValueError, match="columns must be orthonormal"):
        mf.subspace_tent(np.ones((3, 2)))
