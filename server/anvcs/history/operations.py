"""Operations: what an actor did to which pointers, in the encoding that is hashed, signed and kept for good.

The body of an operation is a canonical map whose keys are the fields of ``Operation`` in camelCase, all of them always
there but those that a later ANVCS added. Readers pass over what they do not know, and bodies are kept byte for byte, so
ids and signatures stay true. ``version`` is raised only when an older reader would misread; it then refuses.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Literal, TypeAlias, cast

import msgspec
from msgspec import Meta

from anvcs import actors, ids
from anvcs.actors import Signer
from anvcs.errors import CorruptStoreError, StoreTooNewError
from anvcs.ids import Domain, Value

VERSION = 1
"""The encoding of operations that this ANVCS writes."""

Tier: TypeAlias = Literal["green", "yellow", "red"]
"""green: re-executable from recorded inputs; yellow: with snapshots of outside inputs; red: not replayable."""
Reversibility: TypeAlias = Literal["reversible", "compensable", "irreversible"]
"""Can be undone; can be made up for by another operation; neither."""

Hash = Annotated[bytes, Meta(min_length=ids.SIZE, max_length=ids.SIZE)]


class Move(msgspec.Struct, frozen=True, array_like=True):
    """One pointer that moved, with its value before and after; None where there is none."""

    name: str
    old: str | None
    new: str | None


Evidence: TypeAlias = Literal["post-rewrite", "reflog", "change-id", "equal-tree", "patch-id"]
"""How it is known that one commit was rewritten from another, best first."""


class Rewrite(msgspec.Struct, frozen=True, array_like=True):
    """One commit that was rewritten from another (amended, rebased, cherry-picked), by their Git ids."""

    new: str
    old: str
    evidence: Evidence


class Operation(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One entry of the operation log: what an actor did, complete before it takes effect."""

    version: int = VERSION
    kind: Annotated[str, Meta(min_length=1)]
    """The verb, e.g. ``commit``."""
    actor: str
    replica: str
    """The clone in whose ledger it stands."""
    time: int
    """Milliseconds since 1970."""
    parents: tuple[Hash, ...]
    """The operations known when this one was prepared; in a ledger of one replica, the one before it."""
    view_before: Hash
    """The root of the view as it truly was; where it is not the last one's ``view_after``, someone else moved it."""
    view_after: Hash
    moves: tuple[Move, ...]
    commit_point: str | None
    """The ref whose move makes the operation take effect; None where publishing alone does."""
    names: tuple[str, ...]
    """Refs written along with it whose values are not part of the view, such as notes."""
    arguments: bytes
    """A salted hash of what the verb was called with; empty where nothing was recorded."""
    prompt: Hash | None
    """A salted hash of the prompt."""
    confidence: Annotated[int, Meta(ge=0, le=10_000)] | None
    """Basis points, as the actor judged itself."""
    causes: tuple[Hash, ...]
    """Operations and process objects that led to this one."""
    tier: Tier
    paths: tuple[bytes, ...]
    """The paths it is about, as Git stores them."""
    reversibility: Reversibility
    details: dict[str, str | int | bool]
    """What belongs to the verb, e.g. ``gitCommit``."""
    worktree: str = ""
    """Git's name of the worktree it was made in, e.g. ``main-worktree``; empty where it belongs to none."""
    rewrites: tuple[Rewrite, ...] = ()
    """The commits it is known to have rewritten."""


class SignedOperation(msgspec.Struct, frozen=True):
    """An operation as it is kept and exchanged."""

    id: bytes
    """The 32-byte id of the body."""
    body: bytes
    public_key: bytes
    signature: bytes
    """By that key, over ``signed_message``."""

    @property
    def operation(self) -> Operation:
        """What the body says. Raises CorruptStoreError and StoreTooNewError."""
        return decode(self.body)


def encode(operation: Operation) -> bytes:
    """The canonical body of an operation. Raises ValueError or TypeError where a field has no such value."""
    body = cast("dict[str, Value]", msgspec.to_builtins(operation, builtin_types=(bytes,)))
    _convert(body)
    actors.check(operation.actor)
    return ids.encode(body)


def decode(body: bytes) -> Operation:
    """The operation in a body. Raises CorruptStoreError, and StoreTooNewError for a version this ANVCS cannot read."""
    return _decoded(body)


@lru_cache(maxsize=256)
def _decoded(body: bytes) -> Operation:
    # An operation is frozen, and the newest ones are looked at several times by every verb.
    value = ids.decode(body)
    version = value.get("version") if isinstance(value, dict) else None
    if isinstance(version, int) and version > VERSION:
        raise StoreTooNewError(
            f"An operation was written by a newer ANVCS (version {version} of the encoding).", "Upgrade ANVCS."
        )
    try:
        return _convert(value)
    except msgspec.ValidationError as error:
        raise CorruptStoreError(f"An operation cannot be read: {error}.", _DOCTOR) from error


def _convert(value: Value) -> Operation:
    # Without builtin_types, text in the place of bytes would be taken for base64.
    return msgspec.convert(value, Operation, builtin_types=(bytes,))


_DOCTOR = "Run ai-vcs doctor to see what is damaged."


def operation_id(operation: Operation) -> bytes:
    """The 32-byte id of an operation."""
    return ids.digest(Domain.OPERATION, encode(operation))


def signed_message(operation: bytes, public_key: bytes) -> bytes:
    """The 32 bytes that are signed: they name the operation and the key, so neither can be exchanged for another."""
    return ids.object_id(Domain.SIGNATURE, [operation, public_key])


def sign(operation: Operation, signer: Signer) -> SignedOperation:
    """The operation with its actor's signature. Raises ValueError if the signer is another actor."""
    if signer.actor != operation.actor:
        raise ValueError(f"{signer.actor} cannot sign an operation of {operation.actor}")
    body = encode(operation)
    name = ids.digest(Domain.OPERATION, body)
    signature = signer.sign(signed_message(name, signer.public_key))
    return SignedOperation(id=name, body=body, public_key=signer.public_key, signature=signature)


def verify(signed: SignedOperation) -> Operation:
    """What the operation says, once its id and signature are found true. Raises CorruptStoreError otherwise."""
    if ids.digest(Domain.OPERATION, signed.body) != signed.id:
        raise CorruptStoreError(f"The content of operation {_short(signed)} was changed.", _DOCTOR)
    if not actors.verify(signed.public_key, signed_message(signed.id, signed.public_key), signed.signature):
        raise CorruptStoreError(f"The signature of operation {_short(signed)} is false.", _DOCTOR)
    return decode(signed.body)


def _short(signed: SignedOperation) -> str:
    return f"b3:{signed.id.hex()[:12]}"
