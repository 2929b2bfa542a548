"""A trace of edits through a room beside bare pycrdt, in one run: ``python tests/benchmarks/rooms.py TRACE.json.gz``.

The trace is ``{startContent, endContent, txns: [{patches: [[position, deleted, inserted], ...]}]}``, positions in code
points. Bare pycrdt applies each edit in a transaction of its own, and nothing else. Ours also says what each changed,
credits every character, and appends to a log on the disk, 64 entries in a synchronised transaction. Three ways: edits
made in the room; updates of a client, one by one; and updates of a client that wait, 16 taken as one, as when they come
faster than they are taken. Beside them stands bare pycrdt that applies the client's updates, of which it need not say
what they change. All take turns, block by block, so that a busy machine disturbs all alike; processor time (which
leaves out the disk) is printed too.

Then: opening a room with a million edits of history (the trace again and again), and the memory of 1,000 open rooms.
Nothing is asserted.
"""

from __future__ import annotations

import argparse
import gc
import gzip
import json
import resource
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pycrdt
from common import Cost

from anvcs.rooms.delta import Delta, normal
from anvcs.rooms.entries import Entry
from anvcs.rooms.log import RoomLog
from anvcs.rooms.replay import at
from anvcs.rooms.room import Room, Taken, found, open_room
from anvcs.rooms.text import merge

GOAL = 1.5
GROUP = 64
WAITING = 16
BLOCK = 2_000
"""Edits in a turn."""
HISTORY = 1_000_000
ROOMS = 1_000
SIZE = 50_000
"""Characters in each of the 1,000 rooms."""


class Patch(NamedTuple):
    """One edit of the trace."""

    position: int
    deleted: int
    inserted: str


class Bare:
    """pycrdt alone."""

    def __init__(self) -> None:
        self.doc: pycrdt.Doc[Any] = pycrdt.Doc()
        self.text = self.doc.get("text", type=pycrdt.Text)

    def edit(self, patch: Patch) -> None:
        """Apply an edit (of ASCII text, whose bytes are its code points)."""
        with self.doc.transaction():
            if patch.deleted:
                del self.text[patch.position : patch.position + patch.deleted]
            if patch.inserted:
                self.text.insert(patch.position, patch.inserted)


class Ours:
    """A room and its log."""

    def __init__(self, folder: Path, name: str) -> None:
        self.log = RoomLog(folder / f"{name}.db")
        self.term = self.log.own(1, "benchmark", 0)
        self.log.append(self.term, found("room", "session", "file", "", now=0))
        self.room: Room = open_room(self.log, "room")[0]
        self.number = 0
        self.group = GROUP
        self._group: list[Entry] = []

    def _logged(self, taken: Taken | None) -> None:
        assert taken is not None
        self._group += taken.entries
        if len(self._group) >= self.group:
            self.flush()

    def edit(self, delta: Delta) -> None:
        """An edit made in the room."""
        self.number += 1
        self._logged(self.room.write(delta, actor="human:author", now=self.number))

    def take(self, update: bytes) -> None:
        """An update of a client."""
        self.number += 1
        self._logged(self.room.take(update, actor="human:author", client=1, now=self.number))

    def flush(self) -> None:
        """Make all durable."""
        self.log.append(self.term, self._group)
        self._group = []


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("trace", type=Path)
    parser.add_argument("--most", type=int, help="take only so many edits")
    parser.add_argument("--history", type=int, default=HISTORY, help="edits in the room that is opened")
    options = parser.parse_args()
    patches, end = read(options.trace, options.most)
    with tempfile.TemporaryDirectory(prefix="anvcs-rooms-") as scratch:
        folder = Path(scratch)
        applying(folder, patches, end)
        opening(folder, patches, options.history)
        memory(folder)


def read(path: Path, most: int | None) -> tuple[list[Patch], str | None]:
    """The edits of a trace, and the text it ends at."""
    with gzip.open(path) as file:
        trace = json.load(file)
    assert not trace["startContent"]
    patches = [Patch(*patch) for txn in trace["txns"] for patch in txn["patches"]]
    assert all(patch.inserted.isascii() for patch in patches), "bare pycrdt counts bytes: take an ASCII trace"
    return (patches, trace["endContent"]) if most is None else (patches[:most], None)


def delta_of(patch: Patch) -> Delta:
    """A patch as a delta."""
    return normal((patch.position, patch.inserted, -patch.deleted))


def updates_of(patches: list[Patch]) -> list[bytes]:
    """The updates of a client that makes these edits."""
    client = Bare()
    updates: list[bytes] = []
    client.doc.observe(lambda event: updates.append(event.update))
    for patch in patches:
        client.edit(patch)
    return updates


