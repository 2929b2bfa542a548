"""Makes a commit: what it takes, the user's hooks, the metadata record, trailers, signature, then ``publish``."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import NamedTuple

import msgspec

from anvcs import actors, ids, wire
from anvcs.actions import evidence, mirrored, publish, recovery
from anvcs.actions.caller import Caller
from anvcs.actions.changes import file_changes
from anvcs.actions.commit_object import (
    Authors,
    Context,
    Draft,
    authors_of,
    finish_message,
    run_pre_commit,
    write_commit,
)
from anvcs.actions.known import metadata_of
from anvcs.actions.place import own
from anvcs.actions.plan import IndexMove
from anvcs.actions.rooms import committing
from anvcs.actions.workspace import Workspace
from anvcs.actors import KeyStore
from anvcs.errors import (
    CommitError,
    EmptyMessageError,
    NothingToCommitError,
    OperationInProgressError,
    StoreConflictError,
    StreamMovedError,
    UnmergedPathsError,
)
from anvcs.gitmirror import differences, identity, messages, signing
from anvcs.gitmirror.differences import Change
from anvcs.gitmirror.hooks import HookResult
from anvcs.gitmirror.paths import quote, to_repo_path
from anvcs.gitmirror.refs import RefMove
from anvcs.gitmirror.selection import Selector
from anvcs.gitmirror.trees import EMPTY_TREE, SUBMODULE, Entry, edit, lookup
from anvcs.history import ledger
from anvcs.ids import Domain
from anvcs.provenance import mirror, notes, record
from anvcs.storage.lock import exclusive

ATTEMPTS = 50
"""How often a commit that lost the race for its stream is rebuilt on the new tip."""
MANY_PATHS = 1000
"""Above so many the operation names their number only; the commit itself lists them."""
_HOOKS = ("pre-commit", "prepare-commit-msg", "commit-msg", "post-commit", "post-rewrite", "reference-transaction")
_MERGE_FILES = ("MERGE_HEAD", "MERGE_MSG", "MERGE_MODE", "AUTO_MERGE", "SQUASH_MSG")


class _Base(NamedTuple):
    """Where a commit starts from."""

    ref: str
    """The commit-point ref: a branch, or ``HEAD`` when detached."""
    tip: str | None
    parents: tuple[str, ...]
    amended: str | None
    merging: bool


class _Prepared(NamedTuple):
    """Everything decided before the commit object is written."""

    base: _Base
    changes: dict[bytes, Change]
    metadata: wire.Metadata
    message: bytes
    redacted: tuple[str, ...]
    authors: Authors


def commit(caller: Caller, params: wire.CommitParams) -> wire.CommitResult:
    """Make the commit. Nothing is changed when it raises: see errors.CommitError, PathError and RepositoryError."""
    workspace = caller.workspace(params.folder)
    with workspace.lock:
        workspace.ledger.head()
        saved = _save_live(workspace, params)
        before: tuple[_Base, dict[bytes, Change]] | None = None
        for attempt in range(ATTEMPTS):
            # Who lost once keeps the others out while rebuilding, unless that could take the user's time: without it
            # many writers would starve each other.
            held = attempt > 0 and _is_quick(workspace, params)
            context = Context(workspace, workspace.hooks(), params.no_verify, held)
            hooked = context.wants_candidate()
            selector = Selector(workspace.repo, workspace.index, workspace.scratch, hooked=hooked)
            try:
                with exclusive(workspace.lock_path) if held else nullcontext():
                    if recovery.needed(workspace):
                        workspace.notices += (recovery.settle if held else recovery.recover)(workspace)
                    base = _base(workspace, params)
                    if before is not None and before[0] != base:
                        changes = _carry_over(workspace, before[1], before[0], base)
                    else:
                        changes = _select(workspace, selector, params, base)
                    before = base, changes
                    made = _attempt(context, selector, params, base, changes)
                    return msgspec.structs.replace(made, saved=saved, unsaved=committing.unsaved(workspace))
            except StoreConflictError:
                # The files' blobs are needed again.
                workspace.repo.objects.flush()
            except BaseException:
                workspace.repo.objects.discard()
                raise
            finally:
                selector.close()
        raise StreamMovedError(
            "The stream kept moving while the commit was being made.", "Try again when others have finished."
        )


def _save_live(workspace: Workspace, params: wire.CommitParams) -> tuple[wire.SavedRoom, ...]:
    if not params.live:
        return ()
    if params.only_agent is not None:
        raise CommitError("Saving live text and taking one agent's alone exclude each other.", "Choose one of the two.")
    author = identity.author(workspace.git, workspace.repo.settings.get())
    return committing.save_live(workspace, evidence.actor(_given(params), author))


def _is_quick(workspace: Workspace, params: wire.CommitParams) -> bool:
    """Nothing of the user's (a hook, a signing program that may ask for a passphrase) runs on the way."""
    hooks = workspace.hooks()
    agent = params.agent or params.metadata.agent_id
    asks = signing.way(workspace.repo.settings.get(), params.sign, agent=agent is not None) == "git"
    return not asks and not any(hooks.exists(name) for name in _HOOKS)


