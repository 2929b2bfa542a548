"""The objects that a merge reads and writes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

import pygit2
from pygit2.enums import ObjectType

from anvcs.gitmirror.objects import ObjectStore
from anvcs.gitmirror.pack import FEW, store
from anvcs.gitmirror.repository import GitRepository
from anvcs.gitmirror.trees import EMPTY_TREE, Objects

Row = tuple[bytes, bytes, bytes]
"""Mode, name and Git id of an entry, as in a raw tree."""

FOLDER = b"40000"
_ROW = re.compile(rb"([0-7]+) ([^\0]+)\0(.{20})", re.DOTALL)
_EMPTY = bytes.fromhex(EMPTY_TREE)
_EARLY = 1 << 24
_HELD = 1 << 25
"""Bytes of new objects that are held in memory."""
_LOOKED_AT = 8000
"""In so many bytes git looks for a NUL, by which it tells what is no text."""
_KINDS = {"blob": ObjectType.BLOB, "tree": ObjectType.TREE, "commit": ObjectType.COMMIT}


class Written:
    """Reads objects, and writes new ones so that git sees them at once.

    They are no more durable than those that git writes: whoever lets a ref point at them adopts them first.
    """

    def __init__(self, repo: GitRepository) -> None:
        self._store: ObjectStore = repo.objects
        self._handle: pygit2.Repository = repo.handle
        # libgit2 writes into the repository's own folder, and reads from it, whatever the environment says.
        self.elsewhere = "GIT_OBJECT_DIRECTORY" in repo.git.env

    def read(self, oid: str, kind: str) -> bytes:
        """Content of the object. Raises GitFailedError."""
        return self._store.read(oid, kind)

    def write(self, kind: str, data: bytes) -> str:
        """Git id of the new object."""
        if self.elsewhere:
            made = self._store.write(kind, data)
            self._store.flush()
            return made
        return str(self._handle.odb.write(_KINDS[kind], data))


class Batch:
    """New objects of one merge, held back until :meth:`flush`: git can read none of them before.

    Many go into one pack. As loose objects they take longer to write than all the rest of a merge takes.
    """

    def __init__(self, repo: GitRepository) -> None:
        self._repo = repo
        self._written = Written(repo)
        self._new: dict[str, tuple[str, bytes]] = {}
        self._room = _HELD

    def read(self, oid: str, kind: str) -> bytes:
        """Content of the object. Raises GitFailedError."""
        new = self._new.get(oid)
        return new[1] if new is not None else self._written.read(oid, kind)

    def write(self, kind: str, data: bytes) -> str:
        """Git id of the new object. Raises GitFailedError."""
        oid = hashlib.sha1(b"%s %d\0%s" % (kind.encode(), len(data), data), usedforsecurity=False).hexdigest()
        if oid not in self._new:
            self._new[oid] = kind, data
            self._room -= len(data)
        if self._room < 0:
            self.flush()
        return oid

    def flush(self) -> None:
        """Let git see them. Raises GitFailedError."""
        if len(self._new) > FEW and not self._written.elsewhere:
            store(self._repo.git, self._new.values())
        else:
            for kind, data in self._new.values():
                self._written.write(kind, data)
        self._new.clear()
        self._room = _HELD


class Folders:
    """Folders as rows."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects

    def read(self, folder: bytes, /) -> list[Row]:
        """The entries in Git's order. Raises GitFailedError."""
        return _ROW.findall(self._objects.read(folder.hex(), "tree")) if folder != _EMPTY else []

    def write(self, rows: Iterable[Row], /) -> bytes:
        """The Git id of the folder with these entries."""
        return bytes.fromhex(self._objects.write("tree", b"".join([b"%s %s\0%s" % row for row in rows])))


class Blobs:
    """The texts that a merge looks at; some can be read before they are needed, while git is at work."""

    def __init__(self, repo: GitRepository, largest: int) -> None:
        """Of more than ``largest`` bytes nothing is a text."""
        self._repo = repo
        self._largest = largest
        self._early: dict[str, bytes | None] = {}

    def preload(self, oids: Iterable[str]) -> None:
        """Read those that are likely to be asked for, as far as that takes little memory."""
        room = _EARLY
        for oid in oids:
            if room <= 0:
                return
            # What is not here git brings, if it needs it, many at once.
            if self._repo.handle.odb.exists(oid):
                text = self._early[oid] = self._read(oid)
                room -= len(text or b"")

    def text(self, oid: str) -> bytes | None:
        """The text; nothing if it is too long, or is none by what git goes by. Raises GitFailedError."""
        return self._early.pop(oid) if oid in self._early else self._read(oid)

    def is_too_large(self, oid: str) -> bool:
        """Whether nothing looks into it because of its size. Raises GitFailedError."""
        return self._size(oid) > self._largest

    def _read(self, oid: str) -> bytes | None:
        if self.is_too_large(oid):
            return None
        text = self._repo.objects.read(oid, "blob")
        return text if b"\0" not in text[:_LOOKED_AT] else None

    def _size(self, oid: str) -> int:
        try:
            return self._repo.handle.odb.read_header(pygit2.Oid(hex=oid))[1]
        except (KeyError, pygit2.GitError):
            return len(self._repo.objects.read(oid, "blob"))


def short(repo: GitRepository, oid: str) -> str:
    """The beginning of a Git id that names it among all others."""
    return repo.handle[oid].short_id
