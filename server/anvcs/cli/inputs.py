"""Reading what the command line names: files, standard input, pairs."""

from __future__ import annotations

import sys
from pathlib import Path

from anvcs.errors import PathNotFoundError, UnreadableFileError, UsageError


def text_or_file(value: str, folder: Path, option: str) -> str:
    """The value itself, or for ``@file`` and ``@-`` the text of the file or of standard input; ``@@x`` means ``@x``."""
    if not value.startswith("@"):
        return value
    if value.startswith("@@"):
        return value[1:]
    return read(value[1:], folder, option, f"To give a text that starts with @, write @@ ({option} @{value} ...).")


def read(name: str, folder: Path, option: str, way_out: str = "Check the name.", *, exact: bool = False) -> str:
    """The text of a file, or of standard input for ``-``, without a byte order mark.

    ``exact`` gives every byte, and what is not UTF-8 as surrogates. Raises if it is missing, unreadable or not UTF-8.
    """
    try:
        data = sys.stdin.buffer.read() if name == "-" else (folder / name).read_bytes()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise PathNotFoundError(f"{option}: there is no file {name}.", way_out) from error
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise UnreadableFileError(f"{option}: {name} cannot be read: {reason}.", way_out) from error
    if exact:
        return data.decode("utf-8", "surrogateescape")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        shown = "standard input" if name == "-" else name
        raise UsageError(f"{option}: {shown} is not UTF-8 (byte {error.start}).", "Convert it to UTF-8.") from error


def pairs(values: tuple[str, ...], option: str) -> dict[str, str]:
    """``K=V`` options as a map. Raises UsageError for one without a name."""
    found: dict[str, str] = {}
    for value in values:
        name, equals, rest = value.partition("=")
        if not name or not equals:
            raise UsageError(f"{option} takes NAME=VALUE, not {value!r}.", f"Write for example {option} CI=1")
        found[name] = rest
    return found


def utf8(value: str, option: str) -> str:
    """The value. Raises UsageError if the shell passed bytes that are not UTF-8."""
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise UsageError(f"{option} is not UTF-8.", "Convert it to UTF-8, or give it in a file.") from error
    return value
