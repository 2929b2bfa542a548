"""What language models suggested for conflicts: what guards say of it, which one counts, and taking it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from anvcs import ids, wire
from anvcs.actions.proposal import applying, carrying, computing
from anvcs.actions.proposal.book import short
from anvcs.actions.proposal.computing import Tips
from anvcs.errors import ProposalBlockedError, ProposalError, ProposalMovedError
from anvcs.gitmirror.paths import quote
from anvcs.gitmirror.trees import edit
from anvcs.governance import resolutions
from anvcs.governance.proposal_events import Flaw, SignedEvent, Suggested
from anvcs.merge.model import Finding, Options
from anvcs.provenance.detector import MARKER
from anvcs.provenance.redaction import redact_text

if TYPE_CHECKING:
    from anvcs.actions.proposal.applying import Marked
    from anvcs.actions.proposal.book import Book
    from anvcs.actions.proposal.deciding import At
    from anvcs.governance.proposals import State
    from anvcs.governance.resolutions import Region

REDACTED = "redacted"
"""The kind of finding that says a secret is missing in a suggestion."""
_LEFT_OUT = "A secret was taken out of what was sent, or of the answer, and is missing here."


class Alone(NamedTuple):
    """Texts in which only one conflict is left of all, everything else being the same."""

    base: bytes
    left: bytes
    right: bytes
    merged: bytes
    start: int
    """Where that conflict's text begins, in bytes; the same in all four."""


def alone(text: Marked, decided: Mapping[int, bytes], number: int, chosen: bytes) -> Alone:
    """The versions as far as one conflict is about them: the others as they are decided, else as both began."""
    others = {each: _before(region) for each, region in enumerate(text.regions, 1)} | dict(decided)
    sides = text.regions[number - 1].sides

    def filled(here: bytes) -> bytes:
        return resolutions.fill(text.text, text.regions, {**others, number: here})

    start, _ = resolutions.place(text.regions, {**others, number: chosen}, number)
    return Alone(filled(sides.base or b""), filled(sides.left), filled(sides.right), filled(chosen), start)


def decided(it: At) -> dict[int, bytes]:
    """The texts of the conflicts of a file that somebody has decided."""
    known = it.state.resolution(it.path)
    return applying.chosen(it.found.book, known) if known is not None else {}


def fitted(said: str, region: Region, *, last: bool) -> tuple[bytes, bool]:
    """A model's text with the line ends of the conflict, and whether a secret is missing in it."""
    clean = redact_text(said)[0]
    data = clean.encode()
    sides = region.sides.left + region.sides.right
    if b"\r\n" in sides and sides.count(b"\n") == sides.count(b"\r\n"):
        data = data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    return resolutions.ended(data, last=last), MARKER in clean


def judged(it: At, text: Marked, number: int, chosen: bytes, *, leaves_out: bool) -> tuple[Flaw, ...]:
    """What guards find in the result with a suggestion in it, as far as that has to do with it."""
    whole = alone(text, decided(it), number, chosen)
    path = it.path.decode("utf-8", "replace")
    # Where other conflicts are open, lines are counted in a text that nobody sees.
    whole_file = len(text.regions) == 1
    found = [Flaw(it.path, REDACTED, _LEFT_OUT)] if leaves_out else []
    for each in _checked(whole, path):
        line, column = (each.line, each.column) if whole_file else (0, 0)
        # It may name a word that is a secret.
        found.append(Flaw(it.path, each.kind, redact_text(each.message)[0], line, column, each.severity))
    return (*found, *_between(it, text, number, chosen))


def _checked(whole: Alone, path: str) -> tuple[Finding, ...]:
    """What guards of single files say; what they cannot look at is not safe."""
    from anvcs.merge.guards import check

    if max(map(len, (whole.base, whole.left, whole.right, whole.merged))) > Options().largest:
        return (Finding("unchecked", "The file is too large for guards to look at."),)
    try:
        return check(whole.base, whole.left, whole.right, whole.merged, path=path)
    except RecursionError:
        return (Finding("unchecked", "The text is nested too deeply for guards to look at."),)


