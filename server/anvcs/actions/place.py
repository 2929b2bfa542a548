"""One worktree that a publication changes: its repository handle, its index, and the proof of our lock on it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from anvcs.gitmirror import worktrees
from anvcs.gitmirror.index import Index, IndexEntry
from anvcs.gitmirror.repository import GitRepository

if TYPE_CHECKING:
    from anvcs.actions.workspace import Workspace

LOCK_PROOF = "index-lock-"
"""How the files that prove an ``index.lock`` to be ours are named."""


class Place(msgspec.Struct, frozen=True):
    """A worktree with its index."""

    repo: GitRepository
    index: Index
    token: Path
    """The file that proves a stale ``index.lock`` is ours."""

    def set_entries(self, entries: Mapping[bytes, IndexEntry | None]) -> None:
        """Give paths of the index new entries. The caller holds the index lock."""
        if not entries:
            return
        try:
            for path, entry in entries.items():
                self.index.set(path, entry)
            self.index.write_scratch()
            self.index.replace()
        except BaseException:
            self.index.forget()
            raise


def own(workspace: Workspace) -> Place:
    """The caller's own worktree."""
    return Place(workspace.repo, workspace.index, workspace.index_token)


def other(workspace: Workspace, git_dir: Path) -> Place:
    """A worktree by its Git folder. Raises RepositoryError where it cannot be opened."""
    if git_dir == workspace.repo.git_dir:
        return own(workspace)
    repo = GitRepository.open(worktrees.root_of(git_dir), workspace.caller.env)
    name = repo.worktree_name().replace("/", "-")
    folder = workspace.folder / "tmp"
    return Place(repo, Index(repo.index_path, folder / f"place-{name}"), folder / (LOCK_PROOF + name))
