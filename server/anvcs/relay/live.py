"""A room while somebody is in it: who is there, what is on its way to the log, who hears of what."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Collection, Sequence
from typing import Any, NamedTuple, cast

from anvcs.errors import RelayError
from anvcs.relay.outbox import Outbox
from anvcs.relay.writer import Writer, reject, resolve
from anvcs.rooms import frames, text, updates
from anvcs.rooms.bridge import Leases
from anvcs.rooms.entries import Aside, How
from anvcs.rooms.presence import Presence
from anvcs.rooms.room import Room, Taken

_BY_CLIENTS = frozenset({"live", "reported"})
"""How an edit may be known that comes from a client; the rest only the relay finds."""
_NOTHING = b"\x00\x00"
"""The update of no edits."""

_log = logging.getLogger(__name__)


class Incoming(NamedTuple):
    """An update from a client, and what is known of it."""

    update: bytes
    how: How = "live"
    meta: dict[str, Any] | None = None


def incoming(update: bytes, how: object, meta: object) -> Incoming:
    """An update from a client. Raises FrameError for what no client can say of it, BadUpdateError."""
    if how not in _BY_CLIENTS or not (meta is None or isinstance(meta, dict)):
        raise frames.FrameError("An edit is live or reported, and what is known of it is an object.")
    updates.clients(update)
    return Incoming(update, cast("How", how), cast("dict[str, Any] | None", meta))


class Member:
    """One connection in a room."""

    def __init__(self, actor: str, client: int, outbox: Outbox, *, ours: bool) -> None:
        self.actor = actor
        self.client = client
        self.outbox = outbox
        self.ours = ours
        self.received = 0
        """Updates that came over this connection."""
        self.close_code = 1000
        self.close_reason = ""

    def tell(self, **body: Any) -> None:
        """Tell a client of ours something; others would not understand it."""
        if self.ours:
            self.outbox.tell(**body)

    def dismiss(self, code: int, reason: str) -> None:
        """End the connection when what waits for it has gone out."""
        self.close_code, self.close_reason = code, reason
        self.outbox.finish()


class LiveRoom:
    """One open room, on the event loop. Edits reach memory at once and everybody else after they are durable."""

    def __init__(
        self,
        room: Room,
        writer: Writer,
        *,
        report: Callable[[str, dict[str, Any]], None],
        paused: Collection[str],
        broken: Callable[[LiveRoom, Exception], None],
    ) -> None:
        self.room = room
        self.id = room.id
        self.presence = Presence()
        self.leases = Leases()
        self.released = asyncio.Event()
        """Set whenever a lease ends; whoever waits for one clears it."""
        self.dirty: dict[str, bool] = {}
        """The editors that hold unsaved text, by their names."""
        self.members: list[Member] = []
        self.empty = asyncio.Event()
        """Set while nobody is in it."""
        self.empty.set()
        self.used = time.monotonic()
        self.dead = False
        """It could not be made durable as it was; another one takes its place."""
        self.has_asides = False
        """Updates wait in the log for what they stand on."""
        self.pending = 0
        """Edits on their way to the log."""
        self._writer = writer
        self._report = report
        self._paused = paused
        self._broken = broken

    def join(self, member: Member) -> None:
        """One more connection: it is asked for what the room lacks, and sees who is there."""
        self.members.append(member)
        self.empty.clear()
        member.outbox.frame(frames.step1(self.room.doc.state()))
        self.introduce(member)
        self._report("joined", {"room": self.id, "actor": member.actor})

    def leave(self, member: Member) -> None:
        """A connection ended; its cursors go, its edits stay."""
        self.used = time.monotonic()
        if member in self.members:
            self.members.remove(member)
        if not self.members:
            self.empty.set()
        gone = self.presence.leave(member)
        if gone:
            for other in self.members:
                other.outbox.states(gone)
        self._report("left", {"room": self.id, "actor": member.actor})

    def introduce(self, member: Member) -> None:
        """Everybody's awareness, for one who joins or asks."""
        states = self.presence.snapshot()
        if states:
            member.outbox.states(states)

    def hear(self, member: Member, states: tuple[frames.State, ...]) -> None:
        """What a connection says about itself. Raises FrameError."""
        heard = self.presence.take(member, member.actor, states)
        if heard:
            for other in self.members:
                if other is not member:
                    other.outbox.states(heard)

    def answer(self, member: Member, state: bytes) -> None:
        """What a client lacks, told when all of it is durable. Raises FrameError."""
        update = self.room.doc.since(state)
        self._writer.barrier(lambda: member.outbox.frame(frames.step2(update)))

    def resync(self, member: Member) -> None:
        """The whole document, for one who did not read for too long."""
        update = self.room.doc.since(None)
        self._writer.barrier(lambda: member.outbox.frame(frames.update(update)))

    def take(self, member: Member, edits: Sequence[Incoming]) -> None:
        """Edits of a client that came together and are known the same way; in the log they are one.

        Raises BadUpdateError and RelayError; the room is as it was then.
        """
        first = edits[0]
        update = first.update if len(edits) == 1 else text.merge(each.update for each in edits)
        if update == _NOTHING:
            member.received += len(edits)
            index = member.received
            self._writer.barrier(lambda: member.tell(acked=index))
            return
        taken = self._taken(member.actor, member.client, update, first.how, first.meta, alone=len(edits) == 1)
        if taken is not None and taken.aside is not None and len(edits) > 1:
            # Only what cannot be taken is to be set aside, not what came beside it.
            for each in edits:
                self.take(member, (each,))
            return
        member.received += len(edits)
        index, seq = member.received, self.room.seq
        if taken is None:
            self._writer.barrier(lambda: member.tell(acked=index))
        elif taken.aside is not None:
            aside = taken.aside.reason
            self._persist(taken, member, lambda: member.tell(acked=index, aside=aside))
        else:
            self._persist(taken, member, lambda: member.tell(acked=index, seq=seq))

    def _taken(
        self, actor: str, client: int, update: bytes, how: How, meta: dict[str, Any] | None, *, alone: bool = True
    ) -> Taken | None:
        """What the room makes of an update; what it cannot take is reported, for it is only set aside."""
        self._check()
        if actor in self._paused:
            updates.clients(update)
            aside = Aside(room=self.id, actor=actor, client=client, update=update, time=_now(), reason="paused")
            taken: Taken | None = Taken((aside,), None, (), aside)
        else:
            taken = self.room.take(update, actor=actor, client=client, now=_now(), how=how, meta=meta)
        if taken is not None and taken.aside is not None and alone:
            self.has_asides = True
            params = {"room": self.id, "actor": actor, "reason": taken.aside.reason, "bytes": len(update)}
            self._report("aside", params)
        return taken

    def _check(self) -> None:
        """Memory that is ahead of the log must not be built upon."""
        if self.dead:
            raise RelayError("The room is loaded anew.", "Connect again.")

    async def recover(self, actor: str, client: int, update: bytes, how: str) -> str:
        """Take an edit whose editor died before it was acknowledged: ``taken``, ``known``, or why it was set aside.

        Raises BadUpdateError and FrameError.
        """
        known = incoming(update, how, None)
        taken = self._taken(actor, client, update, known.how, None)
        await self.enter(taken)
        if taken is None:
            return "known"
        return "taken" if taken.aside is None else taken.aside.reason

    def enter(self, taken: Taken | None) -> asyncio.Future[int]:
        """Make an edit of the relay's own durable and known to all; gives the newest sequence when it is."""
        done: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        seq = self.room.seq

        self._check()
        if taken is None:
            self._writer.barrier(lambda: resolve(done, seq))
        else:
            self._persist(taken, None, lambda: resolve(done, seq), done)
        return done

    def reconsider(self, asides: list[Aside]) -> int:
        """Look again at updates that were set aside; how many could be taken now."""
        found = 0
        for aside in asides:
            if aside.actor in self._paused:
                continue
            taken = self.room.reconsider(aside)
            if taken is not None:
                found += 1
                self._persist(taken, None, lambda: None)
        self.has_asides = found < len(asides)
        return found

    def settled(self) -> asyncio.Future[None]:
        """Done when everything that is in memory now is durable."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._writer.barrier(lambda: resolve(done, None))
        return done

    def dismiss(self, code: int, reason: str) -> None:
        """Everybody leaves."""
        for member in list(self.members):
            member.dismiss(code, reason)

    def _persist(
        self,
        taken: Taken,
        sender: Member | None,
        durable: Callable[[], object],
        waiting: asyncio.Future[int] | None = None,
    ) -> None:
        self.pending += 1

        def done(_: object) -> None:
            self.pending -= 1
            if taken.edit is not None:
                for other in self.members:
                    if other is not sender:
                        other.outbox.update(taken.edit.update)
            durable()
            self._snapshot()

        def failed(error: Exception) -> None:
            self.pending -= 1
            if waiting is not None:
                reject(waiting, error)
            self._broken(self, error)

        *before, last = taken.entries
        for entry in before:
            self._writer.put(entry, lambda _: None, lambda error: self._broken(self, error))
        self._writer.put(last, done, failed)

    def _snapshot(self) -> None:
        if self.room.snapshot_is_due and not self.pending:
            self._writer.put(self.room.snapshot(), lambda _: None, lambda error: _log.warning("snapshot: %s", error))


def _now() -> int:
    return time.time_ns() // 1_000_000
