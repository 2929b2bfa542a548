"""Every pointer of a repository as the view names it, read straight from Git's own files.

Branches, tags (unpeeled) and remote branches by their full names, ``refs/stash`` with the stash commits newest first
joined by spaces, and the HEAD of every worktree in Git's spelling (``main-worktree/HEAD``, ``worktrees/<id>/HEAD``).
A symbolic pointer has the value ``ref: <name>``. Names that are not UTF-8 and broken files are passed over, as git
passes them over with a warning. Only the files ref storage is read; ``GitRepository`` refuses the other.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from anvcs.gitmirror.repository import GitRepository

STASH = "refs/stash"
_KINDS = ("refs/heads", "refs/tags", "refs/remotes")
_SHOWN = tuple(kind.encode() + b"/" for kind in _KINDS)
_RACY_NS = 2_000_000_000
"""A file changed more recently may change again within the same stamp: some file systems count in seconds."""
_FEW = 256
"""So many loose refs are looked at one by one; above that only their folders, which any lock file stamps."""
_VALUE = re.compile(rb"(?:([0-9a-f]{40})|ref:[ \t]*(\S[^\n]*?))\s*\Z")

Stat = tuple[int, int, int]
"""Modification time (ns), inode and size of a file."""
Stamp = tuple[tuple[str, Stat], ...]
"""What differs when a pointer may have moved; small enough to be kept."""


class _Folder(NamedTuple):
    stat: Stat
    folders: tuple[str, ...]
    files: tuple[str, ...]


class PointerFiles:
    """The pointers of one repository; remembers which folders there are, so that looking again is cheap."""

    def __init__(self, common_dir: Path) -> None:
        self._base = os.fspath(common_dir)
        self._folders: dict[str, _Folder] = {}

    def stamp(self) -> Stamp:
        """What every file that holds pointers looks like; equal stamps mean equal pointers once :func:`settled`."""
        base = self._base
        paths = [f"{base}/packed-refs", f"{base}/HEAD", f"{base}/{STASH}", f"{base}/logs/{STASH}"]
        paths += [f"{folder}/HEAD" for _, folder in self._worktrees()]
        folders = list(self._walk())
        if sum(len(folder.files) for _, folder in folders) <= _FEW:
            paths += [f"{path}/{name}" for path, folder in folders for name in folder.files]
        found = [(path, folder.stat) for path, folder in folders]
        found += ((path, stat) for path in paths if (stat := _stat(path)))
        return tuple(found)

    def read(self) -> dict[str, str]:
        """Every pointer with its value now."""
        found: dict[str, str] = {}
        for path, folder in self._walk():
            # What was just listed may be gone: deleted, or packed, which the packed file read afterwards shows.
            for name in folder.files:
                value = _value(f"{path}/{name}")
                shown = _name(f"{path[len(self._base) + 1 :]}/{name}")
                if value and shown:
                    found[shown] = value
        packed = self._packed()
        stash = _value(f"{self._base}/{STASH}") or packed.pop(STASH, None)
        packed.pop(STASH, None)
        found = packed | found
        if stash:
            found[STASH] = " ".join(_stashes(f"{self._base}/logs/{STASH}", stash))
        for name, folder in (("main-worktree", self._base), *self._worktrees()):
            value = _value(f"{folder}/HEAD")
            shown = _name(f"{name}/HEAD")
            if value and shown:
                found[shown] = value
        return found

    def _worktrees(self) -> list[tuple[str, str]]:
        folder = self._list(f"{self._base}/worktrees")
        return [(f"worktrees/{name}", f"{self._base}/worktrees/{name}") for name in folder.folders] if folder else []

    def _walk(self) -> Iterator[tuple[str, _Folder]]:
        """Every folder that may hold loose refs of the view."""
        todo = [f"{self._base}/{kind}" for kind in _KINDS]
        for path in todo:
            folder = self._list(path)
            if folder is not None:
                yield path, folder
                todo += [f"{path}/{name}" for name in folder.folders]

    def _list(self, path: str) -> _Folder | None:
        stat = _stat(path)
        if stat is None:
            self._folders.pop(path, None)
            return None
        known = self._folders.get(path)
        if known is not None and known.stat == stat and _is_old(stat):
            return known
        folders: list[str] = []
        files: list[str] = []
        try:
            with os.scandir(path) as entries:
                for entry in entries:
                    if entry.is_dir():
                        folders.append(entry.name)
                    elif not entry.name.endswith(".lock"):
                        files.append(entry.name)
        except (FileNotFoundError, NotADirectoryError):
            return None
        known = self._folders[path] = _Folder(stat, tuple(sorted(folders)), tuple(sorted(files)))
        return known

    def _packed(self) -> dict[str, str]:
        try:
            with open(f"{self._base}/packed-refs", "rb") as file:  # noqa: PTH123 - plain strings throughout, for speed
                data = file.read()
        except FileNotFoundError:
            return {}
        found: dict[str, str] = {}
        for line in data.split(b"\n"):
            name = line[41:]
            if name.startswith(_SHOWN) or name == b"refs/stash":
                shown = _name(os.fsdecode(name))
                if shown:
                    found[shown] = line[:40].decode("ascii", "replace")
        return found


def read(repo: GitRepository) -> dict[str, str]:
    """Every pointer with its value now, by its name in the view."""
    return PointerFiles(repo.common_dir).read()


def stamp(repo: GitRepository) -> Stamp:
    """What the files that hold pointers look like; a :class:`PointerFiles` that is kept gives it faster."""
    return PointerFiles(repo.common_dir).stamp()


def settled(stamp: Stamp) -> bool:
    """Whether a file could not have changed again without another stamp."""
    return all(_is_old(stat) for _, stat in stamp)


def _is_old(stat: Stat) -> bool:
    # A time ahead of the clock says nothing about when the file changed.
    return 0 <= time.time_ns() - stat[0] > _RACY_NS


def _stat(path: str) -> Stat | None:
    try:
        found = os.stat(path)  # noqa: PTH116 - a Path for each of hundreds of refs would double the time
    except (FileNotFoundError, NotADirectoryError):
        return None
    return found.st_mtime_ns, found.st_ino, found.st_size


def _value(path: str) -> str | None:
    """What a ref's file says; nothing if it is gone, empty or not a ref's."""
    try:
        fd = os.open(path, os.O_RDONLY)
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return None
    try:
        data = os.read(fd, 4096)
    except IsADirectoryError:
        return None
    finally:
        os.close(fd)
    found = _VALUE.match(data)
    if found is None:
        return None
    if found[1] is not None:
        # All zeros stand in the HEAD of a worktree that is being made.
        return found[1].decode() if found[1].strip(b"0") else None
    target = _name(os.fsdecode(found[2]))
    return f"ref: {target}" if target else None


def _name(name: str) -> str | None:
    """The name, unless it is one that no view can hold: file names that are not UTF-8 come with surrogates."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return None
    return name


def _stashes(log: str, newest: str) -> list[str]:
    """The stash commits newest first, as ``git stash list`` counts them."""
    try:
        with open(log, "rb") as file:  # noqa: PTH123 - see _packed
            lines = file.read().splitlines()
    except FileNotFoundError:
        return [newest]
    listed = [line[41:81].decode("ascii", "replace") for line in reversed(lines) if len(line) > 81]
    # Between a push's log entry and its move of the ref, and where the log was lost, the ref says what is there.
    if newest in listed:
        return listed[listed.index(newest) :]
    return [newest]
