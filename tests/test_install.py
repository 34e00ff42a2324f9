"""The package as it is installed: what a missing extra says, and what the wheel holds."""

import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[1]
NETWORK = "mf.chapters.why_depth.shallow_network(3, 4, 0)"
NEEDED = [
    ("anywidget", "figures", "mf.explorables"),
    ("anywidget", "figures", "mf.explore(dict, a=[1, 2])"),
    ("anywidget", "figures", "from mfdepth.live.training.training import Training"),
    ("plotly", "figures", "mf.figures"),
    ("plotly", "figures", "mf.live"),
    ("plotly", "figures", "import mfdepth.figures.style"),
    ("joblib", "sweeps", "mf.sweep({'a': [1]}, dict)"),
    ("pandas", "sweeps", "mf.sweep({'a': [1]}, dict)"),
    ("torch", "torch", NETWORK),
    ("torch", "torch", "mf.interference(mf.BesselLaw(3), np.eye(3), np.array([-0.1]), np.array([0.5]), np.eye(3))"),
    ("torch", "torch", "mf.explorables.Training(d=3, m1=4, m2=4, backend='python', device='cpu').running = True"),
]

HIDE = """import sys
class Hide:
    def find_spec(self, name, path=None, target=None):
        if name == "{0}":
            raise ModuleNotFoundError(f"No module named '{0}'", name=name)
sys.meta_path.insert(0, Hide())"""


@pytest.mark.parametrize(("missing", "extra", "line"), NEEDED)
def test_a_missing_extra_says_which_line_installs_it(missing, extra, line):
    works = "mf.infinite_width(mf.BesselLaw(3), 1.0, -0.1, 0.5, [1])"
    code = f"{HIDE.format(missing)}\nimport numpy as np, mfdepth as mf\n{works}\n{line}"
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    wanted = f'{missing} is needed here and not installed: pip install "mfdepth[{extra}]" brings it'
    assert done.stderr.strip().splitlines()[-1] == f"ModuleNotFoundError: {wanted}"


def test_what_is_installed_and_broken_is_not_called_missing(tmp_path):
    (tmp_path / "joblib.py").write_text("import nothing_of_this_name")
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r})\nimport mfdepth as mf\nmf.sweep({{'a': [1]}}, dict)"
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert done.stderr.strip().endswith("No module named 'nothing_of_this_name'")


def test_the_wheel_holds_every_file_of_the_package(tmp_path):
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "-w", tmp_path]
    source = tmp_path / "source"
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "mfdepth"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    names = {name for name in listed.stdout.split("\0") if name and (ROOT / name).exists()}
    for name in (*names, "pyproject.toml", "README.md", "LICENSE"):  # what an earlier build left behind stays out
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_bytes((ROOT / name).read_bytes())
    subprocess.run([*command, source], check=True)
    with ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        assert {name for name in wheel.namelist() if "dist-info" not in name} == names
