"""The ledger: the operation log of one replica, each operation prepared before it takes effect and finished after.

In the store: the logs ``operations`` (an operation's id at each sequence) and ``outcomes``; objects of the kinds
``operation``, ``plan`` (until it is finished), ``undo`` (the plan of a published operation), ``outcome``, ``record``
(what may be purged) and ``view``; the refs ``replica``, ``view`` (the root of the current view), ``pending/SEQUENCE``,
``unknown/SEQUENCE``, ``purged/ROOT``, ``compacted`` (the sequence up to which views and plans may be gone) and
``whole/SEQUENCE`` (where they are not). What operations are found by is in ``lookups``.
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Iterator, Mapping
from typing import Literal, TypeAlias, cast

import msgspec

from anvcs import ids
from anvcs.actors import Signer
from anvcs.errors import (
    AmbiguousOperationError,
    AnvcsError,
    CompactedError,
    CorruptStoreError,
    StoreConflictError,
    UnknownOperationError,
)
from anvcs.history import lookups, operations, purges, views
from anvcs.history.lookups import Lookups
from anvcs.history.operations import Move, Operation, Reversibility, Rewrite, SignedOperation, Tier
from anvcs.history.views import View
from anvcs.storage.protocol import Reader, Store, Writer

State: TypeAlias = Literal["prepared", "published", "aborted", "unknown"]
"""prepared: may or may not take effect yet; published: it did; aborted: it never will; unknown: nobody can tell."""
Outcome: TypeAlias = Literal["published", "aborted", "unknown"]
"""How an operation ended."""

OPERATIONS = "operations"
"""The log of operations."""
OUTCOMES = "outcomes"
"""The log of what became of them."""
COMPACTED = "compacted"
"""The ref that says up to which sequence operations are compacted, but for those that ``WHOLE`` names."""
WHOLE = "whole/"
"""How the refs begin that name, by its sequence, an old operation which is kept whole."""
_PAGE = 100
_FEW = 4
"""How many of an actor's operations are read at first: mostly the newest is meant."""
_NAME = re.compile(r"(?:b3:)?([0-9a-f]{4,64})")
_NEWEST = re.compile(r"@(?:\{(\d+)\})?")


class Draft(msgspec.Struct, frozen=True, kw_only=True):
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
    details: Mapping[str, str | int | bool] = msgspec.field(default_factory=dict[str, "str | int | bool"])
    time: int | None = None
    """Milliseconds since 1970; now, if absent."""
    worktree: str = ""
    rewrites: tuple[Rewrite, ...] = ()


class Entry(msgspec.Struct, frozen=True):
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


class _Plan(msgspec.Struct, frozen=True):
    """What is kept with an operation until it is finished."""

    sequence: int
    content: bytes


class _Finished(msgspec.Struct, frozen=True):
    """How and when an operation ended."""

    sequence: int
    state: Outcome
    time: int


