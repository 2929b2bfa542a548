"""The scratch worktrees of a repository: taken by one check at a time, used again, and freed when their owner dies."""

from __future__ import annotations

import hashlib
import os
import re
import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from anvcs.errors import AnvcsError, CancelledError, GitFailedError, LockedError
from anvcs.gitmirror.repository import GitRepository
from anvcs.gitmirror.scratch import view
from anvcs.gitmirror.scratch.checkout import Brought, Homes, Module, anchored, bring
from anvcs.gitmirror.scratch.files import remove
from anvcs.gitmirror.scratch.program import Place, Program
from anvcs.storage.lock import attempt

MOST = 16
"""Scratch worktrees of one repository; each is in use by a check of its own."""
_OWNER = "repository"
"""Names the Git folder that it is all for."""
_LOCK = "lock"
_PATIENCE = 10
_IDLE = 3 * 24 * 3600
"""Seconds after which a scratch worktree beyond the first goes if nobody has used it."""


class Slot:
    """A scratch worktree in the hands of one check."""

    def __init__(self, repo: GitRepository, folder: Path, lock: int) -> None:
        self._repo = repo
        self.folder = folder
        self.lock = lock
        """Held as long as anybody has it open; hand it to whatever works in here."""
        # Tools name containers and caches after the folder, which must not be those of the user's worktree.
        self.tree = folder / folder.name.replace("slot", f"{_name(repo)}-check")
        """The files."""
        self._place = Place(repo.git_dir, self.tree, folder / "index")
        self._modules: tuple[Module, ...] = ()
        self._ignored: tuple[str, ...] = ()

    def prepare(
        self, tree: str, ignored: Sequence[str], *, afresh: bool = False, cancelled: Callable[[], bool] = lambda: False
    ) -> tuple[str, ...]:
        """Bring the files to exactly a tree. Gives what is missing, a sentence each.

        What the patterns in ``ignored`` name stays as it is, unless everything is to be made ``afresh``. Raises
        CancelledError, or GitFailedError, DiskError or OSError; then nothing of the worktree is left.
        """
        program = self._program(cancelled)
        keep = () if afresh else ignored
        if self.tree.is_symlink() or not self.tree.is_dir():
            remove(self.tree)
            self.tree.mkdir()
        program.output(self._place, "cat-file", "-e", f"{tree}^{{tree}}")
        try:
            try:
                brought = self._bring(program, tree, keep)
            except (GitFailedError, OSError):
                # Whatever was left here may be the reason.
                self.wipe()
                brought = self._bring(program, tree, keep)
        except CancelledError:
            raise
        except (AnvcsError, OSError):
            with suppress(OSError):
                self.wipe()
            raise
        self._modules, self._ignored = brought.modules, tuple(ignored)
        return brought.notices

    def show(self, tree: str, parents: Sequence[str]) -> None:
        """Put a ``.git`` there for guards, in which HEAD is a commit of the tree on these parents."""
        program = self._program()
        dated = [(parent, self._time(program, parent)) for parent in parents]
        view.make(program, self._place, view.merge_commit(tree, dated), self._ignored)
        for module in self._modules:
            view.make(program.elsewhere(), module.place, view.Head(module.commit), ())

    def is_tracked(self, path: str) -> bool:
        """Whether the tree has a file at the path or below it."""
        args = ("--literal-pathspecs", "ls-files", "-z", "--", path)
        return bool(self._program().output(self._place, *args))

    def differing(self, commit: str, tree: str) -> list[str]:
        """The files of a tree that a commit has not or has otherwise."""
        args = ("diff-tree", "-r", "-z", "--name-only", "--no-renames", "--diff-filter=d", f"{commit}^{{tree}}", tree)
        out = self._program().output(self._place, *args)
        return [os.fsdecode(path) for path in out.split(b"\0") if path]

    def changed(self) -> list[bytes]:
        """The tracked files that are not any more as they were checked out."""
        # Unlike diff-files, it does not take a file for changed that was only touched.
        args = ("diff", "--name-only", "-z", "--no-ext-diff", "--no-renames", "--ignore-submodules")
        out = self._program().output(self._place, *args)
        return [path for path in out.split(b"\0") if path]

    def untracked(self) -> list[bytes]:
        """What Git does not track there, but for what is known to be ignored."""
        kept = [f"--exclude={anchored(pattern)}" for pattern in self._ignored]
        out = self._program().output(self._place, "ls-files", "--others", "-z", "--directory", *kept)
        return [path for path in out.split(b"\0") if path]

    def wipe(self) -> None:
        """Remove everything but the lock."""
        self._modules = ()
        for each in list(self.folder.iterdir()):
            if each.name != _LOCK:
                remove(each)

    def _bring(self, program: Program, tree: str, keep: Sequence[str]) -> Brought:
        homes = Homes(
            tuple(dict.fromkeys((self._repo.git_dir / "modules", self._repo.common_dir / "modules"))),
            (self._repo.root,),
        )
        return bring(program, self._place, tree, keep, homes)

    def _program(self, cancelled: Callable[[], bool] = lambda: False) -> Program:
        return Program(self._repo.git.env, (self.lock,), cancelled)

    def _time(self, program: Program, commit: str) -> int:
        raw = program.output(self._place, "cat-file", "commit", commit)
        found = re.search(rb"^committer .*> (\d+) [+-]\d+$", raw, re.MULTILINE)
        return int(found[1]) if found else 0


