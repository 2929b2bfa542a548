"""Nobody is told before it is durable; a full disk is waited for; a replaced owner writes nothing."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from anvcs.errors import DiskError, FencedError, StoreConflictError
from anvcs.relay.live import Incoming, LiveRoom, Member
from anvcs.relay.outbox import Outbox
from anvcs.relay.writer import Writer
from anvcs.rooms import frames
from anvcs.rooms.entries import Entry, NewEdit
from anvcs.rooms.log import RoomLog
from anvcs.rooms.room import found, open_room
from anvcs.rooms.text import TextDoc

NO_SPACE = DiskError("rooms.db cannot be written: full.", "Free some space.")


class Disk:
    """A log that writes when it is let, and fails as it is told."""

    def __init__(self) -> None:
        self.batches: list[list[Entry]] = []
        self.open = threading.Event()
        self.fails: list[Exception] = []
        self.refuses: set[str] = set()

    def __call__(self, batch: Sequence[Entry]) -> None:
        """Write a batch."""
        assert self.open.wait(10)
        if self.fails:
            raise self.fails.pop(0)
        if any(isinstance(each, NewEdit) and each.actor in self.refuses for each in batch):
            raise StoreConflictError("It does not follow.", "Read again.")
        self.batches.append(list(batch))


class Told:
    """What the writer said of the whole log."""

    def __init__(self) -> None:
        self.fenced: list[FencedError] = []
        self.stalls: list[str | None] = []


def writer(disk: Disk, told: Told) -> Writer:
    """A writer on a disk."""
    return Writer(disk, fenced=told.fenced.append, stalled=told.stalls.append)


def edit(actor: str = "human:ada", room: str = "r") -> NewEdit:
    """An edit to be written."""
    return NewEdit(room=room, actor=actor, update=b"u", delta=(), time=1)


async def test_what_waits_goes_into_one_transaction_and_is_told_in_order() -> None:
    disk, told, order = Disk(), Told(), list[int]()
    made = writer(disk, told)
    for index in range(100):
        made.put(edit(), lambda _, index=index: order.append(index), _never)
    waiting = made.append(edit())
    assert not order
    disk.open.set()
    async with asyncio.timeout(10):
        await waiting
    assert order == list(range(100))
    assert len(disk.batches) <= 3
    assert await made.close(5)


async def test_a_full_disk_is_waited_for_and_told() -> None:
    disk, told = Disk(), Told()
    disk.open.set()
    disk.fails = [NO_SPACE, NO_SPACE]
    made = writer(disk, told)
    async with asyncio.timeout(10):
        await made.append(edit())
    assert told.stalls == [NO_SPACE.message, NO_SPACE.message, None]
    assert [len(batch) for batch in disk.batches] == [1]
    assert await made.close(5)


async def test_an_edit_that_cannot_be_written_does_not_take_others_with_it() -> None:
    disk, told = Disk(), Told()
    disk.refuses = {"agent:bad"}
    made = writer(disk, told)
    outcomes = [made.append(edit(actor)) for actor in ("human:ada", "agent:bad", "human:bob")]
    disk.open.set()
    async with asyncio.timeout(10):
        found = await asyncio.gather(*outcomes, return_exceptions=True)
    assert [type(each) for each in found] == [type(None), StoreConflictError, type(None)]
    assert await made.close(5)


async def test_a_replaced_owner_acknowledges_nothing() -> None:
    disk, told = Disk(), Told()
    disk.fails = [FencedError("Another relay owns the rooms.", "Connect again.")]
    disk.open.set()
    made = writer(disk, told)
    waiting = made.append(edit())
    await made.close(5)
    assert told.fenced
    assert not waiting.done()


async def test_what_waits_when_a_relay_ends_is_written_first() -> None:
    disk, told = Disk(), Told()
    made = writer(disk, told)
    waiting = [made.append(edit()) for _ in range(10)]
    disk.open.set()
    assert await made.close(5)
    async with asyncio.timeout(5):
        await asyncio.gather(*waiting)


async def test_a_disk_that_stays_full_does_not_keep_a_relay_from_ending() -> None:
    disk, told = Disk(), Told()
    disk.open.set()
    disk.fails = [NO_SPACE] * 1000
    made = writer(disk, told)
    waiting = made.append(edit())
    assert not await made.close(0.2)
    with pytest.raises(DiskError):
        await waiting


async def test_clients_are_held_back_while_too_much_waits() -> None:
    disk, told = Disk(), Told()
    made = writer(disk, told)
    made.limit = 1000
    waiting = [made.append(edit()) for _ in range(30)]
    calm = asyncio.ensure_future(made.calm())
    await asyncio.sleep(0)
    assert not calm.done()
    disk.open.set()
    async with asyncio.timeout(10):
        await asyncio.gather(*waiting, calm)
    assert await made.close(5)


def _never(error: Exception) -> None:
    pytest.fail(str(error))


def _unheard(event: str, params: dict[str, Any]) -> None:
    assert event
    assert params


def _unbroken(live: LiveRoom, error: Exception) -> None:
    pytest.fail(f"{live.id}: {error}")


class Wire:
    """What goes out to a client."""

    def __init__(self) -> None:
        self.sent: list[frames.Frame] = []

    async def __call__(self, frame: bytes) -> None:
        """Take a frame."""
        self.sent.append(frames.read(frame))


@pytest.mark.promise("relay.durable-first")
async def test_nobody_hears_of_an_edit_before_it_is_durable(tmp_path: Path) -> None:
    log = RoomLog(tmp_path / "rooms.db")
    term = log.own(1, "b", 1)
    log.append(term, found("r1", "stream:main", "a.txt", "hello", now=1))
    disk, told = Disk(), Told()
    made = writer(disk, told)
    room, _ = open_room(log, "r1")
    live = LiveRoom(room, made, report=_unheard, paused=set(), broken=_unbroken)
    wires = [Wire(), Wire(), Wire()]
    members = [
        Member(f"human:{name}", 0, Outbox(wire, lambda: None), ours=True)
        for name, wire in zip("abc", wires, strict=True)
    ]
    running = [asyncio.create_task(member.outbox.run()) for member in members]
    doc = TextDoc()
    doc.apply(room.doc.since())
    live.join(members[0])
    live.join(members[1])
    live.take(members[0], [Incoming(doc.edit((5, " é")))])
    # One who comes now is not told what could still be lost either.
    live.join(members[2])
    live.answer(members[2], TextDoc().state())
    for _ in range(20):
        await asyncio.sleep(0)
    assert not [each for wire in wires for each in wire.sent if isinstance(each, frames.Update | frames.Told)]
    disk.open.set()
    async with asyncio.timeout(10):
        await live.settled()
    for member in members:
        member.outbox.finish()
    await asyncio.gather(*running)
    assert [each.body["acked"] for each in wires[0].sent if isinstance(each, frames.Told)] == [1]
    assert not [each for each in wires[0].sent if isinstance(each, frames.Update)]
    for wire in wires[1:]:
        copy = TextDoc()
        copy.apply(room.doc.since()) if wire is wires[1] else None
        for each in wire.sent:
            if isinstance(each, frames.Update):
                copy.apply(each.update)
        assert copy.text == "hello é"
    assert await made.close(5)
    log.close()


async def test_what_waits_for_a_busy_client_is_merged() -> None:
    wire = Wire()
    box = Outbox(wire, pytest.fail)
    doc = TextDoc()
    for each in "hello":
        box.update(doc.edit((len(doc), each) if len(doc) else (each,)))
    box.states([frames.State(1, 1, "{}"), frames.State(1, 2, "{}")])
    box.tell(acked=1)
    box.tell(acked=2)
    box.finish()
    async with asyncio.timeout(5):
        await box.run()
    update, states, told = wire.sent
    assert isinstance(update, frames.Update)
    copy = TextDoc()
    copy.apply(update.update)
    assert copy.text == "hello"
    assert states == frames.Awareness((frames.State(1, 2, "{}"),))
    assert told == frames.Told({"acked": 2})


async def test_a_client_that_does_not_read_costs_no_more_than_the_limit_and_starts_afresh() -> None:
    free = asyncio.Event()
    wire = Wire()

    async def slow(frame: bytes) -> None:
        await free.wait()
        await wire(frame)

    resynced: list[int] = []
    box = Outbox(slow, lambda: (resynced.append(1), box.frame(frames.update(doc.since(None))))[0], limit=1000)
    running = asyncio.create_task(box.run())
    doc = TextDoc()
    most = 0
    for _ in range(200):
        box.update(doc.edit((len(doc), "x" * 50) if len(doc) else ("x" * 50,)))
        most = max(most, box.waiting)
        await asyncio.sleep(0)
    assert most <= 1100
    free.set()
    box.finish()
    async with asyncio.timeout(5):
        await running
    assert resynced
    copy = TextDoc()
    for each in wire.sent:
        if isinstance(each, frames.Update):
            copy.apply(each.update)
    assert copy.text == doc.text
