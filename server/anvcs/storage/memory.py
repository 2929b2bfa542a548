"""A store in memory: the simplest thing that keeps the protocol, for tests and for state nobody needs to keep."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Generator
from contextlib import contextmanager

from anvcs.errors import LockedError
from anvcs.storage.protocol import Versions, object_conflict, swap_conflict

PATIENCE = 10.0
"""Seconds to wait for another thread's transaction."""


class MemoryStore:
    """A store that lives as long as the process."""

    def __init__(self, versions: Versions | None = None) -> None:
        self.versions = versions or Versions()
        self.versions.check_reader("The store")
        self.objects: dict[tuple[str, bytes], bytes] = {}
        self.pointers: dict[str, bytes] = {}
        self.logs: defaultdict[str, list[bytes]] = defaultdict(list)
        self._lock = threading.RLock()
        self._current: MemoryTransaction | None = None

    @contextmanager
    def read(self) -> Generator[MemoryTransaction]:
        """A reading transaction."""
        with self._held():
            if self._current is not None:
                yield self._current
                return
            with self._running(MemoryTransaction(self, writes=False)) as transaction:
                yield transaction

    @contextmanager
    def write(self, *, durable: bool = True) -> Generator[MemoryTransaction]:  # noqa: ARG002 - nothing here is durable
        """A writing transaction."""
        with self._held():
            if self._current is not None:
                raise RuntimeError("a writing transaction cannot begin inside another transaction")
            self.versions.check_writer("The store")
            with self._running(MemoryTransaction(self, writes=True)) as transaction:
                try:
                    yield transaction
                except BaseException:
                    transaction.undo()
                    raise

    def scrub(self) -> None:
        """Do nothing: memory keeps no deleted objects."""

    def check(self) -> list[str]:
        """Find nothing wrong."""
        return []

    def close(self) -> None:
        """Do nothing: there are no files."""

    @contextmanager
    def _held(self) -> Generator[None]:
        if not self._lock.acquire(timeout=PATIENCE):
            raise LockedError("The store is busy.", "Another thread has held it for too long; try again.")
        try:
            yield
        finally:
            self._lock.release()

    @contextmanager
    def _running(self, transaction: MemoryTransaction) -> Generator[MemoryTransaction]:
        self._current = transaction
        try:
            yield transaction
        finally:
            self._current = None
            transaction.ended = True


class MemoryTransaction:
    """A transaction of a MemoryStore; changes take place at once and are undone in reverse."""

    def __init__(self, store: MemoryStore, *, writes: bool) -> None:
        self._store_ = store
        self._writes = writes
        self._undo: list[Callable[[], object]] = []
        self.ended = False

    @property
    def _store(self) -> MemoryStore:
        if self.ended:
            raise RuntimeError("the transaction has ended")
        return self._store_

    def get(self, kind: str, key: bytes) -> bytes | None:
        """The object, if it is there."""
        return self._store.objects.get((kind, key))

    def ref(self, name: str) -> bytes | None:
        """A ref's value, if it is set."""
        return self._store.pointers.get(name)

    def refs(self, prefix: str = "") -> dict[str, bytes]:
        """Every ref whose name starts with the prefix, in order of names."""
        return {name: value for name, value in sorted(self._store.pointers.items()) if name.startswith(prefix)}

    def entries(
        self, log: str, after: int = 0, limit: int | None = None, *, backwards: bool = False
    ) -> list[tuple[int, bytes]]:
        """A log's entries with their sequences."""
        found = list(enumerate(self._store.logs.get(log, []), start=1))
        found = (found[: after - 1] if after else found)[::-1] if backwards else found[after:]
        return found if limit is None else found[:limit]

    def last(self, log: str) -> int:
        """The sequence of a log's newest entry."""
        return len(self._store.logs.get(log, []))

    def put(self, kind: str, key: bytes, value: bytes) -> None:
        """Keep an object."""
        objects = self._writable().objects
        known = objects.get((kind, key))
        if known is None:
            objects[kind, key] = value
            self._undo.append(lambda: objects.pop((kind, key)))
        elif known != value:
            raise object_conflict(kind, key)

    def delete(self, kind: str, key: bytes) -> None:
        """Forget an object, if it is there."""
        objects = self._writable().objects
        known = objects.pop((kind, key), None)
        if known is not None:
            self._undo.append(lambda: objects.__setitem__((kind, key), known))

    def swap(self, name: str, old: bytes | None, new: bytes | None) -> None:
        """Set a ref if its value is ``old``."""
        pointers = self._writable().pointers
        if pointers.get(name) != old:
            raise swap_conflict(name)
        if new is None:
            pointers.pop(name, None)
        else:
            pointers[name] = new
        self._undo.append(lambda: pointers.pop(name, None) if old is None else pointers.__setitem__(name, old))

    def append(self, log: str, value: bytes) -> int:
        """Add an entry to a log and give its sequence."""
        entries = self._writable().logs[log]
        entries.append(value)
        self._undo.append(entries.pop)
        return len(entries)

    def undo(self) -> None:
        """Take every change back."""
        for step in reversed(self._undo):
            step()

    def _writable(self) -> MemoryStore:
        if not self._writes:
            raise RuntimeError("a reading transaction cannot write")
        return self._store
