"""What differs between a commit, the index and the work tree, as git reports it in one run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from anvcs.gitmirror.index import IndexEntry
from anvcs.gitmirror.repository import GitRepository
from anvcs.gitmirror.trees import EMPTY_TREE, Entry


class Change(msgspec.Struct, frozen=True):
    """One path a commit changes."""

    path: bytes
    old: Entry | None
    """What the parent commit has."""
    new: Entry | None
    """What the commit will have; None removes the path."""
    index: IndexEntry | None = None
    """What the index should hold afterwards; for a staged path, which is there already, None."""
    before: IndexEntry | None = None
    """What the index held when the selection was made."""


Selection = Mapping[bytes, Change]


def staged(repo: GitRepository, tip: str | None, *, index_file: Path | None = None) -> dict[bytes, Change]:
    """Every difference between the index and the commit ``tip``."""
    extra = {"GIT_INDEX_FILE": str(index_file)} if index_file else None
    out = repo.git.output(
        "diff-index",
        "--cached",
        "--raw",
        "-z",
        "--no-renames",
        "--no-abbrev",
        "--ignore-submodules=none",
        tip or EMPTY_TREE,
        "--",
        extra=extra,
    )
    return parse_raw(out)


def parse_raw(out: bytes) -> dict[bytes, Change]:
    """Read ``--raw -z --no-renames`` output. Unmerged paths (kind U) are left out."""
    changes: dict[bytes, Change] = {}
    fields = out.split(b"\0")
    for head, path in zip(fields[::2], fields[1::2], strict=False):
        old_mode, new_mode, old_oid, new_oid, kind = head[1:].split(b" ")
        if kind == b"U":
            continue
        changes[path] = Change(path, _entry(old_mode, old_oid), _entry(new_mode, new_oid))
    return changes


class Status(msgspec.Struct, frozen=True):
    """What ``git status`` found."""

    staged: dict[bytes, Change]
    """Every difference between the index and HEAD."""
    unstaged: dict[bytes, Entry | None]
    """The paths whose files differ from the index, each with what HEAD has there; new files with nothing."""
    plain: bool
    """No submodule is among them."""


def status(repo: GitRepository, *, untracked: bool, index_file: Path | None = None) -> Status:
    """What is staged and what is changed beside it, in one run.

    An ``index_file`` gets what git learns about unchanged files' times; the user's own index does not.
    """
    extra = {"GIT_INDEX_FILE": str(index_file), "GIT_OPTIONAL_LOCKS": "1"} if index_file else None
    out = repo.git.output(
        "status",
        "--porcelain=v2",
        "-z",
        "--no-renames",
        "--ignore-submodules=dirty",
        "--untracked-files=" + ("all" if untracked else "no"),
        extra=extra,
    )
    return parse_status(out)


def parse_status(out: bytes) -> Status:
    """Read ``--porcelain=v2 -z --no-renames`` output. Unmerged paths are left out."""
    found: dict[bytes, Change] = {}
    unstaged: dict[bytes, Entry | None] = {}
    plain = True
    for line in out.split(b"\0"):
        if line.startswith(b"? "):
            unstaged[line[2:]] = None
        elif line.startswith(b"1 "):
            _, kinds, module, old_mode, new_mode, _, old_oid, new_oid, path = line.split(b" ", 8)
            old = _entry(old_mode, old_oid)
            if not kinds.startswith(b"."):
                found[path] = Change(path, old, _entry(new_mode, new_oid))
            if not kinds.endswith(b"."):
                unstaged[path] = old
                plain = plain and module == b"N..."
    return Status(found, unstaged, plain)


def _entry(mode: bytes, oid: bytes) -> Entry | None:
    return Entry(int(mode, 8), oid.decode()) if mode != b"000000" else None