def _base(workspace: Workspace, params: wire.CommitParams) -> _Base:
    repo = workspace.repo
    state = repo.in_progress()
    if state in ("cherry-pick", "revert"):
        raise OperationInProgressError(
            f"A {state} is in progress.", f"Finish it with git {state} --continue, or stop it with git {state} --abort."
        )
    merging = state == "merge"
    if merging and params.paths:
        raise OperationInProgressError("A merge is concluded whole, not by paths.", "Run ai-vcs commit without paths.")
    workspace.index.load()
    if workspace.index.unmerged():
        raise UnmergedPathsError(
            "Some files still have conflicts.", "Resolve them and mark them with: ai-vcs add <file>"
        )
    ref = repo.head_ref() or "HEAD"
    tip = repo.ref(ref)
    if params.amend:
        if tip is None:
            raise CommitError("There is no commit to amend yet.", "Commit without --amend.")
        if merging:
            raise OperationInProgressError("A merge is in progress, so nothing can be amended.", "Conclude it first.")
        return _Base(ref, tip, _parents(workspace, tip), tip, merging=False)
    parents = [tip] if tip else []
    if merging:
        parents += (repo.git_dir / "MERGE_HEAD").read_text("utf-8").split()
    return _Base(ref, tip, tuple(parents), None, merging)


def _parents(workspace: Workspace, oid: str) -> tuple[str, ...]:
    header = workspace.repo.objects.read(oid, "commit").partition(b"\n\n")[0]
    return tuple(line[7:].decode("ascii") for line in header.split(b"\n") if line.startswith(b"parent "))


def _select(workspace: Workspace, selector: Selector, params: wire.CommitParams, base: _Base) -> dict[bytes, Change]:
    """Paths as saved, else what is staged, else (not when amending or merging) every change."""
    if params.only_agent is not None:
        if base.merging or params.amend:
            raise CommitError("One agent's text makes a commit of its own.", "Commit without --amend, after the merge.")
        return committing.only(workspace, params.only_agent, base.tip, params.paths)
    if params.paths:
        root, cwd = workspace.repo.root, workspace.caller.cwd
        return selector.paths(base.tip, [to_repo_path(root, cwd, path) for path in params.paths])
    if base.merging or params.amend or params.allow_empty:
        return differences.staged(workspace.repo, base.tip)
    return selector.staged_or_everything(base.tip)


def _carry_over(workspace: Workspace, changes: dict[bytes, Change], old: _Base, new: _Base) -> dict[bytes, Change]:
    """The same changes on a tip that another writer moved meanwhile. Raises StreamMovedError if it changed them too.

    Building on the old tree instead would silently drop the winner's files.
    """
    objects = workspace.repo.objects
    if old.ref != new.ref or old.amended or new.merging != old.merging:
        raise StreamMovedError(f"{old.ref} moved while the commit was being made.", "Look at it, then try again.")
    tree = workspace.repo.tree_of(new.tip) if new.tip else EMPTY_TREE
    carried: dict[bytes, Change] = {}
    for path, change in changes.items():
        now = lookup(objects, tree, path)
        if now == change.new:
            continue
        if now != change.old:
            raise StreamMovedError(
                f"Someone else committed {quote(path)} to {new.ref} meanwhile.", "Look at their change, then try again."
            )
        carried[path] = change
    return carried


