"""The relay: it orders edits, tells them on, takes in what stands on the disk, and lets one editor save at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from anvcs.rooms.attribution import Attribution
from anvcs.rooms.bridge import Finding, Save, base_of, judge, plan_save
from anvcs.rooms.delta import IDENTITY, Delta, compose, replaced
from anvcs.rooms.diffing import fine_diff
from anvcs.rooms.entries import Version
from anvcs.rooms.outside import merged, outside
from anvcs.rooms.shadow import text_hash
from anvcs.rooms.text import TextDoc
from tests.unit.rooms.simulation.clock import Clock, Send
from tests.unit.rooms.simulation.disk import Disk

AGENT = "agent"
KEPT = 60
"""Disk versions that are remembered."""


class Member(Protocol):
    """A server in the room, at the end of the way to it."""

    name: str
    down: Send
    control: Send

    def update(self, update: bytes, seq: int, *, saving: bool | None) -> None:
        """Somebody else's edit."""
        ...

    def acked(self, seq: int) -> None:
        """Its own edit has this number."""
        ...

    def saved(self, hashed: str, seq: int, *, own: bool, followed: bool) -> None:
        """What stands in the file now."""
        ...


class Relay:
    """One room."""

    def __init__(self, clock: Clock, disk: Disk, update: bytes, *, tells: bool) -> None:
        self._clock, self._disk, self._tells = clock, disk, tells
        self.doc = TextDoc((1 << 53) - 1)
        self.doc.apply(update)
        self.attribution = Attribution(self.doc.text)
        self.members: list[Member] = []
        self.authors = {0: "base"}
        self.undone: list[str] = []
        """Text that an undo took away or brought back."""
        self.problems: list[str] = []
        self.dirty: set[str] = set()
        self._versions = [_version(disk.text)]
        self._deltas: list[Delta] = []
        self._ways: dict[bytes, tuple[Delta, int]] = {self._versions[0].hash: (IDENTITY, 0)}
        """From each version to the room as it was after so many edits."""
        self._lease: str | None = None
        self._waiting: list[tuple[str, Callable[[int], None]]] = []
        self._looks: list[Callable[[int], None]] = []
        self._stacks: dict[str, list[int]] = {}
        disk.watchers.append(lambda: self.look(lambda _: None))

    @property
    def seq(self) -> int:
        """The newest edit."""
        return len(self.authors) - 1

    # Edits

    def take(self, member: Member, update: bytes, *, saving: bool) -> None:
        """A server's edit."""
        delta = self.doc.apply(update)
        self._enter(delta, member.name, update, member, saving=saving)
        self._stacks.setdefault(member.name, []).append(self.seq)

    def undo(self, member: Member, reply: Callable[[int], None]) -> None:
        """Take back the last edit of a member that is not taken back."""
        stack = self._stacks.get(member.name)
        if stack:
            undo = self.attribution.undo([stack.pop()])
            if undo.delta:
                before = self.doc.text
                for start, end, text in replaced(undo.delta):
                    self.undone += [before[start:end], text]
                self._enter(undo.delta, member.name, self.doc.edit(undo.delta), None, undo.restores)
        seq = self.seq
        member.control(lambda: reply(seq))

    def _enter(
        self,
        delta: Delta,
        author: str,
        update: bytes,
        sender: Member | None,
        restores: tuple[tuple[int, ...], ...] | None = None,
        *,
        saving: bool | None = False,
    ) -> None:
        seq = self.seq + 1
        self.authors[seq] = author
        self.attribution.apply(delta, seq, restores=restores)
        saving = saving if self._tells else None
        for member in self.members:
            if member is sender:
                member.down(lambda member=member: member.acked(seq))
            else:
                member.down(lambda member=member: member.update(update, seq, saving=saving))
        self._deltas.append(delta)
        text = self.doc.text
        if "  " in text or text.count("#fmt") > 1:
            self.problems.append(f"formatted twice at {seq} by {author}")

    # The disk

    def look(self, reply: Callable[[int], None]) -> None:
        """Take in what stands in the file, but not while an editor is saving."""
        if self._lease is not None:
            self._looks.append(reply)
            return
        self._take_in()
        reply(self.seq)

    def _take_in(self) -> None:
        disk = _version(self._disk.text)
        finding = judge(disk.text, self._versions, self.doc.text)
        if finding is Finding.SAME:
            return
        if finding is Finding.WRITTEN:
            read = self._disk.read
            base = base_of(disk.text, self._versions, None if read is None else _version(read).hash)
            way, seq = self._ways[_version(base).hash]
            for delta in self._deltas[seq:]:
                way = compose(way, delta)
            delta = outside(base, disk.text, self.doc.text, way)
            rest = merged(fine_diff(base, disk.text), way)[1]
            if delta:
                self._enter(delta, AGENT, self.doc.edit(delta), None)
            self._remember(disk, rest)
        else:
            self._remember(disk, IDENTITY)

    def _remember(self, version: Version, way: Delta) -> None:
        self._versions.insert(0, version)
        self._ways[version.hash] = way, self.seq
        del self._versions[KEPT:]

    def flush(self) -> None:
        """Have the bridge write the file, if no editor is the one to do it."""
        if self._lease is not None:
            return
        plan = plan_save(self._disk.text, self._versions, self.doc.text, held=bool(self.dirty))
        if plan is Save.LOOK:
            self._take_in()
        elif plan is Save.WRITE:
            self._disk.write(self.doc.text, foreign=True)
            self._remember(_version(self._disk.text), IDENTITY)
            self._tell_saved(None, followed=False)

    # Saves

    def lease(self, member: Member, reply: Callable[[int], None]) -> None:
        """Let a member save, as soon as nobody else does."""
        if self._lease not in (None, member.name):
            self._waiting.append((member.name, lambda seq: member.control(lambda: reply(seq))))
            return
        self._grant(member.name, lambda seq: member.control(lambda: reply(seq)))

    def _grant(self, holder: str, reply: Callable[[int], None]) -> None:
        self._take_in()
        self._disk.set_back()
        self._lease = holder
        reply(self.seq)

    def saved(self, member: Member, texts: list[str], *, followed: bool) -> None:
        """A member's save is over; the file has got one of these texts, if it has been saved at all."""
        if texts:
            on_disk = self._disk.text
            for text in sorted(texts, key=lambda text: text == on_disk):
                self._remember(_version(text), fine_diff(text, self.doc.text))
            self._tell_saved(member, followed=followed)
        if self._lease == member.name:
            self._lease = None
        if self._lease is None and self._waiting:
            self._grant(*self._waiting.pop(0))
        elif self._lease is None:
            self._take_in()
        if self._lease is None:
            looks, self._looks = self._looks, []
            for reply in looks:
                reply(self.seq)

    def _tell_saved(self, saver: Member | None, *, followed: bool) -> None:
        hashed, seq = self._versions[0].hash.hex(), self.seq
        for member in self.members:
            member.control(lambda member=member: member.saved(hashed, seq, own=member is saver, followed=followed))


def _version(text: str) -> Version:
    return Version(room="r", seq=0, hash=bytes.fromhex(text_hash(text)), text=text, time=0)
