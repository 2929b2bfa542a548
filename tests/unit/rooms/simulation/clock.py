"""Virtual time: what is to happen happens in its order, and takes no time."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from random import Random
from typing import TypeAlias

Work: TypeAlias = Callable[[], object]
Send: TypeAlias = Callable[[Work], None]


class Clock:
    """Milliseconds and what comes when."""

    def __init__(self, rng: Random) -> None:
        self.now = 0.0
        self.steps = 0
        self._rng = rng
        self._coming: list[tuple[float, int, Work]] = []
        self._number = 0

    def at(self, delay: float, work: Work) -> None:
        """Do something later."""
        self._put(self.now + delay, work)

    def soon(self, low: float, high: float, work: Work) -> None:
        """Do something after a while of random length."""
        self._put(self.now + self._rng.uniform(low, high), work)

    def channel(self, low: float, high: float) -> Send:
        """A way on which things take random time and never overtake each other."""
        last = 0.0

        def send(work: Work) -> None:
            nonlocal last
            last = max(self.now + self._rng.uniform(low, high), last + 1e-6)
            self._put(last, work)

        return send

    def run(self, limit: int) -> bool:
        """Let everything happen; false if it does not end within that many steps."""
        while self._coming:
            if self.steps >= limit:
                return False
            self.steps += 1
            self.now, _, work = heapq.heappop(self._coming)
            work()
        return True

    def _put(self, time: float, work: Work) -> None:
        self._number += 1
        heapq.heappush(self._coming, (time, self._number, work))
