"""Fixtures of the live figures' tests."""

import pytest
from front_end import Scripts

from mfdepth.live.kit.widget import KIT


@pytest.fixture(scope="session")
def scripts():
    return Scripts(*KIT, "maths/laws.js", "maths/infinite.js", "infinite_width/infinite_width.js")
