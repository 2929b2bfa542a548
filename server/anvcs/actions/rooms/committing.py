"""What a commit has to do with rooms: whose unsaved text it leaves out, saving it first, one agent's text alone."""

from __future__ import annotations

import os
from collections.abc import Collection, Generator, Sequence
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from anvcs import actors, wire
from anvcs.actions.collab.worktree import Worktree
from anvcs.actions.rooms.status import DATABASE, unsaved_authors
from anvcs.errors import CommitError, RelayError, RoomError
from anvcs.gitmirror.differences import Change
from anvcs.gitmirror.index import IndexEntry
from anvcs.gitmirror.paths import quote, to_repo_path
from anvcs.gitmirror.trees import EMPTY_TREE, Entry, lookup

if TYPE_CHECKING:
    from anvcs.actions.workspace import Workspace
    from anvcs.rooms.entries import RoomRecord
    from anvcs.rooms.log import RoomLog


def unsaved(workspace: Workspace) -> tuple[wire.UnsavedRoom, ...]:
    """The files of this worktree's session whose rooms hold text that is not in the file, and whose it is."""
    with _log(workspace) as log:
        if log is None:
            return ()
        found = [(record, unsaved_authors(log, record)) for record in _records(workspace, log)]
        return tuple(
            wire.UnsavedRoom(path=quote(os.fsencode(record.path)), actors=authors)
            for record, authors in sorted(found, key=lambda each: each[0].path)
            if authors
        )


def save_live(workspace: Workspace, actor: str) -> tuple[wire.SavedRoom, ...]:
    """Have every room's text written into its file, all as they are at one moment. Raises RelayError, RoomError."""
    relay = workspace.caller.relay
    if relay is None:
        raise RelayError("Nothing here can reach the relay.", "Use the command line or an editor.")
    answer = relay.ask(workspace.folder, "save", {"actor": actor, "live": True, "worktree": str(workspace.repo.root)})
    if answer is None:
        # No relay, so nobody types: what is unsaved is in the log alone, and a relay brings it back.
        if not unsaved(workspace):
            return ()
        answer = relay.ask(
            workspace.folder,
            "save",
            {"actor": actor, "live": True, "worktree": str(workspace.repo.root), "load": True},
            start=True,
        )
    refused = (answer or {}).get("refused", ())
    if refused:
        reasons = "; ".join(f"{each['path']}: {each['reason']}" for each in refused)
        raise RoomError(f"Live text could not be saved: {reasons}.", "Save it in its editor, or commit without --live.")
    return tuple(
        wire.SavedRoom(path=quote(os.fsencode(each["path"])), sequence=each["seq"])
        for each in (answer or {}).get("saved", ())
    )


def only(workspace: Workspace, agent: str, tip: str | None, paths: Sequence[str]) -> dict[bytes, Change]:
    """What one agent changed since the commit, without what others did, saved or not.

    Raises CommitError where its text and somebody else's touch, naming file and whom, and where it changed nothing.
    """
    actor = actors.agent(agent) if ":" not in agent else actors.check(agent)
    repo = workspace.repo
    wanted = {to_repo_path(repo.root, workspace.caller.cwd, path) for path in paths}
    tree = repo.tree_of(tip) if tip else EMPTY_TREE
    workspace.index.load()
    changes: dict[bytes, Change] = {}
    with _log(workspace) as log:
        for record in _records(workspace, log) if log is not None else ():
            path = os.fsencode(record.path)
            if wanted and path not in wanted:
                continue
            old = lookup(repo.objects, tree, path)
            assert log is not None  # noqa: S101 - for the type checker; there are records
            data = _of_actor(workspace, log, record, actor, old)
            if data is None:
                continue
            new = Entry(old.mode if old is not None else 0o100644, repo.objects.write("blob", data))
            if new != old:
                before = workspace.index.get(path)
                # Without a stamp, so that git looks at the file, which holds more than the commit.
                changes[path] = Change(path, old, new, IndexEntry(new.mode, new.oid), before)
    if not changes:
        raise CommitError(f"{actor} has changed nothing here since the commit.", "See ai-vcs collab review.")
    return changes


def _of_actor(workspace: Workspace, log: RoomLog, record: RoomRecord, actor: str, old: Entry | None) -> bytes | None:
    """The file with this actor's edits alone on top of the commit; nothing if it made none."""
    from anvcs.rooms import log_reading
    from anvcs.rooms.admission import to_bytes
    from anvcs.rooms.replay import load

    base = _sequence_of(workspace, log, record, old)
    chosen = log_reading.seqs_of(log, record.room, actor, base or 0)
    if not chosen:
        return None
    if base is None:
        raise CommitError(
            f"{record.path}: the room log does not know the text that is committed.",
            "Commit the file as it is saved, by naming its path.",
        )
    replayed = load(log, record.room)
    found = replayed.attribution.only(frozenset(chosen), base)
    if found.overlaps:
        raise _overlapping(log, record, actor, {seq for each in found.overlaps for seq in each.seqs})
    return to_bytes(found.text, eol=record.eol, bom=record.bom)


def _overlapping(log: RoomLog, record: RoomRecord, actor: str, seqs: Collection[int]) -> CommitError:
    from anvcs.rooms import log_reading

    sources = log_reading.sources_of(log, record.room, seqs)
    others = sorted({source.actor for source in sources.values()}) or ["somebody else"]
    return CommitError(
        f"{record.path}: text of {actor} and of {', '.join(others)} is in the same place and cannot be told apart.",
        "Commit the file whole, by naming its path, or take one side back with ai-vcs collab revert.",
    )


def _sequence_of(workspace: Workspace, log: RoomLog, record: RoomRecord, old: Entry | None) -> int | None:
    """The edit after which the room had the committed text; nothing if it never had, as far as the log knows."""
    from anvcs.rooms import log_reading
    from anvcs.rooms.admission import admit
    from anvcs.rooms.replay import text_hash

    if old is None:
        return 0
    try:
        text = admit(workspace.repo.objects.read(old.oid, "blob")).text
    except RoomError:
        return None
    version = log_reading.version(log, record.room, text_hash(text))
    return None if version is None else version.seq


def _records(workspace: Workspace, log: RoomLog) -> list[RoomRecord]:
    session = Worktree(workspace.repo).standing().session
    return [record for record in log.rooms(session) if not record.closed]


@contextmanager
def _log(workspace: Workspace) -> Generator[RoomLog | None]:
    """The room log, if there is one; rooms that were never on cost a commit nothing but a look for the file."""
    path = workspace.folder / DATABASE
    if not path.exists():
        yield None
        return
    from anvcs.rooms.log import RoomLog

    with closing(RoomLog(path)) as log:
        yield log
