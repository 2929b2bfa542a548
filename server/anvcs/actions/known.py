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

State = Literal["none", "full", "missing", "mismatch", "inherited"]
_FAR = 100
"""So many rewrites back a record is looked for."""


class Known(NamedTuple):
    """A commit's provenance, and how far it can be trusted."""

    state: State
    change_id: str | None = None
    root: str | None = None
    metadata: wire.Metadata | None = None
    hooks_skipped: bool = False
    inherited_from: str | None = None
    """The commit that this one was rewritten from, where the record is that one's."""


def known(workspace: Workspace, oid: str) -> Known:
    """What is known of the commit, else of the one it was rewritten from.

    Tests count only for the tree the record was made for.
    """
    found = _own(workspace, oid)
    return _inherited(workspace, oid, found) if found.root is None and workspace.initialized else found


def _inherited(workspace: Workspace, oid: str, own: Known) -> Known:
    """What was known of the commit before somebody rewrote it without our trailers."""
    tree = workspace.repo.tree_of(oid)
    old = oid
    for _ in range(_FAR):
        link = workspace.ledger.rewritten(old)
        if link is None:
            break
        old = link.old
        try:
            found = _own(workspace, old)
            same = workspace.repo.tree_of(old) == tree
        except AnvcsError:
            break
        if found.root is not None:
            metadata = found.metadata if same or found.metadata is None else _untested(found.metadata)
            state: State = "inherited" if metadata is not None else own.state
            change = own.change_id or found.change_id
            return Known(state, change, None, metadata, inherited_from=old if metadata is not None else None)
    return own


def _untested(metadata: wire.Metadata) -> wire.Metadata:
    import msgspec

    return msgspec.structs.replace(metadata, tests_passed=None, test_report_ref=None, coverage=None)


def _own(workspace: Workspace, oid: str) -> Known:
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
    skipped = bool(found.details().get("hooks_skipped"))
    if found.tree == workspace.repo.tree_of(oid):
        return Known("full", change, root, metadata, skipped)
    link = workspace.ledger.rewritten(oid) if workspace.initialized else None
    return Known("full", change, root, _untested(metadata), skipped, link.old if link is not None else None)


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
