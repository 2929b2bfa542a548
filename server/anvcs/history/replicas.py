"""What this replica has heard of others: their operations, verified, and where their streams stand and have stood.

In the store of the ledger: for each replica the log ``replica/REPLICA`` (its operations) and the ref
``heard/REPLICA`` (how far its log of segments is known, its view, and when it was heard last); objects of the kinds
``operation`` and ``view`` as in the ledger, and ``heard`` (how a foreign operation ended). For our own replica and the
others alike, the kinds ``value`` (a stream had that value, by which operation), ``latest`` (which operation moved a
stream or chose its value last) and ``considered`` (a choice was made in knowledge of that operation); the ref
``noted/REPLICA`` says how many of our own outcomes these take in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple, cast

from anvcs import ids
from anvcs.errors import CorruptStoreError
from anvcs.history import operations, segments, views
from anvcs.history.ledger import OUTCOMES, Entry, State
from anvcs.history.operations import Operation, SignedOperation
from anvcs.history.segments import End, Step
from anvcs.history.views import View
from anvcs.storage.protocol import Reader, Store, Writer

STREAMS = "refs/heads/"
RESOLVE = "resolve"
"""The kind of operation that chooses a stream's value: ``details`` has ``stream``, and in ``values`` what it chose
between; the operations that brought these are among its causes."""
_PAGE = 500


class Heard(NamedTuple):
    """What is known of a replica."""

    replica: str
    end: End
    view: bytes
    """The root of its view."""
    at: int
    """When anything new was heard of it, in milliseconds since 1970."""


def heard(store: Store) -> list[Heard]:
    """Every replica that was heard of, in order of their ids."""
    with store.read() as transaction:
        return [_heard(name, value) for name, value in transaction.refs("heard/").items()]


def of(store: Store, replica: str) -> Heard:
    """What is known of one replica; the beginning, if nothing is."""
    with store.read() as transaction:
        stored = transaction.ref(f"heard/{replica}")
    return Heard(replica, End(), views.EMPTY_ROOT, 0) if stored is None else _heard(f"heard/{replica}", stored)


def take(store: Store, replica: str, contents: Iterable[bytes], at: int) -> int:
    """Verify and keep further segments of a replica; gives how many operations are new.

    Raises CorruptStoreError, StoreTooNewError at the first segment that is not true; those before it are kept.
    """
    known = of(store, replica)
    first = known.end.last
    for content in contents:
        segment, found, end = segments.follow(known.end, content)
        # What is lost with the power is heard again.
        with store.write(durable=False) as transaction:
            taker = _Taker(transaction, replica, known.view)
            for step in segments.steps(segment, found):
                taker.take(step)
            known = Heard(replica, end, taker.view, at)
            name = f"heard/{replica}"
            transaction.swap(name, transaction.ref(name), ids.encode([end.encode(), taker.view, at]))
    return known.end.last - first


def view(store: Store, replica: str) -> View:
    """Where a replica's pointers stand."""

    def fetch(node: bytes) -> bytes | None:
        with store.read() as transaction:
            return transaction.get(views.KIND, node)

    return View(of(store, replica).view, fetch)


def log(store: Store, replica: str, limit: int | None = None, before: int = 0) -> list[Entry]:
    """The operations of a replica, newest first, from the one before a sequence on. Raises CorruptStoreError."""
    with store.read() as transaction:
        return [
            _kept(transaction, sequence, name)
            for sequence, name in transaction.entries(f"replica/{replica}", before, limit, backwards=True)
        ]


def following(store: Store, replica: str, after: int, limit: int) -> list[Entry]:
    """The operations of a replica after a sequence, oldest first. Raises CorruptStoreError."""
    with store.read() as transaction:
        return [
            _kept(transaction, sequence, name)
            for sequence, name in transaction.entries(f"replica/{replica}", after, limit)
        ]


def _kept(transaction: Reader, sequence: int, name: bytes) -> Entry:
    ended = transaction.get("heard", name)
    state, time = ("prepared", None) if ended is None else cast("tuple[str, int]", ids.decode(ended))
    return Entry(sequence, _signed(transaction, name), cast("State", state), time)


def note_own(store: Store, replica: str) -> None:
    """Note which values our own streams have had since the last time."""
    name = f"noted/{replica}"
    with store.write(durable=False) as transaction:
        before = transaction.ref(name)
        done = 0 if before is None else int(before)
        while page := transaction.entries(OUTCOMES, done, _PAGE):
            for _, stored in page:
                operation, state, *_ = cast("tuple[bytes, str, int, int]", ids.decode(stored))
                if state == "published":
                    _note(transaction, replica, operation, operations.decode(_signed(transaction, operation).body))
            done = page[-1][0]
        if done:
            transaction.swap(name, before, b"%d" % done)


