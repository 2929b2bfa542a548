"""Replaces entries in the bytes of an index file without taking it apart.

libgit2 writes an index of 50,000 files anew in 20 ms, most of it for a checksum; this takes a third of that, and keeps
extensions that libgit2 drops. It does only what it can prove to be right and leaves everything else to libgit2.
"""

from __future__ import annotations

import hashlib
import re
import struct
from collections.abc import Iterator, Mapping
from typing import Protocol

NO_CHECKSUM = bytes(20)
"""What stands at the end of an index where git was told not to compute one (``index.skipHash``)."""
_HEADER = struct.Struct(">4sII")
_FIXED = struct.Struct(">10I20sH")
_ID = 20
_SEARCHED = 32 << 20
"""With so many bytes to search through, libgit2 is as fast."""
_KEPT = {b"TREE", b"REUC", b"UNTR", b"FSMN"}
"""Extensions that stay true when entries are replaced but not added or removed; TREE after some forgetting."""
_NODE = re.compile(rb"([^\0]*)\0(-?[0-9]+) ([0-9]+)\n")
"""A folder of the TREE extension: name, number of entries (-1: to be computed), number of folders below."""


class Entry(Protocol):
    """What of an index entry is needed here; see ``index.IndexEntry``."""

    @property
    def mode(self) -> int:
        """As Git writes it."""
        ...

    @property
    def oid(self) -> str:
        """The Git id."""
        ...

    @property
    def stat(self) -> tuple[int, int, int, int, int, int, int, int, int]:
        """Ctime, mtime (s, ns each), dev, ino, uid, gid, size."""
        ...

    @property
    def flags(self) -> int:
        """Stage and such."""
        ...

    @property
    def extended(self) -> int:
        """Flags of version 3."""
        ...


def replaced(data: bytes, moves: Mapping[bytes, tuple[Entry, Entry]], last: tuple[bytes, Entry]) -> bytes | None:
    """The index with the old entry of each path replaced by the new one, or None where that is libgit2's task.

    ``last`` is the path and entry that come last in the index. The bytes of an entry that is there, found in exactly
    one place, are that entry, so nothing is guessed.
    """
    if _HEADER.unpack_from(data)[1] not in (2, 3) or len(data) * len(moves) > _SEARCHED or data.endswith(NO_CHECKSUM):
        return None
    found = _place(data, *last)
    if found is None:
        return None
    # Entries are padded with one to eight zero bytes, which are not part of what was looked for.
    end = found + (len(_encoded(*last) or b"") + 8) // 8 * 8
    extensions = list(_extensions(data, end))
    if not all(name in _KEPT for name, _ in extensions):
        return None
    out = bytearray(data[:end])
    for path, (old, new) in moves.items():
        at, content = _place(data, path, old), _encoded(path, new)
        if at is None or content is None:
            return None
        out[at : at + len(content)] = content
    for name, content in extensions:
        kept = _forgotten(content, moves) if name == b"TREE" else content
        out += name + len(kept).to_bytes(4, "big") + kept
    return bytes(out) + hashlib.sha1(out, usedforsecurity=False).digest()


def _place(data: bytes, path: bytes, entry: Entry) -> int | None:
    """Where the entry stands; None if that is not certain."""
    content = _encoded(path, entry)
    if content is None:
        return None
    at = data.find(content + b"\0")
    return at if at >= 0 and data.find(content + b"\0", at + 1) < 0 else None


def _encoded(path: bytes, entry: Entry) -> bytes | None:
    """The entry without its padding, if it is a plain one at stage 0."""
    if entry.flags or entry.extended:
        return None
    ctime, ctime_ns, mtime, mtime_ns, dev, ino, uid, gid, size = entry.stat
    oid, length = bytes.fromhex(entry.oid), min(len(path), 0xFFF)
    return _FIXED.pack(ctime, ctime_ns, mtime, mtime_ns, dev, ino, entry.mode, uid, gid, size, oid, length) + path


def _extensions(data: bytes, at: int) -> Iterator[tuple[bytes, bytes]]:
    """Name and content of each; an empty name for what is none."""
    end = len(data) - len(NO_CHECKSUM)
    while at < end:
        size = int.from_bytes(data[at + 4 : at + 8], "big")
        whole = at + 8 + size <= end
        yield data[at : at + 4] if whole else b"", data[at + 8 : at + 8 + size]
        at += 8 + size


def _forgotten(content: bytes, paths: Mapping[bytes, object]) -> bytes:
    """The TREE extension without the ids of the folders that hold one of the paths; git computes them when needed."""
    wanted = {b""} | {path[: at + 1] for path in paths for at, letter in enumerate(path) if letter == 0x2F}
    out: list[bytes] = []
    above: list[tuple[bytes, int]] = []
    copied = at = 0
    while wanted and (node := _NODE.match(content, at)):
        while above and not above[-1][1]:
            above.pop()
        folder = b""
        if above:
            parent, left = above[-1]
            above[-1] = parent, left - 1
            folder = parent + node[1] + b"/"
        above.append((folder, int(node[3])))
        at = node.end() + (0 if node[2].startswith(b"-") else _ID)
        if folder in wanted:
            wanted.remove(folder)
            out += (content[copied : node.start()], node[1] + b"\0-1 " + node[3] + b"\n")
            copied = at
    return b"".join(out) + content[copied:]
