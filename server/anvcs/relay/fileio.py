"""Files as the disk bridge reads and writes them; every call blocks and belongs into a thread."""

from __future__ import annotations

import os
import secrets
import stat
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from anvcs.errors import UnreadableFileError

MAX_BYTES = 4 << 20
"""More than any room's file has; a longer one is not read to its end."""
_LONG_AGO_NS = 86_400 * 10**9
"""The second day of 1970: before anything an editor can have seen, and not the zero that some take for nothing."""


FRESH = 1.0
"""Seconds after which a file that looks cut off is believed to be meant so."""
_STEADY_NS = 20_000_000
_STEADY_LOOKS = 20


class Seen(NamedTuple):
    """A file at one moment."""

    data: bytes
    inode: int
    modified: int
    """When it was written, in nanoseconds; :func:`age` changes that."""
    changed: int
    """When the system says that anything about it changed."""


def read(path: Path) -> Seen | None:
    """A plain file's bytes; nothing if there is none. Raises UnreadableFileError for anything else at its place."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise UnreadableFileError(
            f"{path}: {(error.strerror or str(error)).lower()}.",
            "Check that the file is a plain one and yours to read.",
        ) from error
    with os.fdopen(file, "rb") as opened:
        if not stat.S_ISREG(os.fstat(opened.fileno()).st_mode):
            raise UnreadableFileError(f"{path} is no plain file.", "Only plain files can be in rooms.")
        data = opened.read(MAX_BYTES + 1)
        # Not before: a file that was emptied in between would seem to have been empty for long.
        info = os.fstat(opened.fileno())
        return Seen(data, info.st_ino, info.st_mtime_ns, info.st_ctime_ns)


def read_steady(path: Path) -> Seen | None:
    """As :func:`read`, but not in the middle of somebody's write, as far as that shows in the file's times."""
    for _ in range(_STEADY_LOOKS):
        seen = read(path)
        if seen is None or time.time_ns() - seen.changed > _STEADY_NS or seen.changed > time.time_ns():
            return seen
        time.sleep(_STEADY_NS / 1e9)
        try:
            now = path.lstat()
        except OSError:
            continue
        if (now.st_ctime_ns, now.st_ino, now.st_size) == (seen.changed, seen.inode, len(seen.data)):
            return seen
    return read(path)


def is_fresh(seen: Seen) -> bool:
    """The file was written so short a time ago that more may be coming."""
    return 0 <= time.time_ns() - seen.changed < FRESH * 1e9


def find(folders: Iterable[Path], inode: int) -> Path | None:
    """The plain file with this number in one of the folders."""
    for folder in dict.fromkeys(folders):
        with suppress(OSError), os.scandir(folder) as entries:
            for entry in entries:
                if entry.inode() == inode and entry.is_file(follow_symlinks=False):
                    return Path(entry.path)
    return None


def write(path: Path, data: bytes) -> None:
    """Replace a file's content in one step; mode and hard links stay. Raises OSError, the old content is there then."""
    try:
        info = path.lstat()
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        info = None
    if info is not None and info.st_nlink > 1:
        # A rename would cut the other names off.
        with path.open("r+b") as file:
            file.write(data)
            file.truncate()
            os.fsync(file.fileno())
        return
    new = path.with_name(f".{path.name}.{secrets.token_hex(4)}.anvcs")
    try:
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666), "wb") as file:
            if info is not None:
                os.fchmod(file.fileno(), stat.S_IMODE(info.st_mode))
                with suppress(OSError):
                    os.fchown(file.fileno(), info.st_uid, info.st_gid)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    except BaseException:
        new.unlink(missing_ok=True)
        raise


def age(path: Path, modified: int) -> tuple[int, int] | None:
    """Make a file look older than any editor remembers it, so that a save sees no newer one; its real times.

    Nothing is done, and nothing given, if the file is no longer the one that was written at ``modified``.
    """
    try:
        info = path.stat(follow_symlinks=False)
        if info.st_mtime_ns != modified:
            return None
        if modified != _LONG_AGO_NS:
            # Only once: every change of its times has other editors look at the file.
            os.utime(path, ns=(info.st_atime_ns, _LONG_AGO_NS), follow_symlinks=False)
    except OSError:
        return None
    return info.st_atime_ns, info.st_mtime_ns


def restore_age(path: Path, times: tuple[int, int]) -> None:
    """Give a file its real times back, if nobody has written it since :func:`age`."""
    with suppress(OSError):
        if path.stat(follow_symlinks=False).st_mtime_ns == _LONG_AGO_NS:
            os.utime(path, ns=times, follow_symlinks=False)
