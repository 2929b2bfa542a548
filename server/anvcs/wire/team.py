"""Messages about several clones with one history: exchange of operations, conflicted streams."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from anvcs.wire.base import Acting, ActorId, GitId, Message, OperationId, Params, Request

ReplicaId = Annotated[str, Meta(pattern="^[0-9a-f]{32}$", description="The random id of one clone.")]


class SyncParams(Params, frozen=True, kw_only=True):
    """Exchange operations with the other clones of the team."""

    remote: str | None = None
    """A Git remote to exchange them through; the place that ``storage.team`` names if absent."""


class ReplicaHeard(Message, frozen=True, kw_only=True):
    """Another clone, as the team's place knows it."""

    replica: ReplicaId
    operations: int
    """How many operations of it are known here."""
    new: int = 0
    """How many of these this exchange brought."""
    actor: ActorId | None = None
    """Who acted there last."""
    time: int | None = None
    """When, by that machine's clock, in milliseconds since 1970."""


class ConflictedStream(Message, frozen=True, kw_only=True):
    """A stream that two clones moved two ways."""

    stream: str
    replica: ReplicaId
    """The other clone."""
    ours: GitId
    theirs: GitId
    fetched: bool
    """The other commit is here; else it comes with the next fetch or pull from where it was pushed to."""
    actor: ActorId | None = None
    """Who moved it there."""
    operation_id: OperationId | None = None
    """The other clone's operation."""
    subject: str = ""
    """Of the other commit, if it is here."""


class SyncResult(Message, frozen=True, kw_only=True):
    """What was exchanged."""

    place: str
    """Through what, for people."""
    sent: int
    """How many of our operations the others did not have."""
    received: int
    replicas: tuple[ReplicaHeard, ...] = ()
    conflicts: tuple[ConflictedStream, ...] = ()
    notices: tuple[str, ...] = ()


class StreamResolveParams(Acting, frozen=True, kw_only=True):
    """Choose the value of a conflicted stream, for all clones."""

    stream: Annotated[str, Meta(min_length=1)]
    keep: Annotated[str, Meta(min_length=1)]
    """``ours``, ``theirs``, or any name of a commit, such as a merge of both."""
    replica: str | None = None
    """The start of the id of the clone whose value is meant; needed for ``theirs`` where several differ."""


class StreamResolveResult(Message, frozen=True, kw_only=True):
    """Where the stream stands now."""

    stream: str
    old: GitId
    new: GitId
    operation_id: OperationId
    conflicts: tuple[ConflictedStream, ...] = ()
    """The conflicts that are left."""
    notices: tuple[str, ...] = ()


SYNC = Request("sync", None, SyncParams, SyncResult)
STREAM_RESOLVE = Request("stream.resolve", None, StreamResolveParams, StreamResolveResult)
