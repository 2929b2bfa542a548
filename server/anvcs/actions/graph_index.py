"""Keeps the row index of a repository up to date: git's history and our notes on one side, the table on the other."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Generator, Iterable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext, suppress
from pathlib import Path

from anvcs.actions.caller import Caller, Progress, no_progress
from anvcs.errors import CorruptStoreError, GitFailedError, LockedError, StoreConflictError
from anvcs.gitmirror import log
from anvcs.gitmirror.git import Git
from anvcs.gitmirror.graph_refs import PointerReader, Pointers
from anvcs.gitmirror.repository import GitRepository
from anvcs.history.graph_commit import GraphCommit, parse
from anvcs.history.graph_types import Described, Found, Known, Target, Tick
from anvcs.history.rows import RowIndex
from anvcs.provenance import notes

CACHE = "cache.db"
AT_ONCE = 1000
"""As many new commits are indexed before a page is answered; more are left to :func:`update_index`."""
FEW = 200
"""Up to so many commits are read in process, and their notes one by one."""
_POLL = 0.2
"""Seconds between looks at what another process does."""
_STALLED = 15.0
"""Seconds after which a process that makes no progress is taken for dead."""


class History:
    """One repository's history as git and the notes have it at one moment."""

    def __init__(self, repo: GitRepository, pointers: Pointers) -> None:
        self._repo = repo
        self._pointers = pointers
        self._notes = log.NotesAt(repo.handle, pointers.notes)
        self._originals = log.originals(repo.git, pointers.replaced)

    def parse(self, raw: log.Raw) -> GraphCommit:
        """The commit; its id is over its true bytes even where git shows a replacement."""
        return parse(*raw, self._originals.get(raw[0]))

    def describe(self, commit: GraphCommit) -> Described:
        """What the notes say, and where they are silent the trailers."""
        note = self._notes.get(commit.git_commit)
        if note is None:
            return Described(commit.agent, "unknown", "none" if commit.root is None else "missing")
        found = notes.parse(note, commit.git_commit.hex(), commit.tree)
        return Described(found.agent or commit.agent, notes.tests(found, commit.tree), notes.badge(found, commit.root))

    def expect_many(self) -> None:
        """Make describing many commits cheap."""
        self._notes.names()

    def walk(
        self, new: Collection[bytes], old: Collection[bytes], known: Known | None, tick: Tick
    ) -> AbstractContextManager[Found]:
        """What ``new`` reaches and ``old`` does not."""
        if known is not None and not self._pointers.topology:
            # A few new commits are found without starting git, whose walk looks at every ref first.
            few = log.nearby(self._repo.handle, new, known, FEW)
            if few is not None:
                return nullcontext(Found(len(few), map(self.parse, few)))
        return self._walk(new, old, tick)

    @contextmanager
    def _walk(self, new: Collection[bytes], old: Collection[bytes], tick: Tick) -> Generator[Found]:
        with log.walk(self._repo.git, new, old, lambda: tick("Reading the history", None)) as walked:
            if walked.total > FEW:
                self.expect_many()
            yield Found(walked.total, map(self.parse, walked.commits))

    def renoted(self, old: bytes | None) -> Iterable[bytes]:
        """The Git ids whose notes may differ from those of an older notes commit."""
        return self._notes.changed_since(log.NotesAt(self._repo.handle, old))

    def read(self, commits: Collection[bytes]) -> Iterator[GraphCommit]:
        """These commits again."""
        return map(self.parse, log.read(self._repo.git, commits))


def target_of(pointers: Pointers) -> Target:
    """What the index should show."""
    return Target(pointers.heads, pointers.topology, pointers.notes)


def open_index(state: Path) -> RowIndex:
    """The index in our state folder; a damaged one is thrown away, since git can give all of it again."""
    path = state / CACHE
    try:
        return RowIndex(path)
    except CorruptStoreError:
        discard(path)
        return RowIndex(path)


def discard(path: Path) -> None:
    """Delete a database that is of no use."""
    for suffix in ("", "-wal", "-shm"):
        with suppress(OSError):
            path.with_name(path.name + suffix).unlink()


def is_small(git: Git, heads: Collection[bytes]) -> bool:
    """Whether going through the whole history takes no time that anyone would notice."""
    return len(log.reachable(git, heads, most=AT_ONCE + 1)) <= AT_ONCE


def catch_up(index: RowIndex, git: Git, history: Callable[[], History], pointers: Pointers) -> bool:
    """Make the index show the pointers; False if that would take too long or another process is at it."""
    state = index.state()
    target = target_of(pointers)
    if state.shows(target):
        return True
    anew = state.standing is None or state.topology != target.topology
    if anew and not is_small(git, pointers.heads):
        return False
    with suppress(StoreConflictError, LockedError, GitFailedError):
        return index.update(target, history(), no_progress, most=AT_ONCE)
    return False


def update_index(caller: Caller, folder: str | None, progress: Progress = no_progress) -> bool:
    """Make the graph's index show the repository as it is, however long that takes; whether anything changed.

    For surfaces to run in the background, with a caller of its own. What was done when ``progress`` raises, or the
    process dies, need not be done again. Does nothing where ANVCS is not set up.
    """
    workspace = caller.workspace(folder)
    if workspace.state is None:
        return False
    repo = workspace.repo
    reader = PointerReader(repo.git, repo.git_dir, repo.common_dir)
    with closing(open_index(workspace.state)) as index:
        before = index.state().version
        while True:
            pointers = reader.read()
            target = target_of(pointers)
            if index.state().shows(target):
                return index.state().version != before
            try:
                index.update(target, History(repo, pointers), progress)
            except StoreConflictError:
                _wait(index, target, progress)


def _wait(index: RowIndex, target: Target, progress: Progress) -> None:
    """Until another process has finished, or has stopped."""
    before, since = index.state(), time.monotonic()
    while not before.shows(target) and time.monotonic() < since + _STALLED:
        progress("Another process is indexing", None)
        time.sleep(_POLL)
        now = index.state()
        if now.version != before.version:
            before, since = now, time.monotonic()
