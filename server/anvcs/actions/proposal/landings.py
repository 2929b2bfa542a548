"""How a proposal lands: the commit of just the tree that was judged, one operation, and what a crash left of it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec

from anvcs import ids, wire
from anvcs.actions import ancestry, making, moving, publish, recovery, streams
from anvcs.actions.moving import Wish
from anvcs.actions.proposal import hooks, keeping, leases, suggestions
from anvcs.actions.proposal.book import Book, retrying
from anvcs.errors import AnvcsError, DiskError
from anvcs.gitmirror import worktrees
from anvcs.gitmirror.paths import quote
from anvcs.governance.proposal_events import Accepted, Landing, Named, Released
from anvcs.governance.proposals import State
from anvcs.provenance import notes

if TYPE_CHECKING:
    from anvcs.actions.acting import Acting
    from anvcs.actions.moving import Ready
    from anvcs.actions.workspace import Workspace
    from anvcs.history.ledger import Entry

KIND = "merge"
STEPS = ("landing", "accepted")
"""The fault points of landing, beside those of ``publish``, each reached just before the step of its name."""
_LOOKED_AT = 1000
"""How many operations of an actor are looked at for what became of a landing."""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """How it is to land."""

    message: str | None = None
    no_verify: bool = False
    forced: str | None = None
    """Why a person lets pass what stands in the way."""
    tests_passed: bool | None = None
    tested: str | None = None
    """The result that a merge queue has tested, where it lands as a part of that one."""
    arguments: dict[str, ids.Value] = msgspec.field(default_factory=dict[str, "ids.Value"])


class Landed(msgspec.Struct, frozen=True):
    """It has landed."""

    state: State
    operation: str
    commit: str
    paths: tuple[str, ...]
    """Files that changed here."""
    output: str
    """What hooks printed."""


def land(actor: Acting, book: Book, state: State, wanted: Wanted) -> Landed:
    """Move the target to a commit of the result. The caller holds the lease and has judged the proposal.

    Raises StoreConflictError if the target moved, StreamError for one that another worktree has checked out,
    WouldLoseWorkError, OperationInProgressError, and what making a commit raises. Nothing was changed then.
    """
    workspace = actor.workspace
    refuse_elsewhere(workspace, state.opened.target)
    here = workspace.repo.head_ref() == state.opened.target
    if here:
        streams.refuse_busy(workspace)
    wish, output = _wish(actor, state, wanted)
    ready = moving.prepare(workspace, wish)
    commit = str(wish.moves[state.opened.target][1])
    workspace.caller.at("landing")
    tree, target = str(state.tree), str(wish.moves[state.opened.target][0])
    state = book.add(actor, state, Landing(tree=tree, target=target, commit=commit, forced=wanted.forced))
    try:
        operation = moving.carry_out(actor, wish, ready)
    except BaseException as error:
        # Where even that fails, the next look at it finds out.
        with suppress(AnvcsError, OSError):
            book.add(actor, state, Released(reason=f"It did not land: {error}"))
        raise
    workspace.caller.at("accepted")
    try:
        state = _accepted(actor, book, state, operation.id)
    except DiskError as error:
        workspace.notices.append(f"It has landed, but the proposal can say so only once there is room: {error.message}")
    if here:
        output += hooks.post_merge(workspace)
    return Landed(state, ids.text(operation.id), commit, _paths(ready), output)


def settle(actor: Acting, book: Book, state: State, *, held: bool = False) -> State:
    """Find out what became of a landing whose process is gone. One that goes on is left alone.

    ``held`` says that the caller has the lease, so that nobody else is at work on it.
    """
    if state.landing is None or (not held and leases.is_held(actor.workspace, state.id)):
        return state
    workspace = actor.workspace
    if recovery.needed(workspace):
        workspace.notices += recovery.recover(workspace)
    found = _operation(workspace, state)
    if found is not None and found.state == "published":
        return _accepted(actor, book, state, found.signed.id)
    unclear = found is not None and found.state == "unknown"
    reason = "Nobody can tell whether it landed: look at the stream." if unclear else "Who let it land died before."
    return book.add(actor, state, Released(reason=reason))


def shown(workspace: Workspace, state: State) -> wire.Landed | None:
    """What accepting made of it."""
    it = state.accepted
    if it is None:
        return None
    target = workspace.repo.ref(state.opened.target)
    merged = state.computed is not None and not state.computed.forward
    here = it.commit in workspace.repo.handle
    return wire.Landed(
        operation_id=ids.text(it.operation),
        git_commit=it.commit,
        commit_id=ids.commit_id(workspace.repo.objects.read(it.commit, "commit")) if merged and here else None,
        taken_back=not here or target is None or not _has(workspace, target, it.commit),
    )


def _has(workspace: Workspace, target: str, commit: str) -> bool:
    return target == commit or ancestry.is_ancestor(workspace, commit, target)


def _accepted(actor: Acting, book: Book, state: State, operation: bytes) -> State:
    landed = state.landed
    assert landed is not None  # noqa: S101 - for the type checker
    event = Accepted(tree=landed.tree, commit=landed.commit, operation=operation)
    # Somebody may vote while it lands.
    state = retrying(lambda: book.add(actor, book.load(state.id), event))
    keeping.release(actor.workspace, state.id)
    return state


def _operation(workspace: Workspace, state: State) -> Entry | None:
    """The operation by which it landed, or was about to."""
    landing = state.landing
    assert landing is not None  # noqa: S101 - for the type checker
    name = ids.text(state.id)
    for _, entry in workspace.ledger.by_actor(landing.body.by, _LOOKED_AT):
        it = entry.operation
        if it.kind == KIND and it.details.get("proposal") == name:
            return entry
    return None


def refuse_elsewhere(workspace: Workspace, ref: str) -> None:
    """Raise StreamError for a stream that another worktree has checked out."""
    holder = worktrees.holders(workspace.repo).get(ref)
    if holder is not None and holder != workspace.repo.worktree_name():
        raise publish.checked_out(workspace.repo, ref, holder)


def _wish(actor: Acting, state: State, wanted: Wanted) -> tuple[Wish, str]:
    """What is to be published, with a commit made for it where something was merged; and what hooks said."""
    workspace, computed, tree = actor.workspace, state.computed, str(state.tree)
    assert computed is not None  # noqa: S101 - callers have worked it out
    details: dict[str, str | int | bool] = {
        "proposal": ids.text(state.id),
        "revision": computed.revision,
        "tree": tree,
        "stream": state.opened.target.removeprefix(streams.HEADS),
    }
    if wanted.forced is not None:
        details["forced"] = wanted.forced
    if wanted.no_verify:
        details["noVerify"] = True
    if wanted.tested is not None:
        details["tested"] = wanted.tested
    name = state.opened.target
    if computed.forward and tree == workspace.repo.tree_of(computed.sources[0]):
        wish = Wish(
            kind=KIND,
            moves={name: (computed.target, computed.sources[0])},
            files="require",
            summary=f"merge {_called(state)}: Fast-forward",
            details=details,
            arguments=wanted.arguments,
            causes=tuple(workspace.ledger.producer(each) for each in computed.sources),
            keep=(computed.target, computed.sources[0]),
        )
        return wish, ""
    output = "" if wanted.no_verify else hooks.pre_merge_commit(workspace, tree)
    message = _message(workspace, state, wanted.message)
    made = making.make(
        actor,
        tree,
        (computed.target, *computed.sources),
        message,
        source="merge",
        no_verify=wanted.no_verify,
        tests_passed=wanted.tests_passed,
        suggestions=suggestions.provenance(state),
    )
    wish = Wish(
        kind=KIND,
        moves={name: (computed.target, made.oid)},
        files="require",
        summary=f"merge {_called(state)}: Merge made by ANVCS.",
        details={**made.details, **details, "engine": computed.engine},
        arguments=wanted.arguments,
        causes=tuple(workspace.ledger.producer(each) for each in (computed.target, *computed.sources)),
        keep=(made.oid, computed.target),
        private=made.private,
        note=(made.oid, lambda existing: notes.merge(existing, made.line)),
    )
    return wish, output + "".join(made.said)


def _called(state: State) -> str:
    return " ".join(each.name for each in state.opened.sources)


def _message(workspace: Workspace, state: State, given: str | None) -> bytes:
    """The message as given, else in git's own words (``merge.log`` and ``merge.suppressDest`` count)."""
    text = given if given is not None else state.opened.message
    if text is not None:
        return text.encode("utf-8", "surrogateescape")
    computed = state.computed
    assert computed is not None  # noqa: S101 - callers have worked it out
    lines = [
        f"{commit}\t\t{_called_by_git(each)}\n"
        for each, commit in zip(state.opened.sources, computed.sources, strict=True)
    ]
    target = state.opened.target.removeprefix(streams.HEADS)
    args = ("fmt-merge-msg", "--into-name", target)
    return workspace.git.output(*args, stdin="".join(lines).encode("utf-8", "surrogateescape"))


def _called_by_git(source: Named) -> str:
    """A source as git calls it before it writes the message."""
    if source.ref is None:
        return f"commit '{source.name}'"
    remote, tag = source.ref.startswith("refs/remotes/"), source.ref.startswith("refs/tags/")
    return f"{'remote-tracking branch' if remote else 'tag' if tag else 'branch'} '{source.name}' of ."


def _paths(ready: Ready) -> tuple[str, ...]:
    return tuple(quote(path) for path in sorted(ready.paths))
