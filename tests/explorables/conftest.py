"""Fixtures of the live figures' tests."""

import pytest
from front_end import Scripts

from mfdepth.explorables.base import KIT


@pytest.fixture(scope="session")
def scripts():
    return Scripts(*KIT, "law.js", "dynamics.js", "infinite_width.js")
