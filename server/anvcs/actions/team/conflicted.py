"""Conflicted streams of this clone: found from what is known of others, kept and shown, their commits kept alive."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anvcs import ids, wire
from anvcs.actions import ancestry
from anvcs.gitmirror import messages
from anvcs.gitmirror import segments as git
from anvcs.history import conflicts, replicas
from anvcs.history.conflicts import Conflict
from anvcs.history.replicas import STREAMS, History

if TYPE_CHECKING:
    from anvcs.actions.workspace import Workspace

PREFIX = "refs/anvcs/conflict/"
_KEPT = "conflicts"


def update(workspace: Workspace) -> list[Conflict]:
    """Find the conflicted streams anew; keep them, with their refs where the commits are here."""
    store, repo = workspace.ledger.store, workspace.repo
    own = workspace.ledger.replica
    replicas.note_own(store, own)
    ours = git.heads(repo)
    views = {each.replica: replicas.view(store, each.replica) for each in replicas.heard(store) if each.replica != own}
    found: list[Conflict] = []
    with store.read() as transaction:

        def side(replica: str, stream: str) -> History:
            return History(transaction, replica, stream, views[replica].get(stream))

        for replica, view in views.items():
            pairs = {
                name: (History(transaction, own, name, ours[name]), side(replica, name))
                for name, value in view.items().items()
                if name.startswith(STREAMS) and ours.get(name, value) != value
            }
            further = [name for name in views if name != replica]
            found += conflicts.conflicts(
                replica,
                pairs,
                lambda stream, further=further: [side(name, stream) for name in further],
                lambda older, newer: ancestry.is_ancestor(workspace, older, newer),
                lambda commit: git.is_here(repo, commit),
            )
    found.sort()
    wanted = {_ref(each): each.theirs for each in found if each.fetched}
    git.set_refs(repo, PREFIX, wanted)
    with store.write(durable=False) as transaction:
        transaction.swap(_KEPT, transaction.ref(_KEPT), conflicts.encode(found))
    return found


def known(workspace: Workspace) -> list[Conflict]:
    """The conflicted streams as found last, without those whose stream no longer stands where it did."""
    with workspace.ledger.store.read() as transaction:
        found = conflicts.decode(transaction.ref(_KEPT))
    return [each for each in found if workspace.repo.ref(each.stream) == each.ours]


def sentence(workspace: Workspace, conflict: Conflict) -> str:
    """A conflict as people are told of it."""
    stream = conflict.stream.removeprefix(STREAMS)
    who = ""
    if conflict.operation is not None:
        operation = workspace.ledger.get(conflict.operation).operation
        who = f", by {operation.actor}"
    # It may have been fetched since.
    here = git.is_here(workspace.repo, conflict.theirs)
    where = "" if here else ", not fetched"
    return (
        f"Stream {stream} is conflicted: it is at {conflict.ours[:10]} here and at {conflict.theirs[:10]} in replica "
        f"{conflict.replica[:8]}{who}{where}. Resolve it with: ai-vcs stream resolve {stream} --keep ours|theirs|COMMIT"
    )


def shown(workspace: Workspace, conflict: Conflict) -> wire.ConflictedStream:
    """A conflict as the wire has it."""
    here = git.is_here(workspace.repo, conflict.theirs)
    actor = None
    if conflict.operation is not None:
        actor = workspace.ledger.get(conflict.operation).operation.actor
    return wire.ConflictedStream(
        stream=conflict.stream.removeprefix(STREAMS),
        replica=conflict.replica,
        ours=conflict.ours,
        theirs=conflict.theirs,
        fetched=here,
        actor=actor,
        operation_id=None if conflict.operation is None else ids.text(conflict.operation),
        subject=_subject(workspace, conflict.theirs) if here else "",
    )


def _subject(workspace: Workspace, commit: str) -> str:
    body = workspace.repo.objects.read(commit, "commit").partition(b"\n\n")[2]
    return messages.decode(messages.subject(body))


def _ref(conflict: Conflict) -> str:
    return f"{PREFIX}{conflict.stream.removeprefix(STREAMS)}/{conflict.replica}"
