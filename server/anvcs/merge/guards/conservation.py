"""The law of conservation: what no side deleted and what either inserted is in a merge, and nothing else.

With ``deleted`` the tokens of the base that either side deleted and ``in_left``, ``in_right`` the multisets that the
sides inserted, every token t satisfies
``base - deleted + max(in_left, in_right) <= merged <= base - deleted + in_left + in_right``.
Brackets, commas and semicolons are not counted: lists set them anew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import chain

from anvcs.merge.items import WORDS
from anvcs.merge.lines import Algorithm, diff, diff_items, split

_MOVED = 12
"""So many tokens that went and came together were moved."""
_UNCOUNTED = frozenset(b",()[]{};.\\")


Span = tuple[int, int]
"""A part of a text, in bytes."""
Moves = tuple[Sequence[Span], Sequence[Span]]
"""What each side moved elsewhere, by where it stands in the base."""


@dataclass(frozen=True, slots=True)
class Edits:
    """What both sides did to the tokens of the base."""

    tokens: Sequence[bytes]
    """Those of the base."""
    lines: Counter[bytes]
    """The base's lines, which hold them."""
    deleted_left: Counter[bytes]
    deleted_right: Counter[bytes]
    deleted: Counter[bytes]
    """By either, each token of the base once."""
    in_left: Counter[bytes]
    in_right: Counter[bytes]


class _Tokens(dict[bytes, list[bytes]]):
    """Tokens of lines, most of which are the same in all versions."""

    def __missing__(self, line: bytes) -> list[bytes]:
        self[line] = found = WORDS.findall(line)
        return found

    def of(self, lines: Sequence[bytes]) -> list[bytes]:
        return list(chain.from_iterable(map(self.__getitem__, lines)))


def edits(base: bytes, left: bytes, right: bytes, moves: Moves = ((), ()), algorithm: Algorithm = "default") -> Edits:
    """What the sides did; what one only moved it has neither deleted nor inserted."""
    known = _Tokens()
    lines = base.split(b"\n")
    tokens = known.of(lines)
    deleted: list[set[int]] = []
    inserted: list[Counter[bytes]] = []
    for text, spans in zip((left, right), moves, strict=True):
        side = known.of(text.split(b"\n"))
        changes = diff_items(tokens, side, algorithm)
        gone = {index for change in changes for index in range(change.start, change.end)}
        come = Counter(token for change in changes for token in side[change.new_start : change.new_end])
        if spans:
            _forget_moves(base, spans, gone, come)
        deleted.append(gone)
        inserted.append(come)
    return Edits(
        tokens,
        Counter(lines),
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
    lost: Counter[bytes] = Counter()
    doubled: Counter[bytes] = Counter()
    more = _more(did.lines, Counter(merged.split(b"\n")))
    for token in more.keys() | did.deleted.keys() | did.in_left.keys() | did.in_right.keys():
        if len(token) == 1 and token[0] in _UNCOUNTED:
            continue
        # ``get``, since what a counter does about tokens that it has not costs more than all the rest.
        deleted, left, right = did.deleted.get(token, 0), did.in_left.get(token, 0), did.in_right.get(token, 0)
        low, high = max(left, right) - deleted, left + right - deleted
        there = more.get(token, 0)
        if there < low:
            lost[token] = low - there
        elif there > high:
            doubled[token] = there - high
    return lost, doubled


def _more(old: Counter[bytes], new: Counter[bytes]) -> Counter[bytes]:
    """How many more of each token there are, less than none where some are gone; no token goes beyond a line."""
    found: Counter[bytes] = Counter()
    for line in {line for line, _ in old.items() ^ new.items()}:
        often = new[line] - old[line]
        for token in WORDS.findall(line):
            found[token] += often
    return found


def settled(
    base: bytes, left: bytes, right: bytes, merged: bytes, moves: Moves | None = None
) -> tuple[Edits, Counter[bytes], Counter[bytes]]:
    """What the sides did, and what a merge lost and doubled of it.

    The usual diff takes short cuts in long texts and then calls more changed than is: what it complains about has to
    stand in the shortest diff as well. And a diff knows no moves: of two functions that changed places it calls one
    deleted and written anew, be it the very one that the other side edits. So what lines moved is looked at in its old
    place, unless ``moves`` says what was moved: what our rules made must keep the law as it stands.
    """
    known = ((), ()) if moves is None else moves
    did = edits(base, left, right, known)
    found = violations(did, merged)
    if any(found):
        tried = [(left, right)]
        if moves is None:
            tried.append((unmoved(base, left), unmoved(base, right)))
        for sides in tried:
            closely = edits(base, *sides, known, "minimal")
            if not any(violations(closely, merged)):
                return closely, Counter(), Counter()
    return did, *found


def unmoved(base: bytes, side: bytes) -> bytes:
    """A side in which lines that it only put elsewhere, enough of them together, stand where the base has them."""
    old, new = split(base), split(side)
    changes = diff(base, side, "minimal")
    places: dict[bytes, list[tuple[int, int]]] = {}
    for change in changes:
        for at in range(change.new_start, change.new_end):
            places.setdefault(new[at], []).append((at, change.new_end))
    moved: set[int] = set()
    home: list[list[bytes]] = []
    for change in changes:
        kept: list[bytes] = []
        at = change.start
        while at < change.end:
            rest = old[at : change.end]
            runs = [
                (_alike(rest, new[to:end], moved, to), to) for to, end in places.get(old[at], ()) if to not in moved
            ]
            many, to = max(runs, default=(1, 0))
            if len(WORDS.findall(b"".join(rest[:many]))) >= _MOVED and runs:
                kept += rest[:many]
                moved.update(range(to, to + many))
            at += many
        home.append(kept)
    out: list[bytes] = []
    done = 0
    for change, kept in zip(changes, home, strict=True):
        out += [*new[done : change.new_start], *kept]
        out += [new[at] for at in range(change.new_start, change.new_end) if at not in moved]
        done = change.new_end
    return b"".join([*out, *new[done:]])


def _alike(one: Sequence[bytes], other: Sequence[bytes], used: Collection[int], start: int) -> int:
    """How many lines two lists begin with alike, up to one of the other's, counted from ``start``, that is used."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b or start + at in used), min(len(one), len(other)))
