"""Changes of a text as values: applied, composed, transformed against each other, taken back.

A delta is a tuple over the text from its beginning: a positive number keeps so many characters, a negative one deletes
so many, a string is inserted. What comes after the last entry is kept. Characters are code points.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

Delta: TypeAlias = tuple[int | str, ...]
IDENTITY: Delta = ()


def normal(ops: Iterable[int | str]) -> Delta:
    """The one form of a delta: nothing empty, kinds joined, an insert before the delete beside it, no last keep."""
    out: list[int | str] = []
    for op in ops:
        if not op:
            continue
        last = out[-1] if out else None
        if isinstance(op, str):
            if isinstance(last, str):
                out[-1] = last + op
            elif isinstance(last, int) and last < 0:
                before = out[-2] if len(out) > 1 else None
                if isinstance(before, str):
                    out[-2] = before + op
                else:
                    out.insert(-1, op)
            else:
                out.append(op)
        elif isinstance(last, int) and (last > 0) == (op > 0):
            out[-1] = last + op
        else:
            out.append(op)
    while out and isinstance(last := out[-1], int) and last > 0:
        out.pop()
    return tuple(out)


def apply(text: str, delta: Delta) -> str:
    """The text after a change. Raises ValueError for one that goes past its end."""
    parts: list[str] = []
    place = 0
    for op in delta:
        if isinstance(op, str):
            parts.append(op)
            continue
        end = place + abs(op)
        if end > len(text):
            raise ValueError(f"The change goes to {end} in a text of {len(text)} characters.")
        if op > 0:
            parts.append(text[place:end])
        place = end
    parts.append(text[place:])
    return "".join(parts)


class _Reader:
    """Takes a delta apart in pieces of any length; after its end everything is kept."""

    def __init__(self, delta: Delta) -> None:
        self._ops = delta
        self._index = 0
        self._used = 0

    @property
    def left(self) -> bool:
        return self._index < len(self._ops)

    def peek(self) -> int | str | None:
        """The rest of the entry under way; nothing after the end."""
        if not self.left:
            return None
        op = self._ops[self._index]
        if isinstance(op, str):
            return op[self._used :]
        return op - self._used if op > 0 else op + self._used

    def take(self, count: int | None = None) -> int | str:
        """The next piece, at most ``count`` long."""
        op = self.peek()
        if op is None:
            return count or 0
        size = len(op) if isinstance(op, str) else abs(op)
        if count is None or count >= size:
            self._index += 1
            self._used = 0
            return op
        self._used += count
        return op[:count] if isinstance(op, str) else (count if op > 0 else -count)


def compose(a: Delta, b: Delta) -> Delta:
    """One change that does both, ``b`` after ``a``."""
    out: list[int | str] = []
    first, second = _Reader(a), _Reader(b)
    while first.left or second.left:
        one, two = first.peek(), second.peek()
        if isinstance(two, str):
            out.append(second.take())
        elif (isinstance(one, int) and one < 0) or two is None:
            out.append(first.take())
        elif one is None:
            out.append(second.take())
        else:
            size = min(len(one) if isinstance(one, str) else one, abs(two))
            piece = first.take(size)
            if isinstance(second.take(size), int) and two > 0:
                out.append(piece)
            elif isinstance(piece, int):
                out.append(-size)
    return normal(out)


def transform(a: Delta, b: Delta, *, first: bool) -> Delta:
    """``a`` as it is after ``b``, both made on the same text; ``first``: its inserts come before b's at one place."""
    out: list[int | str] = []
    mine, theirs = _Reader(a), _Reader(b)
    while mine.left:
        one, two = mine.peek(), theirs.peek()
        if isinstance(one, str) and (first or not isinstance(two, str)):
            out.append(mine.take())
        elif isinstance(two, str):
            out.append(len(two))
            theirs.take()
        elif isinstance(one, str) or two is None:
            out.append(mine.take())
        elif one is not None:
            size = min(abs(one), abs(two))
            piece = mine.take(size)
            theirs.take(size)
            if two > 0:
                out.append(piece)
    return normal(out)


def invert(delta: Delta, text: str) -> Delta:
    """The change that takes this one back; ``text`` is the one it was made on."""
    out: list[int | str] = []
    place = 0
    for op in delta:
        if isinstance(op, str):
            out.append(-len(op))
        elif op > 0:
            out.append(op)
            place += op
        else:
            out.append(text[place : place - op])
            place -= op
    return normal(out)


def diff(a: str, b: str) -> Delta:
    """The one replacement that makes ``b`` of ``a``: what lies between their common beginning and end."""
    if a == b:
        return IDENTITY
    start = _common(a, b)
    limit = min(len(a), len(b)) - start
    end = _common(a[len(a) - limit :][::-1], b[len(b) - limit :][::-1])
    return normal((start, b[start : len(b) - end], -(len(a) - start - end)))


def _common(a: str, b: str) -> int:
    """How many characters two texts have in common at their beginning."""
    low, high = 0, min(len(a), len(b))
    while low < high:
        middle = (low + high + 1) // 2
        if a[low:middle] == b[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def replaced(delta: Delta) -> list[tuple[int, int, str]]:
    """The change as replacements (start, end, text) on the text it was made on, from first to last."""
    found: list[tuple[int, int, str]] = []
    place = 0
    inserted, start = "", 0
    for op in (*delta, 1):
        if isinstance(op, str):
            inserted, start = op, place
        elif op > 0:
            if inserted:
                found.append((start, start, inserted))
                inserted = ""
            place += op
        else:
            found.append((place, place - op, inserted))
            inserted = ""
            place -= op
    return found


def from_edits(edits: Iterable[tuple[int, int, str]]) -> Delta:
    """A change out of replacements that do not overlap, all on the same text, in any order."""
    out: list[int | str] = []
    place = 0
    for start, end, text in sorted(edits, key=lambda edit: (edit[0], edit[1])):
        if start < place:
            raise ValueError("Replacements overlap.")
        out += [start - place, text, start - end]
        place = end
    return normal(out)


def length_change(delta: Delta) -> int:
    """By how much the text grows."""
    return sum(len(op) if isinstance(op, str) else min(op, 0) for op in delta)
