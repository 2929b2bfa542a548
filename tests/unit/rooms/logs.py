"""Room logs for tests: a room in a file, and edits for it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from anvcs.rooms.entries import NewEdit
from anvcs.rooms.log import RoomLog
from anvcs.rooms.room import Room, found, open_room
from anvcs.rooms.text import TextDoc

ANNA, BOB = "human:anna", "agent:bob"


def opened(folder: Path, text: str = "", room: str = "r1") -> tuple[RoomLog, int]:
    """A new log with one room, and the owner's term."""
    log = RoomLog(folder / "rooms.db")
    term = log.own(1, "boot", 1)
    log.append(term, found(room, "s1", f"{room}.txt", text, now=1000))
    return log, term


def edit(text: str, *, room: str = "r1", actor: str = ANNA, time: int = 0) -> NewEdit:
    """An edit that says it inserts a text; its update is no real one."""
    return NewEdit(room=room, actor=actor, update=text.encode(), delta=(text,), time=time)


class Client:
    """Someone with a copy of the room."""

    def __init__(self, room: Room, actor: str) -> None:
        self.actor = actor
        self.doc = TextDoc()
        self.doc.apply(room.doc.since())

    def type(self, text: str, at: int = 0) -> bytes:
        """Insert; the update."""
        return self.doc.edit((at, text) if at else (text,))

    def delete(self, at: int, count: int) -> bytes:
        """Delete; the update."""
        return self.doc.edit((at, -count) if at else (-count,))


class Owner:
    """A relay's part: takes into the room and logs at once."""

    def __init__(self, folder: Path, text: str = "") -> None:
        self.log, self.term = opened(folder, text)
        self.room = open_room(self.log, "r1")[0]
        self.now = 1_000_000

    def take(self, client: Client, update: bytes, *, pause: int = 5000) -> None:
        """Take a client's update, some time after the last."""
        self.now += pause
        taken = self.room.take(update, actor=client.actor, client=client.doc.client, now=self.now)
        if taken is not None:
            self.log.append(self.term, taken.entries)

    def undo(self, actor: str) -> bool:
        """Undo; whether there was anything."""
        return self._log(self.room.undo(actor, now=self.now))

    def redo(self, actor: str) -> bool:
        """Redo; whether there was anything."""
        return self._log(self.room.redo(actor, now=self.now))

    def _log(self, taken: object) -> bool:
        entries: Sequence[NewEdit] = getattr(taken, "entries", ())
        if entries:
            self.log.append(self.term, entries)
        return bool(entries)

    def restart(self) -> None:
        """Read the room from the log again."""
        self.room = open_room(self.log, "r1")[0]

    def seen_by(self, client: Client) -> None:
        """The client gets everything."""
        client.doc.apply(self.room.doc.since(client.doc.state()))
