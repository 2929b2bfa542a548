"""A trace of edits through a room beside bare pycrdt, in one run: ``python tests/benchmarks/rooms.py TRACE.json.gz``.

The trace is ``{startContent, endContent, txns: [{patches: [[position, deleted, inserted], ...]}]}``, positions in code
points. Bare pycrdt applies each edit in a transaction of its own, and nothing else. Ours, edit by edit: applied,
attributed, and appended to a log on the disk by a second thread, as the relay does it, which takes what waits, 64
edits or more at a time; the clock stops when the last one is durable. Once with edits made in the room, and once with
updates that a client made, beside a bare document that applies the same updates; there pycrdt must also tell what each
update changed, for which it walks the whole text. Competitors take turns, block by block, so that a busy machine
disturbs all alike.

Then: opening a room with a million edits of history (the trace again and again), and the memory of 1,000 open rooms.
Nothing is asserted.
"""

from __future__ import annotations

import argparse
import gc
import gzip
import json
import queue
import resource
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pycrdt

from anvcs.rooms.delta import Delta, normal
from anvcs.rooms.entries import Entry
from anvcs.rooms.log import RoomLog
from anvcs.rooms.log_reading import edits
from anvcs.rooms.replay import at
from anvcs.rooms.room import Room, Taken, found, open_room

GOAL = 1.5
GROUP = 64
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
    """A room, and the thread that makes its edits durable."""

    def __init__(self, folder: Path, name: str) -> None:
        self.log = RoomLog(folder / f"{name}.db")
        self.term = self.log.own(1, "benchmark", 0)
        self.log.append(self.term, found("room", "session", "file", "", now=0))
        self.room: Room = open_room(self.log, "room")[0]
        self.number = 0
        self.resume()

    def resume(self) -> None:
        """Begin to write."""
        self._waiting: queue.SimpleQueue[list[Entry] | None] = queue.SimpleQueue()
        self._group: list[Entry] = []
        self._written = threading.Semaphore(0)
        threading.Thread(target=self._write, daemon=True).start()

    def _write(self) -> None:
        while (batch := self._waiting.get()) is not None:
            last = False
            while not self._waiting.empty():
                more = self._waiting.get()
                if more is None:
                    last = True
                    break
                batch += more
            self.log.append(self.term, batch)
            if last:
                break
        self._written.release()

    def logged(self, taken: Taken | None) -> None:
        """Hand what was taken to the writer."""
        assert taken is not None
        self._group += taken.entries
        if len(self._group) >= GROUP:
            self._waiting.put(self._group)
            self._group = []

    def edit(self, delta: Delta) -> None:
        """An edit made in the room."""
        self.number += 1
        self.logged(self.room.write(delta, actor="human:author", now=self.number))

    def take(self, update: bytes) -> None:
        """An update of a client."""
        self.number += 1
        self.logged(self.room.take(update, actor="human:author", client=1, now=self.number))

    def flush(self) -> None:
        """Wait until all is durable."""
        self._waiting.put(self._group)
        self._waiting.put(None)
        self._written.acquire()


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
        updates = edits_in_the_room(folder, patches, end)
        updates_of_a_client(folder, updates, end)
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


def edits_in_the_room(folder: Path, patches: list[Patch], end: str | None) -> list[bytes]:
    """The trace's edits made in a room; the updates that came of them."""
    deltas = [delta_of(patch) for patch in patches]
    bare, ours = Bare(), Ours(folder, "edits")

    def mine(start: int, stop: int) -> None:
        for delta in deltas[start:stop]:
            ours.edit(delta)

    def theirs(start: int, stop: int) -> None:
        for patch in patches[start:stop]:
            bare.edit(patch)

    peer, own = in_turn(len(patches), theirs, mine)
    own += timed(ours.flush)
    assert str(bare.text) == ours.room.text == ours.room.attribution.text()
    assert end is None or ours.room.text == end
    report("edits made in the room", len(patches), peer, own)
    return [edit.update for edit in edits(ours.log, "room", 1)]


def updates_of_a_client(folder: Path, updates: list[bytes], end: str | None) -> None:
    """The same as updates that come from elsewhere."""
    bare, ours = Bare(), Ours(folder, "updates")

    def mine(start: int, stop: int) -> None:
        for update in updates[start:stop]:
            ours.take(update)

    def theirs(start: int, stop: int) -> None:
        for update in updates[start:stop]:
            bare.doc.apply_update(update)

    peer, own = in_turn(len(updates), theirs, mine)
    own += timed(ours.flush)
    assert str(bare.text) == ours.room.text == ours.room.attribution.text()
    assert end is None or ours.room.text == end
    report("updates of a client", len(updates), peer, own)


def in_turn(count: int, *competitors: Callable[[int, int], None]) -> list[float]:
    """The seconds that each took for all, block by block."""
    spent = [0.0] * len(competitors)
    for start in range(0, count, BLOCK):
        for number, competitor in enumerate(competitors):
            began = time.perf_counter()
            competitor(start, start + BLOCK)
            spent[number] += time.perf_counter() - began
    return spent


def timed(job: Callable[[], object]) -> float:
    """The seconds that it takes."""
    began = time.perf_counter()
    job()
    return time.perf_counter() - began


def report(name: str, count: int, peer: float, own: float) -> None:
    """Print one comparison."""
    print(
        f"{name}: {count:,} edits; bare pycrdt {peer:.2f} s ({peer / count * 1e6:.1f} us each), "
        f"ours, durable and attributed, {own:.2f} s ({own / count * 1e6:.1f} us each); "
        f"ratio {own / peer:.2f} (goal {GOAL})"
    )


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
    room = ours.room
    for number, delta in enumerate(again_and_again(patches, history), 1):
        ours.edit(delta)
        if number == history - 500:
            ours.flush()
            ours.log.append(ours.term, [room.snapshot()])
            ours.resume()
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