class Ledger(Lookups):
    """The operation log in a store."""

    @property
    def store(self) -> Store:
        """Where it is kept, for what is kept beside it."""
        return self._store

    def become(self, replica: str) -> None:
        """Go on as another replica: the operations so far stay those of the one before."""
        with self._store.write() as transaction:
            transaction.swap("replica", transaction.ref("replica"), replica.encode())

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
            return transaction.last(OPERATIONS)

    def view(self, transaction: Reader | None = None) -> View:
        """The current view: what the published operations led to."""
        if transaction is not None:
            return _current(transaction)
        with self._store.read() as reader:
            root = _current(reader).root
        return self._view(root)

    def _view(self, root: bytes) -> View:
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
        with self._store.write() as transaction:
            return _add(transaction, draft, signer, plan, private)

    def record(
        self,
        draft: Draft,
        signer: Signer,
        private: Mapping[bytes, bytes] | None = None,
        replaced: Mapping[bytes, bytes | None] | None = None,
    ) -> SignedOperation:
        """Write down, durably and in one transaction, an operation that takes effect by being written down.

        ``replaced`` gives private records by their root what is left of them after a purge (None: nothing); ``scrub``
        of the store then removes the rest from the disk. Raises as ``prepare`` does.
        """
        with self._store.write() as transaction:
            signed = _add(transaction, draft, signer, b"", private)
            for root, left in (replaced or {}).items():
                transaction.delete("record", root)
                if left is not None:
                    transaction.put("record", root, left)
            finish(transaction, signed.id, "published", signed.operation.time)
        return signed

    def purged(self) -> dict[str, frozenset[str]]:
        """What was purged here, whoever's copy it stood in: the names of fields by their root (``b3:...``)."""
        with self._store.read() as transaction:
            return purges.purged(transaction)

    def finish(self, operation: bytes, state: Outcome, at: int | None = None, *, durable: bool = True) -> None:
        """Write down, in one transaction, what became of a prepared operation (at a time, else now).

        It need not be ``durable`` where a ref says the same: after a loss of power the operation is merely settled
        once more.
        ``unknown`` keeps the plan and can be followed by one of the others. Saying the same twice is fine.
        Raises StoreConflictError where the operation ended otherwise, CorruptStoreError where there is none.
        """
        with self._store.write(durable=durable) as transaction:
            finish(transaction, operation, state, _now() if at is None else at)

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
            entries = transaction.entries(OPERATIONS, after, limit, backwards=True)
            return [_entry(transaction, name) for _, name in entries]

    def by_actor(self, actor: str, limit: int | None = None, before: int = 0) -> list[tuple[int, Entry]]:
        """An actor's operations, newest first, each with its place in the actor's own log; ``before`` is one."""
        with self._store.read() as transaction:
            found: list[tuple[int, Entry]] = []
            for place, name in lookups.of_actor(transaction, actor, limit, before):
                found.append((place, _entry(transaction, name)))
        return found

    def own(self, actor: str, worktree: str) -> Iterator[Entry]:
        """An actor's published operations in one worktree, newest first, read as needed."""
        place, size = 0, _FEW
        while page := self.by_actor(actor, size, place):
            place, size = page[-1][0], _PAGE
            for _, entry in page:
                if entry.state == "published" and entry.operation.worktree == worktree:
                    yield entry

    def find(self, name: str) -> bytes:
        """The operation meant by ``@`` (the newest published one), ``@{n}`` (n before it), an id or the start of one.

        Raises UnknownOperationError and AmbiguousOperationError.
        """
        with self._store.read() as transaction:
            if newest := _NEWEST.fullmatch(name):
                return _nth(transaction, int(newest[1] or 0), name)
            known = _NAME.fullmatch(name)
            if known is None:
                raise _unknown(name)
            if len(known[1]) == 2 * ids.SIZE:
                found = [bytes.fromhex(known[1])]
                found = [each for each in found if transaction.get("operation", each) is not None]
            else:
                found = list(_starting(transaction, known[1]))
        if not found:
            raise _unknown(name)
        if len(found) > 1:
            raise AmbiguousOperationError(f"{name} is the start of several operations.", "Give more of its digits.")
        return found[0]

    def entry(self, operation: bytes) -> Entry:
        """An operation with what became of it. Raises CorruptStoreError if it is not there or not itself."""
        with self._store.read() as transaction:
            return _entry(transaction, operation)

    def since(self, operation: bytes) -> list[Entry]:
        """The operations after one, oldest first."""
        with self._store.read() as transaction:
            entries = transaction.entries(OPERATIONS, _sequence(transaction, operation))
            return [_entry(transaction, name) for _, name in entries]

    def merged_view(self, root: bytes, changes: Mapping[str, str | None]) -> bytes:
        """The root that a view would have with these changes; stores nothing."""
        with self._store.read() as transaction:
            return views.rebuilt(transaction, root, changes)[0]

    def view_before(self, operation: bytes) -> View:
        """The view before an operation. Raises CompactedError."""
        return self._view(self._whole(operation).view_before)

    def view_of(self, operation: bytes) -> View:
        """The view after an operation. Raises CompactedError."""
        return self._view(self._whole(operation).view_after)

    def _whole(self, operation: bytes) -> Operation:
        entry = self.entry(operation)
        if self.is_compacted(entry.sequence):
            raise CompactedError(
                f"Operation {_short(operation)} is compacted: the state around it is not kept any more.",
                "See ai-vcs checkpoint list for the states that are kept for good.",
            )
        return entry.operation

    def undo_plan(self, operation: bytes) -> bytes | None:
        """The plan that a published operation was carried out by, if it had one."""
        with self._store.read() as transaction:
            return transaction.get("undo", operation)

    def private(self, root: bytes) -> bytes | None:
        """A private record by its root, unless it was purged."""
        with self._store.read() as transaction:
            return transaction.get("record", root)

    def purge(self, root: bytes) -> None:
        """Forget a private record, on disk too."""
        with self._store.write() as transaction:
            transaction.delete("record", root)
        self._store.scrub()

    def verify_chain(self) -> list[str]:
        """What is wrong with the ledger, one sentence each: ids, signatures, parents, views; empty when it is sound."""
        return [f"Operation {sequence}: {problem}" for sequence, problems, _ in self.checked() for problem in problems]

    def checked(self) -> Iterator[tuple[int, list[str], SignedOperation | None]]:
        """Each operation's sequence, what is wrong with it, and itself unless it cannot be read; oldest first."""
        parent: bytes | None = None
        after = 0
        while True:
            with self._store.read() as transaction:
                compacted = _compacted(transaction)
                page = transaction.entries(OPERATIONS, after, 5 * _PAGE)
                found: list[tuple[int, list[str], SignedOperation | None]] = []
                for sequence, name in page:
                    whole = _is_whole(transaction, sequence, compacted)
                    problems, signed = _wrong(transaction, name, parent, whole=whole)
                    found.append((sequence, problems, signed))
                    parent, after = name, sequence
            yield from found
            if not page:
                return

    def is_compacted(self, sequence: int) -> bool:
        """Whether an operation is compacted: its views, plan and arguments may not be kept any more."""
        with self._store.read() as transaction:
            return not _is_whole(transaction, sequence, _compacted(transaction))

    def compacted(self) -> int:
        """How many operations are compacted."""
        with self._store.read() as transaction:
            return _compacted(transaction) - len(transaction.refs(WHOLE))

    def following(self, after: int, limit: int) -> list[Entry]:
        """The operations after a sequence, oldest first."""
        with self._store.read() as transaction:
            return [_entry(transaction, name) for _, name in transaction.entries(OPERATIONS, after, limit)]


