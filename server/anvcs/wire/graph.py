"""Messages about the commit graph: pages of rows with lanes."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from anvcs.wire.base import ActorId, ChangeId, CommitId, GitId, Message, OperationName, Params, Person, Request

Tests = Literal["passed", "failed", "unknown"]


class GraphParams(Params, frozen=True, kw_only=True):
    """Which part of the history to show; filters combine with *and*."""

    limit: Annotated[int, Meta(ge=1, le=1000, description="The most rows to return.")] = 200
    cursor: str | None = None
    """``nextCursor`` of the page before, with the same filters."""
    since: str | None = None
    """A date or a span as git reads it: ``2026-11-01``, ``2w``, ``3.days.ago``."""
    agent: str | None = None
    """``foo`` or ``agent:foo``; ``*`` for any agent."""
    author: str | None = None
    """Part of the author's name or address, in any case."""
    path: str | None = None
    """Commits that change this file or folder."""
    tests: Tests | None = None
    at_op: OperationName | None = None
    """The graph that the pointers led to after this operation."""


class Edge(Message, frozen=True, kw_only=True, array_like=True):
    """A line that starts at a row: it enters ``lane`` below the row and stays there down to ``parent``'s row."""

    lane: int
    parent: GitId
    elided: bool = False
    """The parent is hidden by the filter: the line ends in a stub."""


class Ref(Message, frozen=True, kw_only=True):
    """A name that points at a row."""

    name: str
    kind: Literal["head", "stream", "remote", "tag"]
    current: bool = False
    """It is what the work tree stands on."""


class GraphRow(Message, frozen=True, kw_only=True):
    """One commit, newest first, children always above parents."""

    commit_id: CommitId
    git_commit: GitId
    lane: int
    author: Person
    subject: str
    edges: tuple[Edge, ...] = ()
    refs: tuple[Ref, ...] = ()
    change_id: ChangeId | None = None
    agent: ActorId | None = None
    metadata: Literal["none", "full", "missing"] = "none"
    """The badge: full if a metadata record is at hand, missing if the commit names one that is not."""
    tests: Tests = "unknown"


class OpenLane(Message, frozen=True, kw_only=True, array_like=True):
    """A line that comes in from the page above."""

    lane: int
    parent: GitId


class GraphPage(Message, frozen=True, kw_only=True):
    """A page of the graph."""

    rows: tuple[GraphRow, ...]
    open_lanes: tuple[OpenLane, ...] = ()
    next_cursor: str | None = None
    source: Literal["index", "git"] = "index"
    """git: the row index is still being built, so this page came straight from git."""


GRAPH = Request("graph", "anvcs/graph", GraphParams, GraphPage)
