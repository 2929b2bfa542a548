"""A living room: its document, its writers, and what each of them can undo. Only the owner of the log has one.

What is taken is in memory at once; the entries that come with it must be appended to the log, in order, before anybody
is told. If that fails the room is thrown away and read from the log again.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

import msgspec

from anvcs.rooms import log_reading
from anvcs.rooms.attribution import Overlap, Restores
from anvcs.rooms.delta import Delta
from anvcs.rooms.entries import (
    SYSTEM,
    Aside,
    AsideDone,
    Entry,
    Epoch,
    How,
    Meta,
    NewEdit,
    RoomRecord,
    Save,
    Snapshot,
    Version,
)
from anvcs.rooms.log import RoomLog
from anvcs.rooms.outside import outside
from anvcs.rooms.replay import RESTORES, Replayed, load, text_hash
from anvcs.rooms.reviewing import part
from anvcs.rooms.stacks import REDO, UNDO
from anvcs.rooms.text import seed
from anvcs.rooms.updates import Contents, clients, contents, state_vector

SNAPSHOT_EVERY = 1000
"""Edits after which a new snapshot is due."""
GIT = "system:git"
"""Who writes what comes from a commit."""


class Taken(NamedTuple):
    """What a room took in, or set aside."""

    entries: tuple[Entry, ...]
    """To be appended to the log, in order."""
    edit: NewEdit | None
    """None where the update was set aside."""
    delta: Delta
    aside: Aside | None = None


class Reverted(NamedTuple):
    """Edits of an actor taken back."""

    taken: Taken | None
    """None where nothing of them stands."""
    overlaps: tuple[Overlap, ...]
    """Where others touched the same text; places in the text before."""


def found(
    room: str,
    session: str,
    path: str,
    text: str,
    *,
    now: int,
    eol: str = "\n",
    bom: bool = False,
    commit: str = "",
    meta: Meta | None = None,
) -> tuple[Entry, ...]:
    """The entries that make a new room with a text (LF line ends, no BOM)."""
    update = seed(text)
    return (
        RoomRecord(room=room, session=session, path=path, eol=eol, bom=bom, created=now),
        NewEdit(
            room=room,
            actor=GIT,
            update=update,
            delta=(text,) if text else (),
            time=now,
            how="base",
            meta=meta,
            seq=1,
            binds=tuple((client, SYSTEM) for client in clients(update)),
        ),
        Epoch(room=room, epoch=1, commit=commit, seq=0, time=now),
        Version(room=room, seq=1, hash=text_hash(text), text=text, time=now),
    )


class Room:
    """One room in memory."""

    def __init__(self, record: RoomRecord, replayed: Replayed, bound: dict[int, str]) -> None:
        self.id = record.room
        self.record = record
        self.doc = replayed.doc
        self.attribution = replayed.attribution
        self.stacks = replayed.stacks
        self.seq = replayed.seq
        self.epoch = record.epoch
        self._snapshot = replayed.snapshot
        self._bound = bound
        """Whose client ids are whose."""
        self._clocks = state_vector(self.doc.state())
        self._client = self.doc.client

    @property
    def text(self) -> str:
        """The whole text."""
        return self.doc.text

    def __len__(self) -> int:
        return len(self.doc)

    # Taking in

    def take(
        self,
        update: bytes,
        *,
        actor: str,
        client: int,
        now: int,
        how: How = "live",
        meta: Meta | None = None,
    ) -> Taken | None:
        """Take an update from a client; None if it says nothing new. Raises BadUpdateError, with nothing changed.

        One that holds text of somebody else that is not known here, or that stands on text that is not, is set aside.
        """
        held = contents(update)
        fresh = [(each, end) for each, (_, end) in held.clients.items() if end > self._clocks.get(each, 0)]
        if reason := self._refusal(held, fresh, actor):
            aside = Aside(room=self.id, actor=actor, client=client, update=update, time=now, reason=reason)
            return Taken((aside,), None, (), aside)
        delta = self.doc.apply(update, held=held)
        if not fresh and not delta:
            return None
        binds: tuple[tuple[int, str], ...] = ()
        for each, end in fresh:
            self._clocks[each] = end
            if each not in self._bound:
                self._bound[each] = actor
                binds = (*binds, (each, actor))
        return self._logged(update, delta, actor, client, how, meta, now, binds)

    def _refusal(self, held: Contents, fresh: list[tuple[int, int]], actor: str) -> str | None:
        clocks = self._clocks
        for each, _ in fresh:
            owner = self._bound.get(each)
            if owner is not None and owner != actor:
                return f"it holds text of {owner} that is not known here"
            if held.clients[each][0] > clocks.get(each, 0) or not held.whole:
                return "it stands on text that is not known here"
        for each, end in held.needs.items():
            if end > clocks.get(each, 0) and end > held.clients.get(each, (0, 0))[1]:
                return "it stands on text that is not known here"
        return None

    def write(
        self,
        delta: Delta,
        *,
        actor: str,
        now: int,
        how: How = "live",
        meta: Meta | None = None,
        restores: Restores | None = None,
    ) -> Taken | None:
        """Change the text; None if the delta changes nothing. Raises EditError."""
        if not delta:
            return None
        update = self.doc.edit(delta)
        client = self._client
        binds: tuple[tuple[int, str], ...] = ()
        if client not in self._bound:
            self._bound[client] = SYSTEM
            binds = ((client, SYSTEM),)
        clock = self._clocks.get(client, 0)
        for op in delta:
            if isinstance(op, str):
                # The engine counts in UTF-16.
                clock += len(op) if op.isascii() else len(op.encode("utf-16-le")) // 2
        self._clocks[client] = clock
        if restores:
            meta = {**(meta or {}), RESTORES: restores}
        return self._logged(update, delta, actor, client, how, meta, now, binds, restores)

    def take_outside(
        self,
        base_text: str,
        new_text: str,
        *,
        actor: str,
        now: int,
        how: How = "inferred",
        meta: Meta | None = None,
    ) -> Taken | None:
        """Take in that someone who had read ``base_text`` wrote ``new_text``; None if the room has all of it."""
        delta = outside(base_text, new_text, self.text)
        return self.write(delta, actor=actor, now=now, how=how, meta=meta)

    def _logged(
        self,
        update: bytes,
        delta: Delta,
        actor: str,
        client: int,
        how: How,
        meta: Meta | None,
        now: int,
        binds: tuple[tuple[int, str], ...],
        restores: Restores | None = None,
    ) -> Taken:
        self.seq = seq = self.seq + 1
        self.attribution.apply(delta, seq, restores=restores)
        self.stacks.note(seq, actor, how, now, meta)
        edit = NewEdit(
            room=self.id,
            actor=actor,
            update=update,
            delta=delta,
            time=now,
            how=how,
            client=client,
            meta=meta,
            epoch=self.epoch,
            seq=seq,
            binds=binds,
        )
        return Taken((edit,), edit, delta)

    def reconsider(self, aside: Aside) -> Taken | None:
        """Look again at an update that was set aside; None if it still cannot be taken.

        What it lacked may have come from its author since. If it holds nothing new any more, it is only settled.
        """
        held = contents(aside.update)
        fresh = [(each, end) for each, (_, end) in held.clients.items() if end > self._clocks.get(each, 0)]
        if self._refusal(held, fresh, aside.actor):
            return None
        done = AsideDone(room=self.id, id=aside.id)
        taken = self.take(aside.update, actor=aside.actor, client=aside.client, now=aside.time)
        return Taken((done,), None, ()) if taken is None else taken._replace(entries=(*taken.entries, done))

    # Taking back

    def undo(self, actor: str, *, now: int) -> Taken | None:
        """Take back the actor's newest group of edits that still stands; None if there is none."""
        return self._step(self.stacks.undoable(actor), UNDO, actor, now)

    def redo(self, actor: str, *, now: int) -> Taken | None:
        """Take back the actor's newest undo; None if there is none."""
        return self._step(self.stacks.redoable(actor), REDO, actor, now)

    def _step(self, groups: list[list[int]], field: str, actor: str, now: int) -> Taken | None:
        for count, group in enumerate(reversed(groups), 1):
            undo = self.attribution.undo(group)
            if undo.delta:
                return self.write(undo.delta, actor=actor, now=now, meta={field: count}, restores=undo.restores)
        return None

    def revert(
        self,
        seqs: Collection[int],
        *,
        actor: str,
        now: int,
        meta: Meta | None = None,
        within: Sequence[tuple[int, int]] | None = None,
    ) -> Reverted:
        """Take back exactly these edits (of another actor, say), as an edit of ``actor`` that can itself be undone.

        ``within`` names the ranges of the text that it is to change; all of it, if absent.
        """
        overlaps = self.attribution.overlaps(frozenset(seqs))
        undo = self.attribution.undo(seqs)
        if within is not None:
            undo = part(undo, within)
        taken = self.write(undo.delta, actor=actor, now=now, how="reported", meta=meta, restores=undo.restores)
        return Reverted(taken, overlaps)

    # Beside the text

    def saved(self, text: str, *, actor: str, now: int) -> tuple[Entry, ...]:
        """The entries that say that this text (LF line ends) is in the file now."""
        hash_ = text_hash(text)
        return (
            Save(room=self.id, seq=self.seq, hash=hash_, actor=actor, time=now),
            Version(room=self.id, seq=self.seq, hash=hash_, text=text, time=now),
        )

    def rebase(self, commit: str, old_text: str, new_text: str, *, now: int) -> Taken:
        """Stand on another commit: a new epoch, into which what differs between the commits' texts is merged."""
        self.epoch += 1
        self.record = msgspec.structs.replace(self.record, epoch=self.epoch)
        mark = Epoch(room=self.id, epoch=self.epoch, commit=commit, seq=self.seq, time=now)
        taken = self.take_outside(old_text, new_text, actor=GIT, now=now, how="base", meta={"commit": commit})
        return Taken((mark,), None, ()) if taken is None else taken._replace(entries=(mark, *taken.entries))

    @property
    def snapshot_is_due(self) -> bool:
        """Opening the room would have to replay many edits."""
        return self.seq - self._snapshot >= SNAPSHOT_EVERY

    def snapshot(self) -> Snapshot:
        """The room as it is, to be appended behind all its edits."""
        self._snapshot = self.seq
        return Snapshot(
            room=self.id,
            seq=self.seq,
            state=self.doc.since(),
            attribution=self.attribution.encode(),
            undo=self.stacks.encode(),
            hash=text_hash(self.text),
        )


def open_room(log: RoomLog, room: str) -> tuple[Room, Replayed]:
    """The living room as the log has it, and how it was read: a damaged edit in it must be cut before it goes on.

    Raises RoomError, CorruptStoreError.
    """
    replayed = load(log, room)
    return Room(log.room(room), replayed, log_reading.clients(log, room)), replayed