def _attempt(
    context: Context, selector: Selector, params: wire.CommitParams, base: _Base, changes: dict[bytes, Change]
) -> wire.CommitResult:
    workspace = context.workspace
    _refuse_nothing(params, base, changes)
    prepared = _prepare(workspace, params, base, changes)
    workspace.caller.progress("Running hooks", None)
    candidate = _candidate(context, selector, params, changes)
    said: list[str] = []
    if candidate is not None:
        said.append(run_pre_commit(context, candidate).output)
        changes = selector.reread(base.tip, candidate)
        _refuse_nothing(params, base, changes)
    tree = edit(workspace.repo.objects, workspace.repo.tree_of(base.tip) if base.tip else None, _entries(changes))
    _refuse_emptied(workspace, params, base, tree)
    made = record.make_record(
        prepared.metadata, tree, secrets.token_bytes, {"hooks_skipped": params.no_verify} if params.no_verify else None
    )
    change_id = _change_id(workspace, base)
    draft = Draft(
        tree=tree,
        parents=base.parents,
        message=prepared.message,
        authors=prepared.authors,
        change_id=change_id,
        meta=made.root,
        agent=prepared.metadata.agent_id,
        sign=params.sign,
        source=("commit", base.amended) if base.amended else ("merge" if base.merging else "message", None),
        signer=KeyStore(workspace.caller.config_home).signer(_actor(workspace, params)),
    )
    message, hook_output = finish_message(context, draft, candidate)
    said += hook_output
    workspace.caller.progress("Writing the commit", None)
    oid = write_commit(context, draft, message)
    for change in changes.values():
        if change.new is not None:
            workspace.repo.objects.adopt(change.new.oid)
    prepared = prepared._replace(changes=changes)
    return _publish(context, params, prepared, draft, message, oid, made, said)


def _refuse_nothing(params: wire.CommitParams, base: _Base, changes: dict[bytes, Change]) -> None:
    if not changes and not (params.allow_empty or params.amend or base.merging):
        raise NothingToCommitError(
            "There is nothing to commit: the work tree is as it was committed."
            if not params.paths
            else "There is nothing to commit at these paths.",
            "Change something first, or use --allow-empty.",
        )


def _refuse_emptied(workspace: Workspace, params: wire.CommitParams, base: _Base, tree: str) -> None:
    """An amend must not leave a commit without a change that had one; git refuses it too."""
    if not base.amended or params.allow_empty or len(base.parents) != 1:
        return
    parent = workspace.repo.tree_of(base.parents[0])
    if tree == parent and workspace.repo.tree_of(base.amended) != parent:
        raise NothingToCommitError(
            "Amending like this would leave the commit without any change.", "Use --allow-empty, or: git reset HEAD^"
        )


def _prepare(workspace: Workspace, params: wire.CommitParams, base: _Base, changes: dict[bytes, Change]) -> _Prepared:
    inherited = metadata_of(workspace, base.amended) if base.amended else None
    metadata = evidence.gather(workspace, _given(params), inherited)
    message = params.message
    if message is None:
        message = _default_message(workspace, base)
    if "\0" in message:
        raise CommitError("The message contains a NUL character.", "Remove it.")
    metadata, message, redacted = evidence.cleaned(metadata, message)
    raw = message.encode("utf-8", "surrogateescape")
    authors = authors_of(workspace, base.amended)
    return _Prepared(base, changes, metadata, raw, redacted, authors)


def _actor(workspace: Workspace, params: wire.CommitParams) -> str:
    """Who commits: an amended commit keeps its agent and author, but whoever amends it has done so."""
    name = _given(params).agent_id or evidence.configured_agent(workspace)
    if name:
        return actors.agent(name)
    return evidence.actor(wire.Metadata(), identity.author(workspace.git, workspace.repo.settings.get()))


