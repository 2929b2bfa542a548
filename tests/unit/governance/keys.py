"""Actors with keys in memory, made from a word so that every run has the same."""

from __future__ import annotations

import hashlib
from functools import cache

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from anvcs.actors import KeySigner


@cache
def signer(actor: str, word: str = "") -> KeySigner:
    """The actor with the key that the word stands for."""
    key = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(f"{actor} {word}".encode()).digest())
    return KeySigner(actor, key, key.public_key().public_bytes_raw())
