"""Runs a merge queue: what waits is merged in its order, tested together, and lands together or is bisected."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from anvcs import wire
from anvcs.actions import foreign, streams
from anvcs.actions.acting import Acting, acting
from anvcs.actions.caller import Caller
from anvcs.actions.proposal import computing, landings, leases, shown
from anvcs.actions.proposal.book import Book, open_book
from anvcs.actions.queue import attempt, lines
from anvcs.actions.queue.attempt import Attempt, Moved, Story
from anvcs.errors import ProposalError, StoreConflictError

if TYPE_CHECKING:
    from anvcs.governance.proposals import State
    from anvcs.guards.model import Evidence

_ATTEMPTS = 20
"""How often streams that keep moving are looked at again; what was tested on the same tree is not tested again."""

Stopped = Literal["base", "moved"] | None


def queue_run(caller: Caller, params: wire.QueueRunParams) -> wire.QueueResult:
    """Take everything that waits for a stream, in its order, with progress; cancelled, what has not landed waits on.

    Raises ProposalError where somebody runs it already, UntrustedError, ConfigError, CancelledError, StreamError, and
    what landing raises: WouldLoseWorkError, OperationInProgressError. What landed before has landed.
    """
    workspace = caller.workspace(params.folder)
    with workspace.lock:
        foreign.look(workspace)
        actor, book = acting(workspace, params), open_book(workspace)
        target = lines.target_of(workspace, book, params.into) or workspace.repo.head_ref()
        if target is None:
            raise ProposalError("No merge proposal waits in a queue.", "Put one there with: ai-vcs queue add PROPOSAL")
        landings.refuse_elsewhere(workspace, target)
        if workspace.repo.head_ref() == target:
            streams.refuse_busy(workspace)
        with leases.running(workspace, target):
            return _Run(actor, book, target).all(params.batch)


class _Run:
    """One run of a stream's queue."""

    def __init__(self, actor: Acting, book: Book, target: str) -> None:
        self._actor = actor
        self._workspace = actor.workspace
        self._book = book
        self._target = target
        self._story = Story()
        self._base: tuple[Evidence, ...] = ()

    def all(self, batch: int | None) -> wire.QueueResult:
        """Until nothing waits that can be tested, or something stops it."""
        stopped = self._drained(batch)
        return self._result(stopped)

    def _drained(self, batch: int | None) -> Stopped:
        for _ in range(_ATTEMPTS):
            waiting = self._waiting()
            self._story.awaited.clear()
            if not waiting:
                return None
            try:
                result = Attempt(self._actor, self._book, waiting, self._story).drain(batch)
            except Moved:
                continue
            if result.stopped == "base" and result.base is not None:
                self._base = result.base.evidence
                return "base"
            if result.stopped != "moved":
                return None
        return "moved"

    def _waiting(self) -> list[State]:
        """What waits now; what a dead process was landing is settled, and what the target has by now is out."""
        found: list[State] = []
        for state in lines.line(self._workspace, self._book, self._target):
            try:
                now = landings.settle(self._actor, self._book, state)
                if now.closed is None and computing.is_contained(self._workspace, computing.tips(self._workspace, now)):
                    now, _ = computing.refresh(self._actor, self._book, now)
            except StoreConflictError:
                # Somebody says something of it just now; it is looked at again when it lands.
                now = self._book.load(state.id)
            if now.queued is not None:
                found.append(now)
        return found

    def _result(self, stopped: Stopped) -> wire.QueueResult:
        workspace, story, by = self._workspace, self._story, self._actor.signer.actor
        waiting = lines.line(workspace, self._book, self._target)
        notices = tuple(workspace.notices)
        workspace.notices.clear()
        return wire.QueueResult(
            target=self._target.removeprefix(streams.HEADS),
            landed=tuple(self._summary(name) for name in story.landed),
            blocked=tuple(
                wire.QueueBlocked(
                    proposal=self._summary(each.proposal),
                    reason=each.reason,
                    after=attempt.named(each.after),
                    tree=each.tree,
                    evidence=attempt.shown(each.evidence, by),
                )
                for each in story.blocked
            ),
            waiting=lines.entries(workspace, waiting, story.awaited),
            flaky=tuple(
                wire.QueueFlake(guard=guard, tree=tree, proposals=attempt.named(names))
                for (guard, tree), names in story.flaky.items()
            ),
            tests=story.tests,
            stopped=stopped,
            base=attempt.shown(self._base, by),
            hook_output=story.output,
            notices=notices,
        )

    def _summary(self, name: bytes) -> wire.ProposalSummary:
        return shown.summary(self._workspace, self._book.load(name))