def _given(params: wire.CommitParams) -> wire.Metadata:
    """The metadata of the request, with the agent and prompt that every acting request may name."""
    given = params.metadata
    return msgspec.structs.replace(
        given,
        agent_id=given.agent_id if given.agent_id is not None else params.agent or params.only_agent,
        prompt=given.prompt if given.prompt is not None else params.prompt,
    )


def _default_message(workspace: Workspace, base: _Base) -> str:
    if base.amended:
        raw = workspace.repo.objects.read(base.amended, "commit").partition(b"\n\n")[2]
        return raw.decode("utf-8", "surrogateescape")
    prepared = workspace.repo.git_dir / "MERGE_MSG"
    if base.merging and prepared.exists():
        raw = messages.cleanup(prepared.read_bytes(), "strip")
        return raw.decode("utf-8", "surrogateescape")
    raise EmptyMessageError("A commit needs a message.", "Give one with -m.")


def _candidate(
    context: Context, selector: Selector, params: wire.CommitParams, changes: dict[bytes, Change]
) -> Path | None:
    """An index for hooks to look at and change; none if no hook would see it."""
    if not context.wants_candidate():
        return None
    return selector.candidate(changes, only=bool(params.paths))


def _entries(changes: dict[bytes, Change]) -> dict[bytes, Entry | None]:
    return {path: change.new for path, change in changes.items()}


def _change_id(workspace: Workspace, base: _Base) -> str:
    if base.amended:
        body = workspace.repo.objects.read(base.amended, "commit").partition(b"\n\n")[2]
        known = [value.decode() for name, value in messages.anvcs_lines(body) if name == b"ANVCS-Change"]
        if known and ids.is_change_id(known[-1]):
            return known[-1]
    return ids.new_change_id()


def _publish(
    context: Context,
    params: wire.CommitParams,
    prepared: _Prepared,
    draft: Draft,
    message: bytes,
    oid: str,
    made: record.Record,
    said: list[str],
) -> wire.CommitResult:
    workspace, base = context.workspace, prepared.base
    commit_id = ids.commit_id(workspace.repo.objects.read(oid, "commit"))
    moment = int(time.time() * 1000)
    line = _note_line(prepared, draft, oid, commit_id, made, skipped=params.no_verify)
    details: dict[str, str | int | bool] = {"gitCommit": oid, "commitId": commit_id, "changeId": draft.change_id}
    if params.no_verify:
        details["noVerify"] = True
    if len(prepared.changes) > MANY_PATHS:
        details["pathCount"] = len(prepared.changes)
    private, arguments, prompt = _private(params, prepared, made)
    place = own(workspace)
    move = RefMove(base.ref, base.tip, oid)
    index, replaced = _index_moves(prepared.changes)
    operation = publish.publish(
        workspace,
        publish.Publication(
            draft=ledger.Draft(
                kind="amend" if base.amended else "commit",
                moves=publish.moves_of(place, (move,)),
                commit_point=publish.view_name(workspace.repo, base.ref),
                names=(publish.NOTES, publish.KEEP),
                arguments=arguments,
                prompt=prompt,
                confidence=params.confidence,
                causes=_causes(workspace, params, base),
                paths=tuple(sorted(prepared.changes)) if len(prepared.changes) <= MANY_PATHS else (),
                details=details,
                time=moment,
                worktree=workspace.repo.worktree_name(),
            ),
            signer=draft.signer,
            parts=(
                publish.PartOf(
                    place,
                    (move,),
                    index,
                    head=f"ref: {base.ref}" if base.ref != "HEAD" else base.tip,
                ),
            ),
            keep=(oid, *([base.amended] if base.amended else [])),
            keep_blobs=replaced,
            private=private,
            who=prepared.authors.committer,
            note=(oid, lambda existing: notes.merge(existing, line)),
            summary=_summary(base, message),
            concludes=_MERGE_FILES if base.merging else (),
            held=context.held,
        ),
    )
    return _report(context, prepared, draft, message, oid, commit_id, operation.id, said)


