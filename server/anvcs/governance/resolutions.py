"""Texts with conflicts, decided one conflict after another."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from anvcs import ids
from anvcs.ids import Domain

_MARK = re.compile(rb"(<{7,}|>{7,}|={7,}|\|{7,})(?: .*)?[\r\n]*", re.DOTALL)
"""A marker: seven or more of a character (``conflict-marker-size``), then nothing, or a space and a label."""


class Sides(NamedTuple):
    """What the versions have in one conflict."""

    base: bytes | None
    """None where markers do not show it."""
    left: bytes
    right: bytes


class Region(NamedTuple):
    """Where one conflict stands in a text with markers, markers included."""

    start: int
    end: int
    sides: Sides


def versions(*sides: tuple[str, str] | None) -> bytes:
    """The hash of what base and sides have at a path, mode and id of each; a decision fits only these."""
    return ids.object_id(Domain.PROPOSAL_OBJECT, [list(each) if each is not None else None for each in sides])


def digest(sides: Sides) -> bytes:
    """The hash of what stands in a conflict; a decision about it fits only this."""
    return ids.object_id(Domain.PROPOSAL_OBJECT, list(sides))


def regions(text: bytes) -> tuple[Region, ...]:
    """The conflicts of a text as their markers show them, in their order; a marker without the others is text."""
    found: list[Region] = []
    lines = _split(text)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    marks = [_mark(line) for line in lines]
    at = 0
    while at < len(lines):
        end = _block(marks, at) if marks[at].startswith(b"<") else None
        if end is None:
            at += 1
            continue
        found.append(Region(starts[at], starts[end + 1], _sides(lines, marks, at, end)))
        at = end + 1
    return tuple(found)


def has_markers(text: bytes) -> bool:
    """Some conflict is left in it."""
    return bool(regions(text))


def fill(text: bytes, found: Sequence[Region], chosen: Mapping[int, bytes]) -> bytes:
    """The text with those conflicts, by number from 1, replaced by what was chosen; the others stay with markers."""
    parts: list[bytes] = []
    at = 0
    for number, region in enumerate(found, 1):
        if number in chosen:
            parts += [text[at : region.start], chosen[number]]
            at = region.end
    return b"".join([*parts, text[at:]])


def place(found: Sequence[Region], chosen: Mapping[int, bytes], number: int) -> tuple[int, int]:
    """Where what was chosen for one conflict stands in the text that ``fill`` gives, in bytes."""
    start = at = 0
    for each, region in enumerate(found, 1):
        start += region.start - at
        if each == number:
            break
        start += len(chosen[each]) if each in chosen else region.end - region.start
        at = region.end
    return start, start + len(chosen[number])


def places(text: bytes, found: Sequence[Region], chosen: Mapping[int, bytes]) -> dict[int, tuple[int, int]]:
    """The first and the last line, from 1, of each conflict that is left once those chosen are replaced."""
    lines: dict[int, tuple[int, int]] = {}
    line, at = 1, 0
    for number, region in enumerate(found, 1):
        line += _lines(text[at : region.start])
        if number in chosen:
            line += _lines(chosen[number])
        else:
            count = _lines(text[region.start : region.end])
            lines[number] = line, line + count - 1
            line += count
        at = region.end
    return lines


def take(sides: Sides, what: str) -> bytes | None:
    """What stands in a conflict's place if one version is taken, or ``both`` after each other; None if not known."""
    if what == "both":
        return _ended(sides.left, sides.right) + sides.right
    return {"left": sides.left, "right": sides.right, "base": sides.base}[what]


def ended(data: bytes, *, last: bool) -> bytes:
    """What is to stand in a conflict's place, with a line end unless it is the end of the file."""
    return data + b"\n" if data and not last and not data.endswith((b"\n", b"\r")) else data


def _ended(text: bytes, following: bytes) -> bytes:
    """The text with a line end, where something follows it."""
    return text + b"\n" if text and following and not text.endswith((b"\n", b"\r")) else text


def _lines(text: bytes) -> int:
    return len(_split(text))


def _split(text: bytes) -> list[bytes]:
    """Its lines with their ends; only a line feed ends a line, as for git."""
    lines = text.split(b"\n")
    last = lines.pop()
    return [*(line + b"\n" for line in lines), *([last] if last else [])]


def _mark(line: bytes) -> bytes:
    """The characters of a line that is a marker; nothing for any other."""
    found = _MARK.fullmatch(line) if line[:1] in (b"<", b">", b"=", b"|") else None
    return found[1] if found is not None else b""


def _block(marks: Sequence[bytes], start: int) -> int | None:
    """The line that ends the conflict which begins there; None where its parts are not all there, in order."""
    size = len(marks[start])
    depth, middle = 0, False
    for at in range(start + 1, len(marks)):
        mark = marks[at]
        if len(mark) != size:
            continue
        if mark.startswith(b"<"):
            # A base that was in conflict itself (several merge bases) shows markers inside ours.
            depth += 1
        elif mark.startswith(b">"):
            if not depth:
                return at if middle else None
            depth -= 1
        elif not depth and mark.startswith(b"="):
            middle = True
    return None


def _sides(lines: Sequence[bytes], marks: Sequence[bytes], start: int, end: int) -> Sides:
    size, depth, part = len(marks[start]), 0, 0
    parts: list[list[bytes]] = [[], [], []]
    for at in range(start + 1, end):
        kind = marks[at][:1] if len(marks[at]) == size else b""
        depth += (kind == b"<") - (kind == b">")
        if not depth and part == 0 and kind == b"|":
            part = 1
        elif not depth and part < 2 and kind == b"=":
            part = 2
        else:
            parts[part].append(lines[at])
    based = any(mark.startswith(b"|") and len(mark) == size for mark in marks[start:end])
    return Sides(base=b"".join(parts[1]) if based else None, left=b"".join(parts[0]), right=b"".join(parts[2]))


def left_over(text: bytes, others: Sequence[bytes]) -> bool:
    """The text holds a conflict, and none of the versions has such lines as text of its own."""
    return has_markers(text) and not any(has_markers(other) for other in others)
