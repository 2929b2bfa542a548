"""The law of conservation: what no side deleted and what either inserted is in a merge, and nothing else.

With ``deleted`` the tokens of the base that either side deleted and ``in_left``, ``in_right`` the multisets that the
sides inserted, every token t satisfies
``base - deleted + max(in_left, in_right) <= merged <= base - deleted + in_left + in_right``.
Brackets, commas and semicolons are not counted: lists set them anew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from anvcs.merge.items import WORDS
from anvcs.merge.lines import Algorithm, diff_items

_UNCOUNTED = frozenset(b",()[]{};.\\")


Span = tuple[int, int]
"""A part of a text, in bytes."""
Moves = tuple[Sequence[Span], Sequence[Span]]
"""What each side moved elsewhere, by where it stands in the base."""


@dataclass(frozen=True, slots=True)
class Edits:
    """What both sides did to the tokens of the base."""

    base: Counter[bytes]
    deleted_left: Counter[bytes]
    deleted_right: Counter[bytes]
    deleted: Counter[bytes]
    """By either, each token of the base once."""
    in_left: Counter[bytes]
    in_right: Counter[bytes]


def edits(base: bytes, left: bytes, right: bytes, moves: Moves = ((), ()), algorithm: Algorithm = "default") -> Edits:
    """What the sides did; what one only moved it has neither deleted nor inserted."""
    tokens = WORDS.findall(base)
    deleted: list[set[int]] = []
    inserted: list[Counter[bytes]] = []
    for text, spans in zip((left, right), moves, strict=True):
        side = WORDS.findall(text)
        changes = diff_items(tokens, side, algorithm)
        gone = {index for change in changes for index in range(change.start, change.end)}
        come = Counter(token for change in changes for token in side[change.new_start : change.new_end])
        if spans:
            _forget_moves(base, spans, gone, come)
        deleted.append(gone)
        inserted.append(come)
    return Edits(
        Counter(tokens),
        *(Counter(tokens[i] for i in which) for which in (deleted[0], deleted[1], deleted[0] | deleted[1])),
        *inserted,
    )


def _forget_moves(base: bytes, spans: Sequence[Span], gone: set[int], come: Counter[bytes]) -> None:
    """Tokens of moved parts that went in one place and came in another did neither."""
    for index, match in enumerate(WORDS.finditer(base)):
        if index in gone and come[match[0]] and any(start <= match.start() < end for start, end in spans):
            gone.discard(index)
            come[match[0]] -= 1


def violations(did: Edits, merged: bytes) -> tuple[Counter[bytes], Counter[bytes]]:
    """Tokens that a merge lost, and tokens that it doubled or invented."""
    have = Counter(WORDS.findall(merged))
    lost: Counter[bytes] = Counter()
    doubled: Counter[bytes] = Counter()
    # A token that nobody touched must be there as often as in the base, which most are.
    other = {token for token, often in have.items() if did.base[token] != often} | (did.base.keys() - have.keys())
    for token in other | did.deleted.keys() | did.in_left.keys() | did.in_right.keys():
        if len(token) == 1 and token[0] in _UNCOUNTED:
            continue
        kept = did.base[token] - did.deleted[token]
        low = kept + max(did.in_left[token], did.in_right[token])
        high = kept + did.in_left[token] + did.in_right[token]
        if have[token] < low:
            lost[token] = low - have[token]
        elif have[token] > high:
            doubled[token] = have[token] - high
    return lost, doubled


def settled(
    base: bytes, left: bytes, right: bytes, merged: bytes, moves: Moves = ((), ())
) -> tuple[Edits, Counter[bytes], Counter[bytes]]:
    """What the sides did, and what a merge lost and doubled of it.

    The usual diff takes short cuts in long texts and then calls more changed than is: what it complains about has to
    stand in the shortest diff as well.
    """
    did = edits(base, left, right, moves)
    found = violations(did, merged)
    if any(found):
        closely = edits(base, left, right, moves, "minimal")
        if not any(violations(closely, merged)):
            return closely, Counter(), Counter()
    return did, *found
