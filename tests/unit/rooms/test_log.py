"""The room log: what was acknowledged is there, in sequence, or named; and only its owner writes."""

# apsw's stubs name collections.abc.Buffer, which Python 3.11 does not have.
# pyright: reportUnknownMemberType=false

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, cast

import pytest

from anvcs.errors import DamagedEditError, DiskError, FencedError, RoomError, StoreConflictError, StoreTooNewError
from anvcs.rooms import log_reading, log_upkeep
from anvcs.rooms.entries import Aside, AsideDone, NewEdit, RoomChange, RoomRecord, Save, Session, Version
from anvcs.rooms.log import VERSIONS, RoomLog
from tests.unit.rooms.logs import ANNA, BOB, edit, opened


def texts(log: RoomLog, room: str = "r1", after: int = 1) -> list[str]:
    """What the edits insert."""
    return [cast("str", each.delta[0]) for each in log_reading.edits(log, room, after)]


def spoil(log: RoomLog, sql: str, *values: Any) -> None:
    """Change the file as a fault would."""
    log.db.execute(sql, values)


def test_edits_of_many_rooms_in_one_batch_are_numbered_by_room(tmp_path: Path) -> None:
    log, term = opened(tmp_path)
    log.append(term, [RoomRecord(room="r2", session="s1", path="b")])
    seqs = log.append(term, [edit("a"), edit("x", room="r2"), edit("b"), edit("y", room="r2")])
    assert seqs == [2, 1, 3, 2]
    assert texts(log) == ["a", "b"]
    assert texts(log, "r2", 0) == ["x", "y"]
    assert log.room("r1").head == 3


def test_an_edit_is_read_as_it_was_written(tmp_path: Path) -> None:
    log, term = opened(tmp_path)
    new = NewEdit(
        room="r1",
        actor=BOB,
        update=b"\0\1",
        delta=(3, "é中😀", -2),
        time=-5,
        how="reported",
        client=(1 << 53) - 1,
        meta={"model": "m", "restores": ((0, 2),)},
        epoch=4,
        seq=2,
    )
    log.append(term, [new])
    (read,) = log_reading.edits(log, "r1", 1)
    assert (read.update, read.delta, read.time, read.client) == (new.update, new.delta, new.time, new.client)
    assert (read.seq, read.actor, read.how, read.epoch) == (2, BOB, "reported", 4)
    assert read.meta == {"model": "m", "restores": [[0, 2]]}


@pytest.mark.promise("rooms.stale-owner")
def test_an_owner_that_was_replaced_while_it_slept_writes_nothing(tmp_path: Path) -> None:
    old, stale = opened(tmp_path)
    old.append(stale, [edit("a")])
    new = RoomLog(tmp_path / "rooms.db")
    term = new.own(2, "boot", 2)
    with pytest.raises(FencedError):
        old.append(stale, [edit("lost"), Save(room="r1", seq=2, hash=b"h", actor=ANNA, time=0)])
    new.append(term, [edit("b")])
    with pytest.raises(FencedError):
        log_upkeep.cut(old, stale, "r1", 2, 0)
    assert texts(new) == ["a", "b"]
    assert log_reading.saves(new, "r1") == []
    assert (owner := new.owner()) is not None
    assert owner.pid == 2


def test_an_edit_that_would_not_get_its_sequence_changes_nothing(tmp_path: Path) -> None:
    log, term = opened(tmp_path)
    with pytest.raises(StoreConflictError):
        log.append(term, [edit("a"), NewEdit(room="r1", actor=ANNA, update=b"", delta=(), time=0, seq=7)])
    assert texts(log) == []
    assert log.append(term, [edit("b")]) == [2]


def test_a_room_that_was_not_made_is_an_error(tmp_path: Path) -> None:
    log, term = opened(tmp_path)
    with pytest.raises(RoomError):
        log.append(term, [edit("a", room="other")])
    with pytest.raises(RoomError):
        log.room("other")


@pytest.mark.promise("rooms.log-by-sequence")
def test_a_clock_that_steps_back_changes_nothing(tmp_path: Path) -> None:
    log, term = opened(tmp_path)
    hour = 3_600_000
    log.append(term, [edit(str(number), time=10 * hour + number) for number in range(2, 3002)])
    assert log_upkeep.pack_room(log, term, "r1", 0) > 2000
    log.append(term, [edit(str(number), time=9 * hour + number) for number in range(3002, 3202)])
    assert texts(log) == [str(number) for number in range(2, 3202)]


