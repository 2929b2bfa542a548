"""What chosen edits changed and still stands, as hunks of whole lines, and taking back only some of it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from blake3 import blake3

from anvcs.rooms import delta as deltas
from anvcs.rooms.attribution import Attribution, Overlap
from anvcs.rooms.taking_back import Undo


class Hunk(NamedTuple):
    """Lines that the chosen edits made what they are."""

    id: str
    """The same as long as the hunk is the same, wherever its lines are."""
    line: int
    """The first of them in the text of now, from 0."""
    old: str
    """The lines without the chosen edits."""
    new: str
    """The lines as they are."""
    start: int
    end: int
    """What in the text of now taking it back replaces, from first to last."""
    seqs: tuple[int, ...]
    """The chosen edits that touched it."""
    overlaps: tuple[Overlap, ...]
    """Where others touched the same text."""


class _Piece(NamedTuple):
    start: int
    end: int
    lines_start: int
    lines_end: int
    edits: tuple[tuple[int, int, str], ...]


def hunks(attribution: Attribution, seqs: Collection[int], key: str = "") -> list[Hunk]:
    """What these edits changed and still stands. ``key`` tells hunks of other files and writers apart."""
    text = attribution.text()
    pieces = _pieces(text, attribution.undo(seqs).delta)
    if not pieces:
        return []
    touched = _touched(attribution, frozenset(seqs), pieces)
    overlaps = _within(attribution.overlaps(seqs), pieces)
    found: list[Hunk] = []
    seen: dict[str, int] = {}
    line = place = 0
    for piece, own, others in zip(pieces, touched, overlaps, strict=True):
        line, place = line + text.count("\n", place, piece.lines_start), piece.lines_start
        new = text[piece.lines_start : piece.lines_end]
        old = _without(text, piece)
        name = blake3(f"{key}\0{old}\0{new}".encode()).hexdigest()[:10]
        count = seen[name] = seen.get(name, 0) + 1
        found.append(
            Hunk(
                id=name if count == 1 else f"{name}-{count}",
                line=line,
                old=old,
                new=new,
                start=piece.start,
                end=piece.end,
                seqs=own,
                overlaps=others,
            )
        )
    return found


def part(undo: Undo, within: Iterable[tuple[int, int]]) -> Undo:
    """Of what takes edits back only what lies in these ranges of the text of now."""
    wanted = sorted(within)
    ops: list[int | str] = []
    restores: list[tuple[int, ...]] = []
    place = number = 0
    for at, op in enumerate(undo.delta):
        if isinstance(op, str):
            following = undo.delta[at + 1] if at + 1 < len(undo.delta) else 0
            end = place - following if isinstance(following, int) and following < 0 else place
            if _holds(wanted, place, end):
                ops.append(op)
                if number < len(undo.restores):
                    restores.append(undo.restores[number])
            number += 1
        elif op > 0:
            ops.append(op)
            place += op
        else:
            ops.append(op if _holds(wanted, place, place - op) else -op)
            place -= op
    return Undo(deltas.normal(ops), tuple(restores))


def _holds(ranges: Sequence[tuple[int, int]], start: int, end: int) -> bool:
    return any(first <= start and end <= last for first, last in ranges)


def _pieces(text: str, undo: deltas.Delta) -> list[_Piece]:
    """The replacements of a delta, those in the same or in neighbouring lines together."""
    found: list[_Piece] = []
    for start, end, back in deltas.replaced(undo):
        first, last = _lines(text, start, end, back)
        before = found[-1] if found else None
        if before is not None and first <= before.lines_end:
            edits = (*before.edits, (start, end, back))
            found[-1] = _Piece(before.start, end, before.lines_start, max(last, before.lines_end), edits)
        else:
            found.append(_Piece(start, end, first, last, ((start, end, back),)))
    return found


def _lines(text: str, start: int, end: int, back: str) -> tuple[int, int]:
    """The whole lines that a replacement touches; nothing more where it replaces whole lines."""
    first = text.rfind("\n", 0, start) + 1
    if first == start and (start == end or text[end - 1] == "\n") and (not back or back.endswith("\n")):
        return start, end
    after = text.find("\n", end)
    return first, len(text) if after < 0 else after + 1


def _without(text: str, piece: _Piece) -> str:
    parts: list[str] = []
    place = piece.lines_start
    for start, end, back in piece.edits:
        parts += (text[place:start], back)
        place = end
    parts.append(text[place : piece.lines_end])
    return "".join(parts)


def _within(overlaps: Sequence[Overlap], pieces: Sequence[_Piece]) -> list[tuple[Overlap, ...]]:
    """For each piece the overlaps that touch it; both are in the order of the text, and pieces lie apart."""
    found: list[tuple[Overlap, ...]] = []
    first = 0
    for piece in pieces:
        while first < len(overlaps) and overlaps[first].end < piece.start:
            first += 1
        last = first
        while last < len(overlaps) and overlaps[last].start <= piece.end:
            last += 1
        found.append(tuple(overlaps[first:last]))
    return found


def _touched(attribution: Attribution, chosen: frozenset[int], pieces: list[_Piece]) -> list[tuple[int, ...]]:
    """For each piece the chosen edits that left something there."""
    starts = [piece.start for piece in pieces]
    found: list[set[int]] = [set() for _ in pieces]
    offset = 0
    for text, events in attribution.segments():
        size = len(text) if len(events) & 1 else 0
        if not chosen.isdisjoint(events):
            number = bisect_right(starts, offset) - 1
            if number >= 0 and offset <= pieces[number].end:
                found[number].update(chosen.intersection(events))
        offset += size
    return [tuple(sorted(each)) for each in found]
