"""How a fetched commit and ours become one: by moving forward, or by a merge commit where git can make it alone."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from anvcs import ids, wire
from anvcs.actions.acting import Acting
from anvcs.actions.commit_object import Context, Draft, authors_of, finish_message, write_commit
from anvcs.actions.upstream import HEADS, Target
from anvcs.errors import DivergedError
from anvcs.gitmirror import remote as remotes
from anvcs.gitmirror.git import failed
from anvcs.gitmirror.paths import quote
from anvcs.gitmirror.settings import parse_bool
from anvcs.provenance import notes, record
from anvcs.provenance.metadata import validate

if TYPE_CHECKING:
    from anvcs.actions.workspace import Workspace

_SHOWN = 20
"""How many files in conflict are named."""


@dataclass(frozen=True)
class Joined:
    """The commit that our stream is to stand on."""

    new: str
    said: str
    """How it came about, for the reflog, as git says it."""
    line: bytes | None = None
    """The note of a merge commit."""
    private: Mapping[bytes, bytes] = field(default_factory=dict[bytes, bytes])
    details: Mapping[str, str | int | bool] = field(default_factory=dict[str, "str | int | bool"])


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
    return _commit(workspace, actor, target, (ours, theirs), tree)


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
    args = ("merge-tree", "--write-tree", "--name-only", "--no-messages", "-z", ours, theirs)
    done = workspace.git.run(*args)
    if done.returncode > 1 or (done.returncode and not done.stdout):
        if b"unrelated" in done.stderr:
            raise DivergedError(
                f"{target.stream} and {target.shown} have no commit in common.",
                f"If they belong together: {_by_hand(target)} --allow-unrelated-histories",
            )
        raise failed(args, done.stderr)
    tree, *paths = done.stdout.removesuffix(b"\0").split(b"\0")
    if done.returncode == 0:
        return tree.decode("ascii")
    named = [quote(path) for path in dict.fromkeys(paths) if path]
    more = f" and {len(named) - _SHOWN} more" if len(named) > _SHOWN else ""
    raise DivergedError(
        f"{target.stream} and {target.shown} changed the same lines of {', '.join(named[:_SHOWN])}{more}.",
        f"Merge them with: {_by_hand(target)} - resolve the conflicts, ai-vcs add the files, then: ai-vcs commit",
    )


def _commit(workspace: Workspace, actor: Acting, target: Target, parents: tuple[str, str], tree: str) -> Joined:
    """A merge commit of ours, through the message hooks, signed where Git is set to sign."""
    agent = actor.signer.actor if actor.signer.actor.startswith("agent:") else None
    metadata = validate(wire.Metadata(agent_id=agent, prompt=actor.request.prompt))
    made = record.make_record(metadata, tree, secrets.token_bytes)
    draft = Draft(
        tree=tree,
        parents=parents,
        message=_message(target),
        authors=authors_of(workspace, None),
        change_id=ids.new_change_id(),
        meta=made.root,
        agent=agent,
        sign=None,
        source=("merge", None),
        signer=actor.signer,
    )
    context = Context(workspace, workspace.hooks(), no_verify=False, held=False)
    message, _ = finish_message(context, draft, None)
    oid = write_commit(context, draft, message)
    commit_id = ids.commit_id(workspace.repo.objects.read(oid, "commit"))
    line = notes.NoteLine(
        commit=oid,
        tree=tree,
        commit_id=commit_id,
        change_id=draft.change_id,
        meta=draft.meta,
        record=dict(made.to_builtins()),
        agent=agent,
    )
    details = {"gitCommit": oid, "commitId": commit_id, "changeId": draft.change_id}
    private = {ids.raw(made.root): made.to_json()}
    return Joined(oid, "Merge made by git merge-tree", notes.line_of(line), private, details)


def _message(target: Target) -> bytes:
    there = target.ref.removeprefix(HEADS)
    into = "" if target.stream in ("main", "master") else f" into {target.stream}"
    return os.fsencode(f"Merge branch '{there}' of {remotes.shown(target.remote.url)}{into}\n")