class History:
    """The history of one stream in one replica, as far as it is known."""

    def __init__(self, transaction: Reader, replica: str, stream: str, value: str | None) -> None:
        self.value = value
        """Where the stream stands."""
        self._transaction = transaction
        self._replica = replica
        self._stream = stream

    @property
    def latest(self) -> bytes | None:
        """The operation that moved the stream, or chose its value, last."""
        return self._transaction.get("latest", _key(self._replica, self._stream))

    def brought(self, value: str) -> bytes | None:
        """The operation by which the stream first came to a value, or chose it or another; None if it never did."""
        return self._transaction.get("value", _key(self._replica, self._stream, value))

    def had(self, value: str) -> bool:
        """Whether the stream ever had, or was chosen instead of, a value."""
        return self.brought(value) is not None

    def considered(self, operation: bytes) -> bool:
        """Whether a value was chosen in knowledge of another replica's operation."""
        return self._transaction.get("considered", _key(self._replica, self._stream, operation)) is not None


def verify(store: Store, replica: str) -> list[str]:
    """What is wrong with the kept operations of a replica, one sentence each; empty when they are sound."""
    problems: list[str] = []
    parent: bytes | None = None
    for entry in reversed(log(store, replica)):
        try:
            operation = operations.verify(entry.signed)
            if operation.parents != (() if parent is None else (parent,)):
                problems.append(f"Replica {replica[:8]}, operation {entry.sequence} does not follow the one before it.")
        except CorruptStoreError as error:
            problems.append(f"Replica {replica[:8]}, operation {entry.sequence}: {error.message}")
        parent = entry.signed.id
    return problems


class _Taker:
    """Keeps what happens in a segment of a replica."""

    def __init__(self, transaction: Writer, replica: str, root: bytes) -> None:
        self._transaction = transaction
        self._replica = replica
        self._log = f"replica/{replica}"
        self.view = root

    def take(self, step: Step) -> None:
        transaction = self._transaction
        if step.prepared is not None:
            signed, operation = step.prepared
            segments.check_views(transaction, self.view, operation)
            transaction.append(self._log, signed.id)
            transaction.put("operation", signed.id, ids.encode([signed.body, signed.public_key, signed.signature]))
        elif step.ended is not None:
            ((_, name),) = transaction.entries(self._log, step.sequence - 1, 1)
            transaction.delete("heard", name)
            transaction.put("heard", name, ids.encode([step.ended.state, step.ended.time]))
            if step.ended.state == "published":
                self._publish(name, step.sequence)

    def _publish(self, name: bytes, sequence: int) -> None:
        transaction = self._transaction
        operation = self._operation(name)
        # As in the ledger: what a later operation moved stays moved.
        later = {
            move.name
            for _, other in transaction.entries(self._log, sequence)
            if self._is_published(other)
            for move in self._operation(other).moves
        }
        moved = {move.name: move.new for move in operation.moves if move.name not in later}
        self.view = views.load(transaction, self.view).with_changes(transaction, moved).root
        _note(transaction, self._replica, name, operation)

    def _operation(self, name: bytes) -> Operation:
        return operations.decode(_signed(self._transaction, name).body)

    def _is_published(self, name: bytes) -> bool:
        ended = self._transaction.get("heard", name)
        return ended is not None and cast("list[object]", ids.decode(ended))[0] == "published"


def _note(transaction: Writer, replica: str, name: bytes, operation: Operation) -> None:
    """Note what a published operation says of the streams of its replica."""
    stream = operation.details.get("stream")
    chosen = stream if operation.kind == RESOLVE and isinstance(stream, str) else None
    for each, value in _values(operation, chosen):
        key = _key(replica, each, value)
        if transaction.get("value", key) is None:
            transaction.put("value", key, name)
    moved = {move.name for move in operation.moves if move.name.startswith(STREAMS)}
    for each in moved | ({chosen} if chosen else set[str]()):
        key = _key(replica, each)
        transaction.delete("latest", key)
        transaction.put("latest", key, name)
    for cause in operation.causes if chosen else ():
        transaction.put("considered", _key(replica, chosen or "", cause), b"")


def _values(operation: Operation, chosen: str | None) -> Iterator[tuple[str, str]]:
    """The streams that an operation gave values, with these, and those that it chose between."""
    for move in operation.moves:
        if move.name.startswith(STREAMS):
            # The old one too: it may be from before the ledger began.
            yield from ((move.name, value) for value in (move.old, move.new) if value is not None)
    named = operation.details.get("values")
    if chosen and isinstance(named, str):
        yield from ((chosen, value) for value in named.split())


def _signed(transaction: Reader, name: bytes) -> SignedOperation:
    stored = transaction.get("operation", name)
    if stored is None:
        raise CorruptStoreError(
            f"Operation b3:{name.hex()[:12]} is not in the store.", "Run ai-vcs doctor to see what is damaged."
        )
    return SignedOperation(name, *cast("list[bytes]", ids.decode(stored)))


def _key(replica: str, stream: str, *rest: str | bytes) -> bytes:
    return ids.encode([replica, stream, *rest])


def _heard(name: str, stored: bytes) -> Heard:
    end, root, at = cast("tuple[bytes, bytes, int]", ids.decode(stored))
    return Heard(name.removeprefix("heard/"), End.decode(end), root, at)
