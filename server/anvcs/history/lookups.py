"""What the ledger finds operations by, beside their own ids: Git commits, changes, our own pointers, and actors.

In the store: the logs ``actor/ACTOR`` (the ids of the actor's operations) and ``change/CHANGE`` (the Git commits of a
change); objects of the kinds ``commit`` (which operation made a Git commit), ``producer`` (which one first brought
it), ``maker`` (which one set a pointer that no ref is) and ``rewrite`` (which one a Git commit was rewritten from).
All of it is written in the transaction that it speaks of.
"""

from __future__ import annotations

import re
from typing import Any, cast

from anvcs import ids
from anvcs.history.operations import Operation, Rewrite
from anvcs.storage.protocol import Reader, Store, Writer

_GIT_ID = re.compile(r"[0-9a-f]{40}")


class Lookups:
    """Operations and commits found in a store by what they are about."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def find_by_commit(self, git_id: str) -> bytes | None:
        """The id of the first published operation whose details name the Git commit as ``gitCommit``."""
        with self._store.read() as transaction:
            return transaction.get("commit", git_id.encode())

    def producer(self, git_id: str) -> bytes | None:
        """The id of the published operation that first brought a Git commit, whoever made it."""
        with self._store.read() as transaction:
            return transaction.get("commit", git_id.encode()) or transaction.get("producer", git_id.encode())

    def maker(self, name: str) -> bytes | None:
        """The published operation that gave a pointer of ours alone, such as a checkpoint, its present value."""
        with self._store.read() as transaction:
            return transaction.get("maker", name.encode())

    def rewritten(self, git_id: str) -> Rewrite | None:
        """Which commit this one is known to have been rewritten from first."""
        with self._store.read() as transaction:
            stored = transaction.get("rewrite", git_id.encode())
        return None if stored is None else Rewrite(git_id, *cast("tuple[str, Any]", ids.decode(stored)))

    def commits_of(self, change: str) -> tuple[str, ...]:
        """The Git commits that published operations made for a change, oldest first."""
        with self._store.read() as transaction:
            return tuple(value.decode() for _, value in transaction.entries(f"change/{change}"))


def of_actor(transaction: Reader, actor: str, limit: int | None, before: int) -> list[tuple[int, bytes]]:
    """The ids of an actor's operations, newest first, each with its place in the actor's own log."""
    return transaction.entries(f"actor/{actor}", before, limit, backwards=True)


def note_actor(transaction: Writer, actor: str, name: bytes) -> None:
    """Note whose a prepared operation is."""
    transaction.append(f"actor/{actor}", name)


def note_published(transaction: Writer, name: bytes, operation: Operation) -> None:
    """Note which commits a published operation made, brought or rewrote; the first to do so counts."""
    commit, change = operation.details.get("gitCommit"), operation.details.get("changeId")
    if isinstance(commit, str):
        if transaction.get("commit", commit.encode()) is None:
            transaction.put("commit", commit.encode(), name)
        if isinstance(change, str):
            transaction.append(f"change/{change}", commit.encode())
    for move in operation.moves:
        if not move.name.startswith("refs/") and not move.name.endswith("/HEAD"):
            transaction.delete("maker", move.name.encode())
            if move.new is not None:
                transaction.put("maker", move.name.encode(), name)
        elif move.new is not None and move.new != commit and _GIT_ID.fullmatch(move.new):
            _put_first(transaction, "producer", move.new, name)
    for link in operation.rewrites:
        _put_first(transaction, "rewrite", link.new, ids.encode([link.old, link.evidence]))
        _put_first(transaction, "producer", link.new, name)


def _put_first(transaction: Writer, kind: str, key: str, value: bytes) -> None:
    if transaction.get(kind, key.encode()) is None:
        transaction.put(kind, key.encode(), value)
