"""What each document last showed, kept so that unsaved text of an earlier session finds the text it stands on."""

from __future__ import annotations

import hashlib
import os
import threading
from contextlib import suppress
from pathlib import Path

import msgspec

FOLDER = "shadows"


class Shadow(msgspec.Struct, frozen=True):
    """A document's text when the server last knew it."""

    room: str
    text: str


def read(folder: Path, path: str) -> Shadow | None:
    """What a document of this path last showed; nothing if that is not known."""
    with suppress(OSError, msgspec.DecodeError):
        return msgspec.msgpack.decode(_file(folder, path).read_bytes(), type=Shadow)
    return None


def write(folder: Path, path: str, shadow: Shadow) -> None:
    """Remember what a document shows; a reader sees the old or the new."""
    file = _file(folder, path)
    file.parent.mkdir(parents=True, exist_ok=True)
    # Other windows write theirs of the same file.
    new = file.with_suffix(f".{os.getpid()}-{threading.get_ident()}")
    new.write_bytes(msgspec.msgpack.encode(shadow))
    new.replace(file)


def _file(folder: Path, path: str) -> Path:
    return folder / FOLDER / hashlib.sha256(path.encode("utf-8", "surrogateescape")).hexdigest()[:32]
