"""The room log against a list in memory, in any order of what its owners do with it."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import cast

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from anvcs.errors import FencedError, NotKeptError
from anvcs.rooms import log_reading, log_upkeep
from anvcs.rooms.entries import Gap, RoomRecord
from anvcs.rooms.log import RoomLog
from tests.unit.rooms.logs import edit, opened

ROOMS = ("r1", "r2")


class LogMachine(RuleBasedStateMachine):
    """Two rooms, a stale owner and its successor, small spans."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="anvcs-log-"))
        self.span, log_upkeep.SPAN = log_upkeep.SPAN, 4  # pyright: ignore[reportPrivateImportUsage] - patched where it is used
        self.log, self.term = opened(self.folder)
        self.log.append(self.term, [RoomRecord(room="r2", session="s1", path="b")])
        self.stale = self.term
        self.texts: dict[str, list[str]] = {"r1": [""], "r2": []}
        self.dropped: dict[str, int] = {"r1": 0, "r2": 0}

    def teardown(self) -> None:
        """Leave nothing behind."""
        log_upkeep.SPAN = self.span  # pyright: ignore[reportPrivateImportUsage] - as above
        self.log.close()
        shutil.rmtree(self.folder)

    @rule(batch=st.lists(st.tuples(st.sampled_from(ROOMS), st.text("ab", min_size=1), st.integers(-5, 5)), max_size=9))
    def append(self, batch: list[tuple[str, str, int]]) -> None:
        """Many rooms in one transaction, the clock anywhere."""
        seqs = self.log.append(self.term, [edit(text, room=room, time=time) for room, text, time in batch])
        for room, text, _ in batch:
            self.texts[room].append(text)
        ends = {room: seq for (room, _, _), seq in zip(batch, seqs, strict=True)}
        assert all(len(self.texts[room]) == seq for room, seq in ends.items())

    @rule(room=st.sampled_from(ROOMS), keep=st.integers(0, 6))
    def pack(self, room: str, keep: int) -> None:
        """Old edits become spans."""
        log_upkeep.pack_room(self.log, self.term, room, keep)

    @rule(room=st.sampled_from(ROOMS), part=st.floats(0, 1))
    def drop(self, room: str, part: float) -> None:
        """Retention drops the oldest."""
        last = int(len(self.texts[room]) * part)
        if last > self.dropped[room]:
            gap = Gap(room=room, first=self.dropped[room] + 1, last=last, reason="retention", actor="x", time=0)
            assert log_upkeep.drop(self.log, self.term, room, last, (), gap) == last - self.dropped[room]
            self.dropped[room] = last

    @rule()
    def reopen(self) -> None:
        """The owner starts anew."""
        self.log.close()
        self.log = RoomLog(self.folder / "rooms.db")

    @rule()
    def take_over(self) -> None:
        """Another owner."""
        self.stale, self.term = self.term, self.log.own(2, "boot", 2)

    @rule(room=st.sampled_from(ROOMS))
    def write_as_the_stale_owner(self, room: str) -> None:
        """Nothing comes of it."""
        if self.stale != self.term:
            with pytest.raises(FencedError):
                self.log.append(self.stale, [edit("lost", room=room)])

    @invariant()
    def all_that_is_kept_is_there(self) -> None:
        """And what is not kept is said to be so."""
        for room in ROOMS:
            dropped, texts = self.dropped[room], self.texts[room]
            read = list(log_reading.edits(self.log, room, dropped))
            assert [each.seq for each in read] == list(range(dropped + 1, len(texts) + 1))
            assert [cast("str", each.delta[0]) if each.delta else "" for each in read] == texts[dropped:]
            assert self.log.room(room).head == len(texts)
            assert len(log_reading.sources_of(self.log, room, range(1, len(texts) + 1))) == len(texts)
            if dropped:
                with pytest.raises(NotKeptError):
                    next(log_reading.edits(self.log, room, dropped - 1))


LogMachine.TestCase.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
test_the_log_holds_what_a_list_would = LogMachine.TestCase
