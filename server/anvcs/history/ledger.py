"""The ledger: the operation log of one replica, each operation prepared before it takes effect and finished after.

In the store: the logs ``operations`` (an operation's id at each sequence) and ``outcomes``; objects of the kinds
``operation``, ``plan`` (until it is finished), ``outcome``, ``commit`` (which operation made a Git commit), ``record``
(what may be purged) and ``view``; the refs ``replica``, ``view`` (the root of the current view), ``pending/SEQUENCE``
and ``unknown/SEQUENCE``.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias, cast

from anvcs import ids
from anvcs.actors import Signer
from anvcs.errors import AnvcsError, CorruptStoreError, StoreConflictError
from anvcs.history import operations, views
from anvcs.history.operations import Move, Operation, Reversibility, SignedOperation, Tier
from anvcs.history.views import View
from anvcs.storage.protocol import Reader, Store, Writer

State: TypeAlias = Literal["prepared", "published", "aborted", "unknown"]
"""prepared: may or may not take effect yet; published: it did; aborted: it never will; unknown: nobody can tell."""
Outcome: TypeAlias = Literal["published", "aborted", "unknown"]
"""How an operation ended."""

_OPERATIONS = "operations"
_OUTCOMES = "outcomes"


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What an action says about an operation; the ledger adds replica, parents and views, the signer the actor."""

    kind: str
    moves: tuple[Move, ...] = ()
    commit_point: str | None = None
    names: tuple[str, ...] = ()
    arguments: bytes = b""
    prompt: bytes | None = None
    confidence: int | None = None
    causes: tuple[bytes, ...] = ()
    tier: Tier = "red"
    paths: tuple[bytes, ...] = ()
    reversibility: Reversibility = "reversible"
    details: Mapping[str, str | int | bool] = field(default_factory=dict[str, "str | int | bool"])
    time: int | None = None
    """Milliseconds since 1970; now, if absent."""


@dataclass(frozen=True)
class Entry:
    """One operation of the log."""

    sequence: int
    """1 for the first of this replica."""
    signed: SignedOperation
    state: State
    finished: int | None
    """When it was finished, in milliseconds since 1970."""

    @property
    def operation(self) -> Operation:
        """What it says."""
        return self.signed.operation


@dataclass(frozen=True)
class _Plan:
    """What is kept with an operation until it is finished."""

    sequence: int
    content: bytes


@dataclass(frozen=True)
class _Finished:
    """How and when an operation ended."""

    sequence: int
    state: Outcome
    time: int


