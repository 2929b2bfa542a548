"""Reads files that only grow, such as Git's logs, from where one stopped the last time."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

_TAIL = 64


class Mark(NamedTuple):
    """How far a file was read: its length then, and the end of what was read, to know it again."""

    size: int = 0
    tail: bytes = b""


class Grown(NamedTuple):
    """What came since a mark."""

    data: bytes
    mark: Mark
    """Where to go on."""
    complete: bool
    """The data is what came since the mark; else the file is new to us or was rewritten, and this is all of it."""


def read(path: Path, mark: Mark | None) -> Grown:
    """What came since the mark. A file that cannot be read holds nothing."""
    try:
        with path.open("rb") as file:
            complete = mark is not None and _stands(file.fileno(), mark)
            start = file.seek(mark.size if mark is not None and complete else 0)
            data = file.read()
    except OSError:
        return Grown(b"", Mark(), complete=mark == Mark())
    tail = (mark.tail if mark is not None and complete else b"") + data
    return Grown(data, Mark(start + len(data), tail[-_TAIL:]), complete)


def end(path: Path) -> Mark:
    """The mark at the present end of a file."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - _TAIL))
            return Mark(size, file.read(_TAIL)[: size or None])
    except OSError:
        return Mark()


def _stands(fd: int, mark: Mark) -> bool:
    """Whether what was read up to the mark is still there."""
    return os.fstat(fd).st_size >= mark.size and os.pread(fd, len(mark.tail), mark.size - len(mark.tail)) == mark.tail
