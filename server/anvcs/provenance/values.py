"""JSON values as provenance keeps them: checked, canonical as text, and in a form that can be hashed."""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping, Sequence
from typing import TypeAlias, cast

import msgspec

from anvcs.errors import InvalidMetadataError
from anvcs.ids import Value

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
"""What JSON can say; integers fit 64 signed bits, whole floats below 2**53 are integers, no NaN, no infinity."""

MAX_DEPTH = 16
"""How deep lists and maps may nest in a metadata field."""

_encoder = msgspec.json.Encoder(order="deterministic")
_decoder = msgspec.json.Decoder()


def checked(value: object, where: str, depth: int = 0) -> Json:
    """The value if JSON can say it. Raises InvalidMetadataError with ``where`` as the field's name."""
    if depth > MAX_DEPTH:
        raise invalid(where, f"nests deeper than {MAX_DEPTH} levels")
    match value:
        case None | bool():
            return value
        case int() if not -(1 << 63) <= value < 1 << 63:
            raise invalid(where, "is a whole number that does not fit 64 bits", "Write it as text.")
        case int():
            return value
        case float() if not math.isfinite(value):
            raise invalid(where, f"is {value}, which JSON cannot say", "Write it as text, or leave it out.")
        case float():
            # So that a reader that knows one kind of number only (JavaScript) computes the same hash.
            return int(value) if value.is_integer() and abs(value) < 1 << 53 else value
        case str():
            return text(value, where)
        case Mapping():
            entries = cast("Mapping[object, object]", value).items()
            return {key(name, where): checked(inner, f"{where}.{name}", depth + 1) for name, inner in entries}
        case Sequence() if not isinstance(value, bytes | bytearray | memoryview):
            items = cast("Sequence[object]", value)
            return [checked(inner, f"{where}[{index}]", depth + 1) for index, inner in enumerate(items)]
        case _:
            raise invalid(where, f"is {kind(value)}, which JSON cannot say")


def key(name: object, where: str) -> str:
    """A map's key. Raises InvalidMetadataError if it is not usable text."""
    if not isinstance(name, str):
        raise invalid(where, f"has a key that is {kind(name)}; text is expected")
    return text(name, f"a key of {where}")


def text(value: str, where: str) -> str:
    """Text that Git, SQLite and UTF-8 can all hold. Raises InvalidMetadataError."""
    if "\0" in value:
        raise invalid(where, "has a NUL character", "Remove it.")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise invalid(where, "is not valid Unicode text", "Save its source as UTF-8.") from None
    return value


def kind(value: object) -> str:
    """What a value is, in a reader's words."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "text"
        case Mapping():
            return "a map"
        case bytes() | bytearray():
            return "bytes"
        case Sequence():
            return "a list"
        case _:
            return f"a {type(value).__name__}"


def invalid(where: str, problem: str, way_out: str = "Correct it, or leave it out.") -> InvalidMetadataError:
    """The refusal of one metadata field."""
    return InvalidMetadataError(f"The metadata's {where} {problem}.", way_out)


def canonical(value: object) -> bytes:
    """The one JSON text of a value: compact, keys sorted, UTF-8, no raw control characters, so one line."""
    return _encoder.encode(value)


def parse(data: bytes) -> object:
    """The value of a JSON text. Raises ValueError."""
    return _decoder.decode(data)


def hashable(value: Json) -> Value:
    """The value without floats: a float is ``{"$float": <its IEEE 754 bytes in hex>}``.

    A map with a key that begins with ``$`` is wrapped as ``{"$map": <the map>}``, so that no two values look alike.
    """
    match value:
        case float():
            return {"$float": struct.pack(">d", value).hex()}
        case list():
            return [hashable(item) for item in value]
        case dict():
            plain = {name: hashable(inner) for name, inner in value.items()}
            return {"$map": plain} if any(name.startswith("$") for name in plain) else plain
        case _:
            return value
