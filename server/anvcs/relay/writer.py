"""The thread that makes edits durable: whatever waits goes into one transaction, and only then is anybody told.

The event loop hands work over and is told of the outcome; it never waits for the disk itself.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple, Protocol, TypeVar

from anvcs.errors import AnvcsError, DiskError, FencedError, LockedError
from anvcs.rooms.entries import Aside, Entry, NewEdit, Version

T = TypeVar("T")

GROUP = 2048
"""Edits in one transaction, at most."""
GROUP_BYTES = 8 << 20
_RETRY = (0.05, 1.0)
"""Seconds between attempts while the disk takes nothing, at first and at most."""

_log = logging.getLogger(__name__)


class Append(Protocol):
    """Writes entries of many rooms in one transaction."""

    def __call__(self, batch: Sequence[Entry], /) -> object:
        """Raises FencedError, DiskError, and others that concern these edits alone."""
        ...


class Work(NamedTuple):
    """What is to be done in its turn: append an entry, or call something, or nothing but be told (a barrier)."""

    entry: Entry | None
    job: Callable[[], Any] | None
    done: Callable[[Any], None]
    failed: Callable[[Exception], None]


class Writer:
    """Does work in the order it was given. ``put`` and the callbacks belong to the event loop."""

    def __init__(
        self,
        append: Append,
        *,
        fenced: Callable[[FencedError], None],
        stalled: Callable[[str | None], None],
        group: int = GROUP,
    ) -> None:
        self._append = append
        self._fenced = fenced
        self._stalled = stalled
        self._group = group
        self._loop = asyncio.get_running_loop()
        self._queue: deque[Work] = deque()
        self._ready = threading.Condition()
        self._idle = False
        self._stopping = False
        self._giving_up = False
        self._waiting = 0
        self._calm = asyncio.Event()
        self._calm.set()
        self._thread = threading.Thread(target=self._run, name="room log", daemon=True)
        self._thread.start()
        self.reason: str | None = None
        """Why nothing becomes durable at the moment."""
        self.limit = 64 << 20
        """Bytes of edits that may wait before clients are kept from sending more."""

    def put(self, entry: Entry, done: Callable[[Any], None], failed: Callable[[Exception], None]) -> None:
        """Append an entry; exactly one of the callbacks is called, in the order of the entries."""
        self._waiting += _size(entry)
        if self._waiting > self.limit:
            self._calm.clear()
        self._give(Work(entry, None, done, failed))

    def append(self, entry: Entry) -> asyncio.Future[None]:
        """Append an entry, and be told when it is durable."""
        future: asyncio.Future[None] = self._loop.create_future()
        self.put(entry, lambda _: resolve(future, None), lambda error: reject(future, error))
        return future

    def barrier(self, done: Callable[[], None]) -> None:
        """Be called when all that was given before is done."""
        self._give(Work(None, None, _ignoring(done), _ignoring(done)))

    def call(self, job: Callable[[], T]) -> asyncio.Future[T]:
        """Have something done with the log in its turn, in the writer's thread."""
        future: asyncio.Future[T] = self._loop.create_future()
        self._give(Work(None, job, partial(resolve, future), partial(reject, future)))
        return future

    async def calm(self) -> None:
        """Wait while too much waits to become durable."""
        await self._calm.wait()

    async def close(self, timeout: float) -> bool:  # noqa: ASYNC109 - the thread is joined, not a coroutine
        """Do what waits, and end; false if the disk did not take it in time."""
        with self._ready:
            self._stopping = True
            self._ready.notify()
        await asyncio.to_thread(self._thread.join, timeout)
        if self._thread.is_alive():
            with self._ready:
                self._giving_up = True
                self._ready.notify()
            await asyncio.to_thread(self._thread.join, timeout)
            return False
        return True

    def _give(self, work: Work) -> None:
        self._queue.append(work)
        # The lock is for waking a thread that waits: it says so before it looks at the queue for the last time.
        if self._idle:
            with self._ready:
                self._ready.notify()

    def _run(self) -> None:
        while True:
            with self._ready:
                self._idle = True
                while not self._queue and not self._stopping:
                    self._ready.wait()
                self._idle = False
                if not self._queue or self._giving_up:
                    return
                works = self._take()
            outcomes = self._do(works)
            if outcomes is None:
                return
            self._tell(self._finish, works, outcomes)

    def _take(self) -> list[Work]:
        """Edits and barriers up to the next job, or that job."""
        works: list[Work] = []
        size = 0
        while self._queue and len(works) < self._group and size < GROUP_BYTES:
            if self._queue[0].job is not None and works:
                break
            work = self._queue.popleft()
            works.append(work)
            if work.job is not None:
                break
            size += _size(work.entry)
        return works

    def _do(self, works: list[Work]) -> list[Exception | Any] | None:
        """What came of each; nothing if another relay owns the log."""
        job = works[0].job
        if job is not None:
            return [self._outcome(job)]
        entries = [work.entry for work in works if work.entry is not None]
        failure = self._persist(entries)
        if failure is None:
            return [None] * len(works)
        if self._lost(failure):
            return None
        if len(entries) == 1:
            return [failure if work.entry is not None else None for work in works]
        # One of them cannot be written; the others must not suffer from it.
        outcomes: list[Exception | Any] = []
        for work in works:
            outcome = None if work.entry is None else self._persist([work.entry])
            if outcome is not None and self._lost(outcome):
                return None
            outcomes.append(outcome)
        return outcomes

    def _outcome(self, job: Callable[[], Any]) -> Any:
        try:
            return job()
        except FencedError as error:
            self._tell(self._fenced, error)
            return error
        except Exception as error:  # noqa: BLE001 - whoever asked is told
            return error

    def _persist(self, entries: list[Entry]) -> Exception | None:
        """Append, again and again while the disk is full; the reason if it cannot be."""
        pause = _RETRY[0]
        while entries:
            try:
                self._append(entries)
            except (DiskError, LockedError) as error:
                if self.reason is None:
                    _log.warning("nothing becomes durable: %s", error)
                self.reason = error.message
                self._tell(self._stalled, error.message)
                with self._ready:
                    if self._giving_up or self._ready.wait_for(lambda: self._giving_up, pause):
                        return error
                pause = min(pause * 2, _RETRY[1])
                continue
            except Exception as error:  # noqa: BLE001 - each edit's sender is told
                if not isinstance(error, AnvcsError):
                    _log.exception("appending failed")
                return error
            if self.reason is not None:
                _log.warning("edits become durable again")
                self.reason = None
                self._tell(self._stalled, None)
            return None
        return None

    def _lost(self, failure: Exception) -> bool:
        if isinstance(failure, FencedError):
            self._tell(self._fenced, failure)
            return True
        return False

    def _tell(self, callback: Callable[..., None], *arguments: Any) -> None:
        try:
            self._loop.call_soon_threadsafe(callback, *arguments)
        except RuntimeError:
            _log.warning("the loop ended before it could be told of an outcome")

    def _finish(self, works: list[Work], outcomes: list[Exception | Any]) -> None:
        for work, outcome in zip(works, outcomes, strict=True):
            if work.entry is not None:
                self._waiting -= _size(work.entry)
            if isinstance(outcome, Exception):
                work.failed(outcome)
            else:
                work.done(outcome)
        if self._waiting <= self.limit // 2:
            self._calm.set()


def _size(entry: Entry | None) -> int:
    if isinstance(entry, NewEdit | Aside):
        return len(entry.update) + 64
    return len(entry.text) if isinstance(entry, Version) else 64


def _ignoring(done: Callable[[], None]) -> Callable[[object], None]:
    def call(_: object) -> None:
        done()

    return call


def resolve(future: asyncio.Future[T], value: T) -> None:
    """Give a future its value, unless nobody waits any more."""
    if not future.done():
        future.set_result(value)


def reject(future: asyncio.Future[T], error: Exception) -> None:
    """Let a future fail, unless nobody waits any more."""
    if not future.done():
        future.set_exception(error)
