"""random.js, the generator that pages and Python share: its authors' known answers, the same draws, their law."""

import math

import numpy as np
import pytest
from front_end import Scripts

from mfdepth.random import gaussians, philox, uniforms


@pytest.fixture(scope="module")
def scripts():
    return Scripts("maths/random.js")


KNOWN = [  # the authors' known answers (Random123, kat_vectors)
    ([0] * 4, [0] * 2, [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]),
    ([0xFFFFFFFF] * 4, [0xFFFFFFFF] * 2, [0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD]),
    (
        [0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344],
        [0xA4093822, 0x299F31D0],
        [0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1],
    ),
]


@pytest.mark.parametrize(("counter", "key", "words"), KNOWN)
def test_philox_against_its_authors(scripts, counter, key, words):
    assert philox(counter, key).tolist() == scripts(f"philox({counter}, {key})") == words


@pytest.mark.parametrize(("seed", "stream", "index", "count"), [(0, 0, 0, 1), (7, 3, 199, 10), (2**32 - 1, 1, 5, 401)])
def test_the_page_draws_the_same(scripts, seed, stream, index, count):
    where = f"{seed}, {stream}, {index}, {count}"
    assert scripts(f"Array.from(uniforms({where}))") == uniforms(seed, stream, index, count).tolist()
    expected = gaussians(seed, stream, index, count)
    assert expected.shape == (count,)
    np.testing.assert_allclose(scripts(f"Array.from(gaussians({where}))"), expected, rtol=1e-13, atol=1e-15)


def test_uniforms_are_uniform_and_unrelated():
    u = np.stack([uniforms(seed, stream, 0, 4000) for seed in (0, 1, 2**32 - 1) for stream in (0, 1, 5)])
    assert np.all((u > 0) & (u < 1))
    counts = np.stack([np.histogram(row, 16, (0, 1))[0] for row in u])
    assert np.all(np.sum((counts - 250) ** 2 / 250, axis=1) < 45)  # chi-squared, 15 degrees: beyond 45 once in 10^4
    off = np.corrcoef(u) - np.eye(len(u))
    assert np.abs(off).max() < 4.5 / math.sqrt(4000)
    assert abs(np.corrcoef(u[0, 1:], u[0, :-1])[0, 1]) < 4.5 / math.sqrt(4000)


def test_gaussians_are_gaussian():
    x = gaussians(1, 0, 0, 200_000)
    assert [np.mean(x), np.mean(x**2), np.mean(x**4), np.mean(x[1:] * x[:-1])] == pytest.approx([0, 1, 3, 0], abs=0.04)
    assert not np.intersect1d(x, gaussians(1, 1, 0, 200_000)).size  # streams have nothing in common
