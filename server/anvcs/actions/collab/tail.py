"""Edits as they happen."""

from __future__ import annotations

from collections.abc import Iterable
from heapq import merge

import msgspec

from anvcs import wire
from anvcs.actions.caller import Caller
from anvcs.actions.collab import desk
from anvcs.actions.collab.steps import Step, steps
from anvcs.errors import DamagedEditError, NotKeptError, UsageError
from anvcs.rooms import replay
from anvcs.rooms.entries import RoomRecord
from anvcs.rooms.log import RoomLog

_Heads = dict[str, int]


def collab_tail(caller: Caller, params: wire.CollabTailParams) -> wire.TailPage:
    """The newest edits, or those behind others, in each room in its sequence. Raises RoomError, UsageError."""
    workspace = caller.workspace(params.folder)
    with workspace.lock:
        stands = desk.desk(caller, params)
        known = _heads(params.after)
        with desk.room_log(workspace) as log:
            if log is None:
                return wire.TailPage(after=_after(known))
            rooms = [desk.the_room(stands, log, params.path)] if params.path else desk.records(log, stands.session)
            return _page(log, rooms, params, known)


def _page(log: RoomLog, rooms: list[RoomRecord], params: wire.CollabTailParams, known: _Heads) -> wire.TailPage:
    notices: list[str] = []
    found: list[list[wire.TailEdit]] = []
    following = params.after is not None or params.since is not None
    for record in rooms:
        after = known.get(record.room, params.since if params.since is not None else 0)
        if not following:
            after = max(0, record.head - params.limit)
        kept = replay.first_kept(log, record.room)
        if after < kept and record.head > 0:
            if following:
                notices.append(f"{desk.shown(record.path)}: edits up to {kept} are not kept.")
            after = kept
        known.setdefault(record.room, after)
        if record.head > after:
            found.append(_edits(log, record, after, min(record.head, after + params.limit)))
    # Each room's edits stay in their sequence; the clock only says how rooms are woven together.
    together = list(merge(*found, key=lambda edit: edit.time))
    chosen = together[: params.limit] if following else together[-params.limit :]
    for edit in chosen:
        known[edit.room] = max(known[edit.room], edit.sequence)
    if not following:
        known.update((record.room, record.head) for record in rooms)
    return wire.TailPage(
        edits=tuple(chosen),
        after=_after(known),
        more=following and any(record.head > known[record.room] for record in rooms),
        notices=tuple(notices),
    )


def _edits(log: RoomLog, record: RoomRecord, after: int, upto: int) -> list[wire.TailEdit]:
    try:
        return [_edit(record, step) for step in steps(log, record.room, after, upto)]
    except (NotKeptError, DamagedEditError):
        return []


def _edit(record: RoomRecord, step: Step) -> wire.TailEdit:
    return wire.TailEdit(
        path=desk.shown(record.path),
        room=record.room,
        sequence=step.edit.seq,
        actor=step.edit.actor,
        how=step.edit.how,
        time=max(0, step.edit.time),
        line=step.changes[0].line if step.changes else 1,
        inserted=desk.shortened(_joined(each.inserted for each in step.changes)),
        deleted=desk.shortened(_joined(each.deleted for each in step.changes)),
        inserts=sum(len(each.inserted) for each in step.changes),
        deletes=sum(len(each.deleted) for each in step.changes),
        task=desk.task_of(step.edit.meta),
    )


def _joined(parts: Iterable[str]) -> str:
    return " … ".join(part for part in parts if part)


def _heads(after: str | None) -> _Heads:
    try:
        return msgspec.json.decode(after, type=_Heads) if after else {}
    except msgspec.DecodeError as error:
        raise UsageError("That is not where a page ended.", "Give back what the page before said.") from error


def _after(known: _Heads) -> str:
    return msgspec.json.encode(known).decode()
