"""How a file's text came to be."""

from __future__ import annotations

from itertools import islice

from anvcs import wire
from anvcs.actions.caller import Caller
from anvcs.actions.collab import desk
from anvcs.actions.collab.steps import Step, steps
from anvcs.errors import NotKeptError, UsageError
from anvcs.rooms import log_reading, replay, timeline
from anvcs.rooms.entries import RoomRecord
from anvcs.rooms.log import RoomLog


def collab_playback(caller: Caller, params: wire.CollabPlaybackParams) -> wire.CollabPlayback:
    """The text at one edit, or the steps between two; what is not kept any more is named.

    Raises RoomError, NotKeptError where the one text that was asked for is gone, UsageError.
    """
    workspace = caller.workspace(params.folder)
    with workspace.lock:
        stands = desk.desk(caller, params)
        with desk.room_log(workspace) as log:
            record = desk.the_room(stands, log, params.path)
            assert log is not None  # noqa: S101 - for the type checker; there is a room
            return _at(log, record, params.at) if params.at is not None else _steps(log, record, params)


def _at(log: RoomLog, record: RoomRecord, at: str) -> wire.CollabPlayback:
    seq = _named(log, record, at)
    try:
        text = replay.at(log, record.room, seq).text if seq else ""
    except NotKeptError as error:
        raise NotKeptError(
            f"{desk.shown(record.path)} as it was after edit {seq} is not kept any more.",
            f"Playback goes from edit {error.after} on.",
            after=error.after,
        ) from error
    return _playback(log, record, start=seq, text=text)


def _named(log: RoomLog, record: RoomRecord, at: str) -> int:
    """The edit meant by its number or a time."""
    if at.isascii() and at.isdecimal():
        if int(at) > record.head:
            raise UsageError(f"There is no edit {at} yet.", f"The newest is {record.head}.")
        return int(at)
    when = desk.moment(at)
    if when is None:
        raise UsageError(f"{at!r} is no edit and no time.", "Write 120, 10m, 2h, 3d or 2026-11-26T17:00.")
    return timeline.at_time(log, record.room, when)


def _steps(log: RoomLog, record: RoomRecord, params: wire.CollabPlaybackParams) -> wire.CollabPlayback:
    last = record.head if params.until is None else min(params.until, record.head)
    kept = replay.first_kept(log, record.room)
    start = min(max(params.since, kept), record.head)
    gone = tuple(
        wire.NotKept(first=max(gap.first, params.since + 1), last=min(gap.last, last), reason=gap.reason)
        for gap in log_reading.gaps(log, record.room)
        if gap.last > params.since and gap.first <= last
    )
    text = replay.at(log, record.room, start).text if start else ""
    found = list(islice(steps(log, record.room, start, last), params.limit)) if last > start else []
    return _playback(
        log,
        record,
        start=start,
        text=text,
        frames=tuple(_frame(step, texts=params.texts) for step in found),
        more=bool(found) and found[-1].edit.seq < last,
        not_kept=gone,
    )


def _playback(
    log: RoomLog,
    record: RoomRecord,
    *,
    start: int,
    text: str,
    frames: tuple[wire.PlaybackFrame, ...] = (),
    more: bool = False,
    not_kept: tuple[wire.NotKept, ...] = (),
) -> wire.CollabPlayback:
    notices = tuple(f"Edits {each.first} to {each.last} are not kept ({each.reason})." for each in not_kept)
    return wire.CollabPlayback(
        path=desk.shown(record.path),
        room=record.room,
        newest=record.head,
        kept_from=replay.first_kept(log, record.room),
        start=start,
        text=text,
        frames=frames,
        more=more,
        not_kept=not_kept,
        notices=notices,
    )


def _frame(step: Step, *, texts: bool) -> wire.PlaybackFrame:
    edit = step.edit
    return wire.PlaybackFrame(
        sequence=edit.seq,
        actor=edit.actor,
        how=edit.how,
        time=max(0, edit.time),
        task=desk.task_of(edit.meta),
        edits=tuple(
            wire.PlaybackEdit(line=each.line, deleted=each.deleted, inserted=each.inserted) for each in step.changes
        ),
        text=step.text if texts else None,
    )
