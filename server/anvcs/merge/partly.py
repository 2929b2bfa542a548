"""Merge by syntax of all that a rule is sure about, with conflicts around the rest, each cut as small as it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from anvcs.merge.clashes import Clash, Cut, Span, around, cut, present, without
from anvcs.merge.guards import broken
from anvcs.merge.guards.conservation import settled
from anvcs.merge.hunks import Resolved
from anvcs.merge.items import Reader
from anvcs.merge.languages import Profile
from anvcs.merge.lines import Hunk
from anvcs.merge.sequence import RefusedError
from anvcs.merge.structured import Structured


def merge_partly(
    profile: Profile,
    texts: tuple[bytes, bytes, bytes],
    rule: Callable[[Hunk], Resolved | None],
    *,
    most: tuple[int, int],
    deadline: float,
    readers: dict[bytes, Reader],
) -> Cut:
    """The merge with conflicts, no more and no larger ones than ``most`` (see ``size``); ``rule`` is tried on each.

    Whichever side a person takes in its conflicts, the guards have seen the result. Raises RefusedError.
    """
    structured = Structured(profile, *texts, deadline=deadline, partly=True, readers=readers)
    text = structured.merge()
    clashes = present(text, structured.clashes)
    found = cut(text, structured.clashes)
    if not found.clashes or any(a > b for a, b in zip(size(found.hunks), most, strict=True)):
        raise RefusedError("both-edit", "both sides changed the same lines")
    _check_rest(texts, text, clashes, structured)
    found = _by_rule(found, rule)
    for side in (1, 2):
        chosen = b"".join(hunk.merged if hunk.merged is not None else hunk.version(side) for hunk in found.hunks)
        for finding in broken(profile, texts[1:], chosen):
            raise RefusedError(f"guard-{finding.kind}", finding.message)
    return found._replace(rule=", ".join(sorted({*structured.rules, *found.rule.split(", ")} - {""})))


def _by_rule(found: Cut, rule: Callable[[Hunk], Resolved | None]) -> Cut:
    """The conflicts that a rule without syntax resolves are resolved."""
    hunks: list[Hunk] = []
    left: list[Clash] = []
    rules: set[str] = set()
    given_up: list[bytes] = []
    clashes = iter(found.clashes)
    for hunk in found.hunks:
        if hunk.merged is not None:
            hunks.append(hunk)
            continue
        clash, done = next(clashes), rule(hunk)
        # Whether one side did all that the other did cannot be told from a part of what they did.
        if done is None or done.rule == "contained" or _loses(hunk, done):
            hunks.append(hunk)
            left.append(clash)
            continue
        hunks.append(hunk._replace(merged=done.text))
        rules.add(done.rule)
        given_up += done.given_up
    return Cut(hunks, left, ", ".join(sorted(rules)), tuple(given_up))


def _loses(hunk: Hunk, done: Resolved) -> bool:
    _, lost, doubled = settled(hunk.base, hunk.left, hunk.right, done.text, ((), ()))
    return bool(lost - Counter(done.given_up)) or bool(doubled)


def size(hunks: Sequence[Hunk]) -> tuple[int, int]:
    """How many conflicts there are, and how many lines of both sides stand in them."""
    open_hunks = [hunk for hunk in hunks if hunk.merged is None]
    return len(open_hunks), sum(text.count(b"\n") for hunk in open_hunks for text in (hunk.left, hunk.right))


def _check_rest(texts: tuple[bytes, bytes, bytes], text: bytes, clashes: Sequence[Clash], done: Structured) -> None:
    """The law of conservation for what is merged around the clashes. Raises RefusedError."""
    rest = [
        without(version, [one.spans[side] for one in clashes if one.spans[side][1]])
        for side, version in enumerate(texts)
    ]
    gone = [one.spans[0] for one in clashes if one.spans[0][1]]
    moves = tuple([_shifted(span, gone) for span in spans] for spans in done.moved)
    _, lost, doubled = settled(rest[0], rest[1], rest[2], around(text), (moves[0], moves[1]))
    if lost or doubled:
        raise RefusedError("guard-lost", "edits would be lost or doubled beside it")


def _shifted(span: Span, gone: Sequence[Span]) -> Span:
    """Where a part of a text stands once others are taken out before it."""
    start, end = (at - sum(min(b, at) - a for a, b in gone if a < at) for at in span)
    return start, end
