"""Which process it was: its number may be another's by now, so its start and the machine's boot belong to it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from functools import cache
from pathlib import Path

import msgspec


class Process(msgspec.Struct, frozen=True):
    """One process of this machine, told from every other that ever had its number."""

    pid: int
    boot: str
    started: int
    """When it started, in the system's own count; 0 where that cannot be told."""


def current() -> Process:
    """The process that asks."""
    return Process(os.getpid(), boot(), _started(os.getpid()) or 0)


def is_dead(process: Process) -> bool:
    """Whether it is certain that the process has ended; what cannot be told is not certain."""
    if process.boot != boot():
        return bool(process.boot and boot())
    started = _started(process.pid)
    if started is None:
        return True
    return bool(process.started and started) and started != process.started


@cache
def boot() -> str:
    """What changes whenever the machine starts; empty where it cannot be told."""
    try:
        if sys.platform == "linux":
            return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
        if sys.platform == "darwin":
            return _output("/usr/sbin/sysctl", "-n", "kern.bootsessionuuid")
    except OSError:
        pass
    return ""


def _started(pid: int) -> int | None:
    """When a process started; nothing if no process has the number or only a dead one."""
    if sys.platform == "linux":
        try:
            # The name, in parentheses, may hold anything; state and start are the 3rd and 22nd words of the line.
            words = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
        except OSError:
            return None
        return None if words[0] in (b"Z", b"X") else int(words[19])
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except PermissionError:
        pass
    words = _output("/bin/ps", "-o", "lstart=", "-p", str(pid))
    try:
        return int(time.mktime(time.strptime(words)))
    except ValueError:
        return 0


def _output(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, env={"LC_ALL": "C"}, check=False)
    return done.stdout.decode("ascii", "replace").strip()
