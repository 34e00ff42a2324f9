"""Sphinx extension: the notebooks run side by side, one a core, before the first page is read; pages take what they gave.

What they gave is kept for this build alone: a store that is keyed on the cells would serve old numbers when the library
changes. A notebook that fails is not kept. Its page runs it again, and so the build ends with its traceback.
"""

import logging
import os
import shutil
from pathlib import Path

from jupyter_cache import get_cache
from jupyter_cache.executors import load_executor

LOGGER = logging.getLogger(__name__)


def run(app, env, names):
    """Run the notebooks among the pages that are to be read."""
    folder = Path(env.mystnb_config.execution_cache_path)
    shutil.rmtree(folder, ignore_errors=True)
    paths = [str(path) for path in map(env.doc2path, names) if str(path).endswith(".ipynb")]
    if paths:
        os.environ.setdefault("OMP_NUM_THREADS", "1")  # they share the cores: one thread each
        cache = get_cache(folder)
        for path in paths:
            cache.add_nb_to_project(path)
        LOGGER.setLevel(logging.INFO)  # which it begins, and which it has run
        load_executor("local-parallel", cache, LOGGER).run_and_cache(timeout=app.config.nb_execution_timeout)


def setup(app):
    app.connect("env-before-read-docs", run)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
