"""Taking back what one actor changed in rooms, and nothing of others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from anvcs import actors, wire
from anvcs.actions.caller import Caller
from anvcs.actions.collab import desk
from anvcs.actions.collab.changes import Found, Wanted, changes
from anvcs.actions.collab.desk import Desk
from anvcs.actions.collab.review import overlaps
from anvcs.errors import AnvcsError, RoomError, UsageError
from anvcs.rooms.entries import RoomRecord

TRIES = 20
"""How often it is tried in a room in which others go on writing."""


def collab_revert(caller: Caller, params: wire.CollabRevertParams) -> wire.CollabReverted:
    """The hunks are gone from their rooms, as edits of the one who asks, who can undo them like any others.

    Raises RoomsOffError, RelayError, UsageError where a hunk is named that there is not.
    """
    workspace = caller.workspace(params.folder)
    with workspace.lock:
        stands = desk.desk(caller, params)
        desk.must_be_on(stands)
        actor = actors.check(params.actor)
        wanted = Wanted(actor, params.task, params.since)
        chosen = _chosen(stands, params, wanted)
        files: list[wire.RevertedFile] = []
        refused: list[wire.RefusedFile] = []
        for record, hunks in _by_room(chosen):
            try:
                files.append(_dry(record, hunks) if params.dry_run else _take_back(stands, wanted, record, hunks))
            except AnvcsError as error:
                refused.append(
                    wire.RefusedFile(path=desk.shown(record.path), reason=error.message, way_out=error.way_out)
                )
        notices = () if chosen else (_nothing(actor, params.since),)
        return wire.CollabReverted(
            actor=actor, files=tuple(files), refused=tuple(refused), dry_run=params.dry_run, notices=notices
        )


def _nothing(actor: str, since: str | None) -> str:
    if since is not None:
        return f"Nothing of {actor} since then still stands."
    return f"Nothing of {actor} still stands that you have not looked at; --since goes further back."


def _chosen(stands: Desk, params: wire.CollabRevertParams, wanted: Wanted) -> list[Found]:
    paths = desk.chooser(stands, params.paths)
    with desk.room_log(stands.workspace) as log:
        # Numbers are those of the actor's review, in which all tasks are.
        found = () if log is None else changes(stands, log, wanted._replace(task=None)).hunks
    within = [
        each for each in found if paths.hold(each.record.path) and (params.task is None or each.task == params.task)
    ]
    if not params.hunks:
        return within
    known = {name: each for each in within for name in (each.hunk.id, str(each.number))}
    missing = [name for name in params.hunks if name not in known]
    if missing:
        raise UsageError(
            f"There is no hunk {', '.join(missing)} of {wanted.actor}.",
            f"See ai-vcs collab review --actor {wanted.actor}; it may have changed since you looked.",
        )
    names = {known[name].hunk.id for name in params.hunks}
    return [each for each in within if each.hunk.id in names]


def _by_room(chosen: Sequence[Found]) -> Iterable[tuple[RoomRecord, list[Found]]]:
    rooms: dict[str, list[Found]] = {}
    for each in chosen:
        rooms.setdefault(each.record.room, []).append(each)
    for hunks in rooms.values():
        yield hunks[0].record, hunks


def _dry(record: RoomRecord, hunks: Sequence[Found]) -> wire.RevertedFile:
    stays = tuple(overlap for each in hunks for overlap in overlaps(each))
    return wire.RevertedFile(path=desk.shown(record.path), room=record.room, hunks=len(hunks), overlaps=stays)


def _take_back(stands: Desk, wanted: Wanted, record: RoomRecord, hunks: Sequence[Found]) -> wire.RevertedFile:
    """Task by task, each on the room as it is then; what is on the disk is in the room before."""
    desk.ask(stands, "look", {"worktree": str(stands.workspace.repo.root), "path": record.path})
    names = {each.hunk.id for each in hunks}
    done, sequence, saved = 0, None, True
    stays: list[wire.ReviewOverlap] = []
    for _ in range(TRIES):
        now = _now(stands, wanted, record, names)
        if not now:
            break
        task = now[0].task
        group = [each for each in now if each.task == task]
        answer = desk.ask(
            stands,
            "revert",
            {
                "room": record.room,
                "actor": stands.actor,
                "seqs": sorted(group[0].seqs),
                "seq": group[0].record.head,
                "within": [[each.hunk.start, each.hunk.end] for each in group],
                "meta": {"reverted": wanted.actor},
            },
        )
        if "moved" in answer:
            continue
        names -= {each.hunk.id for each in group}
        done += len(group)
        sequence, saved = answer["seq"], saved and bool(answer["saved"])
        stays += (overlap for each in group for overlap in overlaps(each))
    if sequence is None:
        raise RoomError("It was changed while it was to be taken back.", "Look at it again: ai-vcs collab review")
    return wire.RevertedFile(
        path=desk.shown(record.path),
        room=record.room,
        hunks=done,
        sequence=sequence,
        saved=saved and _save(stands, record),
        overlaps=tuple(stays),
    )


def _now(stands: Desk, wanted: Wanted, record: RoomRecord, names: set[str]) -> list[Found]:
    """The hunks that are still to be taken back, as the room is now."""
    if not names:
        return []
    with desk.room_log(stands.workspace) as log:
        assert log is not None  # noqa: S101 - for the type checker; there is a room
        return [each for each in changes(stands, log, wanted, (record.room,)).hunks if each.hunk.id in names]


def _save(stands: Desk, record: RoomRecord) -> bool:
    """The file had the room's text before, so it is to have it again, unless an editor holds it."""
    answer = desk.ask(stands, "save", {"actor": stands.actor, "rooms": [record.room]})
    return any(each.get("room") == record.room for each in answer.get("saved", ()))