class Pool:
    """The scratch worktrees of one repository, in a folder of their own below the user's caches."""

    def __init__(self, repo: GitRepository, caches: Path) -> None:
        self._repo = repo
        self._caches = caches
        owner = os.path.realpath(repo.common_dir)
        digest = hashlib.sha256(os.fsencode(owner)).hexdigest()[:16]
        self.folder = caches / f"{_name(repo)}-{digest}"
        """All that checks of this repository keep."""
        self._owner = owner

    @contextmanager
    def take(self) -> Generator[Slot]:
        """A scratch worktree that nobody else uses until the block ends; the one used before, if it is free.

        Raises LockedError where too many are in use.
        """
        for number in range(MOST):
            folder = self.folder / f"slot-{number}"
            lock = self._lock(folder)
            if lock is None:
                continue
            try:
                os.utime(folder)
                yield Slot(self._repo, folder, lock)
            finally:
                os.close(lock)
            return
        raise LockedError(
            f"{MOST} checks of this repository are running.", "Wait until one of them has ended, or cancel it."
        )

    def remove(self) -> None:
        """Remove all that checks of this repository keep, unless one is at work."""
        _remove_unused(self._folders(self.folder, "slot-*"), self.folder)

    def tidy(self, now: float) -> None:
        """Remove worktrees that nobody has needed lately, and everything of repositories that are gone."""
        for folder in self._folders(self.folder, "slot-[1-9]*"):
            if now - folder.stat().st_mtime > _IDLE:
                _remove_unused([folder], folder)
        for folder in self._folders(self._caches, "*-*"):
            with suppress(OSError):
                owner = Path(os.fsdecode((folder / _OWNER).read_bytes()))
                if owner.is_absolute() and not os.path.lexists(owner):
                    _remove_unused(self._folders(folder, "slot-*"), folder)

    def _lock(self, folder: Path) -> int | None:
        for _ in range(_PATIENCE):
            # Somebody may just be tidying the folder away.
            with suppress(FileNotFoundError):
                self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                self._claim()
                folder.mkdir(exist_ok=True)
                return attempt(folder / _LOCK)
        return None

    def _claim(self) -> None:
        note = self.folder / _OWNER
        if not note.exists():
            made = self.folder / f"{_OWNER}-{os.getpid()}-{threading.get_ident()}"
            made.write_bytes(os.fsencode(self._owner))
            made.replace(note)

    def _folders(self, above: Path, pattern: str) -> list[Path]:
        return [each for each in above.glob(pattern) if each.is_dir() and not each.is_symlink()]


def _remove_unused(slots: Sequence[Path], folder: Path) -> None:
    """Remove a folder if no check is at work in its slots; they stay locked until it is gone."""
    locks: list[int] = []
    try:
        for slot in slots:
            lock = attempt(slot / _LOCK)
            if lock is None:
                return
            locks.append(lock)
        with suppress(OSError):
            remove(folder)
    finally:
        for lock in locks:
            os.close(lock)


def _name(repo: GitRepository) -> str:
    """The repository's name, the same in all of its worktrees, with nothing in it that a tool trips over."""
    common = repo.common_dir
    name = common.parent.name if common.name == ".git" else common.name
    return re.sub(r"[^A-Za-z0-9._]+", "-", name).strip("-.") or "repository"
