"""A lock file that one process holds at a time and that the kernel releases when its owner dies."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from anvcs.errors import LockedError

if sys.platform == "win32":
    import msvcrt

    def _try(fd: int) -> bool:
        try:
            msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
else:
    import fcntl

    def _try(fd: int) -> bool:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True


@contextmanager
def exclusive(path: Path, *, wait: float = 30.0) -> Generator[None]:
    """Hold the lock at ``path``. Raises LockedError naming the holder's process after ``wait`` seconds."""
    fd = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
    try:
        deadline = time.monotonic() + wait
        pause = 0.001
        while not _try(fd):
            if time.monotonic() > deadline:
                holder = os.read(fd, 32).decode("ascii", "replace").strip() or "unknown"
                raise LockedError(
                    f"Another ANVCS process ({holder}) has been changing this repository for {wait:.0f} s.",
                    "Wait for it, or stop that process; its work is recovered when the repository is next opened.",
                )
            time.sleep(pause)
            pause = min(pause * 2, 0.05)
        os.write(fd, b"%-31d\n" % os.getpid())
        yield
    finally:
        os.close(fd)


def attempt(path: Path) -> int | None:
    """An open file that holds the lock at ``path`` for as long as anybody has it open; nothing while it is taken.

    The caller may remove the file, its folder too, while it holds the lock: whoever waited for that one looks again.
    """
    while True:
        fd = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
        if not _try(fd):
            os.close(fd)
            return None
        if _is_at(fd, path):
            return fd
        os.close(fd)


def _is_at(fd: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(fd), path.stat())
    except FileNotFoundError:
        return False
