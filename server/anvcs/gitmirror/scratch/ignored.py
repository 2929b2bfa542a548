"""What Git does not track and guards need: brought into a scratch worktree, kept there, and shared between them.

Files, such as ``.env``, are copied from the user's worktree each time. Folders, such as ``node_modules``, belong to a
key: while it is the same they stay, when it changes they are put on a shelf from which any scratch worktree may take
them, and where there are none they are copied from the user's worktree.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from anvcs.gitmirror.scratch.files import behind_link, copy, matching, remove
from anvcs.gitmirror.scratch.pool import Slot

MOST = 3
"""Sets of folders on a shelf; the oldest goes first."""
_STATE = "ignored.json"
_TREE = "tree"
_DEEP = 4
"""Levels of a folder that tell what is installed in it: ``.venv/lib/python3.11/site-packages/*``."""
_LARGEST = 1 << 20
"""Bytes of a file in which paths are looked for."""
_SCRIPTS = ("*.pth", "*.egg-link", "__editable__*", "*.dist-info/direct_url.json")
"""What in Python's site-packages holds paths of the worktree."""


class _State(msgspec.Struct, frozen=True):
    """Whose paths are there."""

    key: str
    root: str
    """The worktree that they were made in: environments of Python's know it."""
    paths: tuple[str, ...]


class Source(msgspec.Struct, frozen=True):
    """The user's worktree, of which the paths that some patterns name are wanted."""

    root: Path
    patterns: tuple[str, ...]

    def files(self) -> list[str]:
        """The files among them."""
        return [path for path in paths(self.root, self.patterns) if (self.root / path).is_file()]

    def folders(self) -> list[str]:
        """The folders among them."""
        return [path for path in paths(self.root, self.patterns) if (self.root / path).is_dir()]

    def installed(self) -> list[str]:
        """What tells one state of the folders from another: names, and the files at the top of each."""
        return [line for path in self.folders() for line in _listing(self.root / path, path, _DEEP)]


class Ignored:
    """The ignored paths of one scratch worktree."""

    def __init__(self, slot: Slot, shelf: Path, source: Source) -> None:
        """``shelf`` is a folder on the file system of the scratch worktree."""
        self._slot = slot
        self._shelf = shelf
        self._source = source
        self._note = slot.folder / _STATE

    @property
    def key(self) -> str | None:
        """Whose paths are there; nothing where that is not sure, or a guard has removed one."""
        state = self._state()
        return None if state is None else state.key

    def settle(self, key: str) -> None:
        """Say that what is there is all that the key stands for."""
        tree = self._slot.tree
        state = _State(key, os.fspath(tree), tuple(paths(tree, self._source.patterns)))
        self._note.write_bytes(msgspec.json.encode(state))

    def put_away(self) -> None:
        """Move what is there onto the shelf, if it is sure whose it is; afterwards it is not."""
        state = self._state()
        self._note.unlink(missing_ok=True)
        if state is None:
            return
        moving = self._shelf / f"{self._slot.folder.name}.moving"
        remove(moving)
        moving.mkdir(parents=True)
        for path in state.paths:
            (moving / _TREE / path).parent.mkdir(parents=True, exist_ok=True)
            (self._slot.tree / path).rename(moving / _TREE / path)
        (moving / _STATE).write_bytes(msgspec.json.encode(state))
        remove(self._shelf / state.key)
        with suppress(OSError):
            # Another worktree may have put the same there meanwhile.
            moving.rename(self._shelf / state.key)
        remove(moving)
        self._thin_out()

    def take(self, key: str) -> bool:
        """Take all that a key stands for from the shelf, if it is there. The tree must have been made afresh."""
        taken = self._slot.folder / "taken"
        remove(taken)
        try:
            # One of two that want it gets it.
            (self._shelf / key).rename(taken)
            state = msgspec.json.decode((taken / _STATE).read_bytes(), type=_State)
        except (OSError, msgspec.DecodeError):
            remove(taken)
            return False
        whole = True
        for path in state.paths:
            if self._is_free(path):
                (self._slot.tree / path).parent.mkdir(parents=True, exist_ok=True)
                (taken / _TREE / path).rename(self._slot.tree / path)
                self._move_in(path, [state.root])
            else:
                whole = False
        remove(taken)
        if whole:
            self.settle(key)
        return whole

    def copy_folders(self, cancelled: Callable[[], bool]) -> None:
        """Copy the user's folders. The tree must have been made afresh. Raises DiskError or CancelledError."""
        root = self._source.root
        for path in self._source.folders():
            if self._is_free(path):
                copy((root / path).resolve(), self._slot.tree / path, cancelled)
                self._move_in(path, [os.fspath(root), os.path.realpath(root)])

    def copy_files(self, cancelled: Callable[[], bool]) -> None:
        """Copy the user's files as they are now. Raises DiskError or CancelledError."""
        for path in self._source.files():
            if not behind_link(self._slot.tree, path) and not self._slot.is_tracked(path):
                remove(self._slot.tree / path)
                copy((self._source.root / path).resolve(), self._slot.tree / path, cancelled)

    def _state(self) -> _State | None:
        try:
            state = msgspec.json.decode(self._note.read_bytes(), type=_State)
        except (FileNotFoundError, msgspec.DecodeError):
            return None
        tree = self._slot.tree
        is_whole = all(os.path.lexists(tree / path) and not behind_link(tree, path) for path in state.paths)
        return state if is_whole else None

    def _is_free(self, path: str) -> bool:
        """Nothing of the tree's stands at the path or on the way to it."""
        tree = self._slot.tree
        above = (tree / path).parent
        taken = os.path.lexists(tree / path) or behind_link(tree, path)
        return not taken and (above.is_dir() or not os.path.lexists(above))

    def _move_in(self, path: str, roots: Sequence[str]) -> None:
        roots = [root for root in dict.fromkeys(roots) if root != os.fspath(self._slot.tree)]
        if roots:
            _relocate(self._slot.tree / path, roots, os.fspath(self._slot.tree))

    def _thin_out(self) -> None:
        sets = [each for each in self._shelf.iterdir() if not each.name.endswith(".moving")]
        for old in sorted(sets, key=_changed, reverse=True)[MOST:]:
            with suppress(OSError):
                remove(old)


def paths(root: Path, patterns: Sequence[str]) -> list[str]:
    """The paths below a root that some patterns name."""
    return list(dict.fromkeys(path for pattern in patterns for path in matching(root, pattern)))


def _changed(path: Path) -> int:
    try:
        return path.stat().st_ctime_ns
    except OSError:
        return 0


def _listing(folder: Path, path: str, levels: int) -> Iterator[str]:
    with suppress(OSError), os.scandir(folder) as found:
        for each in sorted(found, key=lambda entry: entry.name):
            inner = f"{path}/{each.name}"
            # These come and go with every run.
            if each.name in ("__pycache__", ".cache"):
                continue
            info = each.stat(follow_symlinks=False)
            yield f"{inner} {info.st_size} {info.st_mtime_ns}" if levels == _DEEP and each.is_file() else inner
            if levels > 1 and each.is_dir(follow_symlinks=False):
                yield from _listing(folder / each.name, inner, levels - 1)


def _relocate(folder: Path, roots: Sequence[str], root: str) -> None:
    """Let links and environments of Python's that were made below other roots be at home below this one.

    An editable install would else run the code of the worktree that it was made in, and tests judge the wrong files.
    """
    found = re.compile(b"|".join(re.escape(os.fsencode(old)) + rb"(?![\w.-])" for old in roots))
    for place, folders, files in os.walk(folder):
        for name in [*folders, *files]:
            path = Path(place, name)
            if path.is_symlink():
                target = os.fsencode(path.readlink())
                if found.match(target):
                    path.unlink()
                    path.symlink_to(os.fsdecode(found.sub(lambda _: os.fsencode(root), target, count=1)))
        if "pyvenv.cfg" in files:
            home = Path(place)
            packages = list(home.glob("lib/python*/site-packages"))
            scripts = [each for above in packages for pattern in _SCRIPTS for each in above.glob(pattern)]
            for path in (home / "pyvenv.cfg", *(home / "bin").glob("*"), *scripts):
                _rewrite(path, found, os.fsencode(root))


def _rewrite(path: Path, found: re.Pattern[bytes], root: bytes) -> None:
    if path.is_symlink() or not path.is_file() or path.stat().st_size > _LARGEST:
        return
    old = path.read_bytes()
    new = found.sub(lambda _: root, old)
    if new != old and b"\0" not in old:
        path.write_bytes(new)
