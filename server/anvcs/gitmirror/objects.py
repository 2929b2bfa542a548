"""Writes Git objects in durable batches.

Each loose object is written to a temporary file beside its place; one flush then makes the whole batch durable the
way git's own ``core.fsyncMethod=batch`` does: write-out of every file, the renames, and a single fsync that commits
the file system's journal. One fsync for each object would cost five times as much (8.5 ms against
1.9 ms for ten).
"""

from __future__ import annotations

import ctypes
import hashlib
import itertools
import os
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

import pygit2

from anvcs.errors import GitFailedError, UnreadableFileError
from anvcs.gitmirror.trees import find

CHUNK = 1 << 20
_AT_ONCE = 128
"""Files written out together; each holds a descriptor meanwhile."""
_KINDS = {"commit": 1, "tree": 2, "blob": 3, "tag": 4}
_BEGIN, _FINISH = 2, 7
"""SYNC_FILE_RANGE_WRITE, and that with both waits."""
_REMEMBERED = 256
"""How many objects read or written stay in memory, none of them above ``_SMALL`` bytes."""
_SMALL = 1 << 16
_LEVEL = 1
"""git's own default for loose objects (Z_BEST_SPEED)."""
_serials = itertools.count(1)
"""Of the whole process: several stores may write into one repository from several threads."""


def _sync_file_range() -> Callable[[int, int], None]:
    """Puts a file's data on its way to the disk (flags ``_BEGIN``) or waits for it there; else a full sync."""
    if sys.platform == "linux":
        try:
            call = ctypes.CDLL(None, use_errno=True).sync_file_range
        except (AttributeError, OSError):
            return _sync_now
        call.argtypes = [ctypes.c_int, ctypes.c_int64, ctypes.c_int64, ctypes.c_uint]

        def write_out(fd: int, flags: int) -> None:
            if call(fd, 0, 0, flags):
                os.fdatasync(fd)

        return write_out
    return _sync_now


def _sync_now(fd: int, flags: int) -> None:
    if flags == _FINISH:
        os.fsync(fd)


write_out = _sync_file_range()


def put_out(fd: int) -> None:
    """Put one file's data on the disk; a later sync of any file makes its name durable too."""
    write_out(fd, _FINISH)


