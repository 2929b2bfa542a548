"""The pointers as they were after an operation, and what names meant then."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from anvcs.actions import kept
from anvcs.errors import AmbiguousCommitError, UnknownCommitError
from anvcs.gitmirror.pointers import STASH

if TYPE_CHECKING:
    from anvcs.actions.workspace import Workspace
    from anvcs.gitmirror.repository import GitRepository

_SUFFIX = re.compile(r"(?P<base>[^~^@{]+|@)(?:@\{(?P<stash>\d+)\})?(?P<steps>[~^][~^0-9]*)?")
_GIT_ID = re.compile(r"[0-9a-f]{4,40}")
_WHERE = ("{}", "refs/{}", "refs/tags/{}", "refs/heads/{}", "refs/remotes/{}", "refs/remotes/{}/HEAD")
"""Where git looks for a name, in its order."""


class Past(NamedTuple):
    """All pointers after an operation."""

    operation: bytes
    pointers: Mapping[str, str]

    def value(self, name: str, head: str) -> str | None:
        """What a pointer stood at, followed to its end; ``head`` is the name of the HEAD that is meant by HEAD."""
        value = self.pointers.get(head if name in ("HEAD", "@") else name)
        while value is not None and value.startswith("ref: "):
            value = self.pointers.get(value[5:])
        return value


def past(workspace: Workspace, at_op: str) -> Past:
    """The pointers after the operation. Raises UnknownOperationError, AmbiguousOperationError."""
    operation = workspace.ledger.find(at_op)
    return Past(operation, workspace.ledger.view_of(operation).items())


def named_then(repo: GitRepository, then: Past, name: str) -> str | None:
    """The commit that a Git id or a name with git's ``~`` and ``^`` meant then; None if it meant none.

    Raises AmbiguousCommitError for the start of several ids, UnknownCommitError for a commit that is gone.
    """
    found = _SUFFIX.fullmatch(name)
    if found is None:
        return None
    oid = _pointed(repo, then, found["base"], found["stash"]) or _by_id(repo, found["base"])
    if oid is None:
        return None
    commit = kept.peel(repo, oid)
    if commit is None:
        raise UnknownCommitError(
            f"{name} was {oid[:10]} then, which is not here any more.", "Fetch it, if a clone has it."
        )
    return repo.resolve(commit + (found["steps"] or ""))


def heads(repo: GitRepository, then: Past) -> list[str]:
    """The commits that pointers led to then, as far as they are here."""
    values = {value for name, value in then.pointers.items() if name.startswith(("refs/", "main-", "worktrees/"))}
    peeled = (kept.peel(repo, each) for value in values if not value.startswith("ref: ") for each in value.split())
    return sorted({each for each in peeled if each is not None})


def _pointed(repo: GitRepository, then: Past, base: str, stash: str | None) -> str | None:
    head = f"{repo.worktree_name()}/HEAD"
    for pattern in _WHERE:
        full = pattern.format(base)
        value = then.value(full, head)
        if value is None:
            continue
        entries = value.split()
        if stash is None:
            return entries[0]
        # What reflogs said of other pointers is not in a view.
        return entries[int(stash)] if full == STASH and int(stash) < len(entries) else None
    return None


def _by_id(repo: GitRepository, base: str) -> str | None:
    """A commit by its Git id or the start of it; a pointer of today that is called so is not asked."""
    if not _GIT_ID.fullmatch(base):
        return None
    listed = repo.git.text("rev-parse", f"--disambiguate={base}").split()
    commits = list(dict.fromkeys(filter(None, (repo.peel(each) for each in listed))))
    if len(commits) > 1:
        raise AmbiguousCommitError(f"{base} names {len(commits)} commits.", "Give more digits.")
    return commits[0] if commits else None
