"""What one side indented anew or wrapped, done to the other versions too, so that only what was written differs.

A side that puts lines into an ``if`` or an element changes all of them, and git has every change of the other side
there in conflict. So the lines that it indented are indented in the base and in the other version as it has them, and
what it put around them stands there as well: a merge of these texts has the wrapping and the other side's changes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain

from anvcs.merge.items import WORDS
from anvcs.merge.lines import Change, Hunk, diff_items, split

_NONE = (b"", b"")
"""No shift."""
_ALIKE = 0.5
"""How alike two lines must be for one to be the other, changed."""
_TELLING = 8
"""Bytes of a line from which on it is hardly the same by chance."""
Shift = tuple[bytes, bytes]
"""What the indentation of a line loses and gets in front."""


class _UnclearError(Exception):
    """It cannot be told how a line is to be indented, or on which side of another it belongs."""


def is_indented_anew(hunks: Sequence[Hunk]) -> bool:
    """Whether a side has a line of some conflict with another indentation, there or elsewhere."""
    was: dict[bytes, bytes] = {}
    for hunk in hunks:
        if hunk.merged is None:
            was |= {line.strip(): line for line in hunk.base.split(b"\n")}
    return any(
        was.get(bare, line) != line
        for hunk in hunks
        for side in (hunk.left, hunk.right)
        if side != hunk.base
        for line in side.split(b"\n")
        if len(bare := line.strip()) >= _TELLING
    )


def alike_indented(base: bytes, left: bytes, right: bytes) -> tuple[bytes, bytes, bytes] | None:
    """The three texts with the indentation and wrapping of either side in all; None if they are as they were."""
    texts = (base, left, right)
    try:
        for_left = _follow(base, left, right)
        if for_left is not None:
            texts = (for_left[0], left, for_left[1])
        for_right = _follow(texts[0], texts[2], texts[1])
        if for_right is not None:
            texts = (for_right[0], for_right[1], texts[2])
    except _UnclearError:
        return None
    return None if for_left is None and for_right is None else texts


def _follow(base: bytes, side: bytes, other: bytes) -> tuple[bytes, bytes] | None:
    """The base and the other side with the indentation of one side; None if that has changed none."""
    versions = [split(text) for text in (base, side, other)]
    by_side = _changes(versions[0], versions[1])
    done = _Indented(versions[0], versions[1], by_side)
    if not any(shift not in (None, _NONE) for shift in done.shifts):
        return None
    by_other = _changes(versions[0], versions[2])
    around = [change for change in by_side if change.start == change.end and done.is_edge(change.start)]
    in_base = [done.line(index, line) for index, line in enumerate(versions[0])]
    in_other = _other(done, versions[2], by_other)
    for change in reversed(around):
        wrap = versions[1][change.new_start : change.new_end]
        in_base[change.start : change.start] = wrap
        at = _place(change.start, by_other)
        in_other[at:at] = wrap
    return b"".join(in_base), b"".join(in_other)


def _changes(old: Sequence[bytes], new: Sequence[bytes]) -> list[Change]:
    """What changed but for indentation."""
    found: list[Change] = []
    for change in diff_items([line.strip() for line in old], [line.strip() for line in new]):
        found.append(_slid(change, old, new, found[-1].end if found else 0))
    return found


def _slid(change: Change, old: Sequence[bytes], new: Sequence[bytes], highest: int) -> Change:
    """An insertion or deletion so far up that of two brackets alike the one is new, or gone, that is indented anew."""
    inserts = change.start == change.end
    if inserts == (change.new_start == change.new_end):
        return change
    longer, shorter = (new, old) if inserts else (old, new)
    best, most, up = change, 0, 0
    gained = 0
    first, end, at = (
        (change.new_start, change.new_end, change.start) if inserts else (change.start, change.end, change.new_start)
    )
    while change.start - up > highest and longer[first - up - 1].strip() == longer[end - up - 1].strip():
        up += 1
        indent = _indent(shorter[at - up])
        gained += (_indent(longer[end - up]) == indent) - (_indent(longer[first - up]) == indent)
        if gained > most:
            best, most = Change(*(place - up for place in change)), gained
    return best


@dataclass(slots=True)
class _Indented:
    """How one side indented the base's lines."""

    base: Sequence[bytes]
    side: Sequence[bytes]
    changes: Sequence[Change]
    shifts: list[Shift | None] = field(default_factory=list["Shift | None"])
    """For each line of the base; None for blank ones, and where lines that the side changed meet two shifts."""

    def __post_init__(self) -> None:
        self.shifts = [None] * len(self.base)
        at = offset = 0
        for change in [*self.changes, Change(len(self.base), len(self.base), 0, 0)]:
            for index in range(at, change.start):
                if self.base[index].strip():
                    self.shifts[index] = _shift(_indent(self.base[index]), _indent(self.side[index + offset]))
            at, offset = change.end, change.new_end - change.end
        for change in self.changes:
            before, after = self.before(change.start), self.after(change.end)
            if before == after:
                for index in range(change.start, change.end):
                    self.shifts[index] = before if self.base[index].strip() else None

    def before(self, at: int) -> Shift:
        """The shift of what stands before a place."""
        return self._first(range(at - 1, -1, -1))

    def after(self, at: int) -> Shift:
        """The shift of what stands after a place."""
        return self._first(range(at, len(self.shifts)))

    def _first(self, indices: Iterable[int]) -> Shift:
        return next((shift for index in indices if (shift := self.shifts[index]) is not None), _NONE)

    def is_edge(self, at: int) -> bool:
        """Whether the indentation changes there."""
        return self.before(at) != self.after(at)

    def line(self, index: int, line: bytes) -> bytes:
        """A line that stands where a line of the base stands."""
        return _shifted(line, self.shifts[index] or _NONE)


