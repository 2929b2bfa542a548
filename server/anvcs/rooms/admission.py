"""Which files may be rooms: by what they are called, and by whether their bytes can be had back from a text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import PurePosixPath
from typing import NamedTuple

from anvcs.errors import RoomRefusedError

LARGEST = 2 << 20
"""Bytes of the largest file that may be a room."""
_BOM = b"\xef\xbb\xbf"
_LFS = b"version https://git-lfs.github.com/spec/", b"version https://hawser.github.com/spec/"
_LFS_LARGEST = 1024
"""Bytes of the largest file that Git LFS takes for a pointer."""
_UTF_16 = b"\xff\xfe", b"\xfe\xff"
_OURS = frozenset({".git", ".ai"})
_KEYS = (
    "*.pem", "*.key", "*.p12", "*.pfx", "*.p8", "*.jks", "*.keystore", "*.kdbx", "*.asc", "*.gpg", "*.ppk",
    "id_rsa", "id_dsa", "id_ecdsa", "id_ed25519", "id_*_sk", "*_rsa", "*_dsa", "*_ecdsa", "*_ed25519",
    ".netrc", "_netrc", ".pgpass", ".npmrc", ".pypirc", ".htpasswd", ".git-credentials", ".dockercfg",
    "credentials", "credentials.json", "secrets", "secrets.json", "secrets.toml", "secrets.yaml", "secrets.yml",
)  # fmt: skip
"""Names of files that hold keys and passwords."""


class Admitted(NamedTuple):
    """A file that may be a room."""

    text: str
    """With LF line ends, without a byte order mark."""
    eol: str
    bom: bool


def check_path(path: str, exclude: Iterable[str] = (), *, ignored: bool = False, symlink: bool = False) -> None:
    """Raise RoomRefusedError for a path (from the root, with ``/``) that never becomes a room; the message says why.

    What only the disk and git know is passed in: ``ignored`` by git, and a ``symlink`` or something behind one.
    """
    parts = PurePosixPath(path).parts
    name = parts[-1] if parts else ""
    lowered = name.lower()
    if _OURS & {part.lower() for part in parts}:
        raise _refused(path, "belongs to Git or to ANVCS itself")
    if lowered.endswith(".ipynb"):
        raise _refused(path, "is a notebook, which is no plain text", "Work on it save by save.")
    if secret := holds_secrets(path):
        raise _refused(path, secret)
    for pattern in exclude:
        if excludes(pattern, path):
            raise _refused(path, f"is excluded from rooms by {pattern!r}", "See ai-vcs rooms on --exclude.")
    if symlink:
        raise _refused(path, "is or lies behind a symbolic link", "Open the file itself.")
    if ignored:
        raise _refused(path, "is ignored by Git", "Ignored files never become rooms.")


def holds_secrets(path: str) -> str:
    """Why a file of this name may hold secrets, as the end of a sentence; empty if nothing says so."""
    lowered = path.rpartition("/")[2].lower()
    if lowered.startswith(".env"):
        return "is an environment file, which often holds secrets"
    return "may hold keys or passwords" if any(_matches(pattern, lowered) for pattern in _KEYS) else ""


def admit(data: bytes) -> Admitted:
    """A file's text, if its bytes can be had back from it. Raises RoomRefusedError, whose message says why not."""
    if len(data) > LARGEST:
        raise RoomRefusedError(
            f"The file has {len(data):,} bytes; rooms take up to {LARGEST:,}.", "Work on it save by save."
        )
    if data.startswith(_LFS) and len(data) <= _LFS_LARGEST:
        raise RoomRefusedError("The file is a pointer of Git LFS.", "Work on the file it stands for, save by save.")
    if data.startswith(_UTF_16):
        raise RoomRefusedError("The file is UTF-16, not UTF-8.", "Save it as UTF-8 to share it live.")
    if b"\0" in data:
        raise RoomRefusedError("The file is binary: it holds NUL bytes.", "Work on it save by save.")
    bom = data.startswith(_BOM)
    try:
        whole = data[len(_BOM) if bom else 0 :].decode("utf-8")
    except UnicodeDecodeError as error:
        raise RoomRefusedError("The file is not UTF-8 text.", "Save it as UTF-8 to share it live.") from error
    eol = "\r\n" if "\r\n" in whole else "\n"
    found = Admitted(whole.replace("\r\n", "\n"), eol, bom)
    if "\r" in found.text:
        raise RoomRefusedError(
            "The file holds a carriage return that ends no line.", "Remove it, or give all lines the same end."
        )
    if to_bytes(found.text, eol=eol, bom=bom) != data:
        raise RoomRefusedError("The file has mixed line ends.", "Give all its lines the same end to share it live.")
    return found


def to_bytes(text: str, *, eol: str, bom: bool) -> bytes:
    """The bytes of a file with this text."""
    return (_BOM if bom else b"") + (text.replace("\n", eol) if eol != "\n" else text).encode("utf-8")


def excludes(pattern: str, path: str) -> bool:
    """Whether a pattern, as in ``.gitignore``, names the path or a folder above it."""
    anchored = "/" in pattern.rstrip("/")
    wanted = pattern.strip("/")
    folders = path.split("/")
    ends = range(1, len(folders) + (0 if pattern.endswith("/") else 1))
    if anchored:
        return any(_matches(wanted, "/".join(folders[:end])) for end in ends)
    return any(_matches(wanted, folders[end - 1]) for end in ends)


def exclusion(pattern: str) -> str:
    """A regular expression (dots match all) that fits, as a whole, the paths which :func:`excludes` with a pattern."""
    anchored = "/" in pattern.rstrip("/")
    before, after = "" if anchored else "(?:.*/)?", "/.+" if pattern.endswith("/") else "(?:/.*)?"
    return f"{before}{_translated(pattern.strip('/'))}{after}"


def _refused(path: str, why: str, way_out: str = "It stays an ordinary file.") -> RoomRefusedError:
    return RoomRefusedError(f"{path} {why}.", way_out)


def _matches(pattern: str, text: str) -> bool:
    return _compiled(pattern).fullmatch(text) is not None


@lru_cache(512)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(_translated(pattern), re.DOTALL)


def _translated(pattern: str) -> str:
    parts: list[str] = []
    place = 0
    while place < len(pattern):
        rest = pattern[place:]
        if rest.startswith("**/"):
            parts.append("(?:.*/)?")
            place += 3
        elif rest.startswith("**"):
            parts.append(".*")
            place += 2
        elif rest[0] == "*":
            parts.append("[^/]*")
            place += 1
        elif rest[0] == "?":
            parts.append("[^/]")
            place += 1
        else:
            parts.append(re.escape(rest[0]))
            place += 1
    return "".join(parts)
