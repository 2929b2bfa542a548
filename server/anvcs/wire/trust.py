"""Messages about whether everything is as it was written: verify, audit."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from anvcs.wire.base import Message, OperationId, Params, Request
from anvcs.wire.operations import Operation


class VerifyParams(Params, frozen=True, kw_only=True):
    """Recompute every id, root, chain link, signature and note."""


class Covered(Message, frozen=True, kw_only=True):
    """How much of one kind of thing was recomputed."""

    subject: str
    """operations, operation signatures, views, commits, commit signatures, records, notes, keys, segments, replicas."""
    checked: int
    total: int
    said: str = ""
    """Why not all could be, in a sentence."""


class Wrong(Message, frozen=True, kw_only=True):
    """One thing that is not as it was written."""

    subject: str
    name: str
    """Which one: an id, a sequence, a ref."""
    message: str


class VerifyReport(Message, frozen=True, kw_only=True):
    """What was recomputed, and what is wrong."""

    sound: bool
    covered: tuple[Covered, ...]
    wrong: tuple[Wrong, ...] = ()
    signatures: dict[str, int] = {}
    """How many operations are signed by keys that are known, unknown, revoked since, or bad."""


class AuditParams(Params, frozen=True, kw_only=True):
    """Ask for the log of everything in its order, to be kept or examined elsewhere."""

    after: Annotated[int, Meta(ge=0)] = 0
    """Begin after this sequence."""
    limit: Annotated[int, Meta(ge=1, le=1000)] = 500
    replica: str | None = None
    """Another clone's log instead of our own."""


class AuditEntry(Message, frozen=True, kw_only=True):
    """One operation with all that its signature covers."""

    operation: Operation
    parents: tuple[OperationId, ...] = ()
    view_before: OperationId
    view_after: OperationId
    causes: tuple[OperationId, ...] = ()
    confidence: int | None = None
    prompt_hash: OperationId | None = None
    arguments_hash: OperationId | None = None
    finished: int | None = None
    """When it took effect or ended otherwise, in milliseconds since 1970."""
    public_key: str
    signature: str
    """Base64, over the operation's id and the key."""
    standing: Literal["known", "unknown", "revoked", "bad"]
    body: str
    """Base64 of the canonical bytes that the id is made from."""


class AuditPage(Message, frozen=True, kw_only=True):
    """A part of the log, oldest first."""

    entries: tuple[AuditEntry, ...] = ()
    more: bool = False


VERIFY = Request("verify", "anvcs/repository/verify", VerifyParams, VerifyReport)
AUDIT = Request("audit", "anvcs/operations/audit", AuditParams, AuditPage)
