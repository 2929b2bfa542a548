"""Works out what merging streams would give, as a proposal; lands it at once where that is asked for and safe."""

from __future__ import annotations

import secrets
from contextlib import suppress
from typing import TYPE_CHECKING

from msgspec.structs import replace

from anvcs import wire
from anvcs.actions import ancestry, foreign, streams
from anvcs.actions.acting import Acting, acting
from anvcs.actions.caller import Caller
from anvcs.actions.proposal import computing, landings, leases, rules, shown
from anvcs.actions.proposal.accept import land, passed
from anvcs.actions.proposal.book import Book, book, open_book
from anvcs.actions.proposal.chosen import Chosen
from anvcs.actions.proposal.computing import Tips
from anvcs.actions.proposal.landings import Wanted
from anvcs.actions.proposal.running import run
from anvcs.actions.resolve import resolve
from anvcs.errors import AnvcsError, CancelledError, ProposalMovedError, StoreConflictError, StreamError, UsageError
from anvcs.gitmirror.settings import parse_bool
from anvcs.governance import proposal_rules
from anvcs.governance.proposal_events import Named, Opened, Restated
from anvcs.provenance.redaction import redact_text

if TYPE_CHECKING:
    from anvcs.actions.workspace import Workspace
    from anvcs.governance.proposals import State

_ATTEMPTS = 10
"""How often streams that keep moving are looked at again."""


def merge(caller: Caller, params: wire.MergeParams) -> wire.MergeResult:
    """Propose the merge; with ``auto`` accept it if nothing stands in the way.

    Raises StreamError, UnknownCommitError, UsageError, and MergeError where there is nothing to merge by.
    """
    workspace = caller.workspace(params.folder)
    with workspace.lock:
        foreign.look(workspace)
        actor = acting(workspace, params)
        target = _target(workspace, params.into)
        sources, tips = _sources(workspace, params, target)
        if not sources:
            _settle(actor, target)
            return _told(workspace, wire.MergeResult(outcome="up-to-date", target=_name(target)))
        book = open_book(workspace)
        forward = _fast_forward(workspace, params, target, tips)
        message = redact_text(params.message)[0] if params.message is not None else None
        for _ in range(_ATTEMPTS):
            try:
                found = _proposed(actor, book, target, sources, message, forward=forward)
                return _told(workspace, _result(found, params))
            except (StoreConflictError, ProposalMovedError):
                workspace.repo.objects.flush()
        raise ProposalMovedError("The streams kept moving.", "Try again when others have finished.")


def _settle(actor: Acting, target: str) -> None:
    """Let proposals know that they have landed, where who let them land died before saying so."""
    found = book(actor.workspace, make=False)
    if found is None:
        return
    for state in found.states(only_open=True):
        if state.opened.target == target and state.landing is not None:
            # Somebody else may find it out at the same moment.
            with suppress(StoreConflictError):
                landings.settle(actor, found, state)


def _target(workspace: Workspace, name: str | None) -> str:
    """The stream that is to have it. Raises StreamError."""
    if name is not None:
        return streams.ref_of(workspace, name)
    ref = workspace.repo.head_ref()
    if ref is None:
        raise StreamError("HEAD is detached, so there is no stream to merge into.", "Name one with: into STREAM")
    if workspace.repo.ref(ref) is None:
        raise StreamError(
            f"The stream {_name(ref)} has no commit yet, so there is nothing to merge into.",
            "Begin at the other stream with: git merge, or ai-vcs stream switch",
        )
    return ref


def _sources(workspace: Workspace, params: wire.MergeParams, target: str) -> tuple[tuple[Named, ...], Tips]:
    """What is to be merged: not what the target, or another one of them, has already."""
    tip = str(workspace.repo.ref(target))
    found: dict[str, Named] = {}
    for name in params.sources:
        source, commit = _source(workspace, name)
        if source.ref == target:
            raise UsageError(f"The stream {_name(target)} cannot be merged into itself.", "Name another stream.")
        if commit != tip and not ancestry.is_ancestor(workspace, commit, tip):
            found.setdefault(commit, source)
    kept = {
        commit: source
        for commit, source in found.items()
        if not any(commit != other and ancestry.is_ancestor(workspace, commit, other) for other in found)
    }
    return tuple(kept.values()), Tips(tip, tuple(kept))


def _source(workspace: Workspace, name: str) -> tuple[Named, str]:
    """A source with its commit: a stream, a remote's, a tag, else any name of a commit."""
    repo = workspace.repo
    for prefix in (streams.HEADS, "refs/remotes/", "refs/tags/"):
        ref = name if name.startswith(prefix) else prefix + name
        value = repo.ref(ref)
        commit = repo.peel(value) if value is not None else None
        if commit is not None:
            return Named(ref.removeprefix(prefix), ref), commit
    commit = resolve(workspace, name)
    return Named(commit, None), commit


