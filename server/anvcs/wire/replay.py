"""Messages about doing recorded operations again to see whether they give the same."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from anvcs.wire.base import Message, OperationId, OperationName, Params, Request

Outcome = Literal["same", "different", "rehashed", "not-comparable"]


class ReplayParams(Params, frozen=True, kw_only=True):
    """Do operations again from what was recorded, in a scratch repository; nothing here changes."""

    operation: OperationName | None = None
    """This one only; the newest ones if absent."""
    limit: Annotated[int, Meta(ge=1, le=100_000)] = 1000


class Replayed(Message, frozen=True, kw_only=True):
    """What came of one operation."""

    operation_id: OperationId
    kind: str
    tier: Literal["green", "yellow", "red"]
    outcome: Outcome
    message: str = ""
    """What differs, or why it cannot be compared."""


class ReplayReport(Message, frozen=True, kw_only=True):
    """What came of all of them."""

    same: int
    """Executed again, with the same trees and pointers."""
    different: int
    rehashed: int
    """Commits: their content came from people, so only their hashes and trees could be made again."""
    not_comparable: int
    operations: tuple[Replayed, ...] = ()
    """Newest first; those that are the same are left out unless one was asked for."""


REPLAY = Request("replay", "anvcs/operations/replay", ReplayParams, ReplayReport)
