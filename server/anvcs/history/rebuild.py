"""Makes a ledger anew from its sealed segments, and checks every id, signature, link of the chain and view."""

from __future__ import annotations

from collections.abc import Iterable

from anvcs.errors import CorruptStoreError
from anvcs.history import ledger, segments, views
from anvcs.history.ledger import OPERATIONS
from anvcs.history.segments import End, Segment, Step
from anvcs.storage.protocol import Store, Writer

SEALED = "sealed"
"""The ref that says how far the ledger is sealed."""


def rebuild(store: Store, replica: str, contents: Iterable[bytes]) -> End:
    """Fill an empty store with the ledger of a replica, of which these are the segments; gives how far they go.

    Raises CorruptStoreError, StoreTooNewError at the first segment that is not true; those before it are kept.
    """
    end = End()
    with store.write() as transaction:
        transaction.swap("replica", None, replica.encode())
    for content in contents:
        segment, found, after = segments.follow(end, content)
        # Nobody has this store open yet, and whoever makes it puts it in its place durably.
        with store.write(durable=False) as transaction:
            for step in segments.steps(segment, found):
                _take(transaction, step)
            mark(transaction, after)
        end = after
    return end


def _take(transaction: Writer, step: Step) -> None:
    if step.prepared is not None:
        signed, operation = step.prepared
        segments.check_views(transaction, transaction.ref("view") or views.EMPTY_ROOT, operation)
        ledger.admit(transaction, signed, operation.actor)
    elif step.ended is not None:
        ((_, name),) = transaction.entries(OPERATIONS, step.sequence - 1, 1)
        ledger.finish(transaction, name, step.ended.state, step.ended.time)


def mark(transaction: Writer, end: End) -> None:
    """Note how far the ledger is sealed."""
    transaction.swap(SEALED, transaction.ref(SEALED), end.encode())


def sealed(store: Store) -> End:
    """How far the ledger is known to be sealed; what is sealed may go further after a crash."""
    with store.read() as transaction:
        return End.decode(transaction.ref(SEALED))


def holds(store: Store, end: End) -> bool:
    """Whether the ledger holds the operations up to an end of its own log."""
    with store.read() as transaction:
        return end.last == 0 or transaction.entries(OPERATIONS, end.last - 1, 1) == [(end.last, end.head or b"")]


def measure(contents: Iterable[bytes]) -> End:
    """How far segments go, of which only the chain is checked."""
    end = End()
    for content in contents:
        end = after(end, content)
    return end


def after(end: End, content: bytes) -> End:
    """The end of a log with one more segment, of which only the chain is checked. Raises CorruptStoreError."""
    segment: Segment = segments.decode(content)
    if segment.previous != end.id or segment.first != end.last + 1:
        raise CorruptStoreError(
            "A ledger segment does not follow the one before it.", "Run ai-vcs doctor to see what is damaged."
        )
    return End(
        end.segments + 1,
        segments.segment_id(content),
        segment.last,
        segment.head,
        end.outcomes + len(segment.outcomes),
    )
