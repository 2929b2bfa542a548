"""Makes a ledger beside its place and puts it there whole, so that a death in between never leaves half a one."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from anvcs.gitmirror.objects import put_out
from anvcs.storage.sqlite import SqliteStore

if TYPE_CHECKING:
    from anvcs.actions.workspace import Workspace

SUFFIXES = ("", "-wal", "-shm")
"""Of the files that make a database."""


@contextmanager
def filled(workspace: Workspace) -> Generator[SqliteStore]:
    """An empty store to fill, on the disk with all that is in it afterwards. The caller holds the repository lock."""
    path = _path(workspace)
    path.parent.mkdir(exist_ok=True)
    for suffix in SUFFIXES:
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    with closing(SqliteStore(path)) as store:
        yield store
        store.checkpoint()
    with path.open("rb+") as file:
        put_out(file.fileno())


def place(workspace: Workspace) -> None:
    """Make the store that was filled last the ledger, durably."""
    _path(workspace).replace(workspace.ledger_path)
    _sync_folder(workspace.folder)
    workspace.forget_ledger()


def _path(workspace: Workspace) -> Path:
    return workspace.folder / "tmp" / "ledger.db.new"


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":  # folders cannot be opened there, and its journal keeps names
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
