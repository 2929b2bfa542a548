"""Merges whole trees path by path, looking only into the folders that both sides changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

Row = tuple[bytes, bytes, bytes]
"""An entry of a folder: its mode as Git writes it, its name, and its Git id as bytes."""
Folder = bytes | None
"""The Git id of a folder, or none where there is no such folder."""

FOLDER = b"40000"
_FILES = frozenset((b"100644", b"100755"))
_MODES = frozenset((FOLDER, b"100644", b"100755", b"120000", b"160000"))
"""Git writes others, which old versions left, in a new way when it merges."""


class TreeSource(Protocol):
    """Where folders are read from and written to."""

    def read(self, folder: bytes, /) -> Sequence[Row]:
        """The entries in Git's order."""
        ...

    def write(self, rows: Iterable[Row], /) -> bytes:
        """The Git id of a folder with these entries, which are in Git's order."""
        ...


class Sides(NamedTuple):
    """What base and sides have at a path; none where there is nothing, or a folder."""

    base: Row | None
    left: Row | None
    right: Row | None


class Touched(NamedTuple):
    """What both sides changed."""

    files: dict[bytes, Sides]
    """By path; alike or not."""
    met: bool
    """Both added something to one folder."""

    def texts(self) -> Iterator[Row]:
        """The versions that are files and that whoever merges them has to read."""
        for sides in self.files.values():
            if sides.left != sides.right:
                yield from (row for row in sides if row is not None and row[0] in _FILES)


class Joined(NamedTuple):
    """Two sides that never met."""

    tree: bytes
    met: bool
    """Both added something to one folder, so that names may differ in case only."""


class _MeetError(Exception):
    """Both sides changed one path."""


def join(source: TreeSource, base: bytes, left: bytes, right: bytes) -> Joined | None:
    """The merge if no path was changed by both sides; else nothing, and the trees need a closer look.

    It equals git's, for git looks beyond a path for two reasons only. A path that one side renamed away is one that
    the other changed: then both changed it. A path that one side added lies in a folder that the other renamed away:
    then both changed that folder, and one has it no more. Attributes play no part, as no text is merged.
    """
    if left == right:
        return Joined(left, met=False)
    walk = _Walk(source)
    try:
        planned = walk.plan(base, left, right)
    except _MeetError:
        return None
    return Joined(walk.write(planned) or source.write(()), walk.met)


@dataclass(frozen=True, slots=True)
class _Mixed:
    """A folder with something of both sides in it; written only when it is known that they never met."""

    rows: list[Row]
    below: dict[bytes, _Planned]


_Planned = bytes | _Mixed


class _Walk:
    """One way through three trees."""

    def __init__(self, source: TreeSource) -> None:
        self._source = source
        self.met = False

    def plan(self, base: Folder, left: bytes, right: bytes) -> _Planned:
        """The folder as it is to be. Raises _MeetError."""
        if left == base:
            return right
        if right == base:
            return left
        rows = rows_of(self._source, base)
        on_left, on_right = (changes(rows, self._source.read(each)) for each in (left, right))
        self.met = self.met or (_adds(rows, on_left) and _adds(rows, on_right))
        # All that may end the walk here comes before what prolongs it.
        both = {
            name: _folders(rows.get(name), on_left[name], on_right[name]) for name in on_left.keys() & on_right.keys()
        }
        merged = {**rows, **on_left, **on_right}
        if any(row is not None and row[0] not in _MODES for row in merged.values()):
            raise _MeetError
        below = {name: self.plan(*folders) for name, folders in both.items()}
        return _Mixed([row for name, row in merged.items() if row is not None and name not in both], below)

    def write(self, planned: _Planned) -> Folder:
        """The folder's id, or none if nothing is left in it."""
        if isinstance(planned, bytes):
            return planned
        below = [(FOLDER, name, self.write(inner)) for name, inner in planned.below.items()]
        rows = [*planned.rows, *((mode, name, made) for mode, name, made in below if made is not None)]
        return self._source.write(ordered(rows)) if rows else None


