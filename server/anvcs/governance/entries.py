"""Entries of the actor registry: what one actor says, signed, about one key.

An entry's content is the canonical list of its body and the signature over it; its id hashes that content, so no id
ever stands for two contents and registries merge by union. Entries name the newest entries known when they were made
as parents: what came first is decided by these links, never by a clock.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias, cast

import msgspec
from msgspec import Meta

from anvcs import actors, ids
from anvcs.actors import Signer
from anvcs.errors import AnvcsError, CorruptStoreError, StoreTooNewError
from anvcs.ids import Domain, Value

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


def sign(entry: Entry, signer: Signer) -> SignedEntry:
    """The entry with its author's signature. Raises ValueError if the signer is not who the entry says."""
    if (signer.actor, signer.public_key) != (entry.by, entry.signed_by):
        raise ValueError(f"{signer.actor} cannot sign an entry of {entry.by}")
    actors.check(entry.actor)
    body = ids.encode(cast("dict[str, Value]", msgspec.to_builtins(entry, builtin_types=(bytes,))))
    content = ids.encode([body, signer.sign(_message(body, entry.signed_by))])
    return SignedEntry(ids.digest(Domain.ACTOR_ENTRY, content), content, entry)


def read(content: bytes) -> SignedEntry:
    """The entry in a content, its signature found true.

    Raises CorruptStoreError, and StoreTooNewError for an encoding that this ANVCS cannot read.
    """
    body, signature = _parts(content)
    value = ids.decode(body)
    version = value.get("version") if isinstance(value, dict) else None
    if isinstance(version, int) and version > VERSION:
        raise StoreTooNewError(
            f"An entry of the actor registry was written by a newer ANVCS (version {version}).", "Upgrade ANVCS."
        )
    try:
        entry = msgspec.convert(value, Entry, builtin_types=(bytes,))
        actors.check(entry.actor)
        actors.check(entry.by)
    except (msgspec.ValidationError, AnvcsError) as error:
        raise _damaged(str(error)) from error
    if not actors.verify(entry.signed_by, _message(body, entry.signed_by), signature):
        raise _damaged("its signature is false")
    return SignedEntry(ids.digest(Domain.ACTOR_ENTRY, content), content, entry)


def _parts(content: bytes) -> tuple[bytes, bytes]:
    match ids.decode(content):
        case [bytes(body), bytes(signature)]:
            return body, signature
        case _:
            raise _damaged("it is not a body with a signature")


def _message(body: bytes, key: bytes) -> bytes:
    """The 32 bytes that are signed: they name the body and the key, so neither can be exchanged for another."""
    return ids.object_id(Domain.SIGNATURE, [ids.digest(Domain.ACTOR_ENTRY, body), key])


def _damaged(reason: str) -> CorruptStoreError:
    return CorruptStoreError(
        f"An entry of the actor registry is damaged: {reason.rstrip('.')}.", "Run ai-vcs doctor to see what is damaged."
    )
