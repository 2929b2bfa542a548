"""Merge by syntax of all that a rule is sure about, with conflicts around the rest, each cut as small as it is."""

from __future__ import annotations

from collections.abc import Sequence

from anvcs.merge.clashes import Clash, Cut, Span, cut, present, resolved, without
from anvcs.merge.guards import broken
from anvcs.merge.guards.conservation import settled
from anvcs.merge.languages import Profile
from anvcs.merge.lines import Hunk
from anvcs.merge.sequence import RefusedError
from anvcs.merge.structured import Structured


def merge_partly(profile: Profile, texts: tuple[bytes, bytes, bytes], *, most: tuple[int, int], deadline: float) -> Cut:
    """The merge with at least one conflict, and no more and no larger ones than ``most`` (see ``size``).

    Whichever side a person takes in its conflicts, the guards have seen the result. Raises RefusedError.
    """
    structured = Structured(profile, *texts, deadline=deadline, partly=True)
    text = structured.merge()
    clashes = present(text, structured.clashes)
    _check(texts, text, clashes, structured)
    found = cut(text, structured.clashes)
    if not found.clashes or any(a > b for a, b in zip(size(found.hunks), most, strict=True)):
        raise RefusedError("both-edit", "both sides changed the same lines")
    return found._replace(rule=", ".join(sorted(structured.rules)))


def size(hunks: Sequence[Hunk]) -> tuple[int, int]:
    """How many conflicts there are, and how many lines of both sides stand in them."""
    open_hunks = [hunk for hunk in hunks if hunk.merged is None]
    return len(open_hunks), sum(text.count(b"\n") for hunk in open_hunks for text in (hunk.left, hunk.right))


def _check(texts: tuple[bytes, bytes, bytes], text: bytes, clashes: Sequence[Clash], structured: Structured) -> None:
    """Guards on what is merged around the clashes, and on the text with each side's choice. Raises RefusedError."""
    rest = [
        without(version, [one.spans[side] for one in clashes if one.spans[side][1]])
        for side, version in enumerate(texts)
    ]
    gone = [one.spans[0] for one in clashes if one.spans[0][1]]
    moves = tuple([_shifted(span, gone) for span in spans] for spans in structured.moved)
    _, lost, doubled = settled(
        rest[0], rest[1], rest[2], resolved(text, structured.clashes, None), (moves[0], moves[1])
    )
    if lost or doubled:
        raise RefusedError("guard-lost", "edits would be lost or doubled beside it")
    for side in (1, 2):
        for finding in broken(structured.profile, texts[1:], resolved(text, structured.clashes, side)):
            raise RefusedError(f"guard-{finding.kind}", finding.message)


def _shifted(span: Span, gone: Sequence[Span]) -> Span:
    """Where a part of a text stands once others are taken out before it."""
    start, end = (at - sum(min(b, at) - a for a, b in gone if a < at) for at in span)
    return start, end