def _add(
    transaction: Writer, draft: Draft, signer: Signer, plan: bytes, private: Mapping[bytes, bytes] | None
) -> SignedOperation:
    """Append the operation that a draft becomes, with what may be purged of it."""
    if len({move.name for move in draft.moves}) != len(draft.moves):
        raise ValueError("an operation moves each name once")
    signed = operations.sign(_complete(transaction, draft, signer.actor), signer)
    admit(transaction, signed, signer.actor, plan)
    for root, record in (private or {}).items():
        # The root vouches for either copy; the one that is there may have lost a value to a purge for good.
        if transaction.get("record", root) is None:
            transaction.put("record", root, record)
    return signed


def admit(transaction: Writer, signed: SignedOperation, actor: str, plan: bytes = b"") -> None:
    """Append an operation that is complete and signed, of an actor, with the views it names stored."""
    sequence = transaction.append(OPERATIONS, signed.id)
    lookups.note_actor(transaction, actor, signed.id)
    transaction.put("operation", signed.id, ids.encode([signed.body, signed.public_key, signed.signature]))
    transaction.put("plan", signed.id, ids.encode([sequence, plan]))
    transaction.swap(_numbered("pending", sequence), None, signed.id)


def finish(transaction: Writer, operation: bytes, state: Outcome, moment: int) -> None:
    """Write down what became of an admitted operation, in a transaction at hand; raises as ``Ledger.finish`` does."""
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
        if plan.content:
            transaction.put("undo", operation, plan.content)
        _take_effect(transaction, operation, plan)
    transaction.delete("outcome", operation)
    transaction.put("outcome", operation, ids.encode([plan.sequence, state, moment]))
    # How many operations had been prepared by then keeps the order of the two logs.
    transaction.append(OUTCOMES, ids.encode([operation, state, moment, transaction.last(OPERATIONS)]))


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
        worktree=draft.worktree,
        rewrites=draft.rewrites,
    )


def _take_effect(transaction: Writer, name: bytes, plan: _Plan) -> None:
    """Move the current view by a published operation, and note which commit it made."""
    operation = _get(transaction, name).operation
    # Operations are published in order but for those recovered after a crash: what a later one moved stays moved.
    later = {
        move.name
        for _, other in transaction.entries(OPERATIONS, plan.sequence)
        if _state(transaction, other)[0] == "published"
        for move in _get(transaction, other).operation.moves
    }
    own = {move.name: move.new for move in operation.moves if move.name not in later}
    current = _current(transaction)
    root = current.with_changes(transaction, own).root
    if root != current.root:
        transaction.swap("view", transaction.ref("view"), root)
    lookups.note_published(transaction, name, operation)
    if operation.kind == purges.KIND:
        purges.note(transaction, operation)


