"""In JupyterLab a live figure is the widget that it is: its controls and Python follow each other."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request

import nbformat
import pytest
from jupyter_client import BlockingKernelClient

EXPLORABLE = "import mfdepth as mf\nfigure = mf.explorables.InfiniteWidth(d=10)\nfigure"
MOVABLE = """import mfdepth as mf
import plotly.graph_objects as go
import torch

calls = []

def powers(n, scale):
    calls.append((n, scale))
    if n == 3 and scale == 2:
        raise ValueError("n must not be 3")
    return go.Figure(go.Scatter(y=(scale * torch.arange(4.0) ** n).tolist()))

figure = mf.explore(powers, n=[1, 2, 3], scale=[1, 2], frames="each")
calls.clear()
figure"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("lab")


@pytest.fixture(scope="module")
def lab(folder):
    """The address of a JupyterLab of its own, which knows nothing of this user's settings."""
    (folder / "work").mkdir()
    for name, cell in {"explorable": EXPLORABLE, "movable": MOVABLE}.items():
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell)])
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
        nbformat.write(notebook, folder / "work" / f"{name}.ipynb")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {
        "ip": "127.0.0.1",
        "port": port,
        "open_browser": False,
        "allow_root": True,
        "root_dir": folder / "work",
        "log_level": "ERROR",
    }
    command = [
        *(sys.executable, "-m", "jupyterlab", "--IdentityProvider.token="),
        *(f"--ServerApp.{name}={value}" for name, value in settings.items()),
        "--LabApp.expose_app_in_browser=True",
        "--LabApp.news_url=",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]
    own = {f"JUPYTER_{name}_DIR": str(folder / name) for name in ("CONFIG", "RUNTIME")}
    log = folder / "log"
    with (
        log.open("w") as stderr,
        subprocess.Popen(command, env=os.environ | own, stderr=stderr) as process,
    ):
        try:
            wait_for(f"http://127.0.0.1:{port}/api", log)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def wait_for(address, log, seconds=30):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            return urllib.request.urlopen(address).close()
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"JupyterLab did not start: {log.read_text()}")


@pytest.fixture
def opened(lab, folder, page):
    """A function that opens a notebook and runs it: its live figure, and a way to run a line in the same kernel."""
    clients = []

    def opened(name):
        page.set_default_timeout(30_000)
        page.goto(f"{lab}/lab/workspaces/{name}/tree/{name}.ipynb")
        page.locator(".jp-Notebook .jp-CodeCell").first.wait_for()
        page.evaluate(
            """async () => {
                const panel = globalThis.jupyterapp.shell.currentWidget;
                await panel.sessionContext.ready;
                await globalThis.jupyterapp.commands.execute("notebook:run-all-cells");
            }"""
        )
        figure = page.locator("section.mf-explorable[data-ready=true]")
        figure.wait_for()
        with urllib.request.urlopen(f"{lab}/api/sessions") as answer:
            [running] = [session["kernel"]["id"] for session in json.load(answer) if session["name"] == f"{name}.ipynb"]
        clients.append(BlockingKernelClient(connection_file=str(folder / "RUNTIME" / f"kernel-{running}.json")))
        clients[0].load_connection_file()
        clients[0].start_channels()
        clients[0].wait_for_ready(timeout=20)
        return figure, kernel

    def kernel(line):
        """The printed text of a line of Python."""
        text = []
        clients[0].execute_interactive(
            line, timeout=20, output_hook=lambda m: text.append(m["content"].get("text", ""))
        )
        return "".join(text).strip()

    yield opened
    for client in clients:
        client.stop_channels()


def changed(page, node, before):
    page.wait_for_function("([e, was]) => e.textContent !== was", arg=[node.element_handle(), before])


def test_a_control_moves_python_and_python_moves_the_control(opened, page):
    figure, kernel = opened("explorable")
    control, readout = figure.locator("[data-trait=d]"), figure.locator("[data-readout]")
    at_the_start = readout.text_content()

    control.press("End")
    shown = control.input_value()
    changed(page, readout, at_the_start)
    deadline = time.monotonic() + 10
    while (held := kernel("print(figure.d)")) == "10" and time.monotonic() < deadline:
        page.wait_for_timeout(100)
    assert float(held) != 10
    assert shown != "10"

    kernel("figure.d = 10")
    page.wait_for_function("([e, was]) => e.textContent === was", arg=[readout.element_handle(), at_the_start])
    assert control.input_value() != shown


def test_a_moved_control_calls_the_figure_function(opened, page):
    figure, kernel = opened("movable")
    drawn = "() => document.querySelector('.mf-drawing').data?.[0].y.join()"
    page.wait_for_function(f"() => ({drawn})() === '0,1,2,3'")

    figure.get_by_label("scale").press("End")
    page.wait_for_function(f"() => ({drawn})() === '0,2,4,6'")
    figure.get_by_label("n", exact=True).press("ArrowRight")  # a combination that no frame holds
    page.wait_for_function(f"() => ({drawn})() === '0,2,8,18'")
    assert figure.locator("[data-readout]").text_content().strip() == "n = 2 scale = 2"
    assert kernel("print(calls, figure.n, figure.scale)") == "[(1, 2), (2, 2)] 2 2"

    kernel("figure.scale = 1")
    page.wait_for_function(f"() => ({drawn})() === '0,1,4,9'")
    assert figure.get_by_label("scale").get_attribute("aria-valuetext") == "1"
    kernel("figure.set_state({'n': 3, 'scale': 2})")
    page.wait_for_function("() => document.querySelector('.mf-message').textContent === 'n must not be 3'")
