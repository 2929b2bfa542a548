"""What a language model suggests, as lines: the text, why, what guards find in it, and how to take it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from anvcs.cli.render.merge_files import count, evidence
from anvcs.cli.screen import Line, Look, line

if TYPE_CHECKING:
    from anvcs.wire import Assisted, AssistPrompt, ProposalAssisted, Suggestion

_DIGITS = 8


def prompts(result: ProposalAssisted) -> Iterator[Line]:
    """All that would be sent, message by message."""
    for each in result.asked:
        if each.prompt is not None:
            yield from _prompt(each, each.prompt)
        elif each.problem is not None:
            yield line((f"{_name(each)}: ", "bold"), each.problem.message)


def assisted(result: ProposalAssisted, look: Look) -> Iterator[Line]:
    """What is suggested for each conflict, and what became of it."""
    del look
    proposal = result.proposal.proposal_id.removeprefix("b3:")[:_DIGITS]
    for each in result.asked:
        if each.problem is not None:
            yield line((f"{_name(each)}: ", "bold"), (each.problem.message, "yellow"))
        elif each.suggestion is not None:
            yield from _suggestion(each, each.suggestion)
            if each.suggestion.text is not None and not each.applied:
                number = f" --conflict {each.conflict}" if each.conflict else ""
                takes = f"ai-vcs proposal resolve {proposal} {each.path}{number} --take suggestion"
                yield line("  ", (f"{'next':<10} ", "dim"), takes)
    yield from evidence(result.evidence)
    if result.not_applied:
        yield line("  ", (f"{'left':<10} ", "yellow"), f"Nothing was applied. {result.not_applied}")


def _suggestion(each: Assisted, it: Suggestion) -> Iterator[Line]:
    asked = ", asked before" if each.reused else ""
    yield line((f"{_name(each)}: ", "bold"), f"{it.model} at {it.place}{asked}")
    if it.text is None:
        yield line("  ", (f"{'undecided':<10} ", "yellow"), it.rationale)
        return
    for number, text in enumerate(it.text.splitlines() or ["(nothing)"]):
        yield line("  ", (f"{'suggests' if not number else '':<10} | ", "dim"), text)
    if it.rationale:
        yield line("  ", (f"{'because':<10} ", "dim"), it.rationale)
    for found in it.findings:
        hard = found.severity == "hard"
        style = "bold red" if hard else "yellow"
        yield line("  ", (f"{'unsafe' if hard else 'look at':<10} ", style), found.message)
    if it.safe:
        yield line("  ", (f"{'safe':<10} ", "green"), "guards of single files find nothing in it")
    if each.applied:
        yield line("  ", (f"{'applied':<10} ", "green"), "as the team's settings say")


def _prompt(each: Assisted, prompt: AssistPrompt) -> Iterator[Line]:
    out = f", {count(prompt.redacted, 'secret')} taken out" if prompt.redacted else ""
    yield line((f"{_name(each)}: ", "bold"), f"{prompt.size:,} bytes{out}, {prompt.prompt_hash}")
    for message in prompt.messages:
        yield line((f"--- {message.role}", "dim"))
        yield from (line(text) for text in message.content.split("\n"))


def _name(each: Assisted) -> str:
    return f"{each.path}, conflict {each.conflict}" if each.conflict is not None else each.path
