"""What an editor wrote and the relay has not acknowledged: a small log of the editor's own, written before sending.

A process that dies leaves its log behind; whoever finds it sends the updates again, under the same client id, so that
doing it twice changes nothing. Each entry carries its checksum, and a torn last entry is left out.
"""

from __future__ import annotations

import fcntl
import os
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import msgspec

SUFFIX = ".pending"
_HEADER = 8
"""Bytes before each entry: its length and its CRC-32."""


class Unsent(NamedTuple):
    """An update that may not have reached the relay."""

    room: str
    actor: str
    client: int
    update: bytes
    how: str = "live"


def folder(state: Path) -> Path:
    """Where the editors of a repository keep what is only theirs."""
    return state / "rooms"


class PendingLog:
    """The log of one document in one process; the lock on it lasts as long as the process."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._file = _locked(path)

    def append(self, entry: Unsent) -> None:
        """Write an entry; it survives this process from then on."""
        body = msgspec.msgpack.encode(entry)
        os.write(self._file, len(body).to_bytes(4, "big") + zlib.crc32(body).to_bytes(4, "big") + body)

    def clear(self) -> None:
        """Everything is acknowledged."""
        os.ftruncate(self._file, 0)

    def close(self, *, keep: bool = False) -> None:
        """Let go; the file goes too unless something in it is still to be sent."""
        if not keep:
            self.path.unlink(missing_ok=True)
        os.close(self._file)


class Orphan:
    """The log of a process that is gone; nobody else takes it while it is held."""

    def __init__(self, path: Path, file: int) -> None:
        self.path = path
        self._file = file

    def entries(self) -> list[Unsent]:
        """What it holds, up to the first entry that is torn or damaged."""
        return list(_entries(self.path.read_bytes()))

    def done(self) -> None:
        """Everything in it is acknowledged: remove it."""
        self.path.unlink(missing_ok=True)
        os.close(self._file)

    def release(self) -> None:
        """Leave it to the next who looks."""
        os.close(self._file)


def orphans(folder: Path) -> list[Orphan]:
    """The logs whose processes are gone, each held from now on."""
    found: list[Orphan] = []
    for path in sorted(folder.glob(f"*{SUFFIX}")) if folder.is_dir() else ():
        with suppress(FileNotFoundError):
            file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                os.close(file)
                continue
            if path.exists():
                found.append(Orphan(path, file))
            else:
                os.close(file)
    return found


def waiting(folder: Path, room: str) -> bool:
    """Whether any log of a room holds something that is not acknowledged."""
    for path in folder.glob(f"{room}-*{SUFFIX}"):
        with suppress(FileNotFoundError):
            if path.stat().st_size:
                return True
    return False


def living(folder: Path, room: str) -> set[int]:
    """The client ids of a room's documents that are open in processes that live."""
    found: set[int] = set()
    for path in folder.glob(f"{room}-*{SUFFIX}"):
        with suppress(FileNotFoundError, ValueError):
            file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                found.add(int(path.name.removeprefix(f"{room}-").removesuffix(SUFFIX)))
            finally:
                os.close(file)
    return found


def _locked(path: Path) -> int:
    """The file, opened and locked; one that looked left behind just before, and was removed, is made anew."""
    while True:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        fcntl.flock(file, fcntl.LOCK_EX)
        with suppress(FileNotFoundError):
            if path.stat().st_ino == os.fstat(file).st_ino:
                return file
        os.close(file)


def _entries(data: bytes) -> Iterator[Unsent]:
    place = 0
    while place + _HEADER <= len(data):
        length = int.from_bytes(data[place : place + 4], "big")
        checksum = int.from_bytes(data[place + 4 : place + _HEADER], "big")
        body = data[place + _HEADER : place + _HEADER + length]
        if len(body) < length or zlib.crc32(body) != checksum:
            return
        yield msgspec.msgpack.decode(body, type=Unsent)
        place += _HEADER + length
