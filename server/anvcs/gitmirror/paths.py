"""Paths inside a repository: bytes relative to its root with ``/``, as Git's index and trees hold them."""

# ruff: noqa: PTH117, PTH118, PTH121 - paths are bytes here, which pathlib does not take

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

from anvcs.errors import PathError, PathOutsideError

_DOTGIT = re.compile(rb"(?:\.git|git~1)[. ]*(?::.*)?", re.IGNORECASE | re.DOTALL)
"""Spellings that some file system takes for ``.git``; Git refuses them everywhere, for the clones over there."""
_IGNORED_BY_HFS = dict.fromkeys([*range(0x200C, 0x2010), *range(0x202A, 0x202F), *range(0x206A, 0x2070), 0xFEFF])

_ESCAPES = {7: "a", 8: "b", 9: "t", 10: "n", 11: "v", 12: "f", 13: "r", 34: '"', 92: "\\"}
_UNESCAPES = {letter: byte for byte, letter in _ESCAPES.items()}
_QUOTED = re.compile(r"\\(?:([0-3][0-7]{2})|(.))|([^\\\"]+)", re.DOTALL)


def to_repo_path(root: Path, cwd: Path, given: str | bytes) -> bytes:
    """The path a user means, relative to the repository's root; the root itself is ``b""``.

    Nothing need exist there. Raises PathOutsideError for what leaves the repository or lies behind a symbolic link,
    PathError for what can be no path in Git.
    """
    raw = os.fsencode(given)
    shown = os.fsdecode(raw)
    if not raw:
        raise PathError("An empty path names nothing.", "Use . for the whole repository.")
    if b"\0" in raw:
        raise PathError(f"{shown!r} contains a NUL character, which no path can.", "Correct the path.")
    top = os.path.realpath(os.fsencode(root))
    path = _inside(top, os.fsencode(root), os.path.realpath(os.fsencode(cwd)), raw)
    if path is None:
        raise PathOutsideError(f"{shown} is outside the repository at {os.fsdecode(top)}.", "Name a path inside it.")
    for part in path.split(b"/"):
        if is_dotgit(part):
            raise PathError(f"{shown} is inside Git's own folder.", "Name a file of the work tree.")
    _refuse_symlinked_parents(top, path, shown)
    return path


def is_dotgit(name: bytes) -> bool:
    """Whether one component means ``.git`` on any file system."""
    # A backslash separates folders where NTFS is.
    if any(_DOTGIT.fullmatch(part) for part in name.split(b"\\")):
        return True
    return name.decode("utf-8", "replace").translate(_IGNORED_BY_HFS).lower() == ".git"


def quote(path: bytes) -> str:
    """The path as text for the wire: as it is where that is plain, else quoted as Git does.

    Plain means UTF-8 without control characters, quotes and backslashes (``core.quotePath=false``); a path that is
    not UTF-8 has its other bytes escaped too (``core.quotePath=true``).
    """
    try:
        text = path.decode("utf-8")
    except UnicodeDecodeError:
        text = path.decode("latin-1")
        fully = True
    else:
        fully = False
    quoted = "".join(_escape(character, fully) for character in text)
    return quoted if quoted == text and not fully else f'"{quoted}"'


def unquote(text: str) -> bytes:
    """The reverse of :func:`quote`. Raises PathError for broken quoting."""
    if not text.startswith('"'):
        try:
            return text.encode()
        except UnicodeEncodeError:
            raise PathError(f"{text!r} is not text.", "Quote such a path as Git does.") from None
    if len(text) < 2 or not text.endswith('"'):
        raise _broken(text)
    out = bytearray()
    at, end = 1, len(text) - 1
    while at < end:
        found = _QUOTED.match(text, at, end)
        if found is None:
            raise _broken(text)
        octal, letter, plain = found.groups()
        if octal is not None:
            out.append(int(octal, 8))
        elif letter is None:
            out += plain.encode("utf-8", "surrogateescape")
        elif letter in _UNESCAPES:
            out.append(_UNESCAPES[letter])
        else:
            raise _broken(text)
        at = found.end()
    return bytes(out)


def _broken(text: str) -> PathError:
    return PathError(f"{text} is not quoted as Git quotes paths.", "Write it without quotes, or as git ls-files does.")


def _escape(character: str, fully: bool) -> str:
    code = ord(character)
    if code in _ESCAPES:
        return "\\" + _ESCAPES[code]
    if code < 0x20 or code == 0x7F or (fully and code >= 0x80):
        return f"\\{code:03o}"
    return character


def _inside(top: bytes, root: bytes, cwd: bytes, raw: bytes) -> bytes | None:
    """Below the top with ``..`` resolved by name, as Git does; None if outside."""
    if not os.path.isabs(raw):
        return _below(top, os.path.normpath(os.path.join(cwd, raw)))
    path = os.path.normpath(raw)
    for base in (top, root):
        found = _below(base, path)
        if found is not None:
            return found
    # Another spelling of the root: through a symbolic link, or in other case where case does not matter.
    head, tail = path, b""
    while True:
        try:
            if os.path.samefile(head, top):
                return tail
        except OSError:
            pass
        parent, name = os.path.split(head)
        if parent == head:
            return None
        head, tail = parent, name + b"/" + tail if tail else name


def _below(base: bytes, path: bytes) -> bytes | None:
    if path == base:
        return b""
    prefix = base if base.endswith(b"/") else base + b"/"
    return path[len(prefix) :] if path.startswith(prefix) else None


def _refuse_symlinked_parents(top: bytes, path: bytes, shown: str) -> None:
    parent = top
    for part in path.split(b"/")[:-1]:
        parent = parent + b"/" + part
        try:
            mode = os.lstat(parent).st_mode
        except OSError:
            return
        if stat.S_ISLNK(mode):
            raise PathOutsideError(
                f"{shown} is beyond the symbolic link {os.fsdecode(parent[len(top) + 1 :])}.",
                "Name the file by its real path.",
            )