@pytest.mark.promise("rooms.log-packed")
def test_packed_edits_are_read_as_if_they_were_not(tmp_path: Path) -> None:
    log, term = opened(tmp_path)
    log.append(term, [edit(str(number), actor=(ANNA, BOB)[number % 2]) for number in range(2, 5002)])
    before = list(log_reading.edits(log, "r1"))
    assert log_upkeep.pack_room(log, term, "r1", 100) == 4 * 1024
    assert log_upkeep.pack_room(log, term, "r1", 100) == 0
    assert list(log_reading.edits(log, "r1")) == before
    assert list(log_reading.edits(log, "r1", 2000, 2010)) == before[2000:2010]
    log.append(term, [edit("more")])
    assert [each.seq for each in log_reading.edits(log, "r1", 4999)] == [5000, 5001, 5002]
    sources = log_reading.sources_of(log, "r1", {7, 4000, 5002, 9999})
    assert {seq: each.actor for seq, each in sources.items()} == {7: BOB, 4000: ANNA, 5002: ANNA}
    assert log_reading.seqs_of(log, "r1", BOB, 4990) == [4991, 4993, 4995, 4997, 4999, 5001]


def test_a_reader_goes_on_while_edits_are_packed(tmp_path: Path) -> None:
    log, term = opened(tmp_path)
    log.append(term, [edit(str(number)) for number in range(2, 4000)])
    reader = RoomLog(tmp_path / "rooms.db")
    edits = log_reading.edits(reader, "r1", 1)
    seen = [next(edits).seq for _ in range(700)]
    log_upkeep.pack_room(log, term, "r1", 0)
    seen += [each.seq for each in edits]
    assert seen == list(range(2, 4000))


@pytest.mark.promise("rooms.log-damage-named")
@pytest.mark.parametrize(
    "fault",
    [
        "UPDATE edits SET content = x'00' WHERE seq = 5",
        "UPDATE edits SET content = (SELECT content FROM edits WHERE seq = 6) WHERE seq = 5",
        "UPDATE edits SET (content, crc) = (SELECT content, crc FROM edits WHERE seq = 6) WHERE seq = 5",
        "UPDATE edits SET crc = crc + 1 WHERE seq = 5",
        "DELETE FROM edits WHERE seq = 5",
        "DELETE FROM edits WHERE seq >= 5",
    ],
)
def test_an_edit_that_is_not_whole_is_named_and_cut_and_the_room_goes_on(tmp_path: Path, fault: str) -> None:
    log, term = opened(tmp_path)
    log.append(term, [edit(str(number), time=number) for number in range(2, 9)])
    spoil(log, fault)
    seen: list[int] = []
    with pytest.raises(DamagedEditError, match="Edit 5 of room r1") as caught:
        seen.extend(each.seq for each in log_reading.edits(log, "r1", 1))
    assert caught.value.seq == 5
    assert log_upkeep.check(log, "r1")[0].seq == 5
    cut = log_upkeep.cut(log, term, "r1", 5, 0)
    assert cut == (5, 8)
    assert texts(log) == ["2", "3", "4"]
    assert log.append(term, [edit("new")]) == [5]
    assert texts(log) == ["2", "3", "4", "new"]
    left = 0 if "DELETE FROM edits WHERE seq >=" in fault else 3 if "DELETE" in fault else 4
    assert log.one("SELECT count(*) FROM damaged") == left


