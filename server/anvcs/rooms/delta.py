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
    inserted: list[str] = []
    kept = deleted = 0
    for op in ops:
        if isinstance(op, str):
            if op:
                inserted.append(op)
        elif op < 0:
            deleted -= op
        elif op > 0:
            if inserted or deleted:
                _put(out, kept, inserted, deleted)
                inserted, kept, deleted = [], 0, 0
            kept += op
    if inserted or deleted:
        _put(out, kept, inserted, deleted)
    return tuple(out)


def _put(out: list[int | str], kept: int, inserted: list[str], deleted: int) -> None:
    if kept:
        out.append(kept)
    if inserted:
        # Joined once: a long text that is put together of its characters would be copied for each of them.
        out.append(inserted[0] if len(inserted) == 1 else "".join(inserted))
    if deleted:
        out.append(-deleted)


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


def compose(a: Delta, b: Delta) -> Delta:
    """One change that does both, ``b`` after ``a``."""
    if not a or not b:
        return a or b
    out: list[int | str] = []
    index = used = 0
    """How far ``a`` is read: its entry, and how much of that."""
    end = len(a)
    for op in b:
        if isinstance(op, str):
            out.append(op)
            continue
        left = abs(op)
        while left and index < end:
            old = a[index]
            if isinstance(old, int) and old < 0:
                out.append(old)
                index += 1
                continue
            whole = len(old) if isinstance(old, str) else old
            size = min(whole - used, left)
            if isinstance(old, int):
                out.append(size if op > 0 else -size)
            elif op > 0:
                out.append(old[used : used + size])
            left -= size
            used += size
            if used == whole:
                index, used = index + 1, 0
        if left:
            out.append(left if op > 0 else -left)
    if used:
        old = a[index]
        out.append(old[used:] if isinstance(old, str) else old - used)
        index += 1
    out += a[index:]
    return normal(out)


def transform(a: Delta, b: Delta, *, first: bool) -> Delta:
    """``a`` as it is after ``b``, both made on the same text; ``first``: its inserts come before b's at one place."""
    if not a or not b:
        return a
    out: list[int | str] = []
    index = used = 0
    end = len(b)
    for op in a:
        left = 0 if isinstance(op, str) else abs(op)
        while index < end and (left or not first):
            new = b[index]
            if isinstance(new, str):
                out.append(len(new))
                index += 1
                continue
            if not left:
                break
            size = min(abs(new) - used, left)
            if new > 0:
                out.append(size if isinstance(op, int) and op > 0 else -size)
            left -= size
            used += size
            if used == abs(new):
                index, used = index + 1, 0
        if isinstance(op, str):
            out.append(op)
        elif left:
            out.append(left if op > 0 else -left)
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
    limit = min(len(a), len(b))
    start = _common(a, b, limit)
    end = _common_end(a, b, limit - start)
    return normal((start, b[start : len(b) - end], -(len(a) - start - end)))


def _common(a: str, b: str, limit: int) -> int:
    """How many characters two texts have in common at their beginning."""
    low, high = 0, limit
    while low < high:
        middle = (low + high + 1) // 2
        if a[low:middle] == b[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _common_end(a: str, b: str, limit: int) -> int:
    """How many characters two texts have in common at their end."""
    low, high = 0, limit
    while low < high:
        middle = (low + high + 1) // 2
        if a[len(a) - middle : len(a) - low] == b[len(b) - middle : len(b) - low]:
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
