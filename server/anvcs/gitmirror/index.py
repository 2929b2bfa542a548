"""Git's index: read, change single entries, and replace the file while holding its lock.

libgit2 reads the format, and writes it wherever ``rawindex`` does not, so entries we do not name keep every flag they
have (skip-worktree, assume-unchanged, intent-to-add). pygit2's own ``Index.add`` forgets stat data and flags, which
would leave committed paths looking changed to ``git diff-files``; so entries go through its cffi layer whole.
"""

from __future__ import annotations

import importlib
import os
import shutil
import stat as stat_module
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pygit2

from anvcs.errors import GitFailedError, LockedError, UnsupportedRepositoryError
from anvcs.gitmirror import full
from anvcs.gitmirror.objects import put_out, write_whole
from anvcs.gitmirror.rawindex import NO_CHECKSUM, replaced
from anvcs.gitmirror.trees import Entry

# Imported by name because it has no types.
_binding: Any = importlib.import_module("pygit2.ffi")
C, ffi = _binding.C, _binding.ffi
WAIT = 10.0
"""Seconds that we wait for another process to let the index go."""
_EXTENDED_SKIP_WORKTREE = 1 << 14
_EXTENDED_INTENT_TO_ADD = 1 << 13
_ADD_ERRORS = "libgit2 refused an index entry"
_SIGNATURES = {b"link": "a split index", b"sdir": "a sparse index"}


class IndexEntry(msgspec.Struct, frozen=True, array_like=True):
    """Everything the index knows of a path; ``stat`` is ctime, mtime (s, ns each), dev, ino, uid, gid, size."""

    mode: int
    oid: str
    stat: tuple[int, int, int, int, int, int, int, int, int] = (0, 0, 0, 0, 0, 0, 0, 0, 0)
    flags: int = 0
    extended: int = 0

    @property
    def skip_worktree(self) -> bool:
        """The path is outside the sparse checkout."""
        return bool(self.extended & _EXTENDED_SKIP_WORKTREE)

    @property
    def intent_to_add(self) -> bool:
        """Only the path's name was added (``git add -N``)."""
        return bool(self.extended & _EXTENDED_INTENT_TO_ADD)

    @property
    def entry(self) -> Entry:
        """Mode and id as a tree holds them."""
        return Entry(self.mode, self.oid)


def from_stat(mode: int, oid: str, info: os.stat_result) -> IndexEntry:
    """The entry git would write for a file with this stat."""
    mask = 0xFFFFFFFF
    ctime, ctime_ns = divmod(info.st_ctime_ns, 10**9)
    mtime, mtime_ns = divmod(info.st_mtime_ns, 10**9)
    return IndexEntry(
        mode,
        oid,
        (
            ctime & mask,
            ctime_ns,
            mtime & mask,
            mtime_ns,
            info.st_dev & mask,
            info.st_ino & mask,
            info.st_uid,
            info.st_gid,
            info.st_size & mask,
        ),
    )


