"""Sealed segments: spans of a ledger in a form that can be kept and exchanged apart from the database.

A segment is a canonical map: the replica, the sequences of its first and last operation, the id of the segment before
it and of the last operation, then the operations as they were signed and the outcomes in their order. Its id is the
hash of these bytes, so that a chain of segments vouches for itself. Views are not in it: the moves lead to them, and
every operation names their roots.

The segments of one replica form its log. A log may begin with the segments of another replica: those of the clone that
this one was copied from.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, cast

import msgspec
from msgspec import Meta

from anvcs import ids
from anvcs.errors import AnvcsError, CorruptStoreError, StoreTooNewError
from anvcs.history import operations, views
from anvcs.history.ledger import OPERATIONS, OUTCOMES, Outcome
from anvcs.history.operations import Hash, Operation, SignedOperation
from anvcs.ids import Domain, Value
from anvcs.storage.protocol import Reader, Writer

VERSION = 1
"""The encoding of segments that this ANVCS writes."""
SPAN = 64
"""How many operations a segment holds at most."""

Count = Annotated[int, Meta(ge=0)]


class Signed(msgspec.Struct, frozen=True, array_like=True):
    """An operation as it was signed; its id is the hash of its body."""

    body: bytes
    public_key: bytes
    signature: bytes


class Ended(msgspec.Struct, frozen=True, array_like=True):
    """How an operation ended."""

    sequence: Annotated[int, Meta(ge=1)]
    """Of the operation."""
    state: Outcome
    time: int
    """Milliseconds since 1970."""
    prepared: Count
    """How many operations had been prepared by then: it keeps the order of operations and outcomes."""


class Segment(msgspec.Struct, frozen=True, kw_only=True):
    """A span of a replica's ledger in which every operation has ended."""

    version: int = VERSION
    replica: Annotated[str, Meta(pattern="^[0-9a-f]{32}$")]
    first: Annotated[int, Meta(ge=1)]
    """The sequence of the first operation."""
    last: Count
    """The sequence of the last operation; one less than ``first`` where there are outcomes only."""
    previous: Hash | None
    """The id of the segment before it."""
    head: Hash | None
    """The id of the ledger's last operation by then."""
    operations: tuple[Signed, ...]
    outcomes: tuple[Ended, ...]


class End(msgspec.Struct, frozen=True):
    """How far a log of segments goes."""

    segments: int = 0
    """How many there are."""
    id: bytes | None = None
    """Of the last segment."""
    last: int = 0
    """The sequence of the last operation."""
    head: bytes | None = None
    """The id of the last operation."""
    outcomes: int = 0
    """How many outcomes there are."""

    def encode(self) -> bytes:
        """As it is kept in a store."""
        return ids.encode([self.segments, self.id, self.last, self.head, self.outcomes])

    @classmethod
    def decode(cls, stored: bytes | None) -> End:
        """The reverse of ``encode``; the beginning where nothing is stored."""
        return cls() if stored is None else cls(*cast("tuple[int, bytes, int, bytes, int]", ids.decode(stored)))


def encode(segment: Segment) -> bytes:
    """The canonical bytes of a segment."""
    return ids.encode(cast("dict[str, Value]", msgspec.to_builtins(segment, builtin_types=(bytes,))))


def decode(content: bytes) -> Segment:
    """The segment in canonical bytes. Raises CorruptStoreError, StoreTooNewError."""
    value = ids.decode(content)
    version = value.get("version") if isinstance(value, dict) else None
    if isinstance(version, int) and version > VERSION:
        raise StoreTooNewError(f"A ledger segment was written by a newer ANVCS (version {version}).", "Upgrade ANVCS.")
    try:
        return msgspec.convert(value, Segment, builtin_types=(bytes,))
    except msgspec.ValidationError as error:
        raise CorruptStoreError(f"A ledger segment cannot be read: {error}.", _DOCTOR) from error


def segment_id(content: bytes) -> bytes:
    """The id of a segment's bytes."""
    return ids.digest(Domain.SEGMENT, content)


def signed_operations(segment: Segment) -> list[SignedOperation]:
    """The operations of a segment with their ids, not verified."""
    return [
        SignedOperation(ids.digest(Domain.OPERATION, each.body), each.body, each.public_key, each.signature)
        for each in segment.operations
    ]


def cut(transaction: Reader, replica: str, after: End, limit: int = SPAN) -> bytes | None:
    """The bytes of the segment that follows ``after`` in a ledger, as far as operations have ended; None if none have.

    An outcome that nobody can tell (``unknown``) is sealed as such; what is found out later stands in a later segment.
    Raises CorruptStoreError if the ledger does not hold what ``after`` names.
    """
    if after.last and transaction.entries(OPERATIONS, after.last - 1, 1) != [(after.last, after.head)]:
        raise CorruptStoreError("The ledger does not hold the operations that were sealed last.", _DOCTOR)
    listed = [name for _, name in transaction.entries(OPERATIONS, after.last, limit)]
    replica, names = _of_one_replica(transaction, listed, replica)
    numbers = {name: sequence for sequence, name in enumerate(names, after.last + 1)}
    ended: list[tuple[int, Outcome, int, int]] = []
    for _, stored in transaction.entries(OUTCOMES, after.outcomes, 2 * limit):
        name, state, time, prepared = cast("tuple[bytes, Outcome, int, int]", ids.decode(stored))
        sequence = numbers.get(name) or _sequence(transaction, name)
        ended.append((sequence, state, time, prepared))
    last, outcomes = _whole(after.last, len(names), [(sequence, prepared) for sequence, _, _, prepared in ended])
    if last == after.last and not outcomes:
        # One that took very long may have ended after more operations than were looked at.
        return cut(transaction, replica, after, 2 * limit) if len(names) == limit else None
    return encode(
        Segment(
            replica=replica,
            first=after.last + 1,
            last=last,
            previous=after.id,
            head=names[last - after.last - 1] if last > after.last else after.head,
            operations=tuple(_signed(transaction, name) for name in names[: last - after.last]),
            outcomes=tuple(Ended(*each) for each in ended[:outcomes]),
        )
    )


