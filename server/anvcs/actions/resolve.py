"""From any name of a commit to its Git id."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from anvcs import ids
from anvcs.actions import graph_warm
from anvcs.errors import AmbiguousCommitError, UnknownCommitError
from anvcs.gitmirror import log, messages

if TYPE_CHECKING:
    from anvcs.actions.workspace import Workspace

_COMMIT_ID = re.compile(r"b3:[0-9a-f]{4,64}")
_CHANGE_ID = re.compile(r"[k-z]{4,32}")


def resolve(workspace: Workspace, name: str) -> str:
    """The commit named by a BLAKE3 id, a change id, an unambiguous prefix of either, or any Git revision.

    A change id means its newest commit that a ref reaches. Raises UnknownCommitError, AmbiguousCommitError.
    """
    if _COMMIT_ID.fullmatch(name):
        return _only(name, _named(workspace, name, lambda raw: ids.commit_id(raw).startswith(name)))
    oid = workspace.repo.resolve(name)
    if oid is not None:
        return oid
    if _CHANGE_ID.fullmatch(name):
        wanted = name.encode()
        found = _named(workspace, name, lambda raw: _change(raw).startswith(wanted))
        if found:
            return found[0]
    raise UnknownCommitError(f"There is no commit {name}.", "See ai-vcs graph for the commits there are.")


def _named(workspace: Workspace, prefix: str, matches: Callable[[bytes], bool]) -> list[str]:
    """The commits with that id or change id, newest first: from the row index, or where it cannot tell from git."""
    indexed = graph_warm.find(workspace, prefix)
    return _scan(workspace, matches) if indexed is None else indexed


def _only(name: str, found: list[str]) -> str:
    if not found:
        raise UnknownCommitError(f"There is no commit {name}.", "See ai-vcs graph for the commits there are.")
    if len(found) > 1:
        raise AmbiguousCommitError(f"{name} names {len(found)} commits.", "Give more digits.")
    return found[0]


def _change(raw: bytes) -> bytes:
    values = [value for token, value in messages.anvcs_lines(raw.partition(b"\n\n")[2]) if token == b"ANVCS-Change"]
    return values[-1] if values else b""


def _scan(workspace: Workspace, matches: Callable[[bytes], bool]) -> list[str]:
    """Every commit reachable from a stream, remote, tag or HEAD that matches, newest first."""
    listed = workspace.git.output(
        "for-each-ref", "--format=%(objectname)", "refs/heads", "refs/remotes", "refs/tags"
    ).decode("ascii")
    heads = [*listed.split(), *filter(None, [workspace.repo.head()])]
    commits = log.reachable(workspace.git, [bytes.fromhex(head) for head in heads]) if heads else []
    return [oid.hex() for oid, _, raw in log.read(workspace.git, commits) if matches(raw)]
