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

CELL = "import mfdepth as mf\nfigure = mf.explorables.InfiniteWidth(d=10)\nfigure"


@pytest.fixture
def lab(tmp_path):
    """The address of a JupyterLab of its own, which knows nothing of this user's settings."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CELL)])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    (tmp_path / "work").mkdir()
    nbformat.write(notebook, tmp_path / "work" / "figure.ipynb")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {
        "ip": "127.0.0.1",
        "port": port,
        "open_browser": False,
        "allow_root": True,
        "root_dir": tmp_path / "work",
        "log_level": "ERROR",
    }
    command = [
        *(sys.executable, "-m", "jupyterlab", "--IdentityProvider.token="),
        *(f"--ServerApp.{name}={value}" for name, value in settings.items()),
        "--LabApp.expose_app_in_browser=True",
        "--LabApp.news_url=",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]
    own = {f"JUPYTER_{name}_DIR": str(tmp_path / name) for name in ("CONFIG", "RUNTIME")}
    log = tmp_path / "log"
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
def kernel(lab, tmp_path):
    """A function that runs a line of Python in the notebook's own kernel, for its printed text."""
    clients = []

    def run(line):
        if not clients:
            with urllib.request.urlopen(f"{lab}/api/kernels") as answer:
                [running] = json.load(answer)
            file = tmp_path / "RUNTIME" / f"kernel-{running['id']}.json"
            clients.append(BlockingKernelClient(connection_file=str(file)))
            clients[0].load_connection_file()
            clients[0].start_channels()
            clients[0].wait_for_ready(timeout=20)
        text = []
        clients[0].execute_interactive(
            line, timeout=20, output_hook=lambda m: text.append(m["content"].get("text", ""))
        )
        return "".join(text).strip()

    yield run
    for client in clients:
        client.stop_channels()


def test_a_control_moves_python_and_python_moves_the_control(lab, page, kernel):
    page.set_default_timeout(30_000)
    page.goto(f"{lab}/lab/tree/figure.ipynb")
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
    control, readout = figure.locator("[data-trait=d]"), figure.locator("[data-readout]")
    at_the_start = readout.text_content()

    control.press("End")
    shown = control.input_value()
    page.wait_for_function("([e, was]) => e.textContent !== was", arg=[readout.element_handle(), at_the_start])
    deadline = time.monotonic() + 10
    while (held := kernel("print(figure.d)")) == "10" and time.monotonic() < deadline:
        page.wait_for_timeout(100)
    assert float(held) != 10
    assert shown != "10"

    kernel("figure.d = 10")
    page.wait_for_function("([e, was]) => e.textContent === was", arg=[readout.element_handle(), at_the_start])
    assert control.input_value() != shown
