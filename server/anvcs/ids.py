"""Identity: one canonical encoding of values, and BLAKE3 ids over it with one domain per kind.

The encoding is DAG-CBOR without floats and links: shortest integers, map keys sorted by length and then by bytes.
Test vectors that any implementation can check itself against are in ``protocol/vectors/``.
"""

from __future__ import annotations

import enum
import re
import secrets
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TypeAlias, cast

import libipld
from blake3 import blake3

from anvcs.errors import CorruptStoreError, UsageError

Value: TypeAlias = "bool | int | str | bytes | Sequence[Value] | Mapping[str, Value] | None"
"""What can be encoded; integers fit 64 signed bits."""

SIZE = 32
"""Bytes in an id."""
MAX_DEPTH = 64
"""How deep lists and maps may nest."""

_CHANGE = re.compile(r"[k-z]{32}")
_TEXT = re.compile(r"b3:[0-9a-f]{64}")
_REVERSE_HEX = str.maketrans("0123456789abcdef", "zyxwvutsrqponmlk")


class Domain(enum.StrEnum):
    """What is hashed: the key-derivation context of BLAKE3, so that no id of one kind is ever one of another."""

    COMMIT = "anvcs 2026-11 commit v1"
    OPERATION = "anvcs 2026-11 operation v1"
    SIGNATURE = "anvcs 2026-11 signature v1"
    VIEW_NODE = "anvcs 2026-11 view node v1"
    VIEW_NAME = "anvcs 2026-11 view name v1"
    METADATA_FIELD = "anvcs 2026-11 metadata field v1"
    METADATA_RECORD = "anvcs 2026-11 metadata record v1"
    ARGUMENTS = "anvcs 2026-11 arguments v1"
    PROMPT = "anvcs 2026-11 prompt v1"
    TREE = "anvcs 2026-11 tree v1"
    ACTOR = "anvcs 2026-11 actor v1"
    SEGMENT = "anvcs 2026-11 segment v1"
    ACTOR_ENTRY = "anvcs 2026-11 actor entry v1"
    PROPOSAL_EVENT = "anvcs 2026-11 proposal event v1"
    PROPOSAL_OBJECT = "anvcs 2026-11 proposal object v1"
    RESOURCE = "anvcs 2026-11 resource v1"
    MODEL_PROMPT = "anvcs 2026-11 model prompt v1"


# Copying a hasher whose key is derived already is half the price of deriving the key for every id.
_HASHERS = {domain: blake3(derive_key_context=domain.value) for domain in Domain}


def digest(domain: Domain, data: bytes) -> bytes:
    """The 32-byte id of bytes as they are."""
    return _HASHERS[domain].copy().update(data).digest()


def object_id(domain: Domain, value: Value) -> bytes:
    """The 32-byte id of a value's canonical encoding. Raises TypeError as ``encode`` does."""
    return digest(domain, encode(value))


def salted(domain: Domain, salt: bytes, value: Value) -> bytes:
    """The 32-byte id of a value that cannot be guessed from it without the salt."""
    return digest(domain, encode([salt, value]))


def commit_id(raw_commit: bytes) -> str:
    """A commit's id as text, over the bytes that ``git cat-file commit`` prints."""
    return text(digest(Domain.COMMIT, raw_commit))


def text(raw_id: bytes) -> str:
    """An id as people and messages write it: ``b3:`` and 64 hexadecimal digits."""
    if len(raw_id) != SIZE:
        raise ValueError(f"an id has {SIZE} bytes, not {len(raw_id)}")
    return "b3:" + raw_id.hex()


def raw(text_id: str) -> bytes:
    """The 32 bytes of an id written as text. Raises UsageError for anything else."""
    if not _TEXT.fullmatch(text_id):
        raise UsageError(f"{text_id!r} is not an id.", "Ids are written as b3: followed by 64 hexadecimal digits.")
    return bytes.fromhex(text_id[3:])


def new_change_id() -> str:
    """A random change id: 128 bits as 32 letters k-z (hexadecimal reversed, as jj writes them)."""
    return secrets.token_hex(16).translate(_REVERSE_HEX)


def is_text(text_id: str) -> bool:
    """Whether a text is a whole id as ``text`` writes one."""
    return _TEXT.fullmatch(text_id) is not None


def is_change_id(text_id: str) -> bool:
    """Whether a text is a whole change id."""
    return _CHANGE.fullmatch(text_id) is not None


