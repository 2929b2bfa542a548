"""Evidence by what it depends on, so that no guard is run twice on the same."""

from __future__ import annotations

import hashlib
import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import msgspec

from anvcs import __version__, ids
from anvcs.guards.model import Evidence, Guard

ENGINE = f"{__version__} 1"
"""How guards are run: the version, and a number of our own that grows when something about it changes."""
_MOST = 1000
"""Results that are kept in files; the oldest go."""


class EvidenceStore(Protocol):
    """Where evidence is kept by its key."""

    def get(self, key: str) -> Evidence | None:
        """What was kept under the key."""
        ...

    def put(self, evidence: Evidence) -> None:
        """Keep evidence under its key, in place of older one."""
        ...


def key(tree: str, guard: Guard, surroundings: str) -> str:
    """What a guard's result depends on, as one hash; ``surroundings`` is a hash of all but tree and command."""
    parts: list[ids.Value] = [ENGINE, tree, list(guard.command), surroundings]
    return hashlib.sha256(ids.encode(parts)).hexdigest()


class EvidenceFiles:
    """Evidence in a folder, one file for each key. They can be removed at any time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, key: str) -> Evidence | None:
        """What was kept under the key; nothing for a file that cannot be read."""
        try:
            kept = msgspec.json.decode((self._folder / f"{key}.json").read_bytes(), type=Evidence)
        except (OSError, msgspec.DecodeError, UnicodeDecodeError):
            return None
        return kept if kept.key == key else None

    def put(self, evidence: Evidence) -> None:
        """Keep evidence under its key; a full disk only means that the guard will be run again."""
        made = self._folder / f".{secrets.token_hex(8)}"
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            made.write_bytes(msgspec.json.encode(evidence))
            made.replace(self._folder / f"{evidence.key}.json")
        except OSError:
            with suppress(OSError):
                made.unlink(missing_ok=True)
            return
        self._thin_out()

    def _thin_out(self) -> None:
        with os.scandir(self._folder) as found:
            entries = list(found)
        if len(entries) <= _MOST:
            return
        aged: list[tuple[int, str]] = []
        for each in entries:
            with suppress(OSError):
                aged.append((each.stat().st_mtime_ns, each.path))
        for _, path in sorted(aged)[: len(aged) - _MOST * 3 // 4]:
            with suppress(OSError):
                Path(path).unlink()
