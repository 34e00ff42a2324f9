"""What `import mfdepth` costs, and that the public names are those announced."""

import subprocess
import sys

import pytest

import mfdepth


def test_importing_the_package_loads_no_heavy_library():
    heavy = "torch", "plotly", "ipywidgets", "anywidget", "pandas", "matplotlib"
    code = f"import sys, mfdepth; print([name for name in {heavy!r} if name in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"


def test_every_public_name_exists_and_is_documented_with_an_example():
    # what a function returns is shown in the example of that function
    returned = "Trajectory", "Decomposition", "Interference", "ShallowBound", "ParametricNetwork", "TrainedNetwork"
    returned += "GeneralCase", "GeneralRun", "UnstableMode"
    for name in mfdepth.__all__:
        words = getattr(mfdepth, name).__doc__
        assert ">>>" in words or (name in returned and len(words) > 60), name


def test_what_needs_a_heavy_library_is_loaded_when_first_used():
    code = "import sys, mfdepth; mfdepth.explore; print('anywidget' in sys.modules)"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "True"
    assert ">>>" in mfdepth.explore.__doc__


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'deeper'"):
        mfdepth.deeper  # noqa: B018