class Index:
    """One index file in memory, kept warm and read again only when the file changed."""

    def __init__(self, path: Path, scratch: Path) -> None:
        """``scratch`` is a file of our own beside the index; libgit2 writes there and we rename."""
        self.path = path
        self.scratch = scratch
        """Where the next index is made."""
        self._stamp: tuple[int, int, int, int] | None = None
        self._checksum = b""
        """Of the file as it was read or written last."""
        self._replaced: dict[bytes, tuple[IndexEntry, IndexEntry]] | None = {}
        """Old and new entry of each path set since then; None if one was added or removed."""
        self._index: Any = None

    def load(self) -> None:
        """Bring the memory up to date. Raises UnsupportedRepositoryError for split and sparse indexes."""
        stamp = _stamp(self.path)
        # We keep the file's time when we replace it, and inodes come back: the content has the last word.
        if self._index is not None and stamp == self._stamp and checksum(self.path) == self._checksum:
            return
        self.scratch.unlink(missing_ok=True)
        # Opened empty first: pygit2's destructor trips over an index whose constructor failed.
        index = pygit2.Index(str(self.scratch))
        try:
            if stamp is not None:
                shutil.copyfile(self.path, self.scratch)
                index.read(True)
            self._checksum = checksum(self.scratch)
        except (pygit2.GitError, OSError, ValueError) as error:
            raise unreadable(self.path, str(error)) from error
        finally:
            self.scratch.unlink(missing_ok=True)
        self._index, self._stamp, self._replaced = index, stamp, {}

    def get(self, path: bytes) -> IndexEntry | None:
        """The entry at stage 0."""
        return self._at(path, 0)

    def unmerged(self) -> bool:
        """Some path still has conflict stages."""
        return bool(C.git_index_has_conflicts(self._index._index))  # noqa: SLF001 - see the module's docstring

    def set(self, path: bytes, entry: IndexEntry | None) -> None:
        """Put or remove the entry in memory; other stages of the path go."""
        self._note(path, entry)
        handle = self._index._index  # noqa: SLF001
        name = ffi.new("char[]", path)
        for stage in (1, 2, 3):
            C.git_index_remove(handle, name, stage)
        if entry is None:
            C.git_index_remove(handle, name, 0)
            return
        item = ffi.new("git_index_entry *")
        (
            item.ctime.seconds,
            item.ctime.nanoseconds,
            item.mtime.seconds,
            item.mtime.nanoseconds,
            item.dev,
            item.ino,
            item.uid,
            item.gid,
            item.file_size,
        ) = (_signed(value) if at in (0, 2) else value for at, value in enumerate(entry.stat))
        item.mode = entry.mode
        item.flags = entry.flags
        item.flags_extended = entry.extended
        item.path = name
        ffi.buffer(ffi.addressof(item, "id"))[:] = bytes.fromhex(entry.oid)
        if C.git_index_add(handle, item):
            raise UnsupportedRepositoryError(f"{_ADD_ERRORS} for {path!r}.", "Run git status to see what stands there.")

    def write_scratch(self) -> None:
        """Write the memory to the scratch file, durably, not yet visible to anybody."""
        content = self._rewritten()
        if content is None:
            try:
                self._index.write()
            except pygit2.GitError as error:
                raise full.refused(error) or GitFailedError(
                    f"The index cannot be written: {error}.", "Check that the Git folder is yours to write."
                ) from error
        fd = os.open(self.scratch, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            if content is not None:
                os.ftruncate(fd, 0)
                write_whole(fd, content)
            if self._stamp is not None:
                # An entry not older than the index file makes git look at the file's content, in case both changed in
                # one tick. A newer index file would switch that off for entries we did not touch, so its time stays.
                os.utime(fd, ns=(self._stamp[0], self._stamp[0]))
            # Before it gets its name; the sync of the ref that moves after it commits both names.
            put_out(fd)
        finally:
            os.close(fd)

    def replace(self) -> None:
        """Make the scratch file the index. The caller holds the lock."""
        self._checksum, self._replaced = checksum(self.scratch), {}
        self.scratch.replace(self.path)
        self._stamp = _stamp(self.path)

    def forget(self) -> None:
        """Drop the memory, so that the next load reads the file."""
        self._index = None
        self.scratch.unlink(missing_ok=True)

    def replace_in(self, path: Path, entries: Mapping[bytes, IndexEntry | None]) -> bool:
        """Set entries in a copy of this index that may know other times of other files; False if not done."""
        moves: dict[bytes, tuple[IndexEntry, IndexEntry]] = {}
        for name, entry in entries.items():
            known = self.get(name)
            if known is None or entry is None:
                return False
            moves[name] = known, entry
        content = self._with(path.read_bytes(), moves)
        if content is None:
            return False
        time = path.stat().st_mtime_ns
        path.write_bytes(content)
        os.utime(path, ns=(time, time))
        return True

    def _note(self, path: bytes, entry: IndexEntry | None) -> None:
        """Remember what ``set`` does to a path, as long as entries are only replaced."""
        old = self.get(path)
        if old is None or entry is None or self.unmerged():
            self._replaced = None
        elif self._replaced is not None:
            self._replaced[path] = self._replaced.get(path, (old, old))[0], entry

    def _rewritten(self) -> bytes | None:
        """The file's bytes with the replaced entries, if that is all there is to do; else libgit2 writes."""
        if not self._replaced or self._stamp is None:
            return None
        data = self.path.read_bytes()
        return self._with(data, self._replaced) if data.endswith(self._checksum) else None

    def _with(self, data: bytes, moves: Mapping[bytes, tuple[IndexEntry, IndexEntry]]) -> bytes | None:
        found = C.git_index_get_byindex(self._index._index, len(self._index) - 1)  # noqa: SLF001
        last = bytes(ffi.string(found.path))
        return replaced(data, moves, (last, moves[last][0] if last in moves else _entry(found)))

    def _at(self, path: bytes, stage: int) -> IndexEntry | None:
        found = C.git_index_get_bypath(self._index._index, ffi.new("char[]", path), stage)  # noqa: SLF001
        if found == ffi.NULL:
            return None
        return _entry(found)


def _entry(found: Any) -> IndexEntry:
    mask = 0xFFFFFFFF
    return IndexEntry(
        int(found.mode),
        bytes(ffi.buffer(ffi.addressof(found, "id"))[:]).hex(),
        (
            found.ctime.seconds & mask,
            found.ctime.nanoseconds,
            found.mtime.seconds & mask,
            found.mtime.nanoseconds,
            found.dev,
            found.ino,
            found.uid,
            found.gid,
            found.file_size,
        ),
        int(found.flags) & 0xF000,
        # The other bits are libgit2's own and never in the file.
        int(found.flags_extended) & (_EXTENDED_SKIP_WORKTREE | _EXTENDED_INTENT_TO_ADD),
    )


def unreadable(path: Path, said: str) -> UnsupportedRepositoryError:
    """The refusal for an index libgit2 cannot read, naming the feature and git's own way out of it."""
    data = path.read_bytes() if path.exists() else b""
    if b"link" in data[-4096:] and b"link" in said.encode():
        return UnsupportedRepositoryError(
            "This repository uses a split index, which ANVCS cannot read.", "Run: git update-index --no-split-index"
        )
    if b"sdir" in said.encode():
        return UnsupportedRepositoryError(
            "This repository uses a sparse index, which ANVCS cannot read.",
            "Run: git sparse-checkout reapply --no-sparse-index",
        )
    return UnsupportedRepositoryError(f"The index cannot be read: {said}", "Run git status to see what git says.")


@contextmanager
def locked(index: Path, token: Path) -> Generator[None]:
    """Hold ``index.lock`` as git does. Raises LockedError if someone else does for longer than ``WAIT`` seconds.

    The lock is a hard link to ``token``, a file of our own: after a crash the same inode at both names proves that
    the stale lock is ours (see :func:`release_stale`).
    """
    lock = index.with_name(index.name + ".lock")
    token.unlink(missing_ok=True)
    token.write_bytes(os.fsencode(index))
    deadline = time.monotonic() + WAIT
    pause = 0.005
    while True:
        try:
            os.link(token, lock)
            break
        except FileExistsError:
            if time.monotonic() > deadline:
                token.unlink(missing_ok=True)
                raise LockedError(
                    f"{lock} is held by another git process.", "Let it finish; if none runs, remove the file."
                ) from None
            time.sleep(pause)
            pause = min(pause * 2, 0.1)
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)
        token.unlink(missing_ok=True)


