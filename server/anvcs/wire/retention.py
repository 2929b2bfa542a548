"""Messages about what is kept, what it costs, and how to let go of it: du, gc, purge."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from anvcs.wire.base import Acting, CommitId, GitId, Message, OperationId, OperationName, Params, Request


class DuParams(Params, frozen=True, kw_only=True):
    """Ask what ANVCS keeps here and how much room it takes."""


class Cost(Message, frozen=True, kw_only=True):
    """One thing that takes room."""

    name: str
    """``ledger``, ``cache``, ``notes``, ``keep``, ``logs``, ``actors``, ``projections``, ``mirror``, ``scratch``."""
    said: str
    """What it is, in a few words."""
    bytes: int
    count: int | None = None
    """Of what it holds: operations, notes, commits, files."""


class DuReport(Message, frozen=True, kw_only=True):
    """Everything that ANVCS keeps, the largest first."""

    costs: tuple[Cost, ...]
    total: int


class GcParams(Acting, frozen=True, kw_only=True):
    """Compact old operations and merge proposals that ended long ago: what was done and said stays, signed."""

    days: Annotated[int, Meta(ge=0)] | None = None
    """Those older than so many days; ``retention.operations`` and ``retention.proposals`` of the configuration if
    absent."""
    dry_run: bool = False


class GcResult(Message, frozen=True, kw_only=True):
    """What was compacted."""

    operation_id: OperationId | None = None
    """Absent for a dry run, or if there was nothing to do."""
    proposals: int = 0
    """Merge proposals of which only the events are left now."""
    compacted: int = 0
    """Operations that are compacted now and were not before."""
    kept: int = 0
    """Old operations that are whole still: checkpoints, and what is not pushed yet."""
    released: int = 0
    """Commits that git's collector may take from now on."""
    before: int = 0
    """Bytes of the ledger."""
    after: int = 0
    notices: tuple[str, ...] = ()


class PurgeParams(Acting, frozen=True, kw_only=True):
    """Forget a value wherever ANVCS keeps it here; its salted hash stays, so that everything still verifies."""

    commit: str | None = None
    """The commit whose metadata holds it, as ``show`` takes it; this or ``operation``."""
    operation: OperationName | None = None
    """The operation whose arguments or prompt are meant."""
    field: str = "prompt"
    """``prompt``, ``env.NAME``, ``extra.NAME`` ... of a commit; ``prompt`` or ``arguments`` of an operation."""
    dry_run: bool = False


class Departed(Message, frozen=True, kw_only=True):
    """A place that a push had sent the value to, where only its owner can remove it."""

    remote: str
    url: str
    said: str
    """What to do there."""


class PurgeResult(Message, frozen=True, kw_only=True):
    """What was forgotten, and where the value may still be."""

    operation_id: OperationId | None = None
    commit_id: CommitId | None = None
    git_commit: GitId | None = None
    field: str
    hash: str = ""
    """What is left of the value: its salted hash."""
    removed: tuple[str, ...] = ()
    """Where it was, one sentence each."""
    departed: tuple[Departed, ...] = ()
    notices: tuple[str, ...] = ()


DU = Request("du", "anvcs/repository/du", DuParams, DuReport)
GC = Request("gc", "anvcs/repository/gc", GcParams, GcResult)
PURGE = Request("purge", "anvcs/repository/purge", PurgeParams, PurgeResult)
