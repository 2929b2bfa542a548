"""The one table of operation kinds: whether each can be undone, whether it can be re-executed, and what it did."""

from __future__ import annotations

from typing import NamedTuple

from anvcs.history.operations import Operation, Reversibility, Tier

FOREIGN = "git-"
"""How the kinds of what plain Git did begin."""


class Kind(NamedTuple):
    """What is true of every operation of a kind."""

    reversibility: Reversibility
    tier: Tier
    said: str
    """What it did, in a few words."""
    files: bool = False
    """Undoing it changes files in the work tree too."""


_REVERSIBLE, _IRREVERSIBLE = "reversible", "irreversible"

KINDS: dict[str, Kind] = {
    "init": Kind(_IRREVERSIBLE, "green", "set ANVCS up"),
    "commit": Kind(_REVERSIBLE, "red", "committed"),
    "amend": Kind(_REVERSIBLE, "red", "amended a commit"),
    "undo": Kind(_REVERSIBLE, "green", "took back an operation", files=True),
    "redo": Kind(_REVERSIBLE, "green", "did an operation again", files=True),
    "restore": Kind(_REVERSIBLE, "green", "restored files", files=True),
    "op-restore": Kind(_REVERSIBLE, "green", "went back to an earlier state", files=True),
    "revert": Kind(_REVERSIBLE, "green", "reverted a commit", files=True),
    "merge": Kind(_REVERSIBLE, "yellow", "merged", files=True),
    "checkpoint": Kind(_REVERSIBLE, "green", "named a checkpoint"),
    "stream-create": Kind(_REVERSIBLE, "green", "created a stream", files=True),
    "stream-delete": Kind(_REVERSIBLE, "green", "deleted a stream"),
    "stream-rename": Kind(_REVERSIBLE, "green", "renamed a stream"),
    "switch": Kind(_REVERSIBLE, "green", "switched to another stream", files=True),
    "push": Kind(_IRREVERSIBLE, "red", "pushed"),
    "pull": Kind(_REVERSIBLE, "yellow", "pulled", files=True),
    "clone": Kind(_IRREVERSIBLE, "red", "cloned"),
    "resolve": Kind(_REVERSIBLE, "green", "resolved a conflicted stream", files=True),
    "actor-enroll": Kind("compensable", "red", "enrolled a key"),
    "actor-rotate": Kind("compensable", "red", "replaced a key"),
    "actor-revoke": Kind(_IRREVERSIBLE, "red", "revoked a key"),
    "gc": Kind(_IRREVERSIBLE, "red", "compacted the operation log"),
    "purge": Kind(_IRREVERSIBLE, "red", "purged a value"),
    "rooms-purge": Kind(_IRREVERSIBLE, "red", "erased edits of a room"),
    "rooms-trim": Kind(_IRREVERSIBLE, "red", "let old edits of a room go"),
    "git-import": Kind(_IRREVERSIBLE, "red", "found the repository as it was"),
    "git-commit": Kind("compensable", "red", "plain git committed"),
    "git-amend": Kind("compensable", "red", "plain git amended a commit"),
    "git-merge": Kind("compensable", "red", "plain git merged"),
    "git-rebase": Kind("compensable", "red", "plain git rebased"),
    "git-reset": Kind("compensable", "red", "plain git reset"),
    "git-switch": Kind("compensable", "red", "plain git switched"),
    "git-branch": Kind("compensable", "red", "plain git changed branches"),
    "git-tag": Kind("compensable", "red", "plain git changed tags"),
    "git-stash": Kind("compensable", "red", "plain git stashed"),
    "git-fetch": Kind(_IRREVERSIBLE, "red", "plain git fetched"),
    "git-pull": Kind("compensable", "red", "plain git pulled"),
    "git-cherry-pick": Kind("compensable", "red", "plain git picked a commit"),
    "git-revert": Kind("compensable", "red", "plain git reverted a commit"),
    "git-worktree": Kind("compensable", "red", "plain git added or removed a worktree"),
    "git-other": Kind("compensable", "red", "plain git moved pointers"),
}
"""Every kind this ANVCS writes. What plain Git did is made up for with ``op restore``, never with ``undo``."""

_UNKNOWN = Kind("irreversible", "red", "did something a newer ANVCS knows")


def of(operation: Operation) -> Kind:
    """What is true of an operation by its kind; one of a newer ANVCS is taken for irreversible."""
    return KINDS.get(operation.kind, _UNKNOWN)


def is_foreign(operation: Operation) -> bool:
    """Plain Git did it, and we found it."""
    return operation.kind.startswith(FOREIGN)
