"""How a fetched commit and ours become one: by moving forward, or by a merge commit where git can make it alone."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

from anvcs.actions import making
from anvcs.actions.acting import Acting
from anvcs.actions.streams import HEADS
from anvcs.actions.upstream import Target
from anvcs.errors import DivergedError
from anvcs.gitmirror import remote as remotes
from anvcs.gitmirror.merging import merged
from anvcs.gitmirror.paths import quote
from anvcs.gitmirror.settings import parse_bool

if TYPE_CHECKING:
    from anvcs.actions.workspace import Workspace

_SHOWN = 20
"""How many files in conflict are named."""


class Joined(msgspec.Struct, frozen=True):
    """The commit that our stream is to stand on."""

    new: str
    said: str
    """How it came about, for the reflog, as git says it."""
    line: bytes | None = None
    """The note of a merge commit."""
    private: Mapping[bytes, bytes] = msgspec.field(default_factory=dict[bytes, bytes])
    details: Mapping[str, str | int | bool] = msgspec.field(default_factory=dict[str, "str | int | bool"])


def join(workspace: Workspace, actor: Acting, target: Target, ours: str | None, theirs: str) -> Joined:
    """Ours and theirs as one. Raises DivergedError, naming the files in conflict or the setting that forbids it."""
    repo = workspace.repo
    if ours is None:
        return Joined(theirs, "created")
    if repo.is_ancestor(theirs, ours):
        return Joined(ours, "already up to date")
    forward = _setting(workspace, "pull.ff") or _setting(workspace, "merge.ff") or "true"
    if repo.is_ancestor(ours, theirs) and parse_bool(forward) is not False:
        return Joined(theirs, "Fast-forward")
    _refuse_unwanted(workspace, target, forward)
    tree = repo.tree_of(theirs) if repo.is_ancestor(ours, theirs) else _merged(workspace, target, ours, theirs)
    made = making.make(actor, tree, (ours, theirs), _message(target), source="merge")
    details = {**made.details, "engine": making.engine(workspace.git)}
    return Joined(made.oid, "Merge made by git merge-tree", made.line, made.private, details)


def _setting(workspace: Workspace, name: str) -> str | None:
    return workspace.repo.settings.get().get(name)


def _refuse_unwanted(workspace: Workspace, target: Target, forward: str) -> None:
    """A merge commit must be what the user's settings and hooks let us make."""
    said = f"{target.stream} and {target.shown} have both gone on"
    if forward == "only":
        raise DivergedError(
            f"{said}, and pull.ff=only forbids a merge.", f"Join them by hand: git rebase {target.shown}"
        )
    rebase = _setting(workspace, f"branch.{target.stream}.rebase") or _setting(workspace, "pull.rebase")
    if rebase is not None and parse_bool(rebase) is not False:
        raise DivergedError(
            f"{said}, and your settings ask for a rebase, which git does itself.",
            f"Run: git pull --rebase {target.remote.spec} {target.ref.removeprefix(HEADS)}",
        )
    if workspace.hooks().exists("pre-merge-commit"):
        raise DivergedError(
            f"{said}, and a pre-merge-commit hook wants to see the merge in the work tree.",
            f"Run: {_by_hand(target)}",
        )


def _by_hand(target: Target) -> str:
    return f"git pull --no-rebase {target.remote.spec} {target.ref.removeprefix(HEADS)}"


def _merged(workspace: Workspace, target: Target, ours: str, theirs: str) -> str:
    """The tree of git's own merge. Raises DivergedError naming the files where it finds conflicts."""
    if workspace.repo.merge_base(ours, theirs) is None:
        raise DivergedError(
            f"{target.stream} and {target.shown} have no commit in common.",
            f"If they belong together: {_by_hand(target)} --allow-unrelated-histories",
        )
    tree, paths = merged(workspace.git, ours, theirs)
    if not paths:
        return tree
    named = [quote(path) for path in paths]
    more = f" and {len(named) - _SHOWN} more" if len(named) > _SHOWN else ""
    raise DivergedError(
        f"{target.stream} and {target.shown} changed the same lines of {', '.join(named[:_SHOWN])}{more}.",
        f"Merge them with: {_by_hand(target)} - resolve the conflicts, ai-vcs add the files, then: ai-vcs commit",
    )


def _message(target: Target) -> bytes:
    there = target.ref.removeprefix(HEADS)
    into = "" if target.stream in ("main", "master") else f" into {target.stream}"
    return os.fsencode(f"Merge branch '{there}' of {remotes.shown(target.remote.url)}{into}\n")
