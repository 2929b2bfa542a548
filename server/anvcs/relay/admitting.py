"""A file's bytes as a room has them, and back."""

from __future__ import annotations

from typing import NamedTuple

from anvcs.errors import RoomRefusedError


class Admitted(NamedTuple):
    """A file that may be a room."""

    text: str
    eol: str
    bom: bool


def admit(data: bytes) -> Admitted:
    """A file's text, if its bytes can be had back from it. Raises RoomRefusedError."""
    bom = data.startswith(b"\xef\xbb\xbf")
    try:
        text = data[3 if bom else 0 :].decode()
    except UnicodeDecodeError as error:
        raise RoomRefusedError("The file is not UTF-8.", "") from error
    eol = "\r\n" if "\r\n" in text else "\n"
    found = Admitted(text.replace("\r\n", "\n"), eol, bom)
    if to_bytes(found.text, eol=eol, bom=bom) != data or "\0" in text or len(data) > 2 << 20:
        raise RoomRefusedError("The file does not round-trip.", "")
    return found


def to_bytes(text: str, *, eol: str, bom: bool) -> bytes:
    """The bytes of a file with this text."""
    return (b"\xef\xbb\xbf" if bom else b"") + text.replace("\n", eol).encode()


def check_path(path: str, exclude: tuple[str, ...]) -> None:
    """Raises RoomRefusedError."""
