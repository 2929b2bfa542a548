"""Makes a commit that takes back what another one changed, whoever made it and whatever came since."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anvcs import ids, wire
from anvcs.actions import foreign, making, moving, streams
from anvcs.actions.acting import Acting, acting
from anvcs.actions.caller import Caller
from anvcs.actions.changes import compared
from anvcs.actions.moving import Wish
from anvcs.actions.resolve import resolve
from anvcs.errors import (
    NothingToCommitError,
    StoreConflictError,
    StreamMovedError,
    UndoRefusedError,
    UnknownCommitError,
    UnknownOperationError,
)
from anvcs.gitmirror import messages
from anvcs.gitmirror.merging import without
from anvcs.gitmirror.paths import quote
from anvcs.provenance import notes

if TYPE_CHECKING:
    from anvcs.actions.workspace import Workspace

_ATTEMPTS = 10
_SHOWN = 10


def revert(caller: Caller, params: wire.RevertParams) -> wire.CommitResult:
    """Revert a commit of this stream; a merge against its first parent.

    Raises UndoRefusedError where later commits changed the same lines, WouldLoseWorkError, NothingToCommitError.
    """
    workspace = caller.workspace(params.folder)
    with workspace.lock:
        foreign.look(workspace)
        actor = acting(workspace, params)
        commit = _named(workspace, params.commit)
        streams.refuse_busy(workspace)
        for _ in range(_ATTEMPTS):
            try:
                return _try(actor, commit, params)
            except StoreConflictError:
                workspace.repo.objects.flush()
        raise StreamMovedError("The stream kept moving.", "Try again when others have finished.")


def _named(workspace: Workspace, name: str) -> str:
    """The commit, also by the operation that made it."""
    try:
        return resolve(workspace, name)
    except UnknownCommitError:
        try:
            made = workspace.ledger.entry(workspace.ledger.find(name)).operation.details.get("gitCommit")
        except UnknownOperationError:
            made = None
        if isinstance(made, str):
            return made
        raise


def _try(actor: Acting, commit: str, params: wire.RevertParams) -> wire.CommitResult:
    workspace = actor.workspace
    repo = workspace.repo
    head, ref = repo.head(), repo.head_ref()
    if head is None or not repo.is_ancestor(commit, head):
        raise UnknownCommitError(f"{commit[:10]} is not in the history of this stream.", "See ai-vcs graph.")
    raw = repo.objects.read(commit, "commit")
    tree = _without(workspace, commit, head)
    if tree == repo.tree_of(head):
        raise NothingToCommitError(f"What {commit[:10]} changed is taken back already.", "There is nothing to do.")
    subject = messages.subject(raw.partition(b"\n\n")[2])
    text = b'Revert "%s"\n\nThis reverts commit %s.\n' % (subject, commit.encode())
    made = making.make(actor, tree, (head,), text, no_verify=params.no_verify)
    name = ref if ref is not None else moving.own_head(repo)
    wish = Wish(
        kind="revert",
        moves={name: (head, made.oid)},
        files="require",
        summary=f"revert: {messages.subject(made.message).decode('utf-8', 'replace')}",
        details={**made.details, "reverts": commit, "engine": making.engine(workspace.git)},
        arguments={"commit": params.commit, "noVerify": params.no_verify},
        causes=(workspace.ledger.producer(commit),),
        keep=(made.oid,),
        private=made.private,
        note=(made.oid, lambda existing: notes.merge(existing, made.line)),
    )
    operation = moving.carry_out(actor, wish, moving.prepare(workspace, wish))
    output = workspace.hooks().post_commit().output
    notices = tuple(workspace.notices)
    workspace.notices.clear()
    return wire.CommitResult(
        commit_id=made.commit_id,
        git_commit=made.oid,
        change_id=made.change_id,
        operation_id=ids.text(operation.id),
        stream=ref.removeprefix(streams.HEADS) if ref is not None else None,
        parents=(head,),
        subject=messages.subject(made.message).decode("utf-8", "replace"),
        files=compared(workspace.git, ["diff-tree", "-r", "--no-commit-id"], [head, made.oid]),
        hook_output="".join([*made.said, output]),
        notices=notices,
    )


def _without(workspace: Workspace, commit: str, head: str) -> str:
    workspace.repo.objects.flush()
    tree, paths = without(workspace.repo, workspace.git, commit, head)
    if paths:
        named = [quote(path) for path in paths[:_SHOWN]]
        more = f" and {len(paths) - _SHOWN} more" if len(paths) > _SHOWN else ""
        raise UndoRefusedError(
            f"Later commits changed the same lines of {', '.join(named)}{more}.",
            f"Run git revert {commit[:10]}, resolve the conflicts, ai-vcs add the files, then: git revert --continue",
        )
    return tree
