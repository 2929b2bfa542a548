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
from anvcs.gitmirror.git import failed
from anvcs.gitmirror.paths import quote
from anvcs.gitmirror.trees import EMPTY_TREE
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
    tree = _without(actor, commit, _parent_tree(workspace, raw), head)
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
        details={**made.details, "reverts": commit},
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


def _parent_tree(workspace: Workspace, raw: bytes) -> str:
    header = raw.partition(b"\n\n")[0]
    parents = [line[7:].decode("ascii") for line in header.split(b"\n") if line.startswith(b"parent ")]
    return workspace.repo.tree_of(parents[0]) if parents else EMPTY_TREE


def _without(actor: Acting, commit: str, before: str, head: str) -> str:
    """The tree of ``head`` without what the commit changed: a merge whose base is the commit itself."""
    workspace = actor.workspace
    repo = workspace.repo
    if before == EMPTY_TREE:
        repo.objects.write("tree", b"")
    lines = [b"tree " + before.encode(), b"parent " + commit.encode()]
    lines += [b"author " + actor.who.raw(), b"committer " + actor.who.raw()]
    # merge-tree takes an explicit base from git 2.40 on only; a commit on top of the base works everywhere.
    temporary = repo.objects.write("commit", b"\n".join(lines) + b"\n\nwithout\n")
    repo.objects.flush()
    args = ("merge-tree", "--write-tree", "--name-only", "--no-messages", "-z", head, temporary)
    done = workspace.git.run(*args)
    if done.returncode > 1 or (done.returncode and not done.stdout):
        raise failed(args, done.stderr)
    tree, *paths = done.stdout.removesuffix(b"\0").split(b"\0")
    if done.returncode:
        named = [quote(path) for path in dict.fromkeys(paths) if path]
        more = f" and {len(named) - _SHOWN} more" if len(named) > _SHOWN else ""
        raise UndoRefusedError(
            f"Later commits changed the same lines of {', '.join(named[:_SHOWN])}{more}.",
            f"Run git revert {commit[:10]}, resolve the conflicts, ai-vcs add the files, then: git revert --continue",
        )
    return tree.decode("ascii")