def _fast_forward(workspace: Workspace, params: wire.MergeParams, target: str, tips: Tips) -> bool:
    """Whether the target may just move on, by request and git's settings. Raises StreamError for ``merge.ff=only``."""
    settings = workspace.repo.settings.get()
    own = (settings.get(f"branch.{_name(target)}.mergeOptions") or "").split()
    if params.no_ff or "--no-ff" in own:
        return False
    value = settings.get("merge.ff") or "true"
    if value == "only" or "--ff-only" in own:
        if len(tips.sources) != 1 or not ancestry.is_ancestor(workspace, tips.target, tips.sources[0]):
            raise StreamError(
                f"{_name(target)} has gone on by itself, and merge.ff=only forbids a merge commit.",
                "Rebase the source first, or ask for a merge commit with --no-ff.",
            )
        return True
    return parse_bool(value) is not False


def _proposed(
    actor: Acting, book: Book, target: str, sources: tuple[Named, ...], message: str | None, *, forward: bool
) -> Chosen:
    """The open proposal for just this merge, brought up to date; else a new one."""
    names = {(each.name, each.ref) for each in sources}
    known = book.count()
    for state in book.states(only_open=True):
        if state.opened.target == target and {(each.name, each.ref) for each in state.opened.sources} == names:
            return _again(actor, book, state, message, forward=forward)
    workspace = actor.workspace
    opened = Opened(
        target=target,
        sources=sources,
        message=message,
        fast_forward=forward,
        nonce=secrets.token_bytes(8),
    )
    tips = computing.tips_of(workspace, opened)
    # Worked out before anything is written down: what cannot be merged leaves no proposal behind.
    worked = computing.work_out(workspace, tips, opened)
    state = computing.record(actor, book, book.open(actor, opened, known), worked)
    return Chosen(actor, book, state, renewed=False, before=state)


def _again(actor: Acting, book: Book, state: State, message: str | None, *, forward: bool) -> Chosen:
    state = landings.settle(actor, book, state)
    wanted = message if message is not None else state.opened.message
    if (wanted, forward) != (state.opened.message, state.opened.fast_forward):
        state = book.add(actor, state, Restated(message=wanted, fast_forward=forward))
    now, renewed = computing.refresh(actor, book, state)
    return Chosen(actor, book, now, renewed, state)


def _result(found: Chosen, params: wire.MergeParams) -> wire.MergeResult:
    workspace, target = found.actor.workspace, _name(found.state.opened.target)
    if found.state.closed is not None:
        return wire.MergeResult(outcome="up-to-date", target=target)
    problem: wire.Problem | None = None
    try:
        found = _checked(found, params)
        if params.auto and not rules.ruling(workspace, found.state).obstacles:
            return _landed(found, params)
    except (CancelledError, StoreConflictError, ProposalMovedError):
        raise
    except AnvcsError as error:
        output = str(getattr(error, "output", ""))
        problem = wire.Problem(code=error.code, message=error.message, way_out=error.way_out, output=output)
    state = found.book.load(found.state.id)
    return wire.MergeResult(
        outcome="proposed",
        target=target,
        proposal=shown.proposal(workspace, found.book, state),
        refused=problem,
    )


def _checked(found: Chosen, params: wire.MergeParams) -> Chosen:
    """Run all guards where that is asked for, else those without which it cannot land at once."""
    state = found.state
    if state.unresolved():
        return found
    team = rules.rules(found.actor.workspace, state)
    missing = [name for name in team.guards if name not in proposal_rules.ran(state)]
    if params.test_check or (params.auto and missing):
        return replace(found, state=run(found, None if params.test_check else missing))
    return found


def _landed(found: Chosen, params: wire.MergeParams) -> wire.MergeResult:
    workspace = found.actor.workspace
    with leases.lease(workspace, found.state.id):
        wanted = Wanted(
            message=params.message,
            no_verify=params.no_verify,
            tests_passed=passed(found.state),
            arguments={
                "sources": list(params.sources),
                "into": params.into,
                "auto": True,
                "message": params.message,
                "noVerify": params.no_verify,
            },
        )
        done = land(found, found.state, wanted)
    return wire.MergeResult(
        outcome="accepted",
        target=_name(found.state.opened.target),
        proposal=shown.proposal(workspace, found.book, done.state),
        hook_output=done.output,
    )


def _told(workspace: Workspace, result: wire.MergeResult) -> wire.MergeResult:
    notices = tuple(workspace.notices)
    workspace.notices.clear()
    return replace(result, notices=notices)


def _name(ref: str) -> str:
    return ref.removeprefix(streams.HEADS)
