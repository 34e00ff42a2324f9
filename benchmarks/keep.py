"""Keep what a benchmark measured, as JSON beside it, with the machine it was measured on."""

import json
import os
import platform
from datetime import date
from pathlib import Path


def keep(name, measured):
    """Print the measured values and write them to benchmarks/<name>.json."""
    on = {"date": date.today().isoformat(), "processor": _processor(), "cores": os.cpu_count()}
    on["python"] = platform.python_version()
    text = json.dumps({"measured": measured, "on": on}, indent=1)
    Path(__file__).with_name(f"{name}.json").write_text(text + "\n", encoding="utf-8")
    print(text)


def _processor():
    """The processor's name, as Linux knows it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.machine())