def _index_moves(changes: dict[bytes, Change]) -> tuple[tuple[IndexMove, ...], tuple[str, ...]]:
    """What happens to the index, and the blobs that were staged and stand in neither the old nor the new commit."""
    moves: list[IndexMove] = []
    replaced: list[str] = []
    for path, change in changes.items():
        if change.index is not None or (change.new is None and change.before is not None):
            moves.append(IndexMove(path, change.before, change.index))
            before = change.before.entry if change.before is not None else None
            if before is not None and before not in (change.old, change.new) and before.mode != SUBMODULE:
                replaced.append(before.oid)
    return tuple(moves), tuple(replaced)


def _causes(workspace: Workspace, params: wire.CommitParams, base: _Base) -> tuple[bytes, ...]:
    """The operations that brought the commits it stands on or replaces, and those that its actor names."""
    found = [workspace.ledger.find(name) for name in params.causes]
    for commit in (*base.parents, base.amended):
        producer = workspace.ledger.producer(commit) if commit is not None else None
        if producer is not None:
            found.append(producer)
    return tuple(dict.fromkeys(found))


def _note_line(
    prepared: _Prepared, draft: Draft, oid: str, commit_id: str, made: record.Record, *, skipped: bool
) -> bytes:
    passed = prepared.metadata.tests_passed
    return notes.line_of(
        notes.NoteLine(
            commit=oid,
            tree=draft.tree,
            commit_id=commit_id,
            change_id=draft.change_id,
            meta=draft.meta,
            record=dict(made.to_builtins()),
            agent=prepared.metadata.agent_id,
            tests=None if passed is None else "passed" if passed else "failed",
            hooks_skipped=skipped,
        )
    )


def _private(
    params: wire.CommitParams, prepared: _Prepared, made: record.Record
) -> tuple[dict[bytes, bytes], bytes, bytes | None]:
    """Purgeable records by their root, and the salted hashes that stand in the operation for arguments and prompt."""
    salt = secrets.token_bytes(16)
    given: dict[str, ids.Value] = {
        "amend": params.amend,
        "allowEmpty": params.allow_empty,
        "noVerify": params.no_verify,
        "paths": [quote(os.fsencode(path)) for path in params.paths],
        "message": prepared.message,
    }
    arguments = ids.salted(Domain.ARGUMENTS, salt, given)
    private = {ids.raw(made.root): made.to_json(), arguments: ids.encode([salt, given])}
    field = made.fields.get("prompt")
    prompt = (
        ids.salted(Domain.PROMPT, field.salt, prepared.metadata.prompt) if isinstance(field, record.Field) else None
    )
    return private, arguments, prompt


def _summary(base: _Base, message: bytes) -> str:
    kind = "commit (amend)" if base.amended else "commit (merge)" if base.merging else "commit"
    return f"{kind}: {messages.subject(message).decode('utf-8', 'replace')}"


def _report(
    context: Context,
    prepared: _Prepared,
    draft: Draft,
    message: bytes,
    oid: str,
    commit_id: str,
    operation: bytes,
    said: list[str],
) -> wire.CommitResult:
    workspace, base = context.workspace, prepared.base
    after: list[HookResult] = [context.hooks.post_commit()]
    if base.amended:
        after.append(context.hooks.post_rewrite("amend", [(base.amended, oid)]))
    entry = mirror.Entry(
        commit_id=commit_id,
        git_commit=oid,
        tree=draft.tree,
        metadata=prepared.metadata,
        change_id=draft.change_id,
        operation_id=ids.text(operation),
    )
    problem = mirrored.restore(workspace) or mirror.write(workspace.repo.root, entry)
    notices: Sequence[str] = [*workspace.notices, *([problem] if problem else [])]
    workspace.notices.clear()
    return wire.CommitResult(
        commit_id=commit_id,
        git_commit=oid,
        change_id=draft.change_id,
        operation_id=ids.text(operation),
        stream=base.ref.removeprefix("refs/heads/") if base.ref != "HEAD" else None,
        parents=draft.parents,
        subject=messages.subject(message).decode("utf-8", "replace"),
        files=file_changes(prepared.changes),
        redacted=prepared.redacted,
        hook_output="".join([*said, *(result.output for result in after)]),
        notices=tuple(notices),
    )
