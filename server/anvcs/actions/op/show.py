"""Everything that one operation says, and whether it can be taken back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from anvcs import ids, wire
from anvcs.actions import foreign, identity, undoing
from anvcs.actions.caller import Caller
from anvcs.actions.known import known
from anvcs.actions.moved import operation
from anvcs.actions.op.log import taken_back
from anvcs.errors import CorruptStoreError, UndoRefusedError
from anvcs.governance import sshsig
from anvcs.history import kinds

if TYPE_CHECKING:
    from anvcs.actions.workspace import Workspace
    from anvcs.history.ledger import Entry
    from anvcs.history.operations import Operation


def op_show(caller: Caller, params: wire.OpShowParams) -> wire.OperationDetails:
    """The operation with causes, hashes and signature. Raises UnknownOperationError, AmbiguousOperationError."""
    workspace = caller.workspace(params.folder)
    with workspace.lock:
        foreign.look(workspace)
        entry = workspace.ledger.entry(workspace.ledger.find(params.operation))
        it = entry.operation
        undone = entry.signed.id in taken_back(workspace, [entry])
        arguments = private(workspace, it.arguments)
        prompt = _prompt(workspace, it) if it.prompt is not None else None
        return wire.OperationDetails(
            operation=operation(workspace, entry, undone=undone, whole=True),
            parents=tuple(ids.text(parent) for parent in it.parents),
            view_before=ids.text(it.view_before),
            view_after=ids.text(it.view_after),
            causes=tuple(ids.text(cause) for cause in it.causes),
            confidence=it.confidence,
            prompt_hash=ids.text(it.prompt) if it.prompt is not None else None,
            arguments=_shown(arguments) if isinstance(arguments, dict) else None,
            prompt=prompt,
            rewrites=tuple(
                wire.RewriteLink(new=link.new, old=link.old, evidence=link.evidence) for link in it.rewrites
            ),
            public_key=sshsig.key_text(entry.signed.public_key),
            signature=identity.judge_operation(workspace, entry.signed).state,
            undo=_undo(workspace, entry, undone=undone),
        )


def private(workspace: Workspace, hashed: bytes) -> ids.Value:
    """What stands behind a salted hash, unless it was purged."""
    data = workspace.ledger.private(hashed) if hashed else None
    if data is None:
        return None
    try:
        salt, value = cast("tuple[bytes, ids.Value]", ids.decode(data))
    except (CorruptStoreError, ValueError):
        return None
    del salt
    return value


def _prompt(workspace: Workspace, it: Operation) -> str | None:
    """The prompt, which stands in the metadata record where the operation made a commit, unless it was purged."""
    found = private(workspace, it.prompt or b"")
    commit = it.details.get("gitCommit")
    if found is None and isinstance(commit, str) and commit in workspace.repo.handle:
        about = known(workspace, commit)
        found = about.metadata.prompt if about.metadata is not None and about.state == "full" else None
    return found if isinstance(found, str) else None


def _shown(arguments: Mapping[str, ids.Value]) -> dict[str, object]:
    """The arguments with texts that are kept as bytes, such as messages, as texts."""
    return {
        name: value.decode("utf-8", "replace") if isinstance(value, bytes) else value
        for name, value in arguments.items()
    }


def _undo(workspace: Workspace, entry: Entry, *, undone: bool) -> str:
    it = entry.operation
    if undone:
        return "It was taken back already."
    if it.reversibility == "compensable":
        return "It can be made up for: see ai-vcs op restore and ai-vcs revert."
    try:
        undoing.can_be_undone(workspace, entry, workspace.ledger.view())
    except UndoRefusedError as refusal:
        return f"{refusal.message} {refusal.way_out}"
    files = "pointers, index and files" if kinds.of(it).files else "pointers and index; files stay as they are"
    return f"{it.actor} can take it back: {files}."
