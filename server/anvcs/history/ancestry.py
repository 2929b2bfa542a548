"""Which commit comes before which: every commit a number, with its generation and its parents, read page by page.

Numbers grow from parents to children, so a search never looks below the older commit's number, nor at a commit whose
generation (one more than its parents' highest) is no higher than the older one's. Each commit also leaps to one far up
its line of first parents (skew-binary jumps), so that a commit on that line is found in O(log n) steps.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Sequence
from heapq import heappop, heappush
from struct import Struct
from typing import cast

from anvcs.errors import CorruptStoreError

SHIFT = 8
PAGE = 1 << SHIFT
"""Commits on a page."""
APART = 1 << 30
"""Numbers from here on are of commits that no page holds yet; at most PAGE of them."""
MOST = 512
"""Pages kept in memory: some 130,000 commits in about 30 MB."""

Record = tuple[int, int, int, int, int]
"""Generation; length of its line of first parents; first parent; where it leaps; second parent or MANY. 0 is none."""
Stored = tuple[bytes, bytes]
"""A page as it is kept: the records, and the further parents of those that have more than two."""
Fetch = Callable[[int], Stored | None]
"""A page by its number; none if it was never written."""

FEW = 4096
"""Commits that are worth a look before a search for merge bases, which looks at all."""
MANY = 1 << 31
_MASK = PAGE - 1
_RECORD = Struct("=5I")
_NOTHING: Record = (0, 0, 0, 0, 0)
_ONE, _TWO, _STALE = 1, 2, 4


class Links:
    """The history in numbers. Raises CorruptStoreError where a page does not hold what it should."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self._pages: dict[int, list[Record]] = {}
        self._many: dict[int, tuple[int, ...]] = {}
        """The parents after the first of commits with more than two."""

    def is_ancestor(self, older: int, newer: int) -> bool:
        """``older`` is ``newer`` or reachable from it."""
        if older >= newer:
            return older == newer
        return self._is_on_line(older, newer) or bool(self._reaches(newer, older))

    def merge_bases(self, one: int, two: int) -> list[int]:
        """The common ancestors that no other common ancestor reaches, highest number first."""
        older, newer = sorted((one, two))
        if self._is_on_line(older, newer) or self._reaches(newer, older, FEW):
            return [older]
        # Down to the older one's number nothing is reached from both, so no order is needed there.
        flags = dict.fromkeys(self._reached_below(newer, older), _ONE)
        flags[older] = flags.get(older, 0) | _TWO
        waiting = sorted(-commit for commit in flags)
        live, found = len(flags), list[int]()
        while live:
            commit = -heappop(waiting)
            # All that reach it have higher numbers and have been here, so its flags are final.
            flag = flags.pop(commit)
            if not flag & _STALE:
                live -= 1
                if flag == _ONE | _TWO:
                    found.append(commit)
                    flag |= _STALE
            for parent in self.parents(commit):
                known = flags.get(parent)
                if known is None:
                    heappush(waiting, -parent)
                    live += not flag & _STALE
                elif flag & _STALE and not known & _STALE:
                    live -= 1
                flags[parent] = flag | (known or 0)
        return found

    def generation(self, commit: int) -> int:
        """One more than its parents' highest; 1 without parents."""
        return self._record(commit)[0]

    def parents(self, commit: int) -> tuple[int, ...]:
        """Its parents in their order."""
        _, _, first, _, second = self._record(commit)
        if second == MANY:
            return first, *self._many[commit]
        return (first, second) if second else (first,) if first else ()

    # Writing

    def append(self, commit: int, parents: Sequence[int]) -> None:
        """Add the next commit, in memory; its page is :meth:`stored` by whoever keeps it."""
        page = self._pages.get(commit >> SHIFT)
        if page is None:
            kept = self._fetch(commit >> SHIFT)
            page = self._load(commit >> SHIFT, kept or (b"", b""))
        if not commit >> SHIFT and not page:
            page.append(_NOTHING)
        if len(page) != commit & _MASK:
            raise _damaged()
        first = parents[0] if parents else 0
        generation = 1 + max((self._record(parent)[0] for parent in parents), default=0)
        _, depth, _, leap, _ = self._record(first) if first else _NOTHING
        _, middle, _, farther, _ = self._record(leap) if leap else _NOTHING
        end = self._record(farther)[1] if farther else 0
        # Two leaps of equal length are followed by one over both.
        target = farther if depth - middle == middle - end else first
        second = 0 if len(parents) < 2 else parents[1] if len(parents) == 2 else MANY
        if second == MANY:
            self._many[commit] = tuple(parents[1:])
        page.append((generation, depth + 1, first, target, second))

    def stored(self, number: int) -> Stored:
        """A page as it is to be kept."""
        records = self._pages[number]
        more = array("I")
        for place, record in enumerate(records):
            if record[4] == MANY:
                further = self._many[number << SHIFT | place]
                more.extend((place, len(further), *further))
        return b"".join(_RECORD.pack(*record) for record in records), more.tobytes()

    def set_apart(self, commits: Iterable[Sequence[int]]) -> None:
        """Hold commits that no page has, numbered from APART on, in place of those held before."""
        self._pages[APART >> SHIFT] = []
        for place, parents in enumerate(commits):
            self.append(APART + place, parents)

    # Searching

    def _is_on_line(self, older: int, newer: int) -> bool:
        """Following first parents leads from the one to the other."""
        commit = newer
        while commit > older:
            _, _, first, leap, _ = self._record(commit)
            commit = leap if leap >= older else first
        return commit == older

    def _reaches(self, newer: int, older: int, most: int | None = None) -> bool | None:
        """Whether it does; None if that is not known after looking at some more than ``most`` commits."""
        # Most of what is merged is merged soon, so the line of first parents is searched from its older end.
        seen: set[int] = set()
        width = PAGE
        while True:
            start = self._down_to(older + width, newer)
            if start > older and self._search(start, older, seen):
                return True
            if start == newer:
                return False
            if most is not None and len(seen) > most:
                return None
            width *= 4

    def _down_to(self, limit: int, commit: int) -> int:
        """The first commit on the line of first parents that is no higher."""
        while commit > limit:
            _, _, first, leap, _ = self._record(commit)
            commit = leap if leap > limit else first
        return commit

    def _search(self, newer: int, older: int, seen: set[int]) -> bool:
        """Whether the newer one reaches the older; those seen do not, and all others that do not become seen."""
        pages, floor = self._pages, self._record(older)[0]
        waiting = [newer]
        while waiting:
            commit = waiting.pop()
            while commit > older and commit not in seen:
                seen.add(commit)
                try:
                    generation, _, first, _, second = pages[commit >> SHIFT][commit & _MASK]
                except LookupError:
                    generation, _, first, _, second = self._record(commit)
                if generation <= floor:
                    break
                if second >= older:
                    waiting += (second,) if second < MANY else self._many[commit]
                commit = first
            if commit == older:
                return True
        return False

    def _reached_below(self, newer: int, limit: int) -> set[int]:
        """The numbers up to the limit that are reached first."""
        pages = self._pages
        seen, found, waiting = set[int](), set[int](), [newer]
        while waiting:
            commit = waiting.pop()
            while commit > limit and commit not in seen:
                seen.add(commit)
                try:
                    _, _, first, _, second = pages[commit >> SHIFT][commit & _MASK]
                except LookupError:
                    _, _, first, _, second = self._record(commit)
                if second:
                    waiting += (second,) if second < MANY else self._many[commit]
                commit = first
            if 0 < commit <= limit:
                found.add(commit)
        return found

    # Pages

    def _record(self, commit: int) -> Record:
        try:
            return self._pages[commit >> SHIFT][commit & _MASK]
        except LookupError:
            # It was never read, or has grown since.
            kept = self._fetch(commit >> SHIFT)
            page = self._load(commit >> SHIFT, kept or (b"", b""))
        if commit & _MASK >= len(page):
            raise _damaged()
        return page[commit & _MASK]

    def _load(self, number: int, kept: Stored) -> list[Record]:
        records, more = kept
        if len(records) % _RECORD.size or len(more) % 4:
            raise _damaged()
        if len(self._pages) >= MOST:
            # The highest one may be growing, or hold what is kept nowhere else.
            highest = max(self._pages)
            page = self._pages[highest]
            self._pages.clear()
            self._pages[highest] = page
        further = memoryview(more).cast("I").tolist()
        at = 0
        while at < len(further):
            place, count = further[at : at + 2]
            self._many[number << SHIFT | place] = tuple(further[at + 2 : at + 2 + count])
            at += 2 + count
        page = self._pages[number] = cast("list[Record]", list(_RECORD.iter_unpack(records)))
        return page


def _damaged() -> CorruptStoreError:
    return CorruptStoreError("The index of ancestors is damaged.", "Delete cache.db; it is built again from Git.")
