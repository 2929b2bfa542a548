"""Who works on what, here and elsewhere, and where that will meet."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from anvcs import wire
from anvcs.actions.caller import Caller
from anvcs.actions.collab import desk
from anvcs.actions.collab.desk import Desk
from anvcs.actions.rooms.status import unsaved_authors
from anvcs.errors import AnvcsError
from anvcs.rooms import timeline
from anvcs.rooms.entries import RoomRecord, Session, Source
from anvcs.rooms.log import RoomLog
from anvcs.rooms.log_reading import sessions

_CROWD = 5000
"""Edits of one room that are counted."""


def collab_status(caller: Caller, params: wire.CollabStatusParams) -> wire.CollabStatus:
    """Read from the log, and from the relay where one runs; works with rooms off too."""
    workspace = caller.workspace(params.folder)
    with workspace.lock:
        stands = desk.desk(caller, params)
        present, notices = _present(stands)
        heat = Heat(stands, params.minutes)
        with desk.room_log(workspace) as log:
            if log is not None:
                heat.read(log)
        heat.add_present(present or {})
        return wire.CollabStatus(
            actor=stands.actor,
            mode=stands.settings.mode,
            paused=stands.settings.paused,
            left=stands.actor in stands.settings.left,
            relay=present is not None,
            stream=stands.stream,
            minutes=params.minutes,
            collaborators=tuple(heat.collaborators()),
            unsaved=tuple(heat.unsaved),
            warnings=tuple(heat.warnings()),
            notices=notices,
        )


def _present(stands: Desk) -> tuple[Mapping[str, Any] | None, tuple[str, ...]]:
    try:
        return desk.ask_running(stands, "presence", {}), ()
    except AnvcsError as error:
        return None, (str(error),)


@dataclass
class _At:
    """One actor in one session."""

    connected: bool = False
    edits: dict[str, list[Source]] = field(default_factory=dict[str, "list[Source]"])
    """By path."""
    lines: dict[str, int | None] = field(default_factory=dict[str, "int | None"])
    """Where their cursors are, by path."""


class Heat:
    """What is known of everybody at one moment."""

    def __init__(self, stands: Desk, minutes: int) -> None:
        self._stands = stands
        self._since = time.time_ns() // 1_000_000 - minutes * 60_000
        self._sessions: dict[str, Session] = {}
        self._records: dict[str, RoomRecord] = {}
        self._everybody: dict[tuple[str, str], _At] = {}
        """By session and actor."""
        self._open: dict[tuple[str, str], dict[str, list[Source]]] = {}
        """What others elsewhere wrote and did not commit, or wrote just now, by path and session, by actor."""
        self.unsaved: list[wire.UnsavedRoom] = []

    def read(self, log: RoomLog) -> None:
        """Take what the log knows."""
        self._sessions = {each.session: each for each in sessions(log)}
        for record in log.rooms():
            if record.closed:
                continue
            self._records[record.room] = record
            newest = timeline.recent(log, record.room, record.head, self._since, _CROWD)
            for source in newest:
                if source.how != "base":
                    self._at(record.session, source.actor).edits.setdefault(record.path, []).append(source)
            if record.session == self._stands.session:
                if authors := unsaved_authors(log, record):
                    self.unsaved.append(wire.UnsavedRoom(path=desk.shown(record.path), actors=authors))
            else:
                self._read_elsewhere(log, record, newest)
        self.unsaved.sort(key=lambda each: each.path)

    def _read_elsewhere(self, log: RoomLog, record: RoomRecord, newest: Sequence[Source]) -> None:
        committed = timeline.uncommitted(log, record.room)
        first = max(committed, record.head - _CROWD)
        open_ = {each.seq: each for each in newest}
        open_ |= {each.seq: each for each in timeline.sources(log, record.room, first, record.head)}
        found = self._open.setdefault((record.path, record.session), {})
        for source in open_.values():
            if source.how != "base":
                found.setdefault(source.actor, []).append(source)

    def add_present(self, present: Mapping[str, Any]) -> None:
        """Take who is in rooms now, as the relay says."""
        for room in present.get("rooms", ()):
            record = self._records.get(room["room"])
            for member in room["members"]:
                if record is not None and isinstance(actor := member.get("actor"), str):
                    at = self._at(record.session, actor)
                    at.connected = True
                    at.lines[record.path] = _line(member) or at.lines.get(record.path)

    def _at(self, session: str, actor: str) -> _At:
        return self._everybody.setdefault((session, actor), _At())

    def collaborators(self) -> Iterable[wire.Collaborator]:
        """Everybody, those here first."""
        own = self._stands.session
        for (session, actor), at in sorted(self._everybody.items(), key=lambda each: (each[0][0] != own, each[0])):
            known = self._sessions.get(session)
            yield wire.Collaborator(
                actor=actor,
                where="here" if session == own else "elsewhere",
                stream=desk.named(session),
                worktree=known.worktree if known is not None and session != own else None,
                connected=at.connected,
                files=tuple(_file(path, at) for path in sorted({*at.edits, *at.lines})),
            )

    def warnings(self) -> Iterable[wire.EarlyWarning]:
        """Files that somebody elsewhere changes and that hold changes here."""
        elsewhere = {path for (path, _), actors in self._open.items() if actors}
        unsaved = {each.path for each in self.unsaved}
        mine = {path: "unsaved" for path in elsewhere if desk.shown(path) in unsaved}
        mine |= dict.fromkeys(self._uncommitted(sorted(elsewhere - mine.keys())), "uncommitted")
        for (path, session), actors in sorted(self._open.items()):
            if path not in mine:
                continue
            for actor, edits in sorted(actors.items()):
                yield wire.EarlyWarning(
                    path=desk.shown(path),
                    mine="unsaved" if mine[path] == "unsaved" else "uncommitted",
                    actor=actor,
                    stream=desk.named(session),
                    edits=len(edits),
                    last=max(0, *(each.time for each in edits)),
                )

    def _uncommitted(self, paths: Sequence[str]) -> list[str]:
        """Which of these files git takes for changed here."""
        if not paths:
            return []
        raw = [os.fsencode(path) for path in paths]
        said = self._stands.workspace.git.output(
            "--literal-pathspecs", "status", "--porcelain", "-z", "--no-renames", "--untracked-files=all", "--", *raw
        )
        return [os.fsdecode(each[3:]) for each in said.split(b"\0") if each]


def _file(path: str, at: _At) -> wire.ActiveFile:
    edits = at.edits.get(path, [])
    last = max((each.time for each in edits), default=None)
    return wire.ActiveFile(path=desk.shown(path), line=at.lines.get(path), edits=len(edits), last=last)


def _line(member: Mapping[str, Any]) -> int | None:
    """The line of a client's cursor, from 1; nothing where it says none that can be read."""
    try:
        line = member["selections"][0]["active"]["line"]
    except (KeyError, IndexError, TypeError):
        return None
    return line + 1 if isinstance(line, int) and 0 <= line < 1 << 31 else None