class ObjectStore:
    """Reads any object of the repository and writes new ones; nothing is durable before :meth:`flush`."""

    def __init__(self, repo: pygit2.Repository, folder: Path, fetch: Callable[[str], None]) -> None:
        """``folder`` is the objects folder; ``fetch`` brings a missing object into a partial clone or raises."""
        self._odb = repo.odb
        self._folder = folder
        self._fetch = fetch
        self._pending: dict[str, tuple[str, str]] = {}
        """Temporary and final name of what the next flush makes visible."""
        self._open: list[int] = []
        """Files whose data is on its way to the disk."""
        self._adopted: list[str] = []
        self._recent: dict[tuple[str, str], bytes] = {}
        self._read: dict[tuple[str, str], bytes] = {}

    def read(self, oid: str, kind: str) -> bytes:
        """The object's content. Raises GitFailedError if it is absent or of another kind."""
        for known in (self._recent, self._read):
            if (oid, kind) in known:
                return known[oid, kind]
        try:
            number, data = self._odb.read(oid)
        except KeyError:
            self._fetch(oid)
            try:
                number, data = self._odb.read(oid)
            except KeyError as error:
                raise GitFailedError(f"Object {oid} is missing.", "Run git fsck.") from error
        except pygit2.GitError as error:
            raise GitFailedError(f"Object {oid} cannot be read: {error}.", "Run git fsck.") from error
        if int(number) != _KINDS[kind]:
            raise GitFailedError(f"Object {oid} is not a {kind}.", "Run git fsck.")
        self._remember((oid, kind), data)
        return data

    def is_new(self, oid: str, kind: str) -> bool:
        """The object was written and not flushed, so that only this store knows it."""
        return (oid, kind) in self._recent

    def write(self, kind: str, data: bytes) -> str:
        """Add an object and give its Git id; nothing is written if it has a file already or is a packed blob."""
        raw = b"%s %d\0" % (kind.encode(), len(data)) + data
        oid = hashlib.sha1(raw, usedforsecurity=False).hexdigest()
        if oid in self._pending or self._freshen(oid) or (kind == "blob" and self._odb.exists(oid)):
            return oid
        temporary, final = self._place(oid)
        fd = _create(temporary)
        self._pending[oid] = (temporary, final)
        self._put_out(fd)
        write_whole(fd, zlib.compress(raw, _LEVEL))
        write_out(fd, _BEGIN)
        if kind != "blob":
            self._recent[oid, kind] = data
        return oid

    def write_file(self, path: Path, size: int) -> str:
        """Add a file's bytes as a blob without holding them in memory. Raises UnreadableFileError if it changes."""
        digest = hashlib.sha1(usedforsecurity=False)
        packer = zlib.compressobj(_LEVEL)
        scratch = self._folder / f"tmp_obj_anvcs_{os.getpid()}_{next(_serials)}"
        with scratch.open("xb") as out, path.open("rb") as source:
            seen = 0
            for chunk in _chunks(b"blob %d\0" % size, source):
                digest.update(chunk)
                out.write(packer.compress(chunk))
                seen += len(chunk)
            out.write(packer.flush())
        oid = digest.hexdigest()
        if seen != size + len(b"blob %d\0" % size):
            scratch.unlink()
            raise UnreadableFileError(f"{path} changed while it was being read.", "Commit again.")
        if oid in self._pending or self._odb.exists(oid):
            scratch.unlink()
            return oid
        scratch.chmod(0o444)
        _, final = self._place(oid)
        Path(final).parent.mkdir(exist_ok=True)
        self._pending[oid] = (str(scratch), final)
        self._adopted.append(str(scratch))
        return oid

    def adopt(self, oid: str) -> None:
        """Let the next flush make an object durable that git wrote; git itself does not sync loose objects."""
        if oid not in self._pending:
            self._adopted.append(f"{self._folder}/{oid[:2]}/{oid[2:]}")

    def adopt_commit(self, commit: str, key: str) -> None:
        """Adopt a notes commit with the trees and blob on the way to the note of ``key`` (2/38 fan-out)."""
        self.adopt(commit)
        tree = self.read(commit, "commit")[5:45].decode("ascii")
        self.adopt(tree)
        for name in (key[:2], key[2:]):
            entry = find(self.read(tree, "tree"), name.encode())
            if entry is None:
                return
            self.adopt(entry.oid)
            tree = entry.oid

    def flush(self) -> None:
        """Make everything written or adopted durable and visible."""
        try:
            for path in self._adopted:
                # An object in a pack is durable already.
                with suppress(FileNotFoundError):
                    fd = os.open(path, os.O_RDONLY)
                    write_out(fd, _BEGIN)
                    self._put_out(fd)
            self._finish()
            for temporary, final in self._pending.values():
                os.replace(temporary, final)  # noqa: PTH105 - see _place
            if self._open:
                os.fsync(self._open[-1])
        finally:
            self._close()
        for key, data in self._recent.items():
            self._remember(key, data)
        self._forget()

    def discard(self) -> None:
        """Forget what was written and not flushed."""
        self._close()
        for temporary, _ in self._pending.values():
            with suppress(FileNotFoundError):
                os.unlink(temporary)  # noqa: PTH108 - see _place
        self._forget()

    def _forget(self) -> None:
        self._pending.clear()
        self._adopted.clear()
        self._recent.clear()

    def _remember(self, key: tuple[str, str], data: bytes) -> None:
        """Keep what the next commit is likely to read: the newest commits and the folders on the way."""
        if key[1] != "blob" and len(data) <= _SMALL:
            if len(self._read) >= _REMEMBERED:
                del self._read[next(iter(self._read))]
            self._read[key] = data

    def _freshen(self, oid: str) -> bool:
        """Whether the object has a file of its own; if so it is made durable too, and git gc sees it in use."""
        path = f"{self._folder}/{oid[:2]}/{oid[2:]}"
        try:
            os.utime(path)
        except OSError:
            return False
        self._adopted.append(path)
        return True

    def _place(self, oid: str) -> tuple[str, str]:
        # Plain strings: building Path objects would cost more than the system calls.
        folder = f"{self._folder}/{oid[:2]}"
        temporary = f"{folder}/tmp_obj_anvcs_{os.getpid()}_{next(_serials)}"  # noqa: S108 - git gc knows tmp_obj_*
        return temporary, f"{folder}/{oid[2:]}"

    def _put_out(self, fd: int) -> None:
        """Take an open file whose data is to reach the disk by the next flush."""
        if len(self._open) >= _AT_ONCE:
            self._finish()
        self._open.append(fd)

    def _finish(self) -> None:
        """Wait until the open files' data is out; the newest stays open, to sync the journal by."""
        for fd in self._open:
            write_out(fd, _FINISH)
        while len(self._open) > 1:
            os.close(self._open.pop(0))

    def _close(self) -> None:
        while self._open:
            os.close(self._open.pop())


def write_whole(fd: int, data: bytes) -> None:
    """Write all of it, where a single call may stop short, as it does on a disk that is getting full."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(fd, rest) :]


def _create(path: str) -> int:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    try:
        return os.open(path, flags, 0o444)
    except FileNotFoundError:
        with suppress(FileExistsError):
            os.mkdir(os.path.dirname(path))  # noqa: PTH102, PTH120 - see _place
        return os.open(path, flags, 0o444)


def _chunks(header: bytes, source: BinaryIO) -> Iterator[bytes]:
    yield header
    while chunk := source.read(CHUNK):
        yield chunk
