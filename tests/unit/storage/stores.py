"""Both backends for the tests that every store must pass."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from anvcs.storage.memory import MemoryStore
from anvcs.storage.protocol import Store
from anvcs.storage.sqlite import SqliteStore

BACKENDS: dict[str, Callable[[Path], Store]] = {
    "memory": lambda _folder: MemoryStore(),
    "sqlite": lambda folder: SqliteStore(folder / "store.db"),
}


def python(script: str, *arguments: str | Path) -> subprocess.Popen[bytes]:
    """Another process that runs the script with arguments, to be talked to over pipes."""
    return subprocess.Popen(
        [sys.executable, "-c", script, *(str(argument) for argument in arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
