"""Finds changes that have come to stand as several live commits: one was rewritten or picked, and the other stayed."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from anvcs import wire
from anvcs.errors import GitFailedError
from anvcs.gitmirror import rewrites

if TYPE_CHECKING:
    from anvcs.actions.workspace import Workspace

MOST = 1000
"""So many changes, the latest to get a second commit, are looked at."""


@dataclass
class _Known:
    """What a warm workspace remembers of the ledger."""

    last: bytes | None = None
    """The operation up to which the ledger was read."""
    commits: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """By change, its commits of which another one is known too."""
    view: bytes = b""
    found: list[wire.Divergence] = field(default_factory=list[wire.Divergence])


def divergent(workspace: Workspace) -> list[wire.Divergence]:
    """Every divergent change with its live commits: those that a stream or the HEAD of a worktree leads to.

    Costs one git process where some change has several known commits and a pointer moved, else none.
    """
    if not workspace.initialized:
        return []
    known = cast("_Known", workspace.cache.setdefault("divergent", _Known()))
    view = workspace.ledger.view()
    if known.view != view.root:
        _follow(workspace, known)
        several = {change: commits for change, commits in known.commits.items() if len(commits) > 1}
        known.found = _alive(workspace, several) if several else []
        known.view = view.root
    return known.found


def other_commits(workspace: Workspace, change: str | None, oid: str) -> tuple[str, ...]:
    """The other live commits of a divergent change."""
    found = (each for each in divergent(workspace) if each.change_id == change)
    return tuple(commit for each in found for commit in each.commits if commit != oid)


def _follow(workspace: Workspace, known: _Known) -> None:
    """Read on in the ledger: every rewrite may leave a change with two commits."""
    ledger = workspace.ledger
    entries = ledger.operations()[::-1] if known.last is None else ledger.since(known.last)
    for entry in entries:
        known.last = entry.signed.id
        if entry.state != "published":
            continue
        for link in entry.operation.rewrites:
            change = _change_of(workspace, link.new) or _change_of(workspace, link.old)
            if change is not None:
                commits = known.commits.pop(change, [])
                known.commits[change] = list(dict.fromkeys([*commits, *ledger.commits_of(change), link.old, link.new]))
        change = entry.operation.details.get("changeId")
        if isinstance(change, str) and len(commits := ledger.commits_of(change)) > 1:
            known.commits[change] = list(dict.fromkeys([*known.commits.pop(change, []), *commits]))
    for change in list(known.commits)[:-MOST]:
        del known.commits[change]


def _change_of(workspace: Workspace, oid: str) -> str | None:
    try:
        changes = rewrites.read(workspace.repo, oid).changes
    except GitFailedError:
        return None
    return changes[-1] if changes else None


def _alive(workspace: Workspace, several: dict[str, list[str]]) -> list[wire.Divergence]:
    candidates = {commit for commits in several.values() for commit in commits}
    view = workspace.ledger.view().items()
    heads = {name.removesuffix("/HEAD"): value for name, value in view.items() if _is_detached(name, value)}
    streams = {name: value for name, value in view.items() if name.startswith("refs/heads/")}
    live = rewrites.reachable(workspace.repo, candidates, {*streams.values(), *heads.values()})
    found: list[wire.Divergence] = []
    for change, commits in several.items():
        standing = tuple(commit for commit in commits if commit in live)
        if len(standing) > 1:
            found.append(wire.Divergence(change_id=change, commits=standing))
    return found


def _is_detached(name: str, value: str) -> bool:
    return name.endswith("/HEAD") and not name.startswith("refs/") and not value.startswith("ref: ")
