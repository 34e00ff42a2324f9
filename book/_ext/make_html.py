"""Build the book, unless it is built already from exactly what is here. `make html` runs this.

A stale page is worse than a wait: whatever has changed, all of it is built again, and from nothing, since Sphinx would
keep a page whose notebook did not change although the library did. A build that failed does not count.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from importlib.metadata import distributions
from pathlib import Path

ROOT = Path(__file__).parents[2]


def inputs(root):
    """One number for all that a page may depend on; "" where git cannot list the files.

    These are: every file that git tracks or would add, but for the tests; the packages installed, which are not all
    pinned; what the environment says about the repository.
    """
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run([*command, "--", ".", ":!tests"], cwd=root, capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return ""
    names = set(os.fsdecode(listed).split("\0"))
    if "_config.yml" not in names:  # a copy in a folder that another repository ignores
        return ""
    seen = [sys.version, os.environ.get("BOOK_REPOSITORY", "")]
    seen += sorted(f"{package.name} {package.version}" for package in distributions())
    for name in sorted(names):
        path = root / name
        seen += [name, hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "gone"]
    return hashlib.sha256("\0".join(seen).encode(errors="surrogateescape")).hexdigest()


def is_built(build, now):
    """Whether the last whole build was from these inputs, and nobody wrote to its pages since."""
    pages, stamp = build / "html", build / "inputs"
    if not now or not (pages / "index.html").exists() or not stamp.exists() or stamp.read_text() != now:
        return False
    return max(path.stat().st_mtime_ns for path in pages.rglob("*")) <= stamp.stat().st_mtime_ns


def main(root=ROOT):
    build, now = root / "_build", inputs(root)
    if is_built(build, now):
        print("The book is built: nothing has changed since.")
        return 0
    if not os.access(root, os.W_OK):
        return f"{root} cannot be written to. Copy it to a folder of yours, and build the book there."
    shutil.rmtree(build, ignore_errors=True)
    command = [Path(sys.executable).with_name("jupyter-book"), "build", root, "-W", "-n", "--keep-going"]
    failed = subprocess.run(command, check=False).returncode
    if not failed:
        (build / "inputs").write_text(now)
    return failed


if __name__ == "__main__":
    sys.exit(main())
