"""Sees that Git changed under us: cheap stamps first, real values only where a stamp moved."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from anvcs.gitmirror.git import Git

_SETTLE_NS = 2_000_000_000
"""A file changed more recently may change again within the same stamp: some file systems count in seconds."""

_OURS = b"refs/anvcs/"


class State(NamedTuple):
    """What a repository's pointers are worth, comparable."""

    head: str | None
    """The commit HEAD stands on; nothing before the first."""
    stream: str | None
    """The branch HEAD names; nothing if it is detached."""
    refs: bytes
    staged: bytes
    ledger: bool
    """Whether ANVCS keeps a ledger here: initialized and uninstalled elsewhere is a change too."""


class RepositoryWatch:
    """HEAD, refs, notes, index and ledger of one work tree. Not thread-safe; does blocking file and process work."""

    def __init__(self, git: Git, git_dir: Path, common_dir: Path) -> None:
        self._git = git
        self._head = git_dir / "HEAD"
        self._index = git_dir / "index"
        self._packed = common_dir / "packed-refs"
        self._refs = common_dir / "refs"
        self._ledger = common_dir / "anvcs" / "ledger.db"
        proposals = common_dir / "anvcs" / "proposals.db"
        self._proposals = (proposals, proposals.with_name(proposals.name + "-wal"))
        self._written: object = ()
        self._folders: dict[Path, tuple[int, list[Path]]] = {}
        self._pointers: object = None
        self._entries: object = None
        self.state = State(None, None, b"", b"", ledger=False)

    @classmethod
    def open(cls, folder: Path, env: Mapping[str, str]) -> RepositoryWatch | None:
        """A watch that knows how things stand now; nothing where there is no repository."""
        if not folder.is_dir():
            return None
        git = Git(folder, env)
        done = git.run("rev-parse", "--path-format=absolute", "--git-dir", "--git-common-dir")
        places = [Path(os.fsdecode(line)) for line in done.stdout.splitlines()]
        if done.returncode or len(places) != 2:
            return None
        watch = cls(git, *places)
        watch.poll()
        return watch

    def poll(self) -> State | None:
        """The new state if anything really changed since the last poll."""
        pointers = (_stamp(self._head), _stamp(self._packed), *self._folder_stamps())
        entries = _stamp(self._index)
        head, stream, refs, staged, _ = self.state
        if pointers != self._pointers:
            self._pointers = pointers if _settled(pointers) else None
            refs = self._read_refs()
            head, stream = self._read_head(refs)
        if entries != self._entries:
            self._entries = entries if _settled((entries,)) else None
            staged = self._git.run("ls-files", "--stage", "-z").stdout
        state = State(head, stream, refs, staged, self._ledger.exists())
        if state == self.state:
            return None
        self.state = state
        return state

    def touched(self) -> bool:
        """Somebody may have written down something about merge proposals since this was asked last."""
        stamps = tuple(_stamp(each) for each in self._proposals)
        if stamps == self._written:
            return False
        self._written = stamps if _settled(stamps) else None
        return True

    def _folder_stamps(self) -> list[tuple[int, ...] | None]:
        """Stamps of every folder of refs: git renames a lock file over a ref, which stamps its folder."""
        stamps: list[tuple[int, ...] | None] = []
        todo = [self._refs]
        for folder in todo:
            stamp = _stamp(folder)
            stamps.append(stamp)
            if stamp is None:
                self._folders.pop(folder, None)
                continue
            known = self._folders.get(folder)
            if known is None or known[0] != stamp[0] or not _settled((stamp,)):
                known = self._folders[folder] = (stamp[0], _subfolders(folder))
            todo.extend(known[1])
        return stamps

    def _read_refs(self) -> bytes:
        listing = self._git.run("for-each-ref", "--format=%(refname) %(objectname)").stdout
        # Ours move with every commit, together with the ref that matters to people.
        return b"".join(line for line in listing.splitlines(keepends=True) if not line.startswith(_OURS))

    def _read_head(self, refs: bytes) -> tuple[str | None, str | None]:
        try:
            text = self._head.read_bytes().strip()
        except OSError:
            return None, None
        if not text.startswith(b"ref: "):
            return text.decode("ascii", "replace"), None
        name = text[5:]
        found = next((line for line in refs.splitlines() if line.rpartition(b" ")[0] == name), b"")
        commit = found.rpartition(b" ")[2].decode("ascii", "replace") or None
        return commit, name.removeprefix(b"refs/heads/").decode("utf-8", "replace")


def _stamp(path: Path) -> tuple[int, ...] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino, found.st_size


def _settled(stamps: tuple[tuple[int, ...] | None, ...]) -> bool:
    newest = max((stamp[0] for stamp in stamps if stamp), default=0)
    return time.time_ns() - newest > _SETTLE_NS


def _subfolders(folder: Path) -> list[Path]:
    try:
        with os.scandir(folder) as entries:
            return [Path(entry.path) for entry in entries if entry.is_dir(follow_symlinks=False)]
    except OSError:
        return []
