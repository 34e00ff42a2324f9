"""Fixtures of the live figures' tests."""

import pytest
from front_end import Scripts


@pytest.fixture(scope="session")
def scripts():
    return Scripts("infinite_width/infinite_width.js")
