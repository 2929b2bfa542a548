"""From any name of a commit to its Git id."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from anvcs import ids
from anvcs.actions import graph_warm, past
from anvcs.actions.past import Past
from anvcs.errors import AmbiguousCommitError, UnknownCommitError
from anvcs.gitmirror import log, messages

if TYPE_CHECKING:
    from anvcs.actions.workspace import Workspace

_COMMIT_ID = re.compile(r"b3:[0-9a-f]{4,64}")
_CHANGE_ID = re.compile(r"[k-z]{4,32}")


def resolve(workspace: Workspace, name: str, at_op: str | None = None) -> str:
    """The commit named by a BLAKE3 id, a change id, an unambiguous prefix of either, or any Git revision.

    A change id means its newest commit that a ref reaches. ``at_op`` names an operation: pointers are then those after
    it, and git's ``~`` and ``^`` may follow. Raises UnknownCommitError, AmbiguousCommitError, UnknownOperationError.
    """
    then = past.past(workspace, at_op) if at_op is not None else None
    if _COMMIT_ID.fullmatch(name):
        return _only(name, _named(workspace, name, lambda raw: ids.commit_id(raw).startswith(name), then))
    if name == "HEAD" and then is None and (head := workspace.repo.head()) is not None:
        return head
    oid = workspace.repo.resolve(name) if then is None else past.named_then(workspace.repo, then, name)
    if oid is not None:
        return oid
    if _CHANGE_ID.fullmatch(name):
        wanted = name.encode()
        found = _named(workspace, name, lambda raw: _change(raw).startswith(wanted), then)
        if found:
            return found[0]
    if then is not None:
        raise UnknownCommitError(
            f"There was no commit {name} then.", f"See ai-vcs graph --at-op {at_op} for those there were."
        )
    raise UnknownCommitError(
        f"There is no stream or commit {name}.", "See ai-vcs stream list for the streams, ai-vcs graph for the commits."
    )


def _named(workspace: Workspace, prefix: str, matches: Callable[[bytes], bool], then: Past | None) -> list[str]:
    """The commits with that id or change id, newest first: from the row index, or where it cannot tell from git."""
    if then is not None:
        return _scan(workspace, matches, past.heads(workspace.repo, then))
    indexed = graph_warm.find(workspace, prefix)
    return _scan(workspace, matches, _heads(workspace)) if indexed is None else indexed


def _only(name: str, found: list[str]) -> str:
    if not found:
        raise UnknownCommitError(f"There is no commit {name}.", "See ai-vcs graph for the commits there are.")
    if len(found) > 1:
        raise AmbiguousCommitError(f"{name} names {len(found)} commits.", "Give more digits.")
    return found[0]


def _change(raw: bytes) -> bytes:
    values = [value for token, value in messages.anvcs_lines(raw.partition(b"\n\n")[2]) if token == b"ANVCS-Change"]
    return values[-1] if values else b""


def _heads(workspace: Workspace) -> list[str]:
    """What every stream, remote, tag and HEAD points at."""
    listed = workspace.git.output(
        "for-each-ref", "--format=%(objectname)", "refs/heads", "refs/remotes", "refs/tags"
    ).decode("ascii")
    return [*listed.split(), *filter(None, [workspace.repo.head()])]


def _scan(workspace: Workspace, matches: Callable[[bytes], bool], heads: list[str]) -> list[str]:
    """Every commit reachable from the heads that matches, newest first."""
    commits = log.reachable(workspace.git, [bytes.fromhex(head) for head in heads]) if heads else []
    return [oid.hex() for oid, _, raw in log.read(workspace.git, commits) if matches(raw)]
