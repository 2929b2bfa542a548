"""The ``.ai/meta`` mirror, brought back from the ledger when somebody removed it (``git clean`` does)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from anvcs import ids, wire
from anvcs.actions.known import known
from anvcs.errors import AnvcsError
from anvcs.history import kinds
from anvcs.provenance import mirror

if TYPE_CHECKING:
    from anvcs.actions.workspace import Workspace


def restore(workspace: Workspace) -> str | None:
    """Rebuild the mirror if it is gone; a sentence if that failed."""
    if (workspace.repo.root / ".ai" / "meta").exists():
        return None
    return mirror.rebuild(workspace.repo.root, _entries(workspace))


def _entries(workspace: Workspace) -> Iterator[mirror.Entry]:
    """Our published commits, newest first; one whose object or record is gone is left out."""
    for entry in workspace.ledger.operations(limit=2 * mirror.KEPT):
        oid = entry.operation.details.get("gitCommit")
        if entry.state != "published" or not isinstance(oid, str) or kinds.is_foreign(entry.operation):
            continue
        with suppress(AnvcsError):
            raw = workspace.repo.objects.read(oid, "commit")
            about = known(workspace, oid)
            yield mirror.Entry(
                commit_id=ids.commit_id(raw),
                git_commit=oid,
                tree=workspace.repo.tree_of(oid),
                metadata=about.metadata or wire.Metadata(),
                change_id=about.change_id,
                operation_id=ids.text(entry.signed.id),
            )
