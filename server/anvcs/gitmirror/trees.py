"""Edits Git trees path by path on their raw bytes, rewriting only the folders on the way."""

from __future__ import annotations

import re
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


_ENTRY = re.compile(rb"(([0-7]+) ([^\0]+)\0.{20})", re.DOTALL)
"""One entry of a raw tree: all of it, its mode and its name."""
_FOLDER = b"40000 "
"""How the entry of a folder begins, and no other."""


def parse(data: bytes) -> dict[bytes, Entry]:
    """The entries of one raw tree by name, in Git's order."""
    return {name: Entry(int(mode, 8), raw[-20:].hex()) for raw, mode, name in _ENTRY.findall(data)}


def serialize(entries: Mapping[bytes, Entry]) -> bytes:
    """The raw tree with these entries."""
    return b"".join(_ordered({name: _raw(name, entry) for name, entry in entries.items()}))


def lookup(objects: Objects, tree: str, path: bytes) -> Entry | None:
    """What stands at a path below the tree; nothing if the path or a folder on the way is absent."""
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
    for found in _ENTRY.finditer(data):
        if found[3] == name:
            return Entry(int(found[2], 8), found[1][-20:].hex())
    return None


def differing(objects: Objects, old: str, new: str) -> dict[bytes, tuple[Entry | None, Entry | None]]:
    """Every path (of files, not folders) that differs between two trees, with its entry in each.

    Cost: the folders that differ, whatever the size of the rest.
    """
    found: dict[bytes, tuple[Entry | None, Entry | None]] = {}
    _differing(objects, Entry(TREE, old), Entry(TREE, new), b"", found)
    return found


def _differing(
    objects: Objects,
    old: Entry | None,
    new: Entry | None,
    path: bytes,
    found: dict[bytes, tuple[Entry | None, Entry | None]],
) -> None:
    if old == new:
        return
    before = parse(_read(objects, old.oid)) if old is not None and old.mode == TREE else {}
    after = parse(_read(objects, new.oid)) if new is not None and new.mode == TREE else {}
    file = tuple(entry if entry is not None and entry.mode != TREE else None for entry in (old, new))
    if file != (None, None):
        found[path] = file[0], file[1]
    for name in sorted(before.keys() | after.keys()):
        below = path + b"/" + name if path else name
        _differing(objects, before.get(name), after.get(name), below, found)


def edit(objects: Objects, tree: str | None, changes: Mapping[bytes, Entry | None]) -> str:
    """The tree with each path set to its entry or, if None, removed. Folders that become empty disappear.

    Raises nothing for a removal of what is not there. Cost: the folders on the changed paths, whatever the size of
    the rest.
    """
    return _edit(objects, tree, changes) or objects.write("tree", b"")


def _edit(objects: Objects, tree: str | None, changes: Mapping[bytes, Entry | None]) -> str | None:
    data = _read(objects, tree) if tree is not None else b""
    entries: dict[bytes, bytes] = {name: raw for raw, _, name in _ENTRY.findall(data)}
    below: dict[bytes, dict[bytes, Entry | None]] = {}
    in_order = True
    for path, entry in changes.items():
        name, slash, rest = path.partition(b"/")
        if slash:
            below.setdefault(name, {})[rest] = entry
        elif entry is not None:
            in_order &= _put(entries, name, entry)
        elif not entries.get(name, _FOLDER).startswith(_FOLDER):
            del entries[name]
    for name, inner in below.items():
        old = entries.get(name)
        if old is not None and not old.startswith(_FOLDER):
            if all(entry is None for entry in inner.values()):
                continue
            old = None
        made = _edit(objects, old[-20:].hex() if old else None, inner)
        if made is None:
            entries.pop(name, None)
        else:
            in_order &= _put(entries, name, Entry(TREE, made))
    return objects.write("tree", b"".join(entries.values() if in_order else _ordered(entries))) if entries else None


def _put(entries: dict[bytes, bytes], name: bytes, entry: Entry) -> bool:
    """Set one raw entry; whether the entries are in Git's order still, if they were."""
    raw, old = _raw(name, entry), entries.get(name)
    entries[name] = raw
    return old is not None and old.startswith(_FOLDER) == raw.startswith(_FOLDER)


def _raw(name: bytes, entry: Entry) -> bytes:
    return b"%o %s\0%s" % (entry.mode, name, bytes.fromhex(entry.oid))


def _ordered(entries: Mapping[bytes, bytes]) -> list[bytes]:
    """The raw entries as Git sorts them: folders as if their names ended with a slash."""
    names = sorted(entries, key=lambda name: name + b"/" if entries[name].startswith(_FOLDER) else name)
    return [entries[name] for name in names]


def _read(objects: Objects, tree: str) -> bytes:
    return b"" if tree == EMPTY_TREE else objects.read(tree, "tree")