def _folders(base: Row | None, left: Row | None, right: Row | None) -> tuple[Folder, bytes, bytes]:
    """The ids of what both sides changed, if these are folders; the base may have none. Raises _MeetError."""
    if left is None or right is None or {left[0], right[0], FOLDER if base is None else base[0]} != {FOLDER}:
        raise _MeetError
    return None if base is None else base[2], left[2], right[2]


def changes(old: Mapping[bytes, Row], new: Sequence[Row]) -> dict[bytes, Row | None]:
    """What is another entry now by its name, removed ones as none."""
    found: dict[bytes, Row | None] = {row[1]: row for row in new if old.get(row[1]) != row}
    if len(new) - sum(name not in old for name in found) != len(old):
        found.update(dict.fromkeys(old.keys() - {row[1] for row in new}))
    return found


def _adds(old: Mapping[bytes, Row], changed: Mapping[bytes, Row | None]) -> bool:
    return any(name not in old for name in changed)


def ordered(rows: Iterable[Row]) -> list[Row]:
    """The entries as Git sorts them: folders as if their names ended with a slash."""
    return sorted(rows, key=lambda row: row[1] + b"/" if row[0] == FOLDER else row[1])


def touched(source: TreeSource, base: Folder, left: Folder, right: Folder) -> Touched:
    """The files that both sides changed, with what each has there."""
    found: dict[bytes, Sides] = {}
    met = False
    waiting: list[tuple[bytes, Folder, Folder, Folder]] = [(b"", base, left, right)]
    while waiting:
        prefix, *folders = waiting.pop()
        if folders[0] in folders[1:]:
            continue
        rows = rows_of(source, folders[0])
        on_left, on_right = (changes(rows, source.read(each) if each is not None else ()) for each in folders[1:])
        met = met or (_adds(rows, on_left) and _adds(rows, on_right))
        for name in on_left.keys() & on_right.keys():
            versions = rows.get(name), on_left[name], on_right[name]
            files = Sides(*(row if row is not None and row[0] != FOLDER else None for row in versions))
            if files.base not in files[1:]:
                found[prefix + name] = files
            below = [row[2] if row is not None and row[0] == FOLDER else None for row in versions]
            waiting.append((prefix + name + b"/", below[0], below[1], below[2]))
    return Touched(found, met)


def rows_of(source: TreeSource, folder: Folder) -> dict[bytes, Row]:
    """The entries of a folder by name."""
    return {row[1]: row for row in source.read(folder)} if folder is not None else {}


def added_below(source: TreeSource, base: Folder, merged: Folder, path: bytes) -> Iterator[bytes]:
    """The paths of the files that a folder has in a merge and has not in its base."""
    for name in path.split(b"/"):
        rows = (rows_of(source, each).get(name) for each in (base, merged))
        base, merged = (row[2] if row is not None and row[0] == FOLDER else None for row in rows)
    waiting = [(path + b"/", base, merged)]
    while waiting:
        prefix, *folders = waiting.pop()
        before, now = (rows_of(source, each) for each in folders)
        for name in changes(before, list(now.values())).keys() & now.keys():
            old, new = before.get(name), now[name]
            if new[0] == FOLDER:
                below = old[2] if old is not None and old[0] == FOLDER else None
                waiting.append((prefix + name + b"/", below, new[2]))
            elif old is None:
                yield prefix + name


def files_at(source: TreeSource, tree: Folder, paths: Iterable[bytes]) -> dict[bytes, Row]:
    """What stands at those of the paths that are files; each folder on the way is read once."""
    found: dict[bytes, Row] = {}
    waiting: list[tuple[bytes, Folder, list[bytes]]] = [(b"", tree, list(paths))]
    while waiting:
        prefix, folder, wanted = waiting.pop()
        rows = rows_of(source, folder)
        below: dict[bytes, list[bytes]] = {}
        for path in wanted:
            name, slash, rest = path.partition(b"/")
            row = rows.get(name)
            if row is not None and bool(slash) == (row[0] == FOLDER):
                if slash:
                    below.setdefault(name, []).append(rest)
                else:
                    found[prefix + name] = row
        waiting += [(prefix + name + b"/", rows[name][2], rests) for name, rests in below.items()]
    return found
