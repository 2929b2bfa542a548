"""Signed bodies: the canonical list of a body and the signature over it, named by the hash of that content."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar, cast

import msgspec

from anvcs import actors, ids
from anvcs.actors import Signer
from anvcs.errors import AnvcsError, CorruptStoreError, StoreTooNewError
from anvcs.ids import Domain, Value


class Signed(Protocol):
    """A body that says who signs it."""

    @property
    def by(self) -> str:
        """The actor."""
        ...

    @property
    def signed_by(self) -> bytes:
        """The public key that verifies it."""
        ...


S = TypeVar("S", bound=Signed)


class Kind(msgspec.Struct, frozen=True):
    """One kind of signed bodies."""

    domain: Domain
    noun: str
    """What errors call one of them, as the beginning of a sentence."""
    version: int
    """The newest encoding that is read."""

    def seal(self, body: Signed, signer: Signer) -> bytes:
        """The content of a body with its signature."""
        raw = ids.encode(cast("dict[str, Value]", msgspec.to_builtins(body, builtin_types=(bytes,))))
        return ids.encode([raw, signer.sign(self._message(raw, body.signed_by))])

    def name(self, content: bytes) -> bytes:
        """The id of a content."""
        return ids.digest(self.domain, content)

    def open(self, content: bytes, shape: type[S], check: Callable[[S], object]) -> S:
        """The body in a content, its signature found true; ``check`` raises for what the shape does not tell.

        Raises CorruptStoreError, and StoreTooNewError for an encoding that this ANVCS cannot read.
        """
        raw, signature = self._parts(content)
        value = ids.decode(raw)
        version = value.get("version") if isinstance(value, dict) else None
        if isinstance(version, int) and version > self.version:
            raise StoreTooNewError(f"{self.noun} was written by a newer ANVCS (version {version}).", "Upgrade ANVCS.")
        try:
            body = msgspec.convert(value, shape, builtin_types=(bytes,))
            actors.check(body.by)
            check(body)
        except (msgspec.ValidationError, AnvcsError) as error:
            raise self._damaged(str(error)) from error
        if not actors.verify(body.signed_by, self._message(raw, body.signed_by), signature):
            raise self._damaged("its signature is false")
        return body

    def _parts(self, content: bytes) -> tuple[bytes, bytes]:
        match ids.decode(content):
            case [bytes(body), bytes(signature)]:
                return body, signature
            case _:
                raise self._damaged("it is not a body with a signature")

    def _message(self, body: bytes, key: bytes) -> bytes:
        """The 32 bytes that are signed: they name the body and the key, so neither can be exchanged for another."""
        return ids.object_id(Domain.SIGNATURE, [ids.digest(self.domain, body), key])

    def _damaged(self, reason: str) -> CorruptStoreError:
        return CorruptStoreError(
            f"{self.noun} is damaged: {reason.rstrip('.')}.", "Run ai-vcs doctor to see what is damaged."
        )
