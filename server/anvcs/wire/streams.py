"""Messages about streams: Git's branches, moved as operations."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from anvcs.wire.base import Acting, GitId, Message, OperationId, OperationName, Params, Request
from anvcs.wire.operations import LeftFile, Reversibility
from anvcs.wire.team import ConflictedStream

StreamName = Annotated[str, Meta(min_length=1, description="A stream's name, as `git branch` shows it.")]


class Stream(Message, frozen=True, kw_only=True):
    """A named pointer to a commit."""

    name: StreamName
    git_commit: GitId | None = None
    """Absent for the stream of an empty repository, or one deleted by another replica."""
    subject: str | None = None
    current: bool = False
    """It is checked out in the worktree that asks."""
    worktree: str | None = None
    """The folder of another worktree that has it checked out."""
    upstream: str | None = None
    ahead: int | None = None
    behind: int | None = None
    conflicts: tuple[ConflictedStream, ...] = ()
    """Where other clones moved it to, unlike this one."""


class StreamListParams(Params, frozen=True, kw_only=True):
    """Ask for all streams."""

    at_op: OperationName | None = None
    """As they were after this operation."""


class Streams(Message, frozen=True, kw_only=True):
    """All streams by name."""

    streams: tuple[Stream, ...] = ()
    notices: tuple[str, ...] = ()


class StreamCreateParams(Acting, frozen=True, kw_only=True):
    """Make a stream, and switch to it if asked."""

    name: StreamName
    start: str = "HEAD"
    """Where it begins: a commit as ``show`` takes it, or another stream."""
    switch: bool = False


class StreamSwitchParams(Acting, frozen=True, kw_only=True):
    """Check a stream out here: files, then rooms, then artifacts; nothing if any of them would lose work."""

    name: StreamName
    detach: bool = False
    """``name`` is a commit to stand on without a stream."""


class StreamDeleteParams(Acting, frozen=True, kw_only=True):
    """Remove a stream; its commits are kept."""

    name: StreamName
    force: bool = False
    """Also if commits of it are in no other stream."""


class StreamRenameParams(Acting, frozen=True, kw_only=True):
    """Give a stream another name, wherever it is checked out here."""

    old: StreamName
    new: StreamName


class StreamResult(Message, frozen=True, kw_only=True):
    """What happened to a stream."""

    operation_id: OperationId
    name: StreamName
    git_commit: GitId | None = None
    paths: tuple[str, ...] = ()
    """The files that were changed."""
    left: tuple[LeftFile, ...] = ()
    reversibility: Reversibility = "reversible"
    hook_output: str = ""
    notices: tuple[str, ...] = ()


STREAM_LIST = Request("stream.list", "anvcs/streams/list", StreamListParams, Streams)
STREAM_CREATE = Request("stream.create", "anvcs/streams/create", StreamCreateParams, StreamResult)
STREAM_SWITCH = Request("stream.switch", "anvcs/streams/switch", StreamSwitchParams, StreamResult)
STREAM_DELETE = Request("stream.delete", "anvcs/streams/delete", StreamDeleteParams, StreamResult)
STREAM_RENAME = Request("stream.rename", "anvcs/streams/rename", StreamRenameParams, StreamResult)