def _of_one_replica(transaction: Reader, names: list[bytes], replica: str) -> tuple[str, list[bytes]]:
    """The operations up to where a clone became a replica of its own, and whose they are; ``replica`` without any."""
    whose = [operations.decode(_signed(transaction, name).body).replica for name in names]
    same = next((at for at, each in enumerate(whose) if each != whose[0]), len(whose))
    return (whose[0] if whose else replica), names[:same]


def _whole(before: int, count: int, ended: list[tuple[int, int]]) -> tuple[int, int]:
    """The last operation and the number of outcomes of a span that stands for itself.

    Each of its operations ended in it, and nothing after it was prepared before it was over. ``ended`` has sequence and
    ``prepared`` of each outcome.
    """
    last = before + count
    while True:
        outcomes = next((at for at, each in enumerate(ended) if max(each) > last), len(ended))
        known = {sequence for sequence, _ in ended[:outcomes]}
        unfinished = next((sequence for sequence in range(before + 1, last + 1) if sequence not in known), None)
        if unfinished is None:
            return last, outcomes
        last = unfinished - 1


def follow(end: End, content: bytes) -> tuple[Segment, list[tuple[SignedOperation, Operation]], End]:
    """The segment in bytes that continues a log, with its operations, once all of it is found true, and the new end.

    Checked are chain, sequences, ids, signatures and parents. Raises CorruptStoreError, StoreTooNewError.
    """
    segment = decode(content)
    here = f"Segment {end.segments + 1} of replica {segment.replica[:8]}"
    if segment.previous != end.id or segment.first != end.last + 1:
        raise CorruptStoreError(f"{here} does not follow the one before it.", _DOCTOR)
    if segment.last - segment.first + 1 != len(segment.operations):
        raise CorruptStoreError(f"{here} does not hold the operations that it names.", _DOCTOR)
    found: list[tuple[SignedOperation, Operation]] = []
    parent = end.head
    for sequence, signed in enumerate(signed_operations(segment), segment.first):
        try:
            operation = operations.verify(signed)
        except AnvcsError as error:
            raise CorruptStoreError(f"{here} is damaged: {error.message}", error.way_out) from error
        if operation.replica != segment.replica or operation.parents != (() if parent is None else (parent,)):
            raise CorruptStoreError(f"{here}: operation {sequence} does not follow the one before it.", _DOCTOR)
        found.append((signed, operation))
        parent = signed.id
    if parent != segment.head or not _ends(segment):
        raise CorruptStoreError(f"{here} does not say how each of its operations ended.", _DOCTOR)
    return (
        segment,
        found,
        End(end.segments + 1, segment_id(content), segment.last, parent, end.outcomes + len(segment.outcomes)),
    )


def _ends(segment: Segment) -> bool:
    """Whether the outcomes are such that the span stands for itself."""
    prepared = segment.first - 1
    for each in segment.outcomes:
        if not max(prepared, each.sequence) <= each.prepared <= segment.last:
            return False
        prepared = each.prepared
    ended = {each.sequence for each in segment.outcomes}
    return prepared == segment.last and ended.issuperset(range(segment.first, segment.last + 1))


class Step(msgspec.Struct, frozen=True):
    """One thing that happened in a ledger: an operation was prepared, or one ended."""

    sequence: int
    prepared: tuple[SignedOperation, Operation] | None
    ended: Ended | None


def steps(segment: Segment, found: list[tuple[SignedOperation, Operation]]) -> Iterator[Step]:
    """What happened in a span that ``follow`` found true, in its order."""
    done = segment.first - 1
    for ended in segment.outcomes:
        while done < ended.prepared:
            done += 1
            yield Step(done, found[done - segment.first], None)
        yield Step(ended.sequence, None, ended)


def check_views(transaction: Writer, current: bytes, operation: Operation) -> None:
    """Store the views that an operation names, made anew from the current one by its moves.

    Raises CorruptStoreError where these are others.
    """
    before = views.load(transaction, current)
    if current != operation.view_before or any(before.get(move.name) != move.old for move in operation.moves):
        before = before.with_changes(transaction, {move.name: move.old for move in operation.moves})
    after = before.with_changes(transaction, {move.name: move.new for move in operation.moves})
    if (before.root, after.root) != (operation.view_before, operation.view_after):
        raise CorruptStoreError("An operation of a ledger segment does not lead to the view that it names.", _DOCTOR)


def _signed(transaction: Reader, name: bytes) -> Signed:
    stored = transaction.get("operation", name)
    if stored is None:
        raise CorruptStoreError(f"Operation b3:{name.hex()[:12]} is not in the ledger.", _DOCTOR)
    return Signed(*cast("list[bytes]", ids.decode(stored)))


def _sequence(transaction: Reader, name: bytes) -> int:
    """The place of an operation sealed before, or prepared after the ones at hand."""
    stored = transaction.get("outcome", name)
    if stored is None:
        raise CorruptStoreError(f"The outcome of operation b3:{name.hex()[:12]} is not in the ledger.", _DOCTOR)
    return cast("tuple[int, str, int]", ids.decode(stored))[0]


_DOCTOR = "Run ai-vcs doctor to see what is damaged."
