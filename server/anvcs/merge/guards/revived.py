"""Lines that one side deleted and that are back in a merge, because the other side moved them.

Both sides took them out where they were, and one put them in elsewhere, of which the other knows nothing. Git calls
that clean, and the deletion is undone without a word.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from anvcs.merge.items import WORDS

_LINES = 2
"""Lines together, each the only one of its kind, that are no chance,"""
_WORDS = 12
"""and the words that they hold."""
_SHORT = 8
"""Bytes of lines that may stand anywhere, such as those that close a block."""


def revived(
    base: Sequence[bytes], left: Sequence[bytes], right: Sequence[bytes], merged: Sequence[bytes]
) -> int | None:
    """The row at which the first lines stand that a side deleted and the other only moved.

    All texts as lines without the white space around them.
    """
    for deleting, moving in ((left, right), (right, left)):
        back = {line for line in set(base).difference(deleting) if len(line) >= _SHORT}
        back &= set(moving) & set(merged)
        if len(back) < _LINES:
            continue
        counts = [Counter(line for line in lines if line in back) for lines in (base, moving, merged)]
        once = {line for line in back if all(count[line] == 1 for count in counts)}
        for run in _runs(base, once):
            words = _words(run)
            # What was only broken into other lines is not deleted.
            if len(run) >= _LINES and len(words) >= _WORDS and _flat(words) not in _flat(_words(deleting)):
                return min(merged.index(line) for line in run)
    return None


def _words(lines: Sequence[bytes]) -> list[bytes]:
    return WORDS.findall(b"\n".join(lines))


def _flat(words: Sequence[bytes]) -> bytes:
    return b" ".join(words)


def _runs(lines: Sequence[bytes], wanted: set[bytes]) -> list[list[bytes]]:
    """The wanted lines that stand together, but for short ones between them."""
    runs: list[list[bytes]] = [[]]
    for line in lines:
        if line in wanted:
            runs[-1].append(line)
        elif len(line) >= _SHORT:
            runs.append([])
    return runs
