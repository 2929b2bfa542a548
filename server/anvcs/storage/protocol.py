"""What every store offers: immutable objects, refs with compare-and-swap, append-only logs, serial transactions."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

import msgspec

from anvcs.errors import StoreConflictError, StoreTooNewError

FORMAT = 1
"""The store format this ANVCS writes; it reads and writes stores whose minimum versions are no higher."""


class Versions(msgspec.Struct, frozen=True):
    """What a store says about itself."""

    format: int = FORMAT
    """The format of the ANVCS that made the store or migrated it last."""
    min_reader: int = 1
    """The lowest format an ANVCS must know to read the store rightly."""
    min_writer: int = 1
    """The lowest format an ANVCS must know to write into it without harm."""

    def check_reader(self, place: str) -> None:
        """Raise StoreTooNewError where this ANVCS would misread the store."""
        if self.min_reader > FORMAT:
            raise StoreTooNewError(f"{place} was written by a newer ANVCS (store format {self.format}).", _UPGRADE)

    def check_writer(self, place: str) -> None:
        """Raise StoreTooNewError where this ANVCS may read the store but not write into it."""
        if self.min_writer > FORMAT:
            raise StoreTooNewError(
                f"{place} was written by a newer ANVCS (store format {self.format}); this one may only read it.",
                _UPGRADE,
            )


_UPGRADE = "Upgrade ANVCS to at least that version, e.g. with pip install --upgrade anvcs."


class Reader(Protocol):
    """A transaction that reads: it sees one moment of the store, however long it lasts."""

    def get(self, kind: str, key: bytes) -> bytes | None:
        """The object, if it is there."""
        ...

    def ref(self, name: str) -> bytes | None:
        """A ref's value, if it is set."""
        ...

    def refs(self, prefix: str = "") -> dict[str, bytes]:
        """Every ref whose name starts with the prefix, in order of names."""
        ...

    def entries(
        self, log: str, after: int = 0, limit: int | None = None, *, backwards: bool = False
    ) -> list[tuple[int, bytes]]:
        """A log's entries with their sequences, oldest first or newest first.

        ``after`` is the sequence of the last entry already seen in that direction, 0 to begin.
        """
        ...

    def last(self, log: str) -> int:
        """The sequence of a log's newest entry; 0 for an empty log."""
        ...


class Writer(Reader, Protocol):
    """A transaction that writes: it sees its own changes, others see all of them or none."""

    def put(self, kind: str, key: bytes, value: bytes) -> None:
        """Keep an object. Raises StoreConflictError if the key has another value; the same value is fine."""
        ...

    def delete(self, kind: str, key: bytes) -> None:
        """Forget an object, if it is there."""
        ...

    def swap(self, name: str, old: bytes | None, new: bytes | None) -> None:
        """Set a ref (None is unset). Raises StoreConflictError if its value is not ``old``."""
        ...

    def append(self, log: str, value: bytes) -> int:
        """Add an entry to a log and give its sequence: 1, 2, 3 without gaps."""
        ...


class Store(Protocol):
    """A place for state, usable from several threads.

    ``write`` transactions are serial across threads and processes, all-or-nothing (nothing when the block raises),
    and durable once the block is left. A ``read`` inside a transaction of the same thread joins it; a ``write`` there
    is a mistake and raises RuntimeError. A transaction must not be used after its block.
    """

    @property
    def versions(self) -> Versions:
        """What the store says about itself now."""
        ...

    def read(self) -> AbstractContextManager[Reader]:
        """A reading transaction. Raises StoreTooNewError."""
        ...

    def write(self, *, durable: bool = True) -> AbstractContextManager[Writer]:
        """A writing transaction. Raises StoreTooNewError, and LockedError when another writer takes too long.

        One that is not durable survives the death of the process, but not a loss of power; the next durable one makes
        it durable too.
        """
        ...

    def scrub(self) -> None:
        """Remove what deleted objects may have left behind."""
        ...

    def check(self) -> list[str]:
        """What is wrong with the store, one sentence each; empty when it is sound."""
        ...

    def close(self) -> None:
        """Let go of files; the store must not be used afterwards."""
        ...


def object_conflict(kind: str, key: bytes) -> StoreConflictError:
    """The error for an immutable object that was to be given another value."""
    return StoreConflictError(
        f"The {kind} {key.hex()} is kept with another content already.",
        "Stored objects never change; run ai-vcs doctor to see whether the store is damaged.",
    )


def swap_conflict(name: str) -> StoreConflictError:
    """The error for a lost compare-and-swap."""
    return StoreConflictError(f"{name} was changed by someone else meanwhile.", "Try again.")