def _other(done: _Indented, lines: Sequence[bytes], changes: Sequence[Change]) -> list[bytes]:
    """The other side's lines, indented as those around them are. Raises _UnclearError."""
    out: list[bytes] = []
    at = offset = 0
    _check_brackets(done, lines, changes)
    end = Change(len(done.base), len(done.base), len(lines), len(lines))
    for change in [*changes, end]:
        for index in range(at, change.start):
            line = lines[index + offset]
            if done.shifts[index] not in (None, _NONE) and _indent(line) != _indent(done.base[index]):
                # What both wrapped may overlap.
                raise _UnclearError
            out.append(done.line(index, line))
        _check_edges(done, lines, change)
        shift = _shift_of(done, change)
        out += [_shifted(line, shift) for line in lines[change.new_start : change.new_end]]
        at, offset = change.end, change.new_end - change.end
    return out


def _check_edges(done: _Indented, lines: Sequence[bytes], change: Change) -> None:
    """Where the indentation changes, lines may be changed or deleted; new ones may belong before it or after it."""
    if change.new_start == change.new_end or not (done.is_edge(change.start) or done.is_edge(change.end)):
        return
    old, new = done.base[change.start : change.end], lines[change.new_start : change.new_end]
    if len(old) != len(new) or not all(map(_are_alike, old, new)):
        raise _UnclearError


def _check_brackets(done: _Indented, lines: Sequence[bytes], changes: Sequence[Change]) -> None:
    """What the other side opens among lines that were indented it must close there, or the two would overlap."""
    open_in: Counter[int] = Counter()
    for change in changes:
        if done.before(change.start) != _NONE or done.after(change.start) != _NONE:
            begins = next((at for at in range(change.start - 1, -1, -1) if done.shifts[at] == _NONE), -1)
            open_in[begins] += _depth(lines[change.new_start : change.new_end])
            open_in[begins] -= _depth(done.base[change.start : change.end])
    if any(open_in.values()):
        raise _UnclearError


def _depth(lines: Sequence[bytes]) -> int:
    text = b"".join(lines)
    return sum(map(text.count, (b"(", b"[", b"{"))) - sum(map(text.count, (b")", b"]", b"}")))


def _are_alike(one: bytes, other: bytes) -> bool:
    a, b = Counter(WORDS.findall(one)), Counter(WORDS.findall(other))
    return 2 * (a & b).total() >= _ALIKE * (a.total() + b.total())


def _shift_of(done: _Indented, change: Change) -> Shift:
    """How what the other side wrote is to be shifted: as what it replaced, or as what stands around it."""
    if not any(map(bytes.strip, chain(done.base[change.start : change.end]))):
        around = {done.before(change.start), done.after(change.end)}
    else:
        replaced = zip(done.base[change.start : change.end], done.shifts[change.start : change.end], strict=True)
        around = {shift for line, shift in replaced if line.strip()}
    shift = around.pop()
    if around or shift is None:
        if change.new_start == change.new_end:
            return _NONE
        raise _UnclearError
    return shift


def _place(at: int, changes: Sequence[Change]) -> int:
    """Where a place of the base is in the other version. Raises _UnclearError."""
    offset = 0
    for change in changes:
        if at < change.start:
            break
        if at <= change.end:
            if change.new_start == change.new_end:
                return change.new_start
            if change.end - change.start != change.new_end - change.new_start:
                raise _UnclearError
            return change.new_start + at - change.start
        offset = change.new_end - change.end
    return at + offset


def _indent(line: bytes) -> bytes:
    return line[: len(line) - len(line.lstrip(b" \t"))]


def _shift(old: bytes, new: bytes) -> Shift:
    """What makes one indentation of another."""
    kept = len(old) if new.endswith(old) else len(new) if old.endswith(new) else 0
    return old[: len(old) - kept], new[: len(new) - kept]


def _shifted(line: bytes, shift: Shift) -> bytes:
    if shift == _NONE or not line.strip():
        return line
    lost, got = shift
    if not line.startswith(lost):
        raise _UnclearError
    return got + line[len(lost) :]
