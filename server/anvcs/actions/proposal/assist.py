"""Asks a language model how to decide conflicts of a merge; what it suggests decides nothing by itself."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from anvcs import ids, wire
from anvcs.actions import assisting
from anvcs.actions.caller import Caller
from anvcs.actions.proposal import asking, rules
from anvcs.actions.proposal.book import short
from anvcs.actions.proposal.chosen import Chosen, chosen, refuse_closed
from anvcs.actions.proposal.deciding import At, place
from anvcs.actions.proposal.suggesting import Case, Session, refused
from anvcs.errors import AssistConflictError, ProposalError, UsageError
from anvcs.gitmirror.paths import quote

if TYPE_CHECKING:
    from anvcs.actions.proposal.applying import Marked
    from anvcs.config import Assist


def proposal_assist(caller: Caller, params: wire.ProposalAssistParams) -> wire.ProposalAssisted:
    """Ask about one conflict, or about all that are open, and write down what is suggested.

    Raises AssistOffError, AssistError, UntrustedError, ConfigError, ProposalError, PathNotFoundError, UsageError for a
    conflict that is not there, and CancelledError. What was suggested before that stays.
    """
    workspace = caller.workspace(params.folder)
    with workspace.lock:
        found = chosen(workspace, params)
        refuse_closed(found.state)
        settings = rules.config(workspace, found.state).merge.assist
        if params.show_prompt:
            return _previewed(found, settings, params)
        # Before anything else: where nobody may be asked, that is the answer.
        provider = assisting.provider(caller, settings, params.provider)
        cases, whole = _wanted(found, params)
        session = Session(found, settings, provider, params)
        only = len(cases) + len(whole) == 1
        return session.ended([*(session.ask(case, only=only) for case in cases), *whole])


def _wanted(found: Chosen, params: wire.ProposalAssistParams) -> tuple[list[Case], list[wire.Assisted]]:
    """The conflicts that are meant, and the files that no model is asked about, with the reason."""
    paths = [params.path] if params.path is not None else [quote(each.path) for each in found.state.unresolved()]
    name = short(found.state.id)
    if not paths:
        raise ProposalError(
            f"Nothing is in conflict in the proposal {name}.", f"See what it would give: ai-vcs proposal show {name}"
        )
    if params.conflict is not None and len(paths) > 1:
        raise UsageError(f"{len(paths)} files are in conflict.", "Say in which one the conflict is.")
    cases: list[Case] = []
    whole: list[wire.Assisted] = []
    for path in paths:
        at = place(found, path)
        text = at.marked()
        if text is not None:
            cases += [Case(at, text, number) for number in _numbers(at, text, params.conflict)]
            continue
        error = AssistConflictError(
            f"{path} has no conflict in its text, so no model is asked.",
            f"If it is in conflict, decide it with: ai-vcs proposal resolve {name} {path} --take left|right",
        )
        if len(paths) == 1:
            raise error
        whole.append(refused(quote(at.path), None, error))
    return cases, whole


def _numbers(at: At, text: Marked, wanted: int | None) -> Iterable[int]:
    """The conflicts of a file that are meant: one, or those nobody has decided. Raises ProposalError, UsageError."""
    count = len(text.regions)
    if wanted is not None and wanted > count:
        raise UsageError(
            f"{quote(at.path)} has {count} conflict{'' if count == 1 else 's'} in its text.",
            f"They are numbered from 1 to {count}.",
        )
    if wanted is not None:
        return [wanted]
    known = at.state.resolution(at.path)
    done = set(known.parts) if known is not None else set[int]()
    left = [number for number in range(1, count + 1) if number not in done]
    if not left or (known is not None and known.whole is not None):
        raise ProposalError(f"{quote(at.path)} is decided already.", "Name a conflict to ask about it all the same.")
    return left


def _previewed(found: Chosen, settings: Assist, params: wire.ProposalAssistParams) -> wire.ProposalAssisted:
    """What would be sent; nothing is."""
    cases, whole = _wanted(found, params)
    where, model = assisting.where(found.actor.workspace.caller, settings, params.provider)
    result = found.result()
    return wire.ProposalAssisted(
        proposal=result.proposal,
        asked=(*(_preview(case, settings) for case in cases), *whole),
        place=where,
        model=model,
        renewed=result.renewed,
        notices=result.notices,
    )


def _preview(case: Case, settings: Assist) -> wire.Assisted:
    try:
        asked = asking.ask(case.at, case.text, case.number, settings)
    except AssistConflictError as error:
        return case.refused(error)
    prompt = wire.AssistPrompt(
        messages=tuple(wire.PromptMessage(role=each.role, content=each.content) for each in asked.prompt.messages),
        prompt_hash=ids.text(asked.prompt.hash),
        size=asked.prompt.size,
        redacted=asked.redacted,
    )
    return wire.Assisted(path=case.path, conflict=case.number, prompt=prompt)
