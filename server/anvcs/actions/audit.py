"""The log of everything, oldest first, with the exact bytes that are signed."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from anvcs import ids, wire
from anvcs.actions import foreign, identity, moved
from anvcs.actions.caller import Caller
from anvcs.governance import sshsig
from anvcs.history import replicas

if TYPE_CHECKING:
    from anvcs.actions.workspace import Workspace
    from anvcs.history.ledger import Entry


def audit(caller: Caller, params: wire.AuditParams) -> wire.AuditPage:
    """A page of it. Anybody can check it against itself: ids, chain and signatures need nothing else."""
    workspace = caller.workspace(params.folder)
    with workspace.lock:
        if params.after == 0:
            foreign.look(workspace)
        if params.replica is None or params.replica == workspace.ledger.replica:
            found = workspace.ledger.following(params.after, params.limit + 1)
        else:
            found = replicas.following(workspace.ledger.store, params.replica, params.after, params.limit + 1)
        entries = tuple(_entry(workspace, each) for each in found[: params.limit])
        return wire.AuditPage(entries=entries, more=len(found) > params.limit)


def _entry(workspace: Workspace, entry: Entry) -> wire.AuditEntry:
    it, signed = entry.operation, entry.signed
    return wire.AuditEntry(
        operation=moved.operation(workspace, entry, whole=True),
        parents=tuple(ids.text(parent) for parent in it.parents),
        view_before=ids.text(it.view_before),
        view_after=ids.text(it.view_after),
        causes=tuple(ids.text(cause) for cause in it.causes),
        confidence=it.confidence,
        prompt_hash=ids.text(it.prompt) if it.prompt is not None else None,
        arguments_hash=ids.text(it.arguments) if it.arguments else None,
        finished=entry.finished,
        public_key=sshsig.key_text(signed.public_key),
        signature=base64.b64encode(signed.signature).decode("ascii"),
        standing=identity.judge_operation(workspace, signed).state,
        body=base64.b64encode(signed.body).decode("ascii"),
    )