def release_stale(token: Path) -> bool:
    """Remove the ``index.lock`` that a dead process of ours left. The caller holds the repository lock."""
    index = Path(os.fsdecode(token.read_bytes()))
    lock = index.with_name(index.name + ".lock")
    try:
        ours = os.path.samestat(token.lstat(), lock.lstat())
    except FileNotFoundError:
        ours = False
    if ours:
        lock.unlink()
    token.unlink(missing_ok=True)
    return ours


def _stamp(path: Path) -> tuple[int, int, int, int] | None:
    try:
        info = path.stat()
    except FileNotFoundError:
        return None
    return info.st_mtime_ns, info.st_ctime_ns, info.st_ino, info.st_size


def checksum(path: Path) -> bytes:
    """What git wrote at the end of an index, equal for equal indexes; nothing if there is no such file."""
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return b""
    with file:
        file.seek(-len(NO_CHECKSUM), os.SEEK_END)
        return file.read()


def _signed(value: int) -> int:
    return value - (1 << 32) if value >= 1 << 31 else value


def file_mode(info: os.stat_result) -> int:
    """The mode Git records for a regular file or a symlink."""
    if stat_module.S_ISLNK(info.st_mode):
        return 0o120000
    return 0o100755 if info.st_mode & stat_module.S_IXUSR else 0o100644