def _wrong(
    transaction: Reader, name: bytes, parent: bytes | None, *, whole: bool
) -> tuple[list[str], SignedOperation | None]:
    """What is wrong with one operation that follows another, and itself; ``whole`` ones have their views."""
    signed: SignedOperation | None = None
    try:
        signed = _get(transaction, name)
        operation = operations.verify(signed)
        problems: list[str] = []
        if operation.parents != (() if parent is None else (parent,)):
            problems.append("its parent is not the operation before it.")
        if whole:
            before = views.load(transaction, operation.view_before)
            if any(before.get(move.name) != move.old for move in operation.moves):
                problems.append("its moves do not start from the view before it.")
            changes = {move.name: move.new for move in operation.moves}
            if views.rebuilt(transaction, operation.view_before, changes)[0] != operation.view_after:
                problems.append("its moves do not lead to the view after it.")
        if _state(transaction, name)[0] is None:
            problems.append("it is neither pending nor finished.")
    except AnvcsError as error:
        return [error.message], signed
    return problems, signed


def _compacted(transaction: Reader) -> int:
    return int(transaction.ref(COMPACTED) or b"0")


def _is_whole(transaction: Reader, sequence: int, compacted: int) -> bool:
    return sequence > compacted or transaction.ref(_numbered(WHOLE.removesuffix("/"), sequence)) is not None


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
    newest = transaction.entries(OPERATIONS, limit=1, backwards=True)
    return newest[0][1] if newest else None


def _current(transaction: Reader) -> View:
    return views.load(transaction, transaction.ref("view") or views.EMPTY_ROOT)


def _get(transaction: Reader, operation: bytes) -> SignedOperation:
    stored = transaction.get("operation", operation)
    if stored is None:
        raise _missing(operation)
    body, public_key, signature = cast("list[bytes]", _list(stored, 3, operation))
    whole = all(isinstance(part, bytes) for part in cast("list[object]", [body, public_key, signature]))
    if not whole or ids.digest(ids.Domain.OPERATION, body) != operation:
        raise CorruptStoreError(
            f"The content of operation {_short(operation)} was changed.", "Run ai-vcs doctor to see what is damaged."
        )
    return SignedOperation(id=operation, body=body, public_key=public_key, signature=signature)


def _list(stored: bytes, length: int, operation: bytes) -> list[ids.Value]:
    """What is kept of an operation as a list of so many values. Raises CorruptStoreError for anything else."""
    found = ids.decode(stored)
    if not isinstance(found, list) or len(found) != length:
        raise CorruptStoreError(
            f"What is kept of operation {_short(operation)} is damaged.", "Run ai-vcs doctor to see what is damaged."
        )
    return found


def _entry(transaction: Reader, operation: bytes) -> Entry:
    state, finished = _state(transaction, operation)
    sequence = _sequence(transaction, operation)
    return Entry(sequence, _get(transaction, operation), state or "prepared", finished)


def _nth(transaction: Reader, count: int, name: str) -> bytes:
    after = 0
    while page := transaction.entries(OPERATIONS, after, _PAGE, backwards=True):
        after = page[-1][0]
        for _, each in page:
            if _state(transaction, each)[0] == "published":
                if count == 0:
                    return each
                count -= 1
    raise _unknown(name)


def _starting(transaction: Reader, digits: str) -> Iterator[bytes]:
    after = 0
    while page := transaction.entries(OPERATIONS, after, 10 * _PAGE):
        yield from (each for _, each in page if each.hex().startswith(digits))
        after = page[-1][0]


def _unknown(name: str) -> UnknownOperationError:
    return UnknownOperationError(
        f"There is no operation {name}.", "Run ai-vcs op log to see them; @ is the newest, @{1} the one before it."
    )


def _plan(transaction: Reader, operation: bytes) -> _Plan | None:
    stored = transaction.get("plan", operation)
    return None if stored is None else _Plan(*cast("tuple[int, bytes]", _list(stored, 2, operation)))


def _finished(transaction: Reader, operation: bytes) -> _Finished | None:
    stored = transaction.get("outcome", operation)
    return None if stored is None else _Finished(*cast("tuple[int, Outcome, int]", _list(stored, 3, operation)))


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
