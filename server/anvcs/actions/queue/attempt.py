"""One go at a merge queue: on one tip of the target, until something moves that the tests rest on."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from anvcs import ids, wire
from anvcs.actions import checking
from anvcs.actions.checking_subject import SETUP
from anvcs.actions.proposal import checks, computing, landings, leases, rules
from anvcs.actions.proposal.accept import passed
from anvcs.actions.proposal.book import Book, key, retrying
from anvcs.actions.proposal.landings import Wanted
from anvcs.actions.queue.speculation import Names, Speculation
from anvcs.errors import HookFailedError, ProposalError, StoreConflictError
from anvcs.governance.proposal_events import Unqueued
from anvcs.guards.queue import Rejected, Result, Tried, Verdict, drain

if TYPE_CHECKING:
    from anvcs.actions.acting import Acting
    from anvcs.config import Config
    from anvcs.governance.proposals import State
    from anvcs.guards.model import Evidence

CONFIRM = 1
"""How often a test is run again before a proposal is blamed for its failure."""


class Moved(Exception):  # noqa: N818 - never an error: all is built anew
    """A stream moved that the tests rest on."""


class Blocked(msgspec.Struct, frozen=True):
    """A proposal that left the queue."""

    proposal: bytes
    reason: str
    after: Names = ()
    tree: str | None = None
    evidence: tuple[Evidence, ...] = ()


@dataclass
class Story:
    """What became of everything, over all goes."""

    landed: list[bytes] = field(default_factory=list[bytes])
    blocked: list[Blocked] = field(default_factory=list[Blocked])
    awaited: dict[bytes, str] = field(default_factory=dict[bytes, str])
    """What else proposals wait for that stay in line."""
    flaky: dict[tuple[str, str], Names] = field(default_factory=dict[tuple[str, str], Names])
    """By guard and tree, what was tested together."""
    tests: int = 0
    output: str = ""


class Attempt:
    """A queue at work on one tip of its target."""

    def __init__(self, actor: Acting, book: Book, states: Sequence[State], story: Story) -> None:
        self._actor = actor
        self._workspace = actor.workspace
        self._book = book
        self._story = story
        self._states = {state.id: state for state in states}
        self._target = states[0].opened.target
        self._config: Config = rules.config(self._workspace, states[0])
        tip = computing.tips(self._workspace, states[0]).target
        team = rules.rules(self._workspace, states[0])
        self._speculation = Speculation(self._workspace, book, tip, self._states, team)
        self._stands = tip
        """Where the target is, what has landed included."""
        self._done: Names = ()
        self._evidence: dict[Names, tuple[Evidence, ...]] = {}

    def drain(self, batch: int | None) -> Result[bytes]:
        """Take everything in its order. Raises Moved, and what keeps guards from being run at all."""
        most = self._config.merge.batch
        result = drain(
            list(self._states),
            self._try,
            batch=min(most, batch or most),
            confirm=CONFIRM,
            land=self._land,
            reject=self._reject,
        )
        for flake in result.flaky:
            tree = self._speculation.at(flake.items).tree
            for each in _failed(flake.failed.evidence):
                self._story.flaky[each.guard, tree] = flake.items
        return result

    def _try(self, items: Names, /, *, again: bool) -> Tried:
        if self._workspace.repo.ref(self._target) != self._stands or not self._speculation.is_current():
            raise Moved
        number = self._speculation.obstacle(items)
        if number is not None:
            return Tried("conflict", conflict=number)
        self._story.tests += 1
        found = self._judged(items, again=again)
        self._evidence[items] = found
        self._story.flaky |= {(each.guard, each.tree): items for each in found if each.flaky}
        return Tried(_verdict(found), evidence=found)

    def _judged(self, items: Names, *, again: bool) -> tuple[Evidence, ...]:
        if not self._config.guards.checks:
            return ()
        workspace, stood = self._workspace, self._speculation.at(items)
        workspace.caller.progress(f"Testing {len(items)} merged into {self._name}", None)
        known = self._evidence.get(items, ()) if again else ()
        names = [each.guard for each in known if each.outcome != "passed" and each.guard != SETUP] or None
        found = checking.check(
            workspace,
            stood.tree,
            config=self._config,
            names=names,
            parents=stood.joined,
            progress=workspace.caller.progress,
            fresh=again,
        )
        told = {each.guard for each in found}
        # Where setup fails the guards say so themselves.
        return (*(each for each in known if each.guard not in told | {SETUP}), *found)

    @property
    def _name(self) -> str:
        return self._target.removeprefix(computing.HEADS)

    # Landing

    def _land(self, items: Names, tried: Tried) -> bool:
        tested = self._speculation.at((*self._done, *items)).tree
        for name in items:
            is_last = name == items[-1]
            if not self._land_one(name, tried.evidence if is_last else None, tested):
                return False
            self._done += (name,)
            self._stands = str(self._workspace.repo.ref(self._target))
        return True

    def _land_one(self, name: bytes, evidence: tuple[Evidence, ...] | None, tested: str) -> bool:
        """Let one land, if it is on the stream what it was in the test; ``evidence`` is about just this result."""
        expected = self._speculation.at((*self._done, name)).tree
        try:
            with leases.lease(self._workspace, name):
                state = landings.settle(self._actor, self._book, self._book.load(name), held=True)
                state, _ = computing.refresh(self._actor, self._book, state)
                if state.closed == "superseded":
                    return True
                if state.closed is not None or state.queued is None or state.tree != expected:
                    return False
                if evidence:
                    state = self._recorded(state, expected, evidence)
                return self._may_land(state, by_itself=evidence is not None) and self._landed(state, tested)
        except StoreConflictError:
            self._workspace.repo.objects.flush()
        except HookFailedError as error:
            self._drop(Blocked(name, f"{error.message} {error.output}".strip()))
        except ProposalError:
            # Somebody runs its guards, say: the next go finds it as they leave it.
            pass
        return False

    def _may_land(self, state: State, *, by_itself: bool) -> bool:
        """By the rules as they are now. What lands as a part of a tested result need not be tested by itself."""
        if rules.config(self._workspace, state) != self._config:
            return False
        standing = rules.ruling(self._workspace, state).obstacles
        left = [each for each in standing if by_itself or each.code != "guard-missing"]
        if any(not each.waits for each in left):
            self._drop(Blocked(state.id, " ".join(each.message for each in left)))
        return not left

    def _landed(self, state: State, tested: str) -> bool:
        wanted = Wanted(
            tests_passed=passed(state),
            tested=tested if tested != state.tree else None,
            arguments={"queue": True},
        )
        done = landings.land(self._actor, self._book, state, wanted)
        self._story.landed.append(state.id)
        self._story.output += done.output
        return True

    # Leaving

    def _reject(self, it: Rejected[bytes]) -> None:
        stood = self._speculation.at((*it.after, it.item))
        if it.tried.verdict == "conflict":
            said = " ".join(each.message for each in stood.obstacles)
            if all(each.waits for each in stood.obstacles):
                self._story.awaited[it.item] = said
            else:
                self._drop(Blocked(it.item, said, it.after))
            return
        evidence = it.tried.evidence
        names = ", ".join(each.guard for each in _failed(evidence))
        with_others = f" with what landed before it ({len(it.after)})" if it.after else ""
        # First, so that whoever sees that it left can see why.
        self._recorded(self._book.load(it.item), stood.tree, evidence)
        self._drop(
            Blocked(it.item, f"It did not pass {names}{with_others}, tested again too.", it.after, stood.tree, evidence)
        )

    def _drop(self, it: Blocked) -> None:
        sources = computing.tips(self._workspace, self._states[it.proposal]).sources

        def change() -> State:
            state = self._book.load(it.proposal)
            if state.queued is None:
                return state
            event = Unqueued(blocked=True, reason=it.reason, tree=it.tree, sources=sources)
            return self._book.add(self._actor, state, event)

        retrying(change)
        self._story.blocked.append(it)

    def _recorded(self, state: State, tree: str, evidence: Sequence[Evidence]) -> State:
        output = checks.packed(evidence)
        event = checks.event(tree, evidence, key(output))
        return retrying(lambda: self._book.add(self._actor, self._book.load(state.id), event, (output,)))


def shown(it: Sequence[Evidence], actor: str) -> tuple[wire.GuardEvidence, ...]:
    """Evidence that was just found, as the wire shows it."""
    return tuple(checks.one(each, actor, time.time_ns() // 1_000_000) for each in it)


def named(names: Names) -> tuple[str, ...]:
    """Proposals by their ids."""
    return tuple(ids.text(name) for name in names)


def _failed(evidence: Sequence[Evidence]) -> list[Evidence]:
    return [each for each in evidence if each.required and each.outcome != "passed"]


def _verdict(evidence: Sequence[Evidence]) -> Verdict:
    failed = _failed(evidence)
    return failed[0].outcome if failed else "passed"
