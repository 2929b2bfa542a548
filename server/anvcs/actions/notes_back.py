"""Puts notes back that another program lost: git's own notes commands, a fetched ref, or an overwritten one.

The ledger knows what we wrote and what was purged of it since, so lines are made anew from it, never from the old note.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from anvcs import ids
from anvcs.actions.foreign_links import differing
from anvcs.actions.publish import NOTES
from anvcs.errors import AnvcsError, GitFailedError, LockedError
from anvcs.gitmirror import messages
from anvcs.gitmirror import notes as note_refs
from anvcs.gitmirror.identity import Ident
from anvcs.gitmirror.trees import EMPTY_TREE
from anvcs.history import kinds
from anvcs.provenance import notes, record
from anvcs.provenance.notes import NoteLine

if TYPE_CHECKING:
    from anvcs.actions.workspace import Workspace

_ATTEMPTS = 20
_PAGE = 200


def tip(workspace: Workspace) -> str | None:
    """The notes commit that our notes ref names now."""
    found = note_refs.tip(workspace.repo.handle, NOTES)
    return None if found is None else str(found)


class Checked(NamedTuple):
    """What a check of the notes came to."""

    tip: str | None
    """The notes commit that holds every line that was looked for."""
    back: tuple[str, ...]
    """The commits whose notes came back."""


def put_back(workspace: Workspace, before: str | None, after: int = 0) -> Checked:
    """Write again every line of ours that is missing now and was there at the notes commit ``before``.

    What operations after the sequence ``after`` wrote may never have been in it, so that is looked for too. Without
    ``before``, or where it is gone, all that we ever wrote is. Raises LockedError where others never stop.
    """
    repo = workspace.repo
    back: dict[str, None] = {}
    for _ in range(_ATTEMPTS):
        now = tip(workspace)
        lost = _missing(workspace, before, after, now)
        if not lost:
            return Checked(now, tuple(back))
        who = repo.signature(Ident(b"anvcs", b"notes@anvcs.invalid", int(time.time()), 0))
        changes = {commit: _adding(line) for commit, line in lost.items()}
        note_refs.write_all(repo.handle, NOTES, changes, who)
        back.update(dict.fromkeys(lost))
    raise LockedError(f"{NOTES} loses lines as fast as they are put back.", "Let the other program finish.")


def settled(workspace: Workspace, after: int) -> int:
    """The last sequence, from ``after`` on, such that no operation up to it is still under way."""
    while page := workspace.ledger.following(after, _PAGE):
        for entry in page:
            if entry.state == "prepared":
                return after
            after = entry.sequence
    return after


def missing(workspace: Workspace) -> dict[str, bytes]:
    """The lines of ours that ``put_back`` would write, by commit."""
    return _missing(workspace, None, 0, tip(workspace))


def _missing(workspace: Workspace, before: str | None, after: int, now: str | None) -> dict[str, bytes]:
    repo = workspace.repo
    there = note_refs.Notes(repo.handle, repo.oid(now) if now is not None else None)
    lost: dict[str, bytes] = {}
    for commit in _suspects(workspace, before, after, now):
        line = _line(workspace, commit)
        if line is not None and not _holds(there.get(commit), line):
            lost[commit] = notes.line_of(line)
    return lost


def _adding(line: bytes) -> note_refs.Change:
    return lambda note: notes.merge(note, line)


def _suspects(workspace: Workspace, before: str | None, after: int, now: str | None) -> Iterable[str]:
    """The commits whose notes may have changed."""
    if before is not None:
        repo = workspace.repo
        try:
            paths = differing(repo, repo.tree_of(before), EMPTY_TREE if now is None else repo.tree_of(now))
            keys = {path.replace(b"/", b"").decode("ascii", "replace") for path in paths}
            return sorted({key for key in keys if len(key) == 40} | set(_ours(workspace, after)))
        except GitFailedError:
            # Git's collector took the notes that were overwritten.
            pass
    return _ours(workspace)


def _ours(workspace: Workspace, after: int = 0) -> Iterator[str]:
    """The commits that our operations after a sequence made."""
    while page := workspace.ledger.following(after, _PAGE):
        for entry in page:
            commit = entry.operation.details.get("gitCommit")
            if isinstance(commit, str) and entry.state == "published" and not kinds.is_foreign(entry.operation):
                yield commit
        after = page[-1].sequence


def _line(workspace: Workspace, commit: str) -> NoteLine | None:
    """The line that the ledger knows for a commit of ours, if it has one and the commit is still here."""
    ledger = workspace.ledger
    made_by = ledger.find_by_commit(commit)
    if made_by is None or kinds.is_foreign(ledger.get(made_by).operation):
        return None
    try:
        raw = workspace.repo.objects.read(commit, "commit")
    except GitFailedError:
        return None
    named = dict(messages.anvcs_lines(raw.partition(b"\n\n")[2]))
    root = named.get(b"ANVCS-Meta", b"").decode("ascii", "replace")
    if not ids.is_text(root):
        return None
    change = named.get(b"ANVCS-Change", b"").decode("ascii", "replace")
    line = NoteLine(
        commit=commit,
        tree=raw[5:45].decode("ascii"),
        commit_id=ids.commit_id(raw),
        change_id=change if ids.is_change_id(change) else None,
        meta=root,
    )
    return _with_record(line, ledger.private(ids.raw(root)))


def _with_record(line: NoteLine, data: bytes | None) -> NoteLine:
    import msgspec

    if data is None:
        return line
    try:
        found = record.from_json(data)
        metadata = found.metadata()
    except AnvcsError:
        return line
    if found.tree != line.tree:
        return line
    passed = metadata.tests_passed
    return msgspec.structs.replace(
        line,
        record=dict(found.to_builtins()),
        agent=metadata.agent_id,
        tests=None if passed is None else "passed" if passed else "failed",
        hooks_skipped=bool(found.details().get("hooks_skipped")),
    )


def _holds(note: bytes | None, line: NoteLine) -> bool:
    """Whether the note says of the commit what the line says, or more."""
    if note is None:
        return False
    there = notes.parse(note, line.commit, line.tree).own
    if there is None or there.meta != line.meta:
        return False
    return line.open_record() is None or there.open_record() is not None
