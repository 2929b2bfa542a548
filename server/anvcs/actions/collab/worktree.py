"""A worktree as rooms see it: which session it is in, whether git is at work there, what its commits hold."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from anvcs.actors import actor_id
from anvcs.gitmirror import trees, worktrees
from anvcs.gitmirror.identity import author
from anvcs.gitmirror.repository import GitRepository

_LOCKS = ("index.lock", "HEAD.lock")
_MARKS = ("rebase-merge", "rebase-apply", "MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "sequencer")
_REWRITTEN = ("rebase-merge/head-name", "rebase-apply/head-name")
_PROGRESS = ("rebase-merge/msgnum", "rebase-merge/done", "rebase-apply/next", "sequencer/todo")
_CONVERTING = ("filter", "working-tree-encoding", "ident")


class Standing(NamedTuple):
    """How a worktree's Git folder stands at a moment."""

    session: str
    """``stream:NAME``, or ``worktree:NAME`` where no branch is checked out."""
    head: str | None
    commit: str | None
    locks: frozenset[str]
    marks: frozenset[tuple[str, int]]
    staged: tuple[int, ...]
    """The stamps of the index and of the stash, which tell that git did something with files."""


class Worktree:
    """One worktree, opened once. Reads files and runs git: not for an event loop. Not thread-safe."""

    def __init__(self, repo: GitRepository) -> None:
        self._repo = repo
        self.root = repo.root
        self.git_dir = repo.git_dir
        self.common_dir = repo.common_dir

    @classmethod
    def open(cls, folder: Path, env: Mapping[str, str]) -> Worktree:
        """The worktree that contains a folder. Raises what opening a repository raises."""
        return cls(GitRepository.open(folder, env))

    def standing(self) -> Standing:
        """How it stands now; needs no git process."""
        head = worktrees.head_of(self.git_dir)
        locks = frozenset(name for name in _LOCKS if (self.git_dir / name).exists())
        stamps = {name: _stamp(self.git_dir / name) for name in (*_MARKS, *_PROGRESS)}
        marks = frozenset((name, stamp[0]) for name, stamp in stamps.items() if stamp is not None)
        staged = (_stamp(self._repo.index_path) or ()) + (_stamp(self.common_dir / "logs/refs/stash") or ())
        return Standing(self._session(head), head, self._commit(head), locks, marks, staged)

    def blob(self, commit: str | None, path: str) -> bytes | None:
        """A file's bytes in a commit; nothing if it is not a plain file there."""
        if commit is None:
            return None
        objects = self._repo.objects
        entry = trees.lookup(objects, self._repo.tree_of(commit), os.fsencode(path))
        if entry is None or entry.mode not in (0o100644, 0o100755):
            return None
        return objects.read(entry.oid, "blob")

    def is_ignored(self, path: str) -> bool:
        """Git ignores the file; tracked files are not ignored."""
        # Its paths are patterns with a magic of their own, which does not begin with a dot.
        done = self._repo.git.run("check-ignore", "--quiet", "--", b"./" + os.fsencode(path))
        return done.returncode == 0

    def is_converted(self, path: str) -> bool:
        """Git stores the file otherwise than it stands on disk: large-file pointers, other encodings."""
        return any(self._repo.handle.get_attr(path, name) for name in _CONVERTING)

    def user(self) -> str:
        """The actor id of the person whom Git knows here. Raises MissingIdentityError."""
        found = author(self._repo.git, self._repo.settings.get())
        return actor_id("human", found.email.decode("utf-8", "replace") or "unknown")

    def git_paths(self) -> list[Path]:
        """The folders in which something changes when git works here."""
        folders = {self.git_dir, self.common_dir, self.common_dir / "refs" / "heads"}
        return sorted(folder for folder in folders if folder.is_dir())

    def _session(self, head: str | None) -> str:
        if head is not None and head.startswith("ref: refs/heads/"):
            return f"stream:{head[len('ref: refs/heads/') :]}"
        # While git rebases a branch, HEAD is detached; the work is still that branch's.
        for place in _REWRITTEN:
            with suppress(OSError):
                name = (self.git_dir / place).read_text("utf-8", "surrogateescape").strip()
                if name.startswith("refs/heads/"):
                    return f"stream:{name[len('refs/heads/') :]}"
        return f"worktree:{self._repo.worktree_name()}"

    def _commit(self, head: str | None) -> str | None:
        if head is None or not head.startswith("ref: "):
            return head
        return self._repo.ref(head[len("ref: ") :])


def _stamp(path: Path) -> tuple[int, ...] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino, found.st_size
