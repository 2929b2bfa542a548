"""What is known of a commit beyond Git: its metadata record, from the ledger or the note, verified by its trailer."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Literal, NamedTuple

from anvcs import ids, wire
from anvcs.actions.publish import NOTES
from anvcs.errors import AnvcsError, CorruptStoreError
from anvcs.gitmirror import messages
from anvcs.gitmirror import notes as note_refs
from anvcs.provenance import notes, record

if TYPE_CHECKING:
    from anvcs.actions.workspace import Workspace

State = Literal["none", "full", "missing", "mismatch"]


class Known(NamedTuple):
    """A commit's provenance, and how far it can be trusted."""

    state: State
    change_id: str | None = None
    root: str | None = None
    metadata: wire.Metadata | None = None
    hooks_skipped: bool = False


def known(workspace: Workspace, oid: str) -> Known:
    """What is known of the commit. Tests count only for the tree the record was made for."""
    body = workspace.repo.objects.read(oid, "commit").partition(b"\n\n")[2]
    trailers = messages.anvcs_lines(body)
    change = _last(trailers, b"ANVCS-Change")
    change = change if change is not None and ids.is_change_id(change) else None
    root = _last(trailers, b"ANVCS-Meta")
    root = root if root is not None and ids.is_text(root) else None
    if root is None:
        return Known("none", change)
    found, broken = _record(workspace, oid, root)
    if found is None:
        return Known("mismatch" if broken else "missing", change, root)
    try:
        metadata = found.metadata()
    except CorruptStoreError:
        # It has the right hash and says what no ANVCS writes.
        return Known("mismatch", change, root)
    if found.tree != workspace.repo.tree_of(oid):
        import msgspec

        metadata = msgspec.structs.replace(metadata, tests_passed=None, test_report_ref=None, coverage=None)
    return Known("full", change, root, metadata, bool(found.details().get("hooks_skipped")))


def metadata_of(workspace: Workspace, oid: str) -> wire.Metadata | None:
    """The commit's metadata, if its record is at hand."""
    return known(workspace, oid).metadata


def _last(trailers: list[tuple[bytes, bytes]], name: bytes) -> str | None:
    values = [value.decode("ascii", "replace") for token, value in trailers if token == name]
    return values[-1] if values else None


def _record(workspace: Workspace, oid: str, root: str) -> tuple[record.Record | None, bool]:
    """The record with that root, and whether something claimed to be it and was not."""
    if workspace.initialized:
        with suppress(AnvcsError):
            data = workspace.ledger.private(ids.raw(root))
            if data is not None:
                found = record.from_json(data)
                if found.verify(root):
                    return found, False
    note = note_refs.read(workspace.repo.handle, note_refs.tip(workspace.repo.handle, NOTES), oid)
    if note is None:
        return None, False
    described = notes.parse(note, oid, None)
    line = described.line_with(root)
    found = line.open_record() if line is not None else None
    claimed = line is not None and line.record is not None
    return found, claimed and found is None
