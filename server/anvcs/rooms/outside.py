"""Text from outside: what somebody wrote into a file on the ground of one version enters a room that went on.

A change that the room has already yields nothing; a deletion removes only what its writer had read; text that others
wrote meanwhile stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from anvcs.rooms.delta import IDENTITY, Delta, from_edits, replaced, transform
from anvcs.rooms.diffing import cost, fine_diff, split_lines

HARDLY = 0.25
"""The share of words in common by which lines are the same ones to who guesses what somebody had read."""
Edit: TypeAlias = tuple[int, int, str]
"""What replaces the characters from one place up to another."""


def outside(base: str, new: str, room: str, kept: Delta | None = None) -> Delta:
    """What makes a room take in the way from ``base`` to ``new``.

    ``kept`` is the way from ``base`` to the room where it is known. Differences only guess it: beside lines that
    changed they may take one line for another.
    """
    if new in (base, room):
        return IDENTITY
    written = fine_diff(base, new)
    if room == base:
        return written
    return merged(written, fine_diff(base, room) if kept is None else kept)[0]


def merged(ours: Delta, theirs: Delta) -> tuple[Delta, Delta]:
    """Two changes of one text, each as it is after the other; what both do in the same way is done once.

    At one place ours comes first: theirs may be a line that is still being written.
    """
    mine = {(start, end): text for start, end, text in replaced(ours)}
    yours = {(start, end): text for start, end, text in replaced(theirs)}
    shared: list[Edit] = []
    inner: list[tuple[int, str, str]] = []
    """Where, after what is shared before, each side puts something of its own into what it shares."""
    shift = 0
    for start, end in sorted(mine.keys() & yours.keys()):
        one, two = mine[start, end], yours[start, end]
        head, tail = _lines_in_common(one, two) if one != two else (len(one), 0)
        if one != two and (start != end or not head + tail):
            continue
        del mine[start, end], yours[start, end]
        both = one[:head] + one[len(one) - tail :]
        shared.append((start, end, both))
        inner.append((start + shift + head, one[head : len(one) - tail], two[head : len(two) - tail]))
        shift += len(both) - (end - start)
    if shared:
        both = from_edits(shared)
        ours = _rest(mine, both, [(at, at, text) for at, text, _ in inner], first=True)
        theirs = _rest(yours, both, [(at, at, text) for at, _, text in inner], first=False)
    return transform(ours, theirs, first=True), transform(theirs, ours, first=False)


def _rest(edits: dict[tuple[int, int], str], shared: Delta, inner: list[Edit], *, first: bool) -> Delta:
    alone = from_edits((start, end, text) for (start, end), text in edits.items())
    return from_edits([*replaced(transform(alone, shared, first=first)), *inner])


def _lines_in_common(one: str, two: str) -> tuple[int, int]:
    """How many characters of whole lines two texts have in common at their beginning and, beside those, their end."""
    ones, twos = split_lines(one), split_lines(two)
    most = min(len(ones), len(twos))
    head = 0
    while head < most and ones[head] == twos[head] and ones[head].endswith("\n"):
        head += 1
    tail = 0
    while tail < most - head and ones[-1 - tail] == twos[-1 - tail] and ones[-1 - tail].endswith("\n"):
        tail += 1
    return sum(map(len, ones[:head])), sum(map(len, ones[len(ones) - tail :]))


def guess_base(versions: Sequence[str], new: str) -> int:
    """Which version (newest first) the writer of ``new`` had read: the one that it differs least from.

    Of several the newest; so a write that exactly takes back what was saved after an older version stands on that one.
    Text that a version lacks counts twice: that its writer wrote just the same again is less likely than that it
    deleted something.
    """
    best, least = 0, None
    for index, version in enumerate(versions):
        differs = _distance(version, new)
        if least is None or differs < least:
            best, least = index, differs
            if differs == 0:
                break
    return best


def _distance(version: str, new: str) -> int:
    """Characters deleted and twice those inserted, where each word counts as kept even in lines that are hardly alike.

    With the measure that people see, a line that just ceases to count as the same one would make older versions nearer.
    """
    delta = fine_diff(version, new, alike=HARDLY)
    torn = sum(_torn(version, *edit) for edit in replaced(delta))
    return torn + cost(delta) + sum(len(op) for op in delta if isinstance(op, str))


def _torn(version: str, start: int, end: int, text: str) -> int:
    """What it adds that an edit tears a line apart: what it kept of that line it had rather written itself.

    A line that happens to begin like one that somebody has begun to type would else seem to have been made of that.
    """
    if "\n" not in text or "\n" in version[start:end]:
        return 0
    head = version[version.rfind("\n", 0, start) + 1 : start]
    tail = version[end:].partition("\n")[0]
    return 2 * max(len(head), len(tail)) + 1 if head.strip() and tail.strip() else 0