def encode(value: Value) -> bytes:
    """The canonical bytes of a value. Raises TypeError, naming the place, for what has no canonical form."""
    # libipld's own encoder is not used: it takes bytes that happen to parse as a CID for a link, which is true of one
    # random 32-byte hash in about 2,300, and it accepts floats. It decodes and serves as the tests' oracle.
    out = bytearray()
    try:
        _append(out, value, 0)
    except _RefusedError as refused:
        place = "".join(f"[{step!r}]" for step in reversed(refused.where))
        raise TypeError(f"cannot encode value{place}: {refused.reason}") from None
    return bytes(out)


def decode(data: bytes) -> Value:
    """The value with exactly these canonical bytes. Raises CorruptStoreError for any others."""
    try:
        value = cast("Value", libipld.decode_dag_cbor(data))
        same = encode(value) == data
    except (ValueError, TypeError, RecursionError) as error:
        raise _not_canonical(str(error)) from error
    if not same:
        raise _not_canonical("it is not the canonical form")
    return value


def _not_canonical(reason: str) -> CorruptStoreError:
    return CorruptStoreError(
        f"A stored value cannot be decoded: {reason.rstrip('.')}.", "Run ai-vcs doctor to see what is damaged."
    )


class _RefusedError(Exception):
    """Why a value cannot be encoded, and the way to it from the inside out."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.where: list[str | int] = []


def _head(out: bytearray, major: int, number: int) -> None:
    if number < 24:
        out.append(major | number)
    elif number < 256:
        out += bytes((major | 24, number))
    else:
        extra, size = (25, 2) if number < 1 << 16 else (26, 4) if number < 1 << 32 else (27, 8)
        out.append(major | extra)
        out += number.to_bytes(size, "big")


def _append(out: bytearray, value: object, depth: int) -> None:
    # Text and bytes first: an operation or record is hardly anything else, and every commit encodes some thirty values.
    if isinstance(value, (str, bytes)):
        data, major = (_utf8(value), 0x60) if isinstance(value, str) else (value, 0x40)
        size = len(data)
        if size < 24:
            out.append(major | size)
        else:
            _head(out, major, size)
        out += data
    elif value is None:
        out.append(0xF6)
    elif isinstance(value, bool):
        out.append(0xF5 if value else 0xF4)
    elif isinstance(value, int):
        if not -(1 << 63) <= value < 1 << 63:
            raise _RefusedError(f"{value} does not fit 64 bits")
        _head(out, 0x00 if value >= 0 else 0x20, value if value >= 0 else -1 - value)
    elif isinstance(value, (list, tuple)):
        _append_list(out, cast("Sequence[object]", value), depth)
    elif isinstance(value, dict):
        _append_map(out, cast("dict[object, object]", value), depth)
    else:
        raise _RefusedError(f"a {type(value).__name__} has no canonical form")


def _append_list(out: bytearray, items: Sequence[object], depth: int) -> None:
    _check_depth(depth)
    _head(out, 0x80, len(items))
    index = 0
    try:
        for index, item in enumerate(items):  # noqa: B007 - the handler below reads it
            _append(out, item, depth + 1)
    except _RefusedError as refused:
        refused.where.append(index)
        raise


def _append_map(out: bytearray, value: dict[object, object], depth: int) -> None:
    _check_depth(depth)
    _head(out, 0xA0, len(value))
    keys = _in_order(tuple(value))
    key = ""
    try:
        for encoded, key in keys:
            out += encoded
            _append(out, value[key], depth + 1)
    except _RefusedError as refused:
        refused.where.append(key)
        raise


@lru_cache(maxsize=128)
def _in_order(keys: tuple[object, ...]) -> tuple[tuple[bytes, str], ...]:
    """The keys of a map in canonical order, each with its encoding; most maps have the same keys as one before."""
    found: list[tuple[int, bytes, bytes, str]] = []
    for key in keys:
        if not isinstance(key, str):
            raise _RefusedError(f"the key {key!r} is not text")
        encoded = bytearray()
        _append(encoded, key, 0)
        data = key.encode()
        found.append((len(data), data, bytes(encoded), key))
    found.sort()
    return tuple((encoded, key) for _, _, encoded, key in found)


def _utf8(value: str) -> bytes:
    try:
        return value.encode()
    except UnicodeEncodeError:
        raise _RefusedError(f"{value[:40]!r} is not Unicode text") from None


def _check_depth(depth: int) -> None:
    if depth >= MAX_DEPTH:
        raise _RefusedError(f"lists and maps nest deeper than {MAX_DEPTH}")
