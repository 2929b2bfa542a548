"""How far a signature counts."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

Standing: TypeAlias = Literal["known", "unknown", "revoked", "bad"]
"""known: by a key of the actor; unknown: true, but nothing says whose key it is; revoked: made when the key counted no
more; bad: the signature is false."""


class Verdict(NamedTuple):
    """What became of judging a signature."""

    state: Standing
    actor: str | None = None
    """Who signed, as far as that is known."""
    public_key: bytes | None = None
    since: int | None = None
    """From when the key counts no more, in milliseconds since 1970; only where it is revoked."""
