"""Owning a repository's rooms: a lock that the kernel frees when its process ends, and a term in the log.

An owner that lives keeps them, reachable or not. Only who is told to takes them from a living one; the term then keeps
the old one from writing.
"""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path
from typing import NamedTuple

from anvcs.errors import RelayUnreachableError
from anvcs.gitmirror import filesystem
from anvcs.link import discovery
from anvcs.link.processes import Process, current, is_dead
from anvcs.rooms.log import RoomLog

LOCK = "relay.lock"
DATABASE = "rooms.db"
PATIENCE = 15.0
_PAUSE = 0.05


class Ownership(NamedTuple):
    """What an owner has while it lives."""

    lock: int
    """The open lock file."""
    log: RoomLog
    term: int
    process: Process


def own(state: Path, *, take_over: bool = False, patience: float = PATIENCE) -> Ownership:
    """Become the owner of the rooms in a state folder.

    An owner that has taken its address away is ending, and is given ``patience`` seconds for that.

    Raises RelayUnreachableError where another owner lives, UnsafeFileSystemError where locks cannot be trusted, and
    StoreError where the log cannot be used.
    """
    filesystem.check(state)
    state.mkdir(parents=True, exist_ok=True)
    lock = _lock_when_free(state, patience) if not take_over else _lock(state / LOCK, take_over=True)
    try:
        log = RoomLog(state / DATABASE)
        try:
            before = log.owner()
            if before is not None and not take_over:
                _check_gone(Process(before.pid, before.boot, before.started), state)
            process = current()
            return Ownership(lock, log, log.own(process.pid, process.boot, process.started), process)
        except BaseException:
            log.close()
            raise
    except BaseException:
        os.close(lock)
        raise


def _lock_when_free(state: Path, patience: float) -> int:
    deadline = time.monotonic() + patience
    while True:
        try:
            return _lock(state / LOCK, take_over=False)
        except RelayUnreachableError:
            if discovery.read(state) is not None or time.monotonic() > deadline:
                raise
            time.sleep(_PAUSE)


def _lock(path: Path, *, take_over: bool) -> int:
    lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        holder = os.read(lock, 32).decode("ascii", "replace").strip() or "unknown"
        os.close(lock)
        if not take_over:
            raise _owned(holder) from error
        # The living owner keeps its lock on the old file; what it writes fails by its term.
        path.unlink(missing_ok=True)
        return _lock(path, take_over=False)
    os.ftruncate(lock, 0)
    os.pwrite(lock, b"%d\n" % os.getpid(), 0)
    return lock


def _check_gone(before: Process, state: Path) -> None:
    """A free lock shows that its owner ended, unless the file system does not keep locks."""
    if before.pid != os.getpid() and before.started and not is_dead(before) and _is_relay(before.pid, state):
        raise _owned(str(before.pid))


def _is_relay(pid: int, state: Path) -> bool:
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return b"anvcs.relay" in words and os.fsencode(state) in words


def _owned(holder: str) -> RelayUnreachableError:
    return RelayUnreachableError(
        f"The relay in process {holder} owns the rooms of this repository and lives.",
        f"Connect to it, or end process {holder}: what it acknowledged is safe, and the next relay goes on from there.",
    )
