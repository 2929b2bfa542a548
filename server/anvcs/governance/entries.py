"""Entries of the actor registry: what one actor says, signed, about one key.

An entry's content is the canonical list of its body and the signature over it; its id hashes that content, so no id
ever stands for two contents and registries merge by union. Entries name the newest entries known when they were made
as parents: what came first is decided by these links, never by a clock.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

import msgspec
from msgspec import Meta

from anvcs import actors, ids
from anvcs.actors import Signer
from anvcs.governance.sealing import Kind
from anvcs.ids import Domain

VERSION = 1
"""The encoding of entries that this ANVCS writes."""

Event: TypeAlias = Literal["enroll", "rotate", "revoke"]
"""enroll: the key is the actor's; rotate: it takes another one's place; revoke: it counts no more."""
Hash = Annotated[bytes, Meta(min_length=ids.SIZE, max_length=ids.SIZE)]


class Entry(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What an entry says."""

    version: int = VERSION
    event: Event
    actor: str
    """Whose key it is about."""
    key: Hash
    """The Ed25519 public key that is enrolled, put in or revoked."""
    replaces: Hash | None = None
    """The key whose place a rotation takes."""
    since: int | None = None
    """From when the revoked or replaced key counts no more, in milliseconds since 1970; ``time`` if absent."""
    reason: str = ""
    time: int
    """When it was made, in milliseconds since 1970, as its author's clock has it."""
    by: str
    """The actor who signs the entry."""
    signed_by: Hash
    """The public key that verifies it."""
    parents: tuple[Hash, ...] = ()
    """Ids of the newest entries known then."""


class SignedEntry(msgspec.Struct, frozen=True):
    """An entry as it is kept and exchanged."""

    id: bytes
    content: bytes
    entry: Entry


_KIND = Kind(Domain.ACTOR_ENTRY, "An entry of the actor registry", VERSION)


def sign(entry: Entry, signer: Signer) -> SignedEntry:
    """The entry with its author's signature. Raises ValueError if the signer is not who the entry says."""
    if (signer.actor, signer.public_key) != (entry.by, entry.signed_by):
        raise ValueError(f"{signer.actor} cannot sign an entry of {entry.by}")
    actors.check(entry.actor)
    content = _KIND.seal(entry, signer)
    return SignedEntry(_KIND.name(content), content, entry)


def read(content: bytes) -> SignedEntry:
    """The entry in a content, its signature found true.

    Raises CorruptStoreError, and StoreTooNewError for an encoding that this ANVCS cannot read.
    """
    entry = _KIND.open(content, Entry, lambda entry: actors.check(entry.actor))
    return SignedEntry(_KIND.name(content), content, entry)
