"""Keep what a benchmark measured, as JSON beside it, with the machine it was measured on."""

import json
import os
import platform
from datetime import date
from pathlib import Path


def keep(name, measured):
    """Print the measured values and write them to benchmarks/<name>.json."""
    on = {"date": date.today().isoformat(), "cores": os.cpu_count(), "python": platform.python_version()}
    text = json.dumps({"measured": measured, "on": on}, indent=1)
    Path(__file__).with_name(f"{name}.json").write_text(text + "\n", encoding="utf-8")
    print(text)
