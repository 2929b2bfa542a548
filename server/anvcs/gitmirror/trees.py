"""Edits Git trees path by path on their raw bytes, rewriting only the folders on the way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, Protocol

TREE = 0o040000
FILE = 0o100644
EXECUTABLE = 0o100755
SYMLINK = 0o120000
SUBMODULE = 0o160000
EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"


class Entry(NamedTuple):
    """What stands at a path: a mode as Git writes it, and a Git id."""

    mode: int
    oid: str


class Objects(Protocol):
    """Where trees are read from and written to."""

    def read(self, oid: str, kind: str) -> bytes:
        """Content of the object."""
        ...

    def write(self, kind: str, data: bytes) -> str:
        """Git id of the new object."""
        ...


def parse(data: bytes) -> dict[bytes, Entry]:
    """The entries of one raw tree by name, in Git's order."""
    entries: dict[bytes, Entry] = {}
    at = 0
    while at < len(data):
        space = data.index(b" ", at)
        end = data.index(b"\0", space)
        entries[data[space + 1 : end]] = Entry(int(data[at:space], 8), data[end + 1 : end + 21].hex())
        at = end + 21
    return entries


def serialize(entries: Mapping[bytes, Entry]) -> bytes:
    """The raw tree with these entries; Git sorts folders as if their names ended with a slash."""
    ordered = sorted(entries.items(), key=lambda item: item[0] + b"/" if item[1].mode == TREE else item[0])
    return b"".join(b"%o %s\0%s" % (entry.mode, name, bytes.fromhex(entry.oid)) for name, entry in ordered)


def lookup(objects: Objects, tree: str, path: bytes) -> Entry | None:
    """What stands at the path below the tree; nothing if the path or a folder on the way is absent."""
    entry: Entry | None = Entry(TREE, tree)
    for name in path.split(b"/"):
        if entry is None or entry.mode != TREE:
            return None
        entry = find(_read(objects, entry.oid), name)
    return entry


def find(data: bytes, name: bytes) -> Entry | None:
    """One entry of a raw tree, found without keeping the others."""
    if b" " + name + b"\0" not in data:
        return None
    at = 0
    while at < len(data):
        space = data.index(b" ", at)
        end = data.index(b"\0", space)
        if data[space + 1 : end] == name:
            return Entry(int(data[at:space], 8), data[end + 1 : end + 21].hex())
        at = end + 21
    return None


def edit(objects: Objects, tree: str | None, changes: Mapping[bytes, Entry | None]) -> str:
    """The tree with each path set to its entry or, if None, removed. Folders that become empty disappear.

    Raises nothing for a removal of what is not there. Cost: the folders on the changed paths, whatever the size of
    the rest.
    """
    return _edit(objects, tree, changes) or objects.write("tree", b"")


def _edit(objects: Objects, tree: str | None, changes: Mapping[bytes, Entry | None]) -> str | None:
    entries = parse(_read(objects, tree)) if tree is not None else {}
    below: dict[bytes, dict[bytes, Entry | None]] = {}
    for path, entry in changes.items():
        name, slash, rest = path.partition(b"/")
        if slash:
            below.setdefault(name, {})[rest] = entry
        elif entry is None:
            if name in entries and entries[name].mode != TREE:
                del entries[name]
        else:
            entries[name] = entry
    for name, inner in below.items():
        old = entries.get(name)
        if old is not None and old.mode != TREE:
            if all(entry is None for entry in inner.values()):
                continue
            old = None
        made = _edit(objects, old.oid if old else None, inner)
        if made is None:
            entries.pop(name, None)
        else:
            entries[name] = Entry(TREE, made)
    return objects.write("tree", serialize(entries)) if entries else None


def _read(objects: Objects, tree: str) -> bytes:
    return b"" if tree == EMPTY_TREE else objects.read(tree, "tree")