def _between(it: At, text: Marked, number: int, chosen: bytes) -> Iterator[Flaw]:
    state, computed = it.state, it.state.computed
    assert computed is not None  # noqa: S101 - it was brought up to date
    tree = with_texts(it, text, {number: chosen})
    tips = Tips(computed.target, computed.sources)
    found = computing.between(it.workspace, tips, state.opened, tree, {*state.applied, it.path})
    return (each for each in found if each.path == it.path or each not in state.between)


def with_texts(it: At, text: Marked, chosen: Mapping[int, bytes], tree: str | None = None) -> str:
    """The result, or another tree, with these conflicts of a file replaced."""
    entry = applying.partly(it.workspace, text, {**decided(it), **chosen})
    return edit(it.workspace.repo.objects, tree or str(it.state.tree), {it.path: entry})


def newest(it: At, text: Marked, number: int) -> SignedEvent | None:
    """The suggestion that counts for a conflict."""
    sides = resolutions.digest(text.regions[number - 1].sides)
    return it.state.suggested(it.path, it.versions, number, sides)


def taken(it: At, text: Marked, number: int, named: str | None) -> tuple[SignedEvent, bytes]:
    """The suggestion that a person takes, and its text.

    Raises ProposalError where there is none, ProposalMovedError for another one than was looked at,
    ProposalBlockedError for an agent.
    """
    who = it.found.actor.signer.actor
    if not who.startswith("human:"):
        raise ProposalBlockedError(
            f"{who} may not take a language model's suggestion: only people may.",
            "Ask somebody to look at it, or let the team's settings say so (merge.assist.apply).",
        )
    event = newest(it, text, number)
    made = event.what if event is not None else None
    where = f"conflict {number} of {quote(it.path)}"
    asks = f"Ask for one with: ai-vcs proposal assist {short(it.state.id)} {quote(it.path)} --conflict {number}"
    if event is None or not isinstance(made, Suggested):
        raise ProposalError(f"There is no suggestion for {where}.", asks)
    if named is not None and named != ids.text(event.id):
        raise ProposalMovedError(f"There is a newer suggestion for {where}.", "Look at it first.")
    if made.text is None:
        raise ProposalError(f"The model could not decide {where}: {made.rationale.rstrip('.')}.", "Decide it yourself.")
    if any(each.kind == REDACTED for each in made.flaws):
        raise ProposalError(f"The suggestion for {where} has a marker where a secret was.", "Decide it yourself.")
    return event, it.found.book.object(made.text)


def is_safe(made: Suggested) -> bool:
    """It has a text, and nothing hard was found with it."""
    return made.text is not None and not any(each.severity == "hard" for each in made.flaws)


def shown(book: Book, event: SignedEvent) -> wire.Suggestion:
    """A suggestion as the wire shows it."""
    made = event.what
    assert isinstance(made, Suggested)  # noqa: S101 - for the type checker
    return wire.Suggestion(
        suggestion_id=ids.text(event.id),
        text=book.object(made.text).decode("utf-8", "replace") if made.text is not None else None,
        rationale=made.rationale,
        safe=is_safe(made),
        findings=tuple(
            wire.MergeFinding(
                path=quote(each.path),
                kind=each.kind,
                message=each.message,
                severity=each.severity,
                line=each.line,
                column=each.column,
                other=quote(each.other) if each.other is not None else None,
            )
            for each in made.flaws
        ),
        provider=made.provider,
        place=made.place,
        model=made.model,
        prompt_hash=ids.text(made.prompt),
        actor=carrying.author(event),
        time=event.body.time,
    )


def provenance(state: State) -> list[dict[str, str | int]]:
    """What a merge commit's metadata says of the suggestions that are in it."""
    return [
        {
            "path": quote(each.suggested.path),
            "conflict": each.decided.conflict or each.suggested.conflict,
            "model": each.suggested.model,
            "provider": each.suggested.provider,
            "promptHash": ids.text(each.suggested.prompt),
            "rationale": each.suggested.rationale,
            "askedBy": carrying.author(each.asked),
            "appliedBy": carrying.author(each.decision),
            "by": "policy" if each.decided.by_policy else "person",
        }
        for each in state.taken()
    ]


def _before(region: Region) -> bytes:
    return region.sides.base if region.sides.base is not None else region.sides.left
