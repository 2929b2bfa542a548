"""The law of conservation: what no side deleted and what either inserted is in a merge, and nothing else.

With ``deleted`` the tokens of the base that either side deleted and ``in_left``, ``in_right`` the multisets that the
sides inserted, every token t satisfies
``base - deleted + max(in_left, in_right) <= merged <= base - deleted + in_left + in_right``.
Brackets, commas and semicolons are not counted: lists set them anew.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from anvcs.merge.items import WORDS
from anvcs.merge.lines import diff_items

_UNCOUNTED = frozenset(b",()[]{};.\\")


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


def edits(base: bytes, left: bytes, right: bytes) -> Edits:
    """What the sides did, between their common beginning and end."""
    tokens = [WORDS.findall(text) for text in (base, left, right)]
    deleted: list[set[int]] = []
    inserted: list[Counter[bytes]] = []
    for side in tokens[1:]:
        changes = diff_items(tokens[0], side)
        deleted.append({index for change in changes for index in range(change.start, change.end)})
        inserted.append(Counter(token for change in changes for token in side[change.new_start : change.new_end]))
    return Edits(
        Counter(tokens[0]),
        *(Counter(tokens[0][i] for i in which) for which in (deleted[0], deleted[1], deleted[0] | deleted[1])),
        *inserted,
    )


def violations(did: Edits, merged: bytes) -> tuple[Counter[bytes], Counter[bytes]]:
    """Tokens that a merge lost, and tokens that it doubled or invented."""
    have = Counter(WORDS.findall(merged))
    lost: Counter[bytes] = Counter()
    doubled: Counter[bytes] = Counter()
    for token in did.base.keys() | did.in_left.keys() | did.in_right.keys() | have.keys():
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
