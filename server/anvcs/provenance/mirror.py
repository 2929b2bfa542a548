"""``.ai/meta/<commit>.json``: the newest commits' metadata in the work tree, for people and tools to read.

It is a copy, rebuilt from notes at any time; so nothing here fails a commit, and a problem is one sentence.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from anvcs import wire
from anvcs.provenance.metadata import FIELDS

KEPT = 100
"""How many commits' files stay."""

_NAME = re.compile(r"[0-9a-f]{64}\.json")


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """What is mirrored of one commit."""

    commit_id: str
    git_commit: str
    tree: str
    metadata: wire.Metadata
    change_id: str | None = None
    operation_id: str | None = None

    @property
    def file_name(self) -> str:
        """The commit id without ``b3:``, which is no file name everywhere."""
        return self.commit_id.removeprefix("b3:") + ".json"


def write(folder: Path, entry: Entry, kept: int = KEPT) -> str | None:
    """Mirror one commit into the work tree ``folder`` and drop the oldest files; a sentence if that failed."""
    try:
        home = _home(folder)
        _put(home, entry)
        _prune(home, kept, entry.file_name)
    except OSError as error:
        return _notice(error)
    return None


def rebuild(folder: Path, entries: Iterable[Entry], kept: int = KEPT) -> str | None:
    """Mirror commits, given newest first, and drop every other file of ours; a sentence if that failed."""
    try:
        home = _home(folder)
        wanted = [entry for entry, _ in zip(entries, range(kept), strict=False)]
        for entry in reversed(wanted):
            _put(home, entry)
        names = {entry.file_name for entry in wanted}
        for file in _ours(home):
            if file.name not in names:
                file.unlink(missing_ok=True)
    except OSError as error:
        return _notice(error)
    return None


def shape(entry: Entry) -> dict[str, Any]:
    """The JSON of one commit: the seed's ``ai_meta``, and the ids."""
    known = {name: getattr(entry.metadata, name) for name in FIELDS}
    meta = {name: value for name, value in known.items() if value is not None and value != {}}
    meta["artifacts"] = list(entry.metadata.artifacts)
    return {
        "commit_id": entry.commit_id,
        "git_commit": entry.git_commit,
        "tree": entry.tree,
        **({"change_id": entry.change_id} if entry.change_id else {}),
        **({"operation_id": entry.operation_id} if entry.operation_id else {}),
        "ai_meta": {**meta, **({"extra": entry.metadata.extra} if entry.metadata.extra else {})},
    }


def _home(folder: Path) -> Path:
    """``.ai/meta``, made if it is missing. Raises OSError where a link would lead out of the work tree."""
    home = folder
    for name in (".ai", "meta"):
        home /= name
        if home.is_symlink():
            raise NotADirectoryError(f"{home.relative_to(folder)} is a symbolic link")
        home.mkdir(exist_ok=True)
    return home


def _put(home: Path, entry: Entry) -> None:
    text = msgspec.json.format(msgspec.json.encode(shape(entry)), indent=2) + b"\n"
    # A file of that name may be a link: it is replaced, never written through.
    temporary = home / f".tmp-{secrets.token_hex(8)}"
    try:
        with temporary.open("xb") as file:
            file.write(text)
        temporary.replace(home / entry.file_name)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise


def _ours(home: Path) -> list[Path]:
    return [file for file in home.iterdir() if _NAME.fullmatch(file.name)]


def _prune(home: Path, kept: int, newest: str) -> None:
    files = _ours(home)
    if len(files) <= kept:
        return
    by_age = sorted(files, key=lambda file: (file.name == newest, file.lstat().st_mtime_ns, file.name))
    for file in by_age[: len(files) - kept]:
        file.unlink(missing_ok=True)


def _notice(error: OSError) -> str:
    return f".ai/meta was not updated: {error.strerror or error}. Nothing is lost; ai-vcs init brings it back."
