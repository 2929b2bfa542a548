"""Where every name of the graph points, read again only when a file that says so has changed."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from anvcs.errors import GitFailedError
from anvcs.gitmirror.git import Git, failed

NOTES = b"refs/notes/anvcs"
_SHOWN = (b"refs/heads/", b"refs/remotes/", b"refs/tags/")
_REPLACE = b"refs/replace/"
_FOLDERS = ("refs/heads", "refs/remotes", "refs/tags", "refs/replace", "refs/notes")
_FILES = ("packed-refs", "HEAD", "shallow", "info/grafts")
_PARENTS = ("packed-refs", "refs/replace", "shallow", "info/grafts")
"""What changes when git is told of other parents."""
_RACY = 2_000_000_000
"""Nanoseconds within which a file may change again without a new time stamp, on the coarsest file systems in use."""

Stamp = tuple[tuple[str, int, int, int], ...]


class Pointers(msgspec.Struct, frozen=True):
    """What all names stood at when they were read."""

    refs: tuple[tuple[str, bytes], ...]
    """Full names of branches, remote branches and tags, with the object each leads to, tags peeled."""
    heads: frozenset[bytes]
    """What the refs and the HEAD of every worktree lead to."""
    current: str | None
    """The full name of this worktree's branch, born or not; none if HEAD is detached."""
    detached: bytes | None
    """This worktree's HEAD if it is detached."""
    notes: bytes | None
    """The commit at ``refs/notes/anvcs``."""
    replaced: tuple[bytes, ...]
    """Objects that ``git replace`` shows as others."""
    topology: bytes
    """Changes with what makes git see other parents than commits name: replacements, grafts, shallow boundaries.
    Empty if there is nothing of that kind."""


class PointerReader:
    """Reads the pointers of one worktree and remembers them."""

    def __init__(self, git: Git, git_dir: Path, common_dir: Path) -> None:
        self._git = git
        self._git_dir = git_dir
        self._common_dir = common_dir
        self._known: tuple[Stamp, Pointers] | None = None
        self._places = [f"{os.fspath(common_dir)}/{name}" for name in _PARENTS]
        self._topology: tuple[Stamp, bytes] | None = None

    def read(self) -> Pointers:
        """The pointers as they are now; costs no git process if no file has changed. Raises GitFailedError."""
        stamp = tuple(_stamps(self._git_dir, self._common_dir))
        if self._known is not None and self._known[0] == stamp:
            return self._known[1]
        now = time.time_ns()
        pointers = self._pointers()
        self._known = (stamp, pointers) if _settled(stamp, now) else None
        return pointers

    def topology(self) -> bytes:
        """The pointers' topology as it is now, for the price of a look at four files. Raises GitFailedError."""
        # Most are not there, and to find that out by an exception takes three times as long.
        stamp = tuple(found for place in self._places if os.access(place, os.F_OK) for found in _stamp(place))
        if self._topology is not None and self._topology[0] == stamp:
            return self._topology[1]
        now = time.time_ns()
        topology = self.read().topology
        self._topology = (stamp, topology) if _settled(stamp, now) else None
        return topology

    def _pointers(self) -> Pointers:
        found = _show_ref(self._git)
        refs = {
            name: oid
            for name, oid in found.items()
            # origin/HEAD is another name of a remote branch that is shown already.
            if name.startswith(_SHOWN) and not (name.startswith(b"refs/remotes/") and name.endswith(b"/HEAD"))
        }
        own = _head(self._git_dir)
        heads = set(refs.values())
        heads.update(head for head in (_head(folder) for folder in _worktrees(self._common_dir)) if len(head) == 20)
        if len(own) == 20:
            heads.add(own)
        replaced = sorted((name, oid) for name, oid in found.items() if name.startswith(_REPLACE))
        topology = (replaced, *(_content(self._common_dir / name) for name in ("shallow", "info/grafts")))
        return Pointers(
            refs=tuple((name.decode("utf-8", "replace"), oid) for name, oid in refs.items()),
            heads=frozenset(heads),
            current=own.decode("utf-8", "replace") if own.startswith(b"refs/") else None,
            detached=own if len(own) == 20 else None,
            notes=found.get(NOTES),
            replaced=tuple(bytes.fromhex(name[len(_REPLACE) :].decode("ascii")) for name, _ in replaced),
            topology=hashlib.blake2b(repr(topology).encode(), digest_size=16).digest() if any(topology) else b"",
        )


def _show_ref(git: Git) -> dict[bytes, bytes]:
    done = git.run("show-ref", "--dereference")
    # It exits with 1 and says nothing where there is no ref at all.
    if done.returncode and (done.stderr or done.stdout):
        raise failed(("show-ref",), done.stderr)
    found: dict[bytes, bytes] = {}
    for line in done.stdout.splitlines():
        oid, _, name = line.partition(b" ")
        # The peeled line of a tag comes after its own.
        found[name.removesuffix(b"^{}")] = bytes.fromhex(oid.decode("ascii"))
    return found


def _head(folder: Path) -> bytes:
    """The name or the id in a worktree's HEAD; empty if there is none."""
    content = _content(folder / "HEAD").strip()
    if content.startswith(b"ref:"):
        return content[4:].strip()
    try:
        return bytes.fromhex(content.decode("ascii"))
    except ValueError:
        raise GitFailedError(f"{folder / 'HEAD'} is damaged.", "Run git fsck.") from None


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return b""


def _worktrees(common_dir: Path) -> list[Path]:
    try:
        return [common_dir, *(common_dir / "worktrees").iterdir()]
    except FileNotFoundError:
        return [common_dir]


def _settled(stamp: Stamp, now: int) -> bool:
    return all(modified < now - _RACY for _, modified, _, _ in stamp)


def _stamps(git_dir: Path, common_dir: Path) -> Iterator[tuple[str, int, int, int]]:
    """What changes when a file that holds pointers does."""
    base = os.fspath(common_dir)
    for name in _FILES:
        yield from _stamp(f"{base}/{name}")
    yield from _stamp(f"{os.fspath(git_dir)}/HEAD")
    for folder in _worktrees(common_dir)[1:]:
        yield from _stamp(f"{os.fspath(folder)}/HEAD")
    folders = [f"{base}/{name}" for name in _FOLDERS]
    for folder in folders:
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    if entry.is_dir():
                        folders.append(entry.path)
                    else:
                        yield from _stamp(entry.path)
        except (FileNotFoundError, NotADirectoryError):
            continue


def _stamp(path: str) -> Iterator[tuple[str, int, int, int]]:
    try:
        found = os.stat(path)  # noqa: PTH116 - a Path for each of thousands of refs would double the time
    except (FileNotFoundError, NotADirectoryError):
        return
    yield path, found.st_mtime_ns, found.st_size, found.st_ino