def applying(folder: Path, patches: list[Patch], end: str | None) -> None:
    """The trace through all competitors."""
    deltas, updates = [delta_of(patch) for patch in patches], updates_of(patches)
    local, remote = Bare(), Bare()
    made, taken, merged = (Ours(folder, name) for name in ("made", "taken", "merged"))

    def each(job: Callable[[Any], None], items: Sequence[Any]) -> Callable[[int], None]:
        def turn(start: int) -> None:
            for item in items[start : start + BLOCK]:
                job(item)

        return turn

    def as_one(start: int) -> None:
        for first in range(start, min(start + BLOCK, len(updates)), WAITING):
            merged.take(merge(updates[first : min(first + WAITING, start + BLOCK)]))

    competitors = {
        "bare pycrdt, edits": each(local.edit, patches),
        "bare pycrdt, updates": each(remote.doc.apply_update, updates),
        "ours, edits made in the room": each(made.edit, deltas),
        "ours, updates one by one": each(taken.take, updates),
        f"ours, {WAITING} waiting updates as one": as_one,
    }
    spent = in_turn(len(patches), list(competitors.values()))
    texts = [str(local.text), str(remote.text)]
    for ours in (made, taken, merged):
        ours.flush()
        texts += [ours.room.text, ours.room.attribution.text()]
    assert all(text == (texts[0] if end is None else end) for text in texts)
    peer = spent[0]
    for name, cost in zip(competitors, spent, strict=True):
        each_took = f"{cost.wall / len(patches) * 1e6:.1f} us each, processor {cost.cpu / len(patches) * 1e6:.1f}"
        ratio = f"; to bare edits {cost.wall / peer.wall:.2f}, processor {cost.cpu / peer.cpu:.2f}"
        print(f"{name}: {len(patches):,} edits in {cost.wall:.2f} s ({each_took}){ratio} (goal {GOAL})")


def in_turn(count: int, competitors: Sequence[Callable[[int], None]]) -> list[Cost]:
    """What each took for all, block by block."""
    spent = [Cost(0.0, 0.0)] * len(competitors)
    for start in range(0, count, BLOCK):
        for number, competitor in enumerate(competitors):
            wall, cpu = time.perf_counter(), time.process_time()
            competitor(start)
            before = spent[number]
            spent[number] = Cost(before.wall + time.perf_counter() - wall, before.cpu + time.process_time() - cpu)
    return spent


def timed(job: Callable[[], object]) -> float:
    """The seconds that it takes."""
    began = time.perf_counter()
    job()
    return time.perf_counter() - began


def again_and_again(patches: list[Patch], most: int) -> Iterator[Delta]:
    """So many edits: the trace, then all of it deleted, and once more."""
    length = made = 0
    while made < most:
        for patch in patches:
            yield delta_of(patch)
            length += len(patch.inserted) - patch.deleted
            made += 1
            if made == most:
                return
        yield (-length,)
        length, made = 0, made + 1


def opening(folder: Path, patches: list[Patch], history: int) -> None:
    """How long a room with a long history takes to open."""
    ours = Ours(folder, "history")
    ours.group = 4096
    room = ours.room
    for number, delta in enumerate(again_and_again(patches, history), 1):
        ours.edit(delta)
        if number == history - 500:
            ours.flush()
            ours.log.append(ours.term, [room.snapshot()])
    ours.flush()
    runs = sorted(timed(lambda: open_room(ours.log, "room")) for _ in range(7))
    again = open_room(ours.log, "room")[0]
    assert again.text == room.text
    print(
        f"opening a room with {room.seq:,} edits of history, 500 of them since its snapshot: "
        f"{runs[3] * 1000:.0f} ms (goal 100); its log takes {ours.log.path.stat().st_size / 1e6:.0f} MB"
    )
    print(f"its text 250 edits ago: {timed(lambda: at(ours.log, 'room', room.seq - 250).text) * 1000:.0f} ms")


def memory(folder: Path) -> None:
    """What 1,000 open rooms take."""
    log = RoomLog(folder / "many.db")
    term = log.own(1, "benchmark", 0)
    text = "".join(f"line {number} of a file that somebody has open\n" for number in range(SIZE))[:SIZE]
    for number in range(ROOMS):
        log.append(term, found(f"room{number}", "session", f"file{number}", text, now=0))
    gc.collect()
    before = resident()
    rooms = [open_room(log, f"room{number}")[0] for number in range(ROOMS)]
    after = resident()
    print(f"{len(rooms):,} open rooms of {SIZE:,} characters: {(after - before) / 1e6:.0f} MB")


def resident() -> int:
    """Bytes of memory in use now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize()


if __name__ == "__main__":
    main()
