"""Text from outside: what somebody wrote into a file on the ground of one version enters a room that went on.

A change that the room has already yields nothing; a deletion removes only what its writer had read; text that others
wrote meanwhile stays.
"""

from __future__ import annotations

from collections.abc import Sequence

from anvcs.rooms.delta import IDENTITY, Delta, from_edits, replaced, transform
from anvcs.rooms.diffing import cost, fine_diff


def outside(base: str, new: str, room: str) -> Delta:
    """What makes a room take in the way from ``base`` to ``new``."""
    if new in (base, room):
        return IDENTITY
    written = fine_diff(base, new)
    if room == base:
        return written
    kept = fine_diff(base, room)
    there = set(replaced(kept))
    missing = from_edits(edit for edit in replaced(written) if edit not in there)
    return transform(missing, kept, first=False)


def guess_base(versions: Sequence[str], new: str) -> int:
    """Which version (newest first) the writer of ``new`` had read: the one that it differs least from.

    Of several the newest; so a write that exactly takes back what was saved after an older version stands on that one.
    """
    best, least = 0, None
    for index, version in enumerate(versions):
        differs = cost(fine_diff(version, new))
        if least is None or differs < least:
            best, least = index, differs
            if differs == 0:
                break
    return best
