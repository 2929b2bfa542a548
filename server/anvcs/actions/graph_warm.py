"""What stays open between two looks at the history of one worktree."""

from __future__ import annotations

import os
from typing import Literal

from anvcs.actions.graph_index import CACHE, History, catch_up, discard, open_index
from anvcs.actions.workspace import Workspace
from anvcs.errors import CorruptStoreError, StoreError
from anvcs.gitmirror.graph_refs import PointerReader, Pointers
from anvcs.history.rows import RowIndex
from anvcs.wire import GraphPage, Ref

REMEMBERED = 8
"""Pages that each worktree keeps drawn."""

Names = dict[bytes, tuple[Ref, ...]]
_KINDS: tuple[tuple[str, Literal["stream", "remote", "tag"]], ...] = (
    ("refs/heads/", "stream"),
    ("refs/remotes/", "remote"),
    ("refs/tags/", "tag"),
)


class Warm:
    """One worktree's pointers, its open row index and the pages drawn last."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._reader = PointerReader(workspace.git, workspace.repo.git_dir, workspace.repo.common_dir)
        self._pointers: Pointers | None = None
        self._history: History | None = None
        self._index: RowIndex | None = None
        self._path = os.fspath(workspace.folder / CACHE)
        self._file = (0, 0)
        self.names: Names = {}
        """What to write beside each commit."""
        self.pages: dict[object, GraphPage] = {}
        """The pages drawn last, by everything that they depend on but the pointers."""

    @classmethod
    def of(cls, workspace: Workspace) -> Warm:
        """The workspace's own."""
        found = workspace.cache.get("graph")
        if not isinstance(found, Warm):
            found = workspace.cache["graph"] = cls(workspace)
        return found

    def pointers(self) -> Pointers:
        """Where everything points now. Raises GitFailedError."""
        found = self._reader.read()
        if found is not self._pointers:
            self._pointers, self.names, self._history = found, names_of(found), None
            self.pages.clear()
        return found

    def history(self) -> History:
        """The history that the pointers lead to."""
        if self._history is None:
            self._history = History(self._workspace.repo, self._pointers or self.pointers())
        return self._history

    def index(self) -> RowIndex | None:
        """The row index; none where ANVCS is not set up. Raises StoreError."""
        # Someone may have deleted the file: whoever builds it anew must be seen.
        if self._index is not None and _file(self._path) == self._file:
            return self._index
        self.close()
        state = self._workspace.state
        if state is None:
            return None
        self._index = open_index(state)
        self._file = _file(self._path)
        return self._index

    def is_index_current(self) -> bool:
        """Whether the index shows the pointers as last read, after a little work at most."""
        try:
            index = self.index()
            pointers = self._pointers or self.pointers()
            return index is not None and catch_up(index, self._workspace.git, self.history, pointers)
        except StoreError as error:
            self.give_up(error)
            return False

    def topology(self) -> bytes:
        """What makes git see other parents than commits name, as of now. Raises GitFailedError."""
        return self._reader.topology()

    def give_up(self, error: StoreError) -> None:
        """Let go of an index that failed: nothing in it is the only copy of anything, so git answers instead."""
        self.close()
        if isinstance(error, CorruptStoreError):
            discard(self._workspace.folder / CACHE)

    def remember(self, key: object, page: GraphPage) -> None:
        """Keep a page, and forget the one that was drawn first."""
        if len(self.pages) >= REMEMBERED:
            del self.pages[next(iter(self.pages))]
        self.pages[key] = page

    def close(self) -> None:
        """Let go of the index."""
        if self._index is not None:
            self._index.close()
            self._index = None


def find(workspace: Workspace, prefix: str) -> list[str] | None:
    """The Git ids of the commits whose id (``b3:...``) or change id begins so, newest first.

    None if the index cannot tell: where ANVCS is not set up, or while it is being built.
    """
    warm = Warm.of(workspace)
    warm.pointers()
    if not warm.is_index_current():
        return None
    index = warm.index()
    return None if index is None else [commit.hex() for commit in index.named(prefix)]


def names_of(pointers: Pointers) -> Names:
    """What to write beside each commit: what the worktree stands on first."""
    found: dict[bytes, list[Ref]] = {}
    if pointers.detached is not None:
        found[pointers.detached] = [Ref(name="HEAD", kind="head", current=True)]
    for full, commit in pointers.refs:
        for prefix, kind in _KINDS:
            if full.startswith(prefix):
                ref = Ref(name=full[len(prefix) :], kind=kind, current=full == pointers.current)
                beside = found.setdefault(commit, [])
                beside.insert(0 if ref.current else len(beside), ref)
    return {commit: tuple(refs) for commit, refs in found.items()}


def _file(path: str) -> tuple[int, int]:
    try:
        found = os.stat(path)  # noqa: PTH116 - a question about ancestors takes less time than a Path's
    except FileNotFoundError:
        return 0, 0
    return found.st_dev, found.st_ino
