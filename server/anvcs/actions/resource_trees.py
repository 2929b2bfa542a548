"""Trees of Git, with what is not committed laid over them: the versions of a program that resources are read from."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING

import msgspec

from anvcs.gitmirror import trees
from anvcs.gitmirror.trees import Entry, Objects
from anvcs.merge.resources.trees import Side, Tree

if TYPE_CHECKING:
    from anvcs.gitmirror.git import Git

_FILES = frozenset({trees.FILE, trees.EXECUTABLE})
_FOUND_NONE = 1
"""What git grep exits with where nothing is found."""


class GitTree:
    """One tree; what is no plain file is not there."""

    def __init__(self, objects: Objects, tree: str) -> None:
        self._objects = objects
        self.tree = tree
        self._folders: dict[str, Mapping[bytes, Entry]] = {}

    def oid(self, path: str) -> str | None:
        """The Git id of a file."""
        entry: Entry | None = Entry(trees.TREE, self.tree)
        for name in os.fsencode(path).split(b"/"):
            if entry is None or entry.mode != trees.TREE:
                return None
            entry = self._folder(entry.oid).get(name)
        return entry.oid if entry is not None and entry.mode in _FILES else None

    def text(self, path: str) -> bytes | None:
        """The bytes of a file. Raises GitFailedError for one that Git has lost."""
        oid = self.oid(path)
        return None if oid is None else self._objects.read(oid, "blob")

    def _folder(self, oid: str) -> Mapping[bytes, Entry]:
        found = self._folders.get(oid)
        if found is None:
            data = b"" if oid == trees.EMPTY_TREE else self._objects.read(oid, "tree")
            found = self._folders[oid] = trees.parse(data)
        return found


class Laid:
    """A tree with some files as they are now; a text of None is a file that is gone."""

    def __init__(self, below: Tree, texts: Mapping[str, bytes | None]) -> None:
        self._below = below
        self._texts = texts

    def oid(self, path: str) -> str | None:
        """The Git id of a file, or that its text would have."""
        if path not in self._texts:
            return self._below.oid(path)
        text = self._texts[path]
        return None if text is None else blob_id(text)

    def text(self, path: str) -> bytes | None:
        """The bytes of a file."""
        return self._texts[path] if path in self._texts else self._below.text(path)


def blob_id(text: bytes) -> str:
    """The Git id of a text."""
    return hashlib.sha1(b"blob %d\0" % len(text) + text, usedforsecurity=False).hexdigest()


class Compared(msgspec.Struct, frozen=True):
    """Two sides with what both come from, as ``merge.resources`` asks for them."""

    base: GitTree
    left: Tree
    right: Tree
    left_changed: Collection[str]
    right_changed: Collection[str]
    git: Git
    merged: Tree | None = None
    known: dict[str, tuple[str, ...]] = msgspec.field(default_factory=dict[str, "tuple[str, ...]"])

    def changed(self, side: Side) -> Collection[str]:
        """Paths that a side added, removed or changed."""
        return self.left_changed if side == "left" else self.right_changed

    def holding(self, word: str) -> Iterable[str]:
        """Paths of the base whose text holds a word."""
        if word not in self.known:
            asked = ("grep", "-l", "-z", "-w", "-F", "-I", "-e", word, self.base.tree)
            done = self.git.run(*asked)
            lines = done.stdout.split(b"\0")[:-1] if done.returncode <= _FOUND_NONE else []
            self.known[word] = tuple(os.fsdecode(line.partition(b":")[2]) for line in lines)
        return self.known[word]


def changed(objects: Objects, old: str, new: str) -> frozenset[str]:
    """The paths of plain files that differ between two trees."""
    found = trees.differing(objects, old, new)
    return frozenset(os.fsdecode(path) for path, entries in found.items() if any(map(_is_file, entries)))


def _is_file(entry: Entry | None) -> bool:
    return entry is not None and entry.mode in _FILES
