"""The differences between two texts as people see them: lines first, then words inside the lines that changed."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from typing import Literal, NamedTuple

from anvcs.rooms.delta import Delta, diff, normal

MOST = 4_000_000
"""Pairs of lines or words that are compared; more than that in one place counts as replaced as a whole."""
ALIKE = 0.5
"""The share of words that lines have in common at least, to be the same ones changed and not other lines."""
_BLANKS = re.compile(r"\s+")
_TOKEN = re.compile(r"\w+|\s+|.", re.DOTALL)


class _Piece(NamedTuple):
    """What became of a stretch: from ``a[start:end]`` to ``b[other:other_end]``."""

    kind: Literal["equal", "replace"]
    start: int
    end: int
    other: int
    other_end: int


def fine_diff(a: str, b: str, *, alike: float = ALIKE) -> Delta:
    """What makes ``b`` of ``a``: few lines, and in them few words.

    ``alike``: the share of words that lines have in common at least, to be the same ones changed.
    """
    rough = diff(a, b)
    if not rough:
        return rough
    start = rough[0] if isinstance(rough[0], int) and rough[0] > 0 else 0
    deleted = -sum(op for op in rough if isinstance(op, int) and op < 0)
    inserted = sum(len(op) for op in rough if isinstance(op, str))
    if not deleted or not inserted:
        return _slid(a, start, rough)
    # Whole lines, so that a line that changed is compared as one.
    first = a.rfind("\n", 0, start) + 1
    a_end, b_end = start + deleted, start + inserted
    tail = a.find("\n", a_end)
    more = (len(a) if tail < 0 else tail + 1) - a_end
    ops: list[int | str] = [first]
    _lines(ops, a[first : a_end + more], b[first : b_end + more], alike=alike)
    return normal(ops)


def _slid(text: str, start: int, rough: Delta) -> Delta:
    """A single insertion or deletion; one that can be read as whole lines is of whole lines.

    Else a line put before a similar one would lie in the middle of that, and go where that goes.
    """
    inserted = next((op for op in rough if isinstance(op, str)), "")
    end = start - sum(op for op in rough if isinstance(op, int) and op < 0)
    piece = inserted or text[start:end]
    first = text.rfind("\n", 0, start) + 1
    shift = start - first
    if not shift or shift >= len(piece) or piece[-shift - 1] != "\n" or text[first:start] != piece[-shift:]:
        return rough
    moved = piece[-shift:] + piece[:-shift]
    return normal((first, moved if inserted else -len(moved)))


def cost(delta: Delta) -> int:
    """How many characters a change writes and deletes."""
    return sum(len(op) if isinstance(op, str) else -min(op, 0) for op in delta)


def _lines(ops: list[int | str], a: str, b: str, *, alike: float) -> None:
    one, two = split_lines(a), split_lines(b)
    for piece in _matched(one, two):
        before = "".join(one[piece.start : piece.end])
        if piece.kind == "equal":
            ops.append(len(before))
        else:
            _block(ops, one[piece.start : piece.end], two[piece.other : piece.other_end], alike=alike)


def _block(ops: list[int | str], one: Sequence[str], two: Sequence[str], *, alike: float) -> None:
    """Lines that were replaced: those that differ only in blanks are the same ones, formatted."""
    if min(len(one), len(two)) == 0 or len(one) == len(two) == 1 or len(one) * len(two) > MOST:
        _words(ops, "".join(one), "".join(two), alike=alike)
        return
    for piece in _compared([_BLANKS.sub("", line) for line in one], [_BLANKS.sub("", line) for line in two], 0, 0):
        lines, others = one[piece.start : piece.end], two[piece.other : piece.other_end]
        if piece.kind == "equal":
            for line, other in zip(lines, others, strict=True):
                _words(ops, line, other, alike=alike)
        else:
            _words(ops, "".join(lines), "".join(others), alike=alike)


def split_lines(text: str) -> list[str]:
    """The lines with their ends, which are line feeds alone."""
    parts = [part + "\n" for part in text.split("\n")]
    parts[-1] = parts[-1][:-1]
    return parts if parts[-1] else parts[:-1]


def _words(ops: list[int | str], a: str, b: str, *, alike: float) -> None:
    if not a or not b:
        ops += [b, -len(a)]
        return
    one, two = _TOKEN.findall(a), _TOKEN.findall(b)
    if len(one) * len(two) > MOST:
        ops += [b, -len(a)]
        return
    pieces = _compared(one, two, 0, 0)
    kept = sum(_meaning(one[piece.start : piece.end]) for piece in pieces if piece.kind == "equal")
    if kept < alike * min(_meaning(one), _meaning(two)):
        # Other lines, not the same ones changed: what they happen to share is not the old author's.
        ops += [b, -len(a)]
        return
    for piece in pieces:
        before = "".join(one[piece.start : piece.end])
        if piece.kind == "equal":
            ops.append(len(before))
        else:
            ops += ["".join(two[piece.other : piece.other_end]), -len(before)]


def _meaning(tokens: Sequence[str]) -> int:
    """The characters of words among tokens."""
    return sum(len(token) for token in tokens if token[0] == "_" or token[0].isalnum())


def _matched(a: Sequence[str], b: Sequence[str]) -> list[_Piece]:
    """Lines matched by those that stand once in each (patience), what is between them by comparing."""
    pieces: list[_Piece] = []
    start = other = 0
    for i, j in [*_anchors(a, b), (len(a), len(b))]:
        if i < start or j < other:
            continue
        pieces += _gap(a, b, start, i, other, j)
        if i < len(a):
            pieces.append(_Piece("equal", i, i + 1, j, j + 1))
        start, other = i + 1, j + 1
    return pieces


def _gap(a: Sequence[str], b: Sequence[str], start: int, end: int, other: int, other_end: int) -> list[_Piece]:
    one, two = a[start:end], b[other:other_end]
    if not one and not two:
        return []
    if not one or not two or len(one) * len(two) > MOST:
        return [_Piece("replace", start, end, other, other_end)]
    return _compared(one, two, start, other)


def _compared(a: Sequence[str], b: Sequence[str], start: int, other: int) -> list[_Piece]:
    from rapidfuzz.distance import Indel

    pieces: list[_Piece] = []
    for op in Indel.opcodes(a, b):
        kind: Literal["equal", "replace"] = "equal" if op.tag == "equal" else "replace"
        piece = _Piece(kind, start + op.src_start, start + op.src_end, other + op.dest_start, other + op.dest_end)
        last = pieces[-1] if pieces else None
        if last is not None and last.kind == kind == "replace":
            pieces[-1] = last._replace(end=piece.end, other_end=piece.other_end)
        else:
            pieces.append(piece)
    return pieces


def _anchors(a: Sequence[str], b: Sequence[str]) -> list[tuple[int, int]]:
    """Pairs of lines that stand once on each side, the longest run of them in order on both."""
    ours, theirs = Counter(a), Counter(b)
    at = {line: index for index, line in enumerate(b) if theirs[line] == 1}
    pairs = [(index, at[line]) for index, line in enumerate(a) if ours[line] == 1 and line in at]
    tails: list[int] = []
    ends: list[int] = []
    before: list[int] = []
    for number, (_, j) in enumerate(pairs):
        place = bisect_left(tails, j)
        before.append(ends[place - 1] if place else -1)
        if place == len(tails):
            tails.append(j)
            ends.append(number)
        else:
            tails[place] = j
            ends[place] = number
    found: list[tuple[int, int]] = []
    number = ends[-1] if ends else -1
    while number >= 0:
        found.append(pairs[number])
        number = before[number]
    return found[::-1]
