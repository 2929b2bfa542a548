"""A repository opened for a caller: Git on one side, our own state on the other, kept warm between actions."""

from __future__ import annotations

import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast, runtime_checkable

from anvcs.actions import lost, recovery, seal
from anvcs.actions.place import LOCK_PROOF
from anvcs.errors import NotInitializedError
from anvcs.gitmirror import filesystem
from anvcs.gitmirror.hooks import Hooks, configured_events, hooks_folder
from anvcs.gitmirror.index import Index
from anvcs.gitmirror.repository import GitRepository
from anvcs.history.ledger import Ledger
from anvcs.storage.sqlite import SqliteStore

if TYPE_CHECKING:
    from anvcs.actions.caller import Caller
    from anvcs.actions.streams import Follower

STATE = "anvcs"
"""Name of our folder in the common Git directory."""
LEDGER = "ledger.db"
CACHE = "cache.db"


@runtime_checkable
class Closable(Protocol):
    """A warm handle that wants closing."""

    def close(self) -> None:
        """Let go."""
        ...


@runtime_checkable
class Resting(Protocol):
    """A warm handle that costs something while nobody uses it."""

    def rest(self) -> None:
        """Let go of that; it goes on when it is used again."""
        ...


class Workspace:
    """One worktree of a repository. Not for two threads at once: hold ``lock``."""

    def __init__(self, repo: GitRepository, caller: Caller) -> None:
        self.repo = repo
        self.caller = caller
        self.git = repo.git
        self.lock = threading.RLock()
        self.folder = repo.common_dir / STATE
        """Where our state is or would be."""
        self.cache: dict[str, object] = {}
        """Warm handles of actions by name; closed with the workspace."""
        self.notices: list[str] = []
        """What recovery found, for status and doctor."""
        self.followers: list[Follower] = []
        """What follows a switch beside Git: rooms, then artifacts."""
        self.index = Index(repo.index_path, self._own("index"))
        self._store: SqliteStore | None = None
        self._ledger: Ledger | None = None
        self._ledger_identity = 0
        self._identity = repo.git_dir.stat().st_ino

    @classmethod
    def open(cls, path: Path, caller: Caller) -> Workspace:
        """The workspace that contains ``path``; finishes what a dead process of ours left prepared."""
        workspace = cls(GitRepository.open(path, caller.env), caller)
        lost.mend(workspace)
        if workspace.initialized:
            filesystem.check(workspace.repo.common_dir)
            if recovery.needed(workspace):
                workspace.notices += recovery.recover(workspace)
            from anvcs.actions import foreign

            foreign.glance(workspace)
        return workspace

    @property
    def initialized(self) -> bool:
        """ANVCS is at home here."""
        return self.ledger_path.exists()

    @property
    def ledger_path(self) -> Path:
        """The ledger's database."""
        return self.folder / LEDGER

    @property
    def state(self) -> Path | None:
        """The folder of our state; none before ``init``."""
        return self.folder if self.initialized else None

    @property
    def ledger(self) -> Ledger:
        """The operation log. Raises NotInitializedError before ``init``."""
        if self._ledger is None:
            if not self.initialized:
                raise NotInitializedError(f"ANVCS is not set up in {self.repo.root} yet.", "Run: ai-vcs init")
            self._open_ledger()
        return cast("Ledger", self._ledger)

    def make_folder(self) -> None:
        """Make the state folder; only ``init`` calls it. Raises UnsafeFileSystemError."""
        filesystem.check(self.repo.common_dir)
        self.folder.mkdir(exist_ok=True)
        (self.folder / "tmp").mkdir(exist_ok=True)

    def _open_ledger(self) -> None:
        self._store = SqliteStore(self.ledger_path)
        self._ledger = Ledger(self._store)
        self._ledger_identity = self.ledger_path.stat().st_ino

    def forget_ledger(self) -> None:
        """Close the ledger, so that it is opened again when it is next needed."""
        if self._store is not None:
            self._store.close()
            self._store = self._ledger = None

    @property
    def scratch(self) -> Path:
        """A folder for candidates and other files that may go at any time."""
        folder = self.folder / "tmp"
        folder.mkdir(exist_ok=True)
        return folder

    @property
    def lock_path(self) -> Path:
        """The repository-wide lock under which pointers move."""
        return self.folder / "lock"

    @property
    def index_token(self) -> Path:
        """The file that proves a stale ``index.lock`` is ours."""
        return self._own(LOCK_PROOF.removesuffix("-"))

    def hooks(self) -> Hooks:
        """The user's Git hooks as configured now."""
        repo = self.repo
        settings = repo.settings.get()
        prefix = ""
        with suppress(ValueError):
            inside = self.caller.cwd.resolve().relative_to(repo.root.resolve()).as_posix()
            prefix = "" if inside == "." else inside + "/"
        return Hooks(
            hooks_folder(settings, repo.common_dir, repo.root),
            repo.git_dir,
            repo.root,
            self.caller.env,
            prefix=prefix,
            configured=configured_events(settings),
            advise=settings.bool("advice.ignoredhook", default=True),
        )

    def is_current(self) -> bool:
        """The repository is still the one that was opened."""
        with suppress(OSError):
            if self._ledger is not None and self.ledger_path.stat().st_ino != self._ledger_identity:
                # Another process made it anew; what is written into the old file is lost.
                return False
            return self.repo.git_dir.stat().st_ino == self._identity
        return False

    def rest(self) -> None:
        """Let go of what costs something while nobody does anything here."""
        with self.lock:
            for handle in self.cache.values():
                if isinstance(handle, Resting):
                    handle.rest()

    def close(self) -> None:
        """Close the ledger, sealed where that is due, and every warm handle."""
        if self._ledger is not None and self.is_current():
            seal.when_due(self)
        for handle in self.cache.values():
            if isinstance(handle, Closable):
                handle.close()
        self.cache.clear()
        self.forget_ledger()

    def _own(self, name: str) -> Path:
        # One per worktree: each has an index of its own.
        return self.folder / "tmp" / f"{name}-{self.repo.worktree_name().replace('/', '-')}"
