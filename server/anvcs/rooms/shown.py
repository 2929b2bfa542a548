"""What editors have shown of each file: on what unsaved text stands, and whose late save a file's text may be.

Each window keeps its last text, for an editor that comes back with unsaved text of before; and, of all it showed, a
digest with the time: an editor may come back with an older text, and may write one when nobody expects that any more.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import msgspec
from blake3 import blake3

FOLDER = "shown"
KEPT = 8
"""Windows of one file that are remembered, at most."""
SEEN = ".seen"
"""Ends the name of the file of digests."""
DIGEST = 16
"""Bytes of each."""
ENTRY = DIGEST + 8
"""Bytes of a digest and its time, in milliseconds since 1970."""
ENTRIES = 1 << 13
"""How many are kept of one window, at least; up to twice as many are."""


class Shown(msgspec.Struct, frozen=True):
    """A document's text when its window last told."""

    room: str
    text: str
    coming: str | None = None
    """What it shows if it took in the edit that was on its way."""


def read(folder: Path, path: str, room: str) -> list[str]:
    """What documents of this path last showed in a room, the newest first."""
    return _last(_files(folder, path), room)


def by_the_gone(folder: Path, path: str, room: str, living: Collection[int]) -> list[str]:
    """Of those texts the ones that documents which are gone have shown: what comes back stands on one of these."""
    own = [file for file in _files(folder, path) if int(file.name) not in living]
    noted = [seen for client, seen in _noted(_place(folder, path)) if client not in living]
    texts = _last(own, room)
    for text in read(folder, path, room):
        if text not in texts and any(_last_time(seen, _digest(room, text)) is not None for seen in noted):
            texts.append(text)
    return texts


def write(folder: Path, path: str, client: int, shown: Shown) -> None:
    """Remember what a document shows; a reader sees the old or the new."""
    place = _place(folder, path)
    place.mkdir(parents=True, exist_ok=True)
    _replace(place / str(client), msgspec.msgpack.encode(shown))
    for old in _files(folder, path)[KEPT:]:
        old.unlink(missing_ok=True)
        old.with_suffix(SEEN).unlink(missing_ok=True)


def note(folder: Path, path: str, room: str, client: int, text: str, time: int) -> None:
    """Remember that a document may have shown this text at this time."""
    place = _place(folder, path)
    place.mkdir(parents=True, exist_ok=True)
    file = (place / str(client)).with_suffix(SEEN)
    with file.open("ab") as seen:
        seen.write(_digest(room, text) + time.to_bytes(8, "big"))
        full = seen.tell() >= 2 * ENTRIES * ENTRY
    if full:
        _replace(file, file.read_bytes()[-ENTRIES * ENTRY :])


def last_shown(folder: Path, path: str, room: str, text: str) -> int | None:
    """When a document of this path last showed just this text in this room, as far as that is known."""
    wanted = _digest(room, text)
    times = [_last_time(seen, wanted) for _, seen in _noted(_place(folder, path))]
    return max((time for time in times if time is not None), default=None)


def forget(folder: Path, path: str) -> None:
    """Remember nothing of a path any more; windows that have it open begin anew."""
    shutil.rmtree(_place(folder, path), ignore_errors=True)


def _last(files: Iterable[Path], room: str) -> list[str]:
    found: list[str] = []
    for file in files:
        with suppress(OSError, msgspec.DecodeError):
            shown = msgspec.msgpack.decode(file.read_bytes(), type=Shown)
            if shown.room == room:
                found += [shown.text] if shown.coming is None else [shown.coming, shown.text]
    return found


def _noted(place: Path) -> Iterator[tuple[int, bytes]]:
    for file in place.glob(f"*{SEEN}"):
        with suppress(FileNotFoundError, ValueError):
            yield int(file.stem), file.read_bytes()


def _last_time(seen: bytes, wanted: bytes) -> int | None:
    """The time of the newest whole entry with this digest; each window notes its own in their order."""
    at = seen.rfind(wanted)
    while at >= 0 and (at % ENTRY or at + ENTRY > len(seen)):
        at = seen.rfind(wanted, 0, at + DIGEST - 1)
    return int.from_bytes(seen[at + DIGEST : at + ENTRY], "big") if at >= 0 else None


def _digest(room: str, text: str) -> bytes:
    return blake3(f"{room}\n{text}".encode("utf-8", "surrogatepass")).digest(length=DIGEST)


def _replace(file: Path, data: bytes) -> None:
    new = file.with_name(f".{os.getpid()}-{file.name}")
    new.write_bytes(data)
    new.replace(file)


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
