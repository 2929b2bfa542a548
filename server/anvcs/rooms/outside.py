"""Text from outside: what somebody wrote into a file on the ground of one version enters a room that went on.

A change that the room has already yields nothing; a deletion removes only what its writer had read; text that others
wrote meanwhile stays.
"""

from __future__ import annotations

from collections.abc import Sequence

from anvcs.rooms.delta import IDENTITY, Delta, from_edits, replaced, transform
from anvcs.rooms.diffing import cost, fine_diff


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
    mine, yours = replaced(ours), replaced(theirs)
    both = set(mine) & set(yours)
    if both:
        shared = from_edits(both)
        ours = transform(from_edits(edit for edit in mine if edit not in both), shared, first=True)
        theirs = transform(from_edits(edit for edit in yours if edit not in both), shared, first=False)
    return transform(ours, theirs, first=True), transform(theirs, ours, first=False)


def guess_base(versions: Sequence[str], new: str) -> int:
    """Which version (newest first) the writer of ``new`` had read: the one that it differs least from.

    Of several the newest; so a write that exactly takes back what was saved after an older version stands on that one.
    Text that a version lacks counts twice: that its writer wrote just the same again is less likely than that it
    deleted something.
    """
    best, least = 0, None
    for index, version in enumerate(versions):
        delta = fine_diff(version, new)
        differs = cost(delta) + sum(len(op) for op in delta if isinstance(op, str))
        if least is None or differs < least:
            best, least = index, differs
            if differs == 0:
                break
    return best