class Ledger:
    """The operation log in a store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @property
    def replica(self) -> str:
        """The random id of this clone: 32 hexadecimal digits, made once."""
        with self._store.read() as transaction:
            known = transaction.ref("replica")
        if known is None:
            with self._store.write() as writer:
                return _replica(writer)
        return known.decode()

    def head(self) -> bytes | None:
        """The id of the operation prepared last, whatever became of it; None in an empty ledger."""
        with self._store.read() as transaction:
            return _head(transaction)

    def count(self) -> int:
        """How many operations were ever prepared."""
        with self._store.read() as transaction:
            return transaction.last(_OPERATIONS)

    def view(self, transaction: Reader | None = None) -> View:
        """The current view: what the published operations led to."""
        if transaction is not None:
            return _current(transaction)
        with self._store.read() as reader:
            root = _current(reader).root

        def fetch(node: bytes) -> bytes | None:
            with self._store.read() as reader:
                return reader.get(views.KIND, node)

        return View(root, fetch)

    def prepare(
        self, draft: Draft, signer: Signer, plan: bytes = b"", private: Mapping[bytes, bytes] | None = None
    ) -> SignedOperation:
        """Write down, durably and in one transaction, what is about to be done and how to recover from a crash.

        ``private`` holds records by their root: they can be purged later without harm to the operation.
        Raises ValueError for a draft that moves a name twice, and TypeError or ValueError for values of the wrong kind.
        """
        if len({move.name for move in draft.moves}) != len(draft.moves):
            raise ValueError("an operation moves each name once")
        with self._store.write() as transaction:
            signed = operations.sign(_complete(transaction, draft, signer.actor), signer)
            sequence = transaction.append(_OPERATIONS, signed.id)
            transaction.put("operation", signed.id, ids.encode([signed.body, signed.public_key, signed.signature]))
            transaction.put("plan", signed.id, ids.encode([sequence, plan]))
            transaction.swap(_numbered("pending", sequence), None, signed.id)
            for root, record in (private or {}).items():
                # The root vouches for either copy; the one that is there may have lost a value to a purge for good.
                if transaction.get("record", root) is None:
                    transaction.put("record", root, record)
        return signed

    def finish(self, operation: bytes, state: Outcome, at: int | None = None, *, durable: bool = True) -> None:
        """Write down, in one transaction, what became of a prepared operation (at a time, else now).

        It need not be ``durable`` where a ref says the same: after a loss of power the operation is merely settled
        once more.
        ``unknown`` keeps the plan and can be followed by one of the others. Saying the same twice is fine.
        Raises StoreConflictError where the operation ended otherwise, CorruptStoreError where there is none.
        """
        with self._store.write(durable=durable) as transaction:
            known = _finished(transaction, operation)
            if known is not None and known.state == state:
                return
            if known is not None and known.state != "unknown":
                raise StoreConflictError(
                    f"Operation {_short(operation)} is {known.state} already, so it cannot become {state}.",
                    "Run ai-vcs doctor to see the state of the ledger.",
                )
            plan = _plan(transaction, operation)
            if plan is None:
                raise _missing(operation)
            was = "pending" if known is None else "unknown"
            transaction.swap(_numbered(was, plan.sequence), operation, None)
            if state == "unknown":
                transaction.swap(_numbered("unknown", plan.sequence), None, operation)
            else:
                transaction.delete("plan", operation)
            if state == "published":
                _take_effect(transaction, operation, plan)
            moment = _now() if at is None else at
            transaction.delete("outcome", operation)
            transaction.put("outcome", operation, ids.encode([plan.sequence, state, moment]))
            # How many operations had been prepared by then keeps the order of the two logs.
            transaction.append(_OUTCOMES, ids.encode([operation, state, moment, transaction.last(_OPERATIONS)]))

    def pending(self) -> list[tuple[SignedOperation, bytes]]:
        """The operations that are prepared and not finished, oldest first, each with its plan."""
        return self._unfinished("pending/")

    def unknown(self) -> list[tuple[SignedOperation, bytes]]:
        """The operations of which nobody can tell whether they took effect, oldest first, each with its plan."""
        return self._unfinished("unknown/")

    def _unfinished(self, prefix: str) -> list[tuple[SignedOperation, bytes]]:
        with self._store.read() as transaction:
            found: list[tuple[SignedOperation, bytes]] = []
            for operation in transaction.refs(prefix).values():
                plan = _plan(transaction, operation)
                if plan is None:
                    raise _missing(operation)
                found.append((_get(transaction, operation), plan.content))
        return found

    def get(self, operation: bytes) -> SignedOperation:
        """An operation by its id. Raises CorruptStoreError if it is not there or not itself."""
        with self._store.read() as transaction:
            return _get(transaction, operation)

    def state(self, operation: bytes) -> State | None:
        """What became of an operation; None if the ledger does not know it."""
        with self._store.read() as transaction:
            return _state(transaction, operation)[0]

    def operations(self, limit: int | None = None, before: bytes | None = None) -> list[Entry]:
        """The operations, newest first, from the one before the given one on."""
        with self._store.read() as transaction:
            after = 0 if before is None else _sequence(transaction, before)
            found: list[Entry] = []
            for sequence, name in transaction.entries(_OPERATIONS, after, limit, backwards=True):
                state, finished = _state(transaction, name)
                found.append(Entry(sequence, _get(transaction, name), state or "prepared", finished))
        return found

    def find_by_commit(self, git_id: str) -> bytes | None:
        """The id of the first published operation whose details name the Git commit as ``gitCommit``."""
        with self._store.read() as transaction:
            return transaction.get("commit", git_id.encode())

    def record(self, root: bytes) -> bytes | None:
        """A private record by its root, unless it was purged."""
        with self._store.read() as transaction:
            return transaction.get("record", root)

    def purge_record(self, root: bytes) -> None:
        """Forget a private record, on disk too."""
        with self._store.write() as transaction:
            transaction.delete("record", root)
        self._store.scrub()

    def verify_chain(self) -> list[str]:
        """What is wrong with the ledger, one sentence each: ids, signatures, parents, views; empty when it is sound."""
        problems: list[str] = []
        parent: bytes | None = None
        after = 0
        while True:
            with self._store.read() as transaction:
                page = transaction.entries(_OPERATIONS, after, 500)
                for sequence, name in page:
                    problems.extend(f"Operation {sequence}: {problem}" for problem in _wrong(transaction, name, parent))
                    parent, after = name, sequence
            if not page:
                return problems


def _complete(transaction: Writer, draft: Draft, actor: str) -> Operation:
    """The operation that a draft becomes as the next one of the ledger; stores the views it names."""
    # The old values are put into the view first: they are true even where someone else moved the names meanwhile.
    before = _current(transaction).with_changes(transaction, {move.name: move.old for move in draft.moves})
    after = before.with_changes(transaction, {move.name: move.new for move in draft.moves})
    head = _head(transaction)
    return Operation(
        kind=draft.kind,
        actor=actor,
        replica=_replica(transaction),
        time=_now() if draft.time is None else draft.time,
        parents=() if head is None else (head,),
        view_before=before.root,
        view_after=after.root,
        moves=draft.moves,
        commit_point=draft.commit_point,
        names=draft.names,
        arguments=draft.arguments,
        prompt=draft.prompt,
        confidence=draft.confidence,
        causes=draft.causes,
        tier=draft.tier,
        paths=draft.paths,
        reversibility=draft.reversibility,
        details=dict(draft.details),
    )


def _take_effect(transaction: Writer, name: bytes, plan: _Plan) -> None:
    """Move the current view by a published operation, and note which commit it made."""
    operation = _get(transaction, name).operation
    # Operations are published in order but for those recovered after a crash: what a later one moved stays moved.
    later = {
        move.name
        for _, other in transaction.entries(_OPERATIONS, plan.sequence)
        if _state(transaction, other)[0] == "published"
        for move in _get(transaction, other).operation.moves
    }
    own = {move.name: move.new for move in operation.moves if move.name not in later}
    current = _current(transaction)
    root = current.with_changes(transaction, own).root
    if root != current.root:
        transaction.swap("view", transaction.ref("view"), root)
    commit = operation.details.get("gitCommit")
    if isinstance(commit, str) and transaction.get("commit", commit.encode()) is None:
        transaction.put("commit", commit.encode(), name)


def _wrong(transaction: Reader, name: bytes, parent: bytes | None) -> list[str]:
    """What is wrong with one operation that follows another."""
    try:
        operation = operations.verify(_get(transaction, name))
        problems: list[str] = []
        if operation.parents != (() if parent is None else (parent,)):
            problems.append("its parent is not the operation before it.")
        before = views.load(transaction, operation.view_before)
        if any(before.get(move.name) != move.old for move in operation.moves):
            problems.append("its moves do not start from the view before it.")
        changes = {move.name: move.new for move in operation.moves}
        if views.rebuilt(transaction, operation.view_before, changes)[0] != operation.view_after:
            problems.append("its moves do not lead to the view after it.")
        if _state(transaction, name)[0] is None:
            problems.append("it is neither pending nor finished.")
    except AnvcsError as error:
        return [error.message]
    return problems


def _now() -> int:
    return time.time_ns() // 1_000_000


def _numbered(prefix: str, sequence: int) -> str:
    return f"{prefix}/{sequence:016d}"


def _short(operation: bytes) -> str:
    return f"b3:{operation.hex()[:12]}"


def _missing(operation: bytes) -> CorruptStoreError:
    return CorruptStoreError(
        f"Operation {_short(operation)} is not in the ledger.", "Run ai-vcs doctor to see what is damaged."
    )


def _replica(transaction: Writer) -> str:
    known = transaction.ref("replica")
    if known is None:
        known = secrets.token_hex(16).encode()
        transaction.swap("replica", None, known)
    return known.decode()


def _head(transaction: Reader) -> bytes | None:
    newest = transaction.entries(_OPERATIONS, limit=1, backwards=True)
    return newest[0][1] if newest else None


def _current(transaction: Reader) -> View:
    return views.load(transaction, transaction.ref("view") or views.EMPTY_ROOT)


def _get(transaction: Reader, operation: bytes) -> SignedOperation:
    stored = transaction.get("operation", operation)
    if stored is None:
        raise _missing(operation)
    body, public_key, signature = cast("list[bytes]", ids.decode(stored))
    if ids.digest(ids.Domain.OPERATION, body) != operation:
        raise CorruptStoreError(
            f"The content of operation {_short(operation)} was changed.", "Run ai-vcs doctor to see what is damaged."
        )
    return SignedOperation(id=operation, body=body, public_key=public_key, signature=signature)


def _plan(transaction: Reader, operation: bytes) -> _Plan | None:
    stored = transaction.get("plan", operation)
    return None if stored is None else _Plan(*cast("tuple[int, bytes]", ids.decode(stored)))


def _finished(transaction: Reader, operation: bytes) -> _Finished | None:
    stored = transaction.get("outcome", operation)
    return None if stored is None else _Finished(*cast("tuple[int, Outcome, int]", ids.decode(stored)))


def _state(transaction: Reader, operation: bytes) -> tuple[State | None, int | None]:
    finished = _finished(transaction, operation)
    if finished is not None:
        return finished.state, finished.time
    return (None, None) if _plan(transaction, operation) is None else ("prepared", None)


def _sequence(transaction: Reader, operation: bytes) -> int:
    found = _finished(transaction, operation) or _plan(transaction, operation)
    if found is None:
        raise _missing(operation)
    return found.sequence
