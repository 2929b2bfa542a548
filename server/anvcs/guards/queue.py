"""The merge queue's core: tests many items together and bisects to those that fail.

It knows neither Git nor merges: an item is whatever the caller queues, and ``test`` merges a list of items in that
order and judges the result. What lands is always a list that has passed as it is, so what was tested is what lands.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, Literal, Protocol, TypeVar

import msgspec

from anvcs.guards.model import Evidence, Outcome

T = TypeVar("T")
T_contra = TypeVar("T_contra", contravariant=True)

Verdict = Outcome | Literal["conflict"]
"""How a list of items did; ``conflict`` means that they cannot all be merged."""
Stopped = Literal["cancelled", "base", "moved"]
"""Why a queue ended before its items: the caller's wish, what they go on top of fails itself, or landing did."""


class Tried(msgspec.Struct, frozen=True):
    """What the test of a list of items found."""

    verdict: Verdict
    conflict: int = 0
    """With ``conflict``: the index of the first item that conflicts with those before it."""
    evidence: tuple[Evidence, ...] = ()


class Trial(Protocol[T_contra]):
    """Merges items in order and judges the result."""

    def __call__(self, items: tuple[T_contra, ...], /, *, again: bool) -> Tried:
        """How the items do together; with none, how that does which they go on top of.

        ``again`` asks for a new run where the last one may have failed by accident.
        """
        ...


class Rejected(msgspec.Struct, Generic[T], frozen=True):
    """An item that may not land."""

    item: T
    tried: Tried
    after: tuple[T, ...]
    """What had landed before; alone, the item may be fine."""


class Flaky(msgspec.Struct, Generic[T], frozen=True):
    """A list that failed and passed when it was tested again."""

    items: tuple[T, ...]
    failed: Tried


class Result(msgspec.Struct, Generic[T], frozen=True):
    """What became of each item."""

    landed: tuple[T, ...]
    proof: Tried | None
    """The test that exactly the landed items passed."""
    rejected: tuple[Rejected[T], ...]
    waiting: tuple[T, ...]
    """Those that nothing was found out about, where the queue was stopped."""
    flaky: tuple[Flaky[T], ...]
    runs: int
    """How many tests it took."""
    stopped: Stopped | None = None
    base: Tried | None = None
    """How the base did without any item, if it was tested."""


def drain(
    items: Sequence[T],
    trial: Trial[T],
    *,
    batch: int | None = None,
    retries: int = 0,
    confirm: int = 0,
    land: Callable[[tuple[T, ...], Tried], bool] = lambda _items, _tried: True,
    reject: Callable[[Rejected[T]], None] = lambda _: None,
) -> Result[T]:
    """Land every item that passes on top of those that landed before it, and reject the others.

    At most ``batch`` items are tested together at first. ``land`` is told of items as soon as a list that ends with
    them has passed, and of its test; where it says no (the target moved), the queue stops. ``reject`` is told of an
    item as soon as nothing can save it. With n items of which k fail, about 2 k log2 n tests are run; ``retries`` more
    for each that fails, and ``confirm`` more before an item, or the base, is blamed.
    """
    queue = _Queue(items, trial, _Repeated(retries, confirm), land, reject)
    size = batch or len(items) or 1
    waiting = [range(at, min(at + size, len(items))) for at in range(0, len(items), size)]
    stopped: Stopped | None = None
    # The next one is the last; what follows a failed batch is put back in two parts.
    waiting.reverse()
    while waiting and stopped is None:
        now = waiting.pop()
        parts, stopped = queue.take(now)
        waiting += [part for part in reversed(parts) if part]
    return queue.result([items[at] for part in reversed(waiting) for at in part], stopped)


class _Repeated(msgspec.Struct, frozen=True):
    """How often tests that fail are run again."""

    always: int
    before_blame: int


class _Queue(Generic[T]):
    """A queue at work; items go by their index here."""

    def __init__(
        self,
        items: Sequence[T],
        trial: Trial[T],
        repeated: _Repeated,
        land: Callable[[tuple[T, ...], Tried], bool],
        reject: Callable[[Rejected[T]], None],
    ) -> None:
        self._items = items
        self._trial = trial
        self._repeated = repeated
        self._land = land
        self._reject = reject
        self._confirmed: set[tuple[int, ...]] = set()
        self._landed: tuple[int, ...] = ()
        self._known: dict[tuple[int, ...], Tried] = {}
        """Every list that was tested: when a batch's left part has landed, its right part has failed already."""
        self._rejected: list[Rejected[T]] = []
        self._flaky: list[Flaky[T]] = []
        self._runs = 0

    def take(self, batch: range) -> tuple[list[range], Stopped | None]:
        """Land a batch, or reject its only item, or give the parts to be taken instead; and why to stop, if so."""
        tried = self._blame((*self._landed, *batch)) if len(batch) == 1 else self._try((*self._landed, *batch))
        if tried.verdict == "cancelled":
            return [batch], "cancelled"
        if tried.verdict == "passed":
            if not self._land(self._named(tuple(batch)), tried):
                return [batch], "moved"
            self._landed += tuple(batch)
            return [], None
        # What conflicts with items of its own batch gets another chance: those may not land.
        middle = len(batch) // 2
        if tried.verdict == "conflict":
            middle = min(max(tried.conflict - len(self._landed), 0), len(batch) - 1)
        elif len(batch) == 1 and not self._landed and self._blame(()).verdict != "passed":
            return [batch], "cancelled" if self._try(()).verdict == "cancelled" else "base"
        if middle:
            return [batch[:middle], batch[middle:]], None
        self._rejected.append(Rejected(self._items[batch[0]], tried, self._named(self._landed)))
        self._reject(self._rejected[-1])
        return [batch[1:]], None

    def result(self, waiting: list[T], stopped: Stopped | None) -> Result[T]:
        """What became of everything."""
        return Result(
            landed=self._named(self._landed),
            proof=self._known[self._landed] if self._landed else None,
            rejected=tuple(self._rejected),
            waiting=tuple(waiting),
            flaky=tuple(self._flaky),
            runs=self._runs,
            stopped=stopped,
            base=self._known.get(()),
        )

    def _try(self, these: tuple[int, ...]) -> Tried:
        if these not in self._known:
            first = self._run(self._named(these), again=False)
            self._known[these] = self._repeat(these, first, self._repeated.always)
        return self._known[these]

    def _blame(self, these: tuple[int, ...]) -> Tried:
        """As ``_try``, but a failure counts only once it is confirmed: nobody is blamed for an accident."""
        tried = self._try(these)
        if these not in self._confirmed:
            self._confirmed.add(these)
            self._known[these] = self._repeat(these, tried, self._repeated.before_blame)
        return self._known[these]

    def _repeat(self, these: tuple[int, ...], first: Tried, times: int) -> Tried:
        items, tried = self._named(these), first
        for _ in range(times):
            if tried.verdict in ("passed", "conflict", "cancelled"):
                break
            tried = self._run(items, again=True)
        if tried.verdict == "passed" and first.verdict != "passed":
            self._flaky.append(Flaky(items, first))
        return tried

    def _run(self, items: tuple[T, ...], *, again: bool) -> Tried:
        self._runs += 1
        return self._trial(items, again=again)

    def _named(self, these: tuple[int, ...]) -> tuple[T, ...]:
        return tuple(self._items[at] for at in these)
