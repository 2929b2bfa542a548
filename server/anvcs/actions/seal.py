"""Sealing: what the ledger has finished is kept as Git objects too, so that a lost database costs the last tail only.

A commit does not pay for it: ``when_due`` runs when a workspace is closed, after the reply, and asks for the repository
lock only if nobody holds it. Each seal writes its objects durably, then moves the log's ref, then notes in the ledger
how far it came; a death in between costs nothing, since the next seal starts from the ref.
"""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, cast

from anvcs import ids
from anvcs.errors import AnvcsError
from anvcs.gitmirror import segments as git
from anvcs.history import rebuild, segments
from anvcs.history.ledger import OUTCOMES
from anvcs.history.segments import SPAN, End
from anvcs.storage.lock import exclusive

if TYPE_CHECKING:
    from anvcs.actions.workspace import Workspace

OLDEST = 3600_000
"""Milliseconds after which even a few operations are sealed."""

STEPS = ("seal-objects", "seal-ref", "seal-mark")
"""The fault points, each reached just before the step of its name."""


def when_due(workspace: Workspace) -> None:
    """Seal if there is enough, or something old, to be sealed; never raises, never waits for another process."""
    with suppress(AnvcsError, OSError):
        if is_due(workspace):
            seal(workspace, wait=0.0)


def seal(workspace: Workspace, *, held: bool = False, wait: float = 30.0) -> End:
    """Seal every operation that has ended; gives how far the log goes now.

    ``held`` says that the caller holds the repository lock. Raises LockedError, and CorruptStoreError where the ledger
    is not the one whose log is in Git.
    """
    if held:
        return _seal(workspace)
    with exclusive(workspace.lock_path, wait=wait):
        return _seal(workspace)


def _seal(workspace: Workspace) -> End:
    repo, ledger, at = workspace.repo, workspace.ledger, workspace.caller.at
    replica = ledger.replica
    tip = git.tip(repo, replica)
    known = rebuild.sealed(ledger.store)
    start = end = log_end(workspace, tip)
    before = tip
    while True:
        with ledger.store.read() as transaction:
            content = segments.cut(transaction, replica, end)
        if content is None:
            break
        following = rebuild.after(end, content)
        at("seal-objects")
        tip = git.append(repo, tip, following.segments, content, _moment(content))
        end = following
    if end != start:
        repo.objects.flush()
        at("seal-ref")
        git.move(repo, replica, before, cast("str", tip))
    if end != known:
        at("seal-mark")
        with ledger.store.write(durable=False) as transaction:
            rebuild.mark(transaction, end)
    return end


def log_end(workspace: Workspace, tip: str | None) -> End:
    """How far a log of this ledger goes in Git: as noted in the ledger, else read from the segments."""
    known = rebuild.sealed(workspace.ledger.store)
    if git.count(workspace.repo, tip) == known.segments:
        return known
    return rebuild.measure(git.read(workspace.repo, tip))


def is_due(workspace: Workspace) -> bool:
    """Whether so much, or something so old, is not sealed yet that it should be."""
    store = workspace.ledger.store
    with store.read() as transaction:
        end = End.decode(transaction.ref(rebuild.SEALED))
        waiting = transaction.last(OUTCOMES) - end.outcomes
        if waiting <= 0 or waiting >= SPAN:
            return waiting > 0
        ((_, stored),) = transaction.entries(OUTCOMES, end.outcomes, 1)
    ended = cast("tuple[bytes, str, int, int]", ids.decode(stored))[2]
    # Where a clock went back, the age says nothing.
    return abs(time.time_ns() // 1_000_000 - ended) > OLDEST


def _moment(content: bytes) -> int:
    """When the last operation of a segment ended, in seconds."""
    return segments.decode(content).outcomes[-1].time // 1000
