"""Messages about exchange with other repositories: push, pull, clone."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from anvcs.wire.base import Acting, GitId, Message, OperationId, Params, Path, Request

Share = Literal["full", "hashes", "none"]


class PushParams(Acting, frozen=True, kw_only=True):
    """Send a stream, with as much of its metadata as ``provenance.push`` allows, to a remote."""

    remote: str | None = None
    """Its name or URL; the stream's own remote if absent."""
    stream: str | None = None
    """The stream that is checked out if absent."""


class PushResult(Message, frozen=True, kw_only=True):
    """What the remote has now."""

    remote: str
    url: str
    """Without user name and password."""
    stream: str
    """Its name at the remote."""
    new: GitId
    old: GitId | None = None
    """Where the remote's stream stood; absent if it had none."""
    up_to_date: bool = False
    """There was nothing to send."""
    mode: Share = "hashes"
    """What was sent of metadata (``provenance.push``)."""
    notes: int = 0
    """How many commits' notes were sent."""
    upstream: str | None = None
    """Set if the stream follows this remote stream from now on."""
    operation_id: OperationId | None = None
    output: str = ""
    """What the remote and the pre-push hook printed."""
    notices: tuple[str, ...] = ()


class PullParams(Acting, frozen=True, kw_only=True):
    """Bring a remote's stream and metadata here, and join them with ours."""

    remote: str | None = None
    """Its name or URL; the stream's own remote if absent."""
    stream: str | None = None
    """The stream that is checked out if absent."""


class PullResult(Message, frozen=True, kw_only=True):
    """What is here now."""

    remote: str
    url: str
    stream: str
    """Its name here."""
    outcome: Literal["up-to-date", "created", "fast-forward", "merge", "ahead"]
    """ahead: we have all the remote has, and more."""
    new: GitId
    """Where the stream stands now."""
    old: GitId | None = None
    files: Annotated[tuple[Path, ...], Meta(description="The paths that changed, at most 1000.")] = ()
    notes: int = 0
    """How many commits' notes came or grew."""
    operation_id: OperationId | None = None
    output: str = ""
    notices: tuple[str, ...] = ()


class CloneParams(Params, frozen=True, kw_only=True):
    """Copy a repository with its metadata into a new folder."""

    url: Annotated[str, Meta(min_length=1)]
    path: str | None = None
    """The new folder; named after the URL if absent."""


class CloneResult(Message, frozen=True, kw_only=True):
    """The new repository."""

    root: str
    url: str
    stream: str | None = None
    head: GitId | None = None
    """Absent if the repository is empty."""
    notes: int = 0
    operation_id: OperationId | None = None
    notices: tuple[str, ...] = ()


PUSH = Request("push", "anvcs/push", PushParams, PushResult)
PULL = Request("pull", "anvcs/pull", PullParams, PullResult)
CLONE = Request("clone", None, CloneParams, CloneResult)
