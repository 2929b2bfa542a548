"""Asking a language model about conflicts one after the other: each answer judged and written down, then all together.

A suggestion is one event, written once the answer is there and judged: whoever is killed before that leaves nothing,
and what was asked and answered need not be asked again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from anvcs import wire
from anvcs.actions.proposal import asking, checks, keeping, resolve, rules, running, suggestions
from anvcs.actions.proposal.book import key, retrying
from anvcs.actions.proposal.chosen import refuse_closed
from anvcs.assist import answer
from anvcs.assist.model import Limit
from anvcs.errors import AnvcsError, AssistConflictError, CancelledError, StoreConflictError
from anvcs.gitmirror.paths import quote
from anvcs.governance import proposal_rules, resolutions
from anvcs.governance.proposal_events import Suggested
from anvcs.provenance.redaction import redact_text

if TYPE_CHECKING:
    from anvcs.actions.proposal.applying import Marked
    from anvcs.actions.proposal.asking import Asked
    from anvcs.actions.proposal.chosen import Chosen
    from anvcs.actions.proposal.deciding import At
    from anvcs.assist.model import Answer, Provider
    from anvcs.config import Assist
    from anvcs.governance.proposal_events import SignedEvent
    from anvcs.governance.proposals import State


class Case(msgspec.Struct, frozen=True):
    """One conflict that is asked about."""

    at: At
    text: Marked
    number: int

    @property
    def path(self) -> str:
        """Its file, as messages show it."""
        return quote(self.at.path)

    def now(self, found: Chosen) -> Case:
        """It in the proposal as it stands now."""
        return replace(self, at=replace(self.at, found=found))

    def refused(self, error: AnvcsError) -> wire.Assisted:
        """Why there is no suggestion for it."""
        return refused(self.path, self.number, error)


def refused(path: str, number: int | None, error: AnvcsError) -> wire.Assisted:
    """Why there is no suggestion."""
    problem = wire.Problem(code=error.code, message=error.message, way_out=error.way_out)
    return wire.Assisted(path=path, conflict=number, problem=problem)


class Session:
    """One request's way from its first question to what became of all answers."""

    def __init__(self, found: Chosen, settings: Assist, provider: Provider, params: wire.ProposalAssistParams) -> None:
        self._found = found
        self._settings = settings
        self._provider = provider
        self._params = params
        self._made: list[tuple[Case, Suggested, SignedEvent]] = []

    def ask(self, case: Case, *, only: bool) -> wire.Assisted:
        """Ask about one conflict, unless just that was asked before.

        Raises AssistError; what is wrong with one of several conflicts is told with it instead.
        """
        case = case.now(self._found)
        try:
            asked = asking.ask(case.at, case.text, case.number, self._settings)
            known = None if self._params.fresh else self._known(case, asked)
            event = known or self._suggested(case, asked)
        except AssistConflictError as error:
            if only:
                raise
            return case.refused(error)
        made = event.what
        assert isinstance(made, Suggested)  # noqa: S101 - for the type checker
        self._made.append((case, made, event))
        return wire.Assisted(
            path=case.path,
            conflict=case.number,
            suggestion=suggestions.shown(self._found.book, event),
            reused=known is not None,
        )

    def ended(self, asked: list[wire.Assisted]) -> wire.ProposalAssisted:
        """Run the guards where that is wanted, apply what may be applied, and tell of everything."""
        tree, missing = self._together()
        if tree is not None and self._made and (self._params.check or self._may_apply()):
            self._run(tree)
        elif self._params.check:
            self._found.actor.workspace.notices.append(f"No guard was run. {missing}")
        why = ""
        if self._made and self._settings.apply == "safe":
            why = missing or self._unfit(str(tree))
            if not why:
                self._apply()
                asked = [msgspec.structs.replace(each, applied=each.suggestion is not None) for each in asked]
        state = self._found.state
        result = self._found.result()
        return wire.ProposalAssisted(
            proposal=result.proposal,
            asked=tuple(asked),
            place=self._provider.place,
            model=self._provider.model,
            tree=tree,
            evidence=checks.shown(self._found.book, state, tree) if tree is not None else (),
            not_applied=why,
            renewed=result.renewed,
            notices=result.notices,
        )

    def _known(self, case: Case, asked: Asked) -> SignedEvent | None:
        """What was suggested when just this was asked."""
        event = suggestions.newest(case.at, case.text, case.number)
        made = event.what if event is not None else None
        it = self._provider
        now = (asked.prompt.hash, it.kind, it.place, it.model)
        same = isinstance(made, Suggested) and (made.prompt, made.provider, made.place, made.wanted) == now
        return event if same else None

    def _suggested(self, case: Case, asked: Asked) -> SignedEvent:
        """Ask, judge and write down."""
        progress = self._found.actor.workspace.caller.progress
        whom = f"{self._provider.model} at {self._provider.place}" if self._provider.model else self._provider.place

        def cancelled() -> bool:
            progress(f"Asking {whom} about {case.path}", None)
            return False

        limit = Limit(self._settings.seconds, self._settings.max_tokens)
        came = self._provider.complete(asked.prompt, limit=limit, cancelled=cancelled)
        what, data = self._judged(case, asked, came)

        def write() -> State:
            state = self._found.book.load(self._found.state.id)
            refuse_closed(state)
            return self._found.book.add(self._found.actor, state, what, (data,) if data is not None else ())

        self._found = replace(self._found, state=retrying(write))
        return self._found.state.last

    def _judged(self, case: Case, asked: Asked, came: Answer) -> tuple[Suggested, bytes | None]:
        at, region = case.at, case.text.regions[case.number - 1]
        reading = answer.read(came.content)
        data, flaws = None, ()
        if reading.text is not None:
            last = region.end >= len(case.text.text)
            data, leaves_out = suggestions.fitted(reading.text, region, last=last)
            if resolutions.left_over(data, [each for each in region.sides if each is not None]):
                raise AssistConflictError(
                    "The model's answer cannot be used: it has conflict markers.", "Ask again, or decide it yourself."
                )
            flaws = suggestions.judged(at, case.text, case.number, data, leaves_out=leaves_out)
        what = Suggested(
            path=at.path,
            versions=at.versions,
            conflict=case.number,
            sides=resolutions.digest(region.sides),
            text=key(data) if data is not None else None,
            rationale=redact_text(reading.rationale)[0],
            prompt=asked.prompt.hash,
            provider=self._provider.kind,
            place=self._provider.place,
            wanted=self._provider.model,
            model=came.model,
            flaws=flaws,
        )
        return what, data

    def _together(self) -> tuple[str | None, str]:
        """The result with all suggestions in it; or why there is none that is whole."""
        chosen: dict[bytes, tuple[Case, dict[int, bytes]]] = {}
        for case, made, _ in self._made:
            if made.text is not None:
                _, texts = chosen.setdefault(made.path, (case.now(self._found), {}))
                texts[made.conflict] = self._found.book.object(made.text)
        state = self._found.state
        for each in state.unresolved():
            known = state.resolution(each.path)
            settled = set(known.parts) if known is not None else set[int]()
            settled |= set(chosen[each.path][1]) if each.path in chosen else set[int]()
            if not each.conflicts or len(settled) < each.conflicts:
                return None, f"{quote(each.path)} is still in conflict."
        tree = str(state.tree)
        for case, texts in chosen.values():
            tree = suggestions.with_texts(case.at, case.text, texts, tree)
        return tree, ""

    def _run(self, tree: str) -> None:
        """Let the team's guards judge the result with the suggestions; why they cannot is told beside it."""
        workspace, state = self._found.actor.workspace, self._found.state
        computed = state.computed
        assert computed is not None  # noqa: S101 - it was brought up to date
        try:
            keeping.hold(workspace, state.id, tree, tree, (computed.target, *computed.sources))
            self._found = replace(self._found, state=running.run(self._found, tree=tree))
        except (CancelledError, StoreConflictError):
            raise
        except AnvcsError as error:
            workspace.notices.append(f"Guards could not be run: {error}")
            self._found = replace(self._found, state=self._found.book.load(state.id))

    def _may_apply(self) -> bool:
        return self._settings.apply == "safe" and all(suggestions.is_safe(made) for _, made, _ in self._made)

    def _unfit(self, tree: str) -> str:
        """Why the team's settings do not let the suggestions be applied; empty where they do."""
        if any(case.number in suggestions.decided(case.now(self._found).at) for case, _, _ in self._made):
            return "Somebody has decided it already."
        if not self._may_apply():
            return "Not all of it is safe."
        state = self._found.state
        team = rules.rules(self._found.actor.workspace, state)
        if not team.guards:
            return "No guard is required under guards.checks, so nothing can show that it works."
        judged = proposal_rules.ran(replace(state, tree=tree))
        failed = [name for name in team.guards if name not in judged or judged[name].outcome != "passed"]
        return f"With what is suggested, {', '.join(failed)} did not pass." if failed else ""

    def _apply(self) -> None:
        for case, made, event in self._made:
            now = case.now(self._found)
            assert made.text is not None  # noqa: S101 - only what is safe comes here
            text = self._found.book.object(made.text)
            decision = resolve.suggestion(now.at, now.text, now.number, event, text, by_policy=True)
            self._found = replace(self._found, state=resolve.record(now.at, decision))
