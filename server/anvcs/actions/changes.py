"""Changes as the wire shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from anvcs import wire
from anvcs.gitmirror.differences import Change
from anvcs.gitmirror.git import Git
from anvcs.gitmirror.paths import quote
from anvcs.gitmirror.trees import Entry

KINDS = {
    "A": "added",
    "M": "modified",
    "D": "deleted",
    "R": "renamed",
    "C": "copied",
    "T": "type-changed",
    "U": "unmerged",
}
"""Git's status letters in words."""


def file_changes(changes: Mapping[bytes, Change]) -> tuple[wire.FileChange, ...]:
    """A selection by path."""
    return tuple(
        wire.FileChange(path=quote(path), kind=_kind(change.old, change.new))
        for path, change in sorted(changes.items())
    )


def _kind(old: Entry | None, new: Entry | None) -> str:
    if old is None:
        return "added"
    if new is None:
        return "deleted"
    return "modified" if old.mode & 0o170000 == new.mode & 0o170000 else "type-changed"


def compared(git: Git, asked: Sequence[str], about: Sequence[str | bytes]) -> tuple[wire.FileChange, ...]:
    """What a ``git diff``-like command (with its options) finds about commits and paths: renames, counted lines."""
    return parse_counted(git.output(*asked, "--raw", "--numstat", "-z", "-M", "--no-abbrev", *about))


def parse_counted(out: bytes) -> tuple[wire.FileChange, ...]:
    """Read ``--raw --numstat -z`` output: first every raw line, then every count."""
    fields = iter(out.split(b"\0"))
    kinds: dict[bytes, tuple[str, bytes | None]] = {}
    counts: dict[bytes, tuple[bytes, bytes]] = {}
    for field in fields:
        if field.startswith(b":"):
            letter = chr(field.split(b" ")[4][0])
            first = next(fields)
            if letter in "RC":
                kinds[next(fields)] = (KINDS[letter], first)
            else:
                kinds[first] = (KINDS.get(letter, "modified"), None)
        elif b"\t" in field:
            added, removed, path = field.split(b"\t", 2)
            if not path:
                next(fields)
                path = next(fields)
            counts[path] = (added, removed)
    return tuple(_change(path, kind, old, counts.get(path, (b"", b""))) for path, (kind, old) in sorted(kinds.items()))


def _change(path: bytes, kind: str, old: bytes | None, count: tuple[bytes, bytes]) -> wire.FileChange:
    added, removed = count
    return wire.FileChange(
        path=quote(path),
        kind=kind,
        old_path=quote(old) if old is not None else None,
        additions=int(added) if added.isdigit() else None,
        deletions=int(removed) if removed.isdigit() else None,
        binary=added == b"-",
    )
