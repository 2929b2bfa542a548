"""Lets go of what old operations need for being undone: their views and plans, not the operations themselves.

An operation stays in the log with its signature and its place in the chain for good. What goes is what only undo and
going back need, and the arguments it was called with.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from anvcs.history import ledger, views
from anvcs.history.ledger import Entry, Ledger
from anvcs.storage.protocol import Reader

_PAGE = 500
_UNDER_WAY = "compacting"


def upto(log: Ledger, before: int) -> int:
    """The last sequence such that it and all before it ended before a moment (milliseconds since 1970)."""
    last = 0
    while page := log.following(last, _PAGE):
        for entry in page:
            if max(entry.operation.time, entry.finished or 0) >= before or entry.state in ("prepared", "unknown"):
                return last
            last = entry.sequence
    return last


def entries(log: Ledger, after: int = 0, until: int | None = None) -> Iterator[Entry]:
    """The operations after a sequence (until another), oldest first."""
    while page := log.following(after, _PAGE):
        for entry in page:
            if until is not None and entry.sequence > until:
                return
            yield entry
        after = page[-1].sequence


def is_unfinished(log: Ledger) -> bool:
    """Whether a compaction was begun that did not come to its end: it is to be done again, whole."""
    with log.store.read() as transaction:
        return transaction.ref(_UNDER_WAY) is not None


def begin(log: Ledger, until: int, whole: Iterable[int]) -> None:
    """Note how far the log is compacted, and which old operations stay whole, by their sequences."""
    with log.store.write() as transaction:
        transaction.swap(_UNDER_WAY, transaction.ref(_UNDER_WAY), b"%d" % until)
        transaction.swap(ledger.COMPACTED, transaction.ref(ledger.COMPACTED), b"%d" % until)
        names = {f"{ledger.WHOLE}{sequence:016d}" for sequence in whole}
        for name, value in transaction.refs(ledger.WHOLE).items():
            if name not in names:
                transaction.swap(name, value, None)
        for name in names:
            transaction.swap(name, transaction.ref(name), b"")


def end(log: Ledger) -> None:
    """Note that everything which follows from the compaction is done."""
    with log.store.write() as transaction:
        transaction.swap(_UNDER_WAY, transaction.ref(_UNDER_WAY), None)


def compact(log: Ledger, going: Iterable[Entry], kept_roots: Iterable[bytes]) -> None:
    """Forget views, plans and arguments of the operations that go.

    ``kept_roots`` are the views that something still needs. Doing it again finishes what a crash cut short.
    """
    with log.store.read() as transaction:
        kept: set[bytes] = set()
        for root in kept_roots:
            _mark(transaction, root, kept)
    gone: set[bytes] = set()
    batch: list[Entry] = []
    for entry in going:
        batch.append(entry)
        if len(batch) == _PAGE:
            _forget(log, batch, kept, gone)
            batch = []
    _forget(log, batch, kept, gone)


def _forget(log: Ledger, batch: list[Entry], kept: set[bytes], gone: set[bytes]) -> None:
    with log.store.write() as transaction:
        for entry in batch:
            it = entry.operation
            transaction.delete("undo", entry.signed.id)
            if it.arguments:
                transaction.delete("record", it.arguments)
            for root in (it.view_before, it.view_after):
                found: set[bytes] = set()
                _mark(transaction, root, found, without=(kept, gone))
                for node in found:
                    transaction.delete(views.KIND, node)
                gone |= found


def _mark(transaction: Reader, root: bytes, found: set[bytes], without: tuple[set[bytes], ...] = ()) -> None:
    """Collect the nodes below a root, as far as they are there."""
    todo = [root]
    while todo:
        node = todo.pop()
        if node in found or any(node in each for each in without):
            continue
        children = views.children(transaction, node)
        if children is not None:
            found.add(node)
            todo += children