@pytest.mark.promise("rooms.log-damage-named")
@pytest.mark.parametrize("column", ["head", "body"])
def test_a_flipped_bit_in_a_packed_span_is_named(tmp_path: Path, column: str) -> None:
    log, term = opened(tmp_path)
    log.append(term, [edit(str(number)) for number in range(2, 3000)])
    log_upkeep.pack_room(log, term, "r1", 0)
    blob = bytearray(log.one(f"SELECT {column} FROM spans WHERE first = 1025"))  # noqa: S608 - from the list above
    blob[len(blob) // 2] ^= 4
    spoil(log, f"UPDATE spans SET {column} = ? WHERE first = 1025", bytes(blob))  # noqa: S608 - as above
    seen: list[int] = []
    with pytest.raises(DamagedEditError) as caught:
        seen.extend(each.seq for each in log_reading.edits(log, "r1"))
    assert caught.value.seq == 1025
    assert len([*log_reading.edits(log, "r1", 0, 1024)]) == 1024
    # What lies behind it is still there for whoever has a snapshot of that time.
    assert [each.seq for each in log_reading.edits(log, "r1", 2048, 2050)] == [2049, 2050]


def test_a_burst_of_80000_edits_is_there(tmp_path: Path) -> None:
    log, term = opened(tmp_path)
    for start in range(0, 80_000, 2000):
        log.append(term, [edit(str(start + number)) for number in range(2000)])
    assert texts(log) == [str(number) for number in range(80_000)]


_WRITER = """
import sys
from pathlib import Path
from tests.unit.rooms.logs import opened, edit
log, term = opened(Path(sys.argv[1]))
number = 0
while True:
    batch = [edit(str(number + each)) for each in range(50)]
    number += 50
    log.append(term, batch)
    print(number, flush=True)
"""


@pytest.mark.promise("rooms.log-kill")
def test_what_was_acknowledged_is_there_after_kill_9(tmp_path: Path) -> None:
    root = Path(__file__).parents[3]
    with subprocess.Popen(
        [sys.executable, "-c", _WRITER, str(tmp_path)], stdout=subprocess.PIPE, text=True, cwd=root
    ) as process:
        assert process.stdout is not None
        acknowledged = 0
        for line in process.stdout:
            acknowledged = int(line)
            if acknowledged >= 2000:
                break
        process.send_signal(signal.SIGKILL)
        acknowledged = max([acknowledged, *(int(line) for line in process.stdout if line.endswith("\n"))])
        process.wait(30)
    found = texts(RoomLog(tmp_path / "rooms.db"))
    assert len(found) >= acknowledged
    assert len(found) % 50 == 0
    assert found == [str(number) for number in range(len(found))]


def test_a_full_disk_is_named_and_what_was_there_stays(tmp_path: Path) -> None:
    log, term = opened(tmp_path)
    log.append(term, [edit("a")])
    log.db.pragma("max_page_count", log.db.pragma("page_count") + 2)
    with pytest.raises(DiskError):
        log.append(term, [edit("x" * 4000) for _ in range(20)])
    log.db.pragma("max_page_count", 1 << 30)
    assert log.append(term, [edit("b")]) == [3]
    assert texts(log) == ["a", "b"]


def test_a_log_of_a_newer_program_is_not_written(tmp_path: Path) -> None:
    log, _ = opened(tmp_path)
    log.db.execute("UPDATE versions SET min_writer = 99")
    with pytest.raises(StoreTooNewError):
        log.own(3, "boot", 3)
    log.db.execute("UPDATE versions SET min_reader = 99")
    with pytest.raises(StoreTooNewError):
        RoomLog(tmp_path / "rooms.db")


def test_recent_texts_of_the_disk_are_kept(tmp_path: Path) -> None:
    log, term = opened(tmp_path, "begin")
    for number in range(VERSIONS + 10):
        name = str(number).encode()
        log.append(term, [Version(room="r1", seq=1, hash=name, text=f"text {number}", time=number)])
        log.append(term, [Version(room="r1", seq=1, hash=name, text=f"text {number}", time=number)])
    kept = [each.text for each in log_reading.versions(log, "r1")]
    assert kept == [f"text {number}" for number in reversed(range(10, VERSIONS + 10))]
    assert (found := log_reading.version(log, "r1", b"20")) is not None
    assert found.text == "text 20"
    assert log_reading.version(log, "r1", b"3") is None
    assert log_reading.version_hashes(log, "r1")[0] == b"59"


def test_a_client_id_stays_with_whom_it_was_bound_to_first(tmp_path: Path) -> None:
    log, term = opened(tmp_path)
    for actor in (ANNA, BOB):
        log.append(term, [NewEdit(room="r1", actor=actor, update=b"", delta=(), time=0, binds=((7, actor),))])
    assert log_reading.clients(log, "r1")[7] == ANNA


def test_rooms_sessions_and_what_was_set_aside_are_found_again(tmp_path: Path) -> None:
    log, term = opened(tmp_path)
    log.append(term, [Session(session="s1", worktree="w", stream="main", created=1)])
    log.append(term, [Aside(room="r1", actor=BOB, client=3, update=b"u", time=2, reason="why")])
    (aside,) = log_reading.asides(log, "r1")
    assert (aside.actor, aside.client, aside.update, aside.reason) == (BOB, 3, b"u", "why")
    log.append(term, [AsideDone(room="r1", id=aside.id), RoomChange(room="r1", path="new.txt", closed=True)])
    assert log_reading.asides(log, "r1") == []
    assert (found := log.find("s1", "new.txt")) is not None
    assert (found.room, found.closed) == ("r1", True)
    assert log.find("s1", "r1.txt") is None
    assert [each.room for each in log.rooms("s1")] == ["r1"]
    assert [each.stream for each in log_reading.sessions(log)] == ["main"]
    assert log_reading.size(log) > 0
    assert log_reading.count(log) == 1
