"""Messages about actors' keys: whose they are, and giving, replacing and revoking them."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from anvcs.wire.base import Acting, ActorId, Message, OperationId, Params, Request

PublicKey = Annotated[
    str,
    Meta(pattern="^ssh-ed25519 [A-Za-z0-9+/]+=*$", description="An Ed25519 public key as it stands in .pub files."),
]


class ActorKey(Message, frozen=True, kw_only=True):
    """One key of an actor, and how far its signatures count now."""

    actor: ActorId
    key: PublicKey
    fingerprint: str
    """``SHA256:...``, as OpenSSH and git show it."""
    state: Literal["known", "unknown", "revoked"]
    """unknown: named in the registry by someone who may not, or beside another first key of the actor."""
    by: ActorId
    """Who vouched for it; the actor itself for a first key and after a rotation."""
    time: int
    """When, in milliseconds since 1970."""
    on_trust: bool = False
    """It was the actor's first key, for which nobody else vouched."""
    revoked_since: int | None = None
    """From when it counts no more, in milliseconds since 1970."""
    reason: str = ""
    """Why it was revoked or replaced."""
    mine: bool = False
    """Its private half is on this machine and signs for the actor."""


class ActorListParams(Params, frozen=True, kw_only=True):
    """Ask whose keys are whose."""

    actor: str | None = None
    """Only this actor's; an agent with or without ``agent:``."""


class ActorListResult(Message, frozen=True, kw_only=True):
    """Every key that the registry names."""

    keys: tuple[ActorKey, ...] = ()
    damaged: tuple[str, ...] = ()
    """What is wrong with entries that cannot be read, one sentence each."""


class ActorEnrollParams(Acting, frozen=True, kw_only=True):
    """Vouch for an actor's key: by a human who is enrolled, or by the actor itself with a key it has."""

    actor: str
    """Whose key it is: ``human:ada@example.org``, ``agent:foo``."""
    key: str
    """The line of its ``.pub`` file: ``ssh-ed25519 AAAA... [comment]``."""


class ActorRotateParams(Acting, frozen=True, kw_only=True):
    """Make a new key for the actor who acts; the old one vouches for it and counts for what it signed before."""

    reason: str = ""


class ActorRevokeParams(Acting, frozen=True, kw_only=True):
    """Let a key count no more: one of the actor's own, or, for a human who is enrolled, anyone's."""

    key: str
    """``ssh-ed25519 AAAA...``, its ``SHA256:...`` fingerprint, or an actor who has one key only."""
    since: Annotated[int, Meta(ge=0)] | None = None
    """What it signed from then on is refused, in milliseconds since 1970; now, if absent."""
    reason: str = ""


class ActorResult(Message, frozen=True, kw_only=True):
    """What became of the key."""

    key: ActorKey
    operation_id: OperationId
    notices: tuple[str, ...] = ()


ACTOR_LIST = Request("actor.list", None, ActorListParams, ActorListResult)
ACTOR_ENROLL = Request("actor.enroll", None, ActorEnrollParams, ActorResult)
ACTOR_ROTATE = Request("actor.rotate", None, ActorRotateParams, ActorResult)
ACTOR_REVOKE = Request("actor.revoke", None, ActorRevokeParams, ActorResult)
