"""Lets a merge proposal land: the target moves to just the tree that was judged, as one operation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anvcs import wire
from anvcs.actions.caller import Caller
from anvcs.actions.proposal import landings, leases, rules, shown
from anvcs.actions.proposal.book import short
from anvcs.actions.proposal.chosen import Chosen, chosen, refuse_closed, refuse_unseen
from anvcs.actions.proposal.landings import Landed, Wanted
from anvcs.errors import ProposalBlockedError, ProposalError, ProposalMovedError, StoreConflictError, UsageError
from anvcs.governance import proposal_rules
from anvcs.provenance.redaction import redact_text

if TYPE_CHECKING:
    from anvcs.governance.proposals import State


def proposal_accept(caller: Caller, params: wire.ProposalAcceptParams) -> wire.ProposalAccepted:
    """Land it. Raises ProposalMovedError where a stream moved (it is worked out anew then), ProposalBlockedError.

    And what landing raises: StreamError, WouldLoseWorkError, OperationInProgressError, HookFailedError.
    """
    workspace = caller.workspace(params.folder)
    with workspace.lock:
        for _ in range(_ATTEMPTS):
            found = chosen(workspace, params)
            refuse_closed(found.state)
            refuse_unseen(found, params.tree)
            try:
                landed = _land(found, params)
            except StoreConflictError:
                # Somebody said something of it at just this moment, which may be an objection.
                continue
            notices = tuple(workspace.notices)
            workspace.notices.clear()
            return wire.ProposalAccepted(
                proposal=shown.proposal(workspace, found.book, landed.state),
                operation_id=landed.operation,
                git_commit=landed.commit,
                paths=landed.paths,
                hook_output=landed.output,
                notices=notices,
            )
        raise ProposalError("The proposal kept changing.", "Try again when others have finished.")


_ATTEMPTS = 5


def _land(found: Chosen, params: wire.ProposalAcceptParams) -> Landed:
    forced = _forced(found, params)
    with leases.lease(found.actor.workspace, found.state.id):
        state = found.book.load(found.state.id)
        refuse_closed(state)
        if state.tree != found.state.tree:
            raise _moved(state)
        _refuse_blocked(found, state, forced)
        return land(found, state, _wanted(params, state, forced))


def land(found: Chosen, state: State, wanted: Wanted) -> Landed:
    """Land what was judged.

    Raises ProposalMovedError if the target moved just now, StoreConflictError if somebody said something of it.
    """
    workspace, computed = found.actor.workspace, state.computed
    try:
        return landings.land(found.actor, found.book, state, wanted)
    except StoreConflictError as error:
        workspace.repo.objects.flush()
        if computed is None or workspace.repo.ref(state.opened.target) == computed.target:
            raise
        raise _moved(state) from error


def passed(state: State) -> bool | None:
    """What guards say of the result all together; nothing if none ran."""
    ran = proposal_rules.ran(state).values()
    return all(each.outcome == "passed" for each in ran) if ran else None


def _moved(state: State) -> ProposalMovedError:
    target = state.opened.target.removeprefix("refs/heads/")
    return ProposalMovedError(
        f"{target} moved while the proposal {short(state.id)} was landing; nothing was changed.",
        f"Look at what it has become: ai-vcs proposal show {short(state.id)}",
    )


def _forced(found: Chosen, params: wire.ProposalAcceptParams) -> str | None:
    """The reason of a person who lets pass what stands in the way. Raises UsageError, ProposalBlockedError."""
    if not params.force:
        return None
    if not found.actor.signer.actor.startswith("human:"):
        raise ProposalBlockedError(
            f"{found.actor.signer.actor} may not force a merge: only people may.", "Ask somebody to look at it."
        )
    if not (params.reason or "").strip():
        raise UsageError("Forcing a merge needs a reason, which is recorded.", "Give it with --reason.")
    return redact_text(params.reason or "")[0]


def _refuse_blocked(found: Chosen, state: State, forced: str | None) -> None:
    standing = rules.ruling(found.actor.workspace, state).obstacles
    left = [each for each in standing if forced is None or not each.can_be_forced]
    if left:
        steps = shown.proposal(found.actor.workspace, found.book, state).next
        raise ProposalBlockedError(
            f"The proposal {short(state.id)} cannot land yet. {' '.join(each.message for each in left)}",
            f"Next: {steps[0]}" if steps else "",
        )


def _wanted(params: wire.ProposalAcceptParams, state: State, forced: str | None) -> Wanted:
    return Wanted(
        message=params.message,
        no_verify=params.no_verify,
        forced=forced,
        tests_passed=passed(state),
        arguments={
            "message": params.message,
            "force": params.force,
            "reason": params.reason,
            "noVerify": params.no_verify,
        },
    )
