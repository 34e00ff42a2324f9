"""Files that several processes write to one folder, any of which may be killed."""

import contextlib
import itertools
import os

try:
    import fcntl
except ImportError:  # Windows: what a kill leaves behind stays
    fcntl = None

UNFINISHED = ".unfinished-"


def clear(folder):
    """Remove what killed writers left behind."""
    for path in folder.glob(UNFINISHED + "*"):
        with contextlib.suppress(OSError), open(path, "r+b") as stream:  # OSError: somebody is writing
            lock(stream, wait=False)
            os.unlink(path)


def lock(stream, wait=True):
    """A death releases it, on this machine or another; not every file system has locks."""
    if fcntl is not None:
        with contextlib.suppress(OSError) if wait else contextlib.nullcontext():
            fcntl.flock(stream, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))


def release(stream):
    """Windows renames no open file; elsewhere the lock is held until the file has its name."""
    if fcntl is None:
        stream.close()


def set_aside(file):
    """Give a file that is in the way a name that nobody has."""
    for i in itertools.count(1):
        aside = file.with_name(f"{file.name}.set-aside-{i}")
        if not os.path.lexists(aside):
            break
    with contextlib.suppress(FileNotFoundError):  # another sweep was faster
        os.rename(file, aside)
    return aside
