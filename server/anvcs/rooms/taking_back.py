"""What takes edits back: one walk over a room's segments."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple, TypeAlias

from anvcs.rooms.chunks import Chunk
from anvcs.rooms.delta import Delta

Restores: TypeAlias = tuple[tuple[int, ...], ...]
"""For each insertion of a delta: how many characters, deleted or about to be, lie before the next to bring back, and
how many of them to bring back, by turns, from where the insertion stands."""


class Undo(NamedTuple):
    """What takes edits back."""

    delta: Delta
    restores: Restores


def _without(events: tuple[int, ...], wanted: Collection[int]) -> int:
    """How many events are left when the wanted ones on top are taken back.

    Others' deletions that were taken back themselves are as if they had never been.
    """
    left = then = len(events)
    while then:
        if events[then - 1] in wanted:
            then -= 1
            left = then
        elif then & 1 and then > 1:
            then -= 2
        else:
            break
    return left


class Undoing:
    """One walk over the chunks that collects what takes edits back."""

    def __init__(self, chunks: Sequence[Chunk], wanted: frozenset[int]) -> None:
        self._chunks = chunks
        self._wanted = wanted
        self._ops: list[int | str] = []
        self._restores: list[tuple[int, ...]] = []
        self._kept = 0
        """Characters that stay, since the last operation."""
        self._passed: int | None = 0
        """Characters since the last one that stays, in this gap; None: also some in chunks not looked at."""
        self._back: list[tuple[int, str]] = []
        """What comes back in this gap, and where."""
        self._gone = 0

    def result(self) -> Undo:
        """What takes them back."""
        oldest = min(self._wanted)
        for number, chunk in enumerate(self._chunks):
            if chunk.newest >= oldest:
                self._walk(number, *chunk.segments())
            elif chunk.alive:
                self._keep(chunk.alive)
                self._passed = None
            elif self._passed is not None:
                self._passed += sum(map(len, chunk.segments()[0]))
        self._flush()
        return Undo(tuple(self._ops), tuple(self._restores))

    def _walk(self, number: int, texts: list[str], events: list[tuple[int, ...]]) -> None:
        wanted = self._wanted
        for text, each in zip(texts, events, strict=True):
            living, stays, size = len(each) & 1, _without(each, wanted) & 1, len(text)
            if living and stays:
                self._keep(size)
                continue
            if self._passed is None:
                self._passed = self._trailing(number)
            if stays:
                self._back.append((self._passed, text))
            elif living:
                self._gone += size
            self._passed += size

    def _keep(self, size: int) -> None:
        self._flush()
        self._kept += size
        self._passed = 0

    def _trailing(self, number: int) -> int:
        """The deleted characters between the chunk and the living one before it."""
        passed = 0
        while number:
            number -= 1
            texts, events = self._chunks[number].segments()
            for text, each in zip(reversed(texts), reversed(events), strict=True):
                if len(each) & 1:
                    return passed
                passed += len(text)
        return passed

    def _flush(self) -> None:
        """End a gap."""
        if not self._back and not self._gone:
            return
        if self._kept:
            self._ops.append(self._kept)
            self._kept = 0
        if self._back:
            self._ops.append("".join([text for _, text in self._back]))
            plan: list[int] = []
            last = 0
            for place, text in self._back:
                if plan and place == last:
                    plan[-1] += len(text)
                else:
                    plan += (place - last, len(text))
                last = place + len(text)
            self._restores.append(tuple(plan))
            self._back = []
        if self._gone:
            self._ops.append(-self._gone)
            self._gone = 0
