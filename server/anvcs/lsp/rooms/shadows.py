"""What each document last showed, kept so that unsaved text of an earlier session finds the text it stands on.

One for each window that had the document, since they need not have shown the same.
"""

from __future__ import annotations

import hashlib
import os
import threading
from contextlib import suppress
from pathlib import Path

import msgspec

FOLDER = "shadows"
KEPT = 8
"""Shadows of one file, at most."""


class Shadow(msgspec.Struct, frozen=True):
    """A document's text when the server last knew it."""

    room: str
    text: str


def read(folder: Path, path: str) -> list[Shadow]:
    """What documents of this path last showed, the newest first."""
    found: list[Shadow] = []
    for file in _files(folder, path):
        with suppress(OSError, msgspec.DecodeError):
            found.append(msgspec.msgpack.decode(file.read_bytes(), type=Shadow))
    return found


def write(folder: Path, path: str, client: int, shadow: Shadow) -> None:
    """Remember what a document shows; a reader sees the old or the new."""
    place = _place(folder, path)
    place.mkdir(parents=True, exist_ok=True)
    new = place / f".{os.getpid()}-{threading.get_ident()}"
    new.write_bytes(msgspec.msgpack.encode(shadow))
    new.replace(place / str(client))
    for old in _files(folder, path)[KEPT:]:
        old.unlink(missing_ok=True)


def _files(folder: Path, path: str) -> list[Path]:
    place = _place(folder, path)
    files = [each for each in place.iterdir() if each.name.isdecimal()] if place.is_dir() else []
    stamps: list[tuple[int, Path]] = []
    for file in files:
        with suppress(FileNotFoundError):
            stamps.append((file.stat().st_mtime_ns, file))
    return [file for _, file in sorted(stamps, reverse=True)]


def _place(folder: Path, path: str) -> Path:
    return folder / FOLDER / hashlib.sha256(path.encode("utf-8", "surrogateescape")).hexdigest()[:32]
