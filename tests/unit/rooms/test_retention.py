"""What retention drops and what a purge erases, and what stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from anvcs.errors import NotKeptError, UsageError
from anvcs.rooms import log_reading, log_upkeep, replay, retention
from anvcs.rooms.log import RoomLog
from anvcs.rooms.packing import expand
from anvcs.rooms.retention import DAY
from anvcs.rooms.room import open_room
from tests.unit.rooms.logs import ANNA, BOB, Client, Owner

SECRET = "hunter2-correct-horse"


def on_the_disk(folder: Path, text: str) -> bool:
    """Whether a text stands in any file of the log, packed or not."""
    if any(text.encode() in path.read_bytes() for path in folder.iterdir()):
        return True
    log = RoomLog(folder / "rooms.db")
    packed = [
        *log.rows("SELECT body FROM spans WHERE body IS NOT NULL"),
        *log.rows("SELECT head FROM spans"),
        *log.rows("SELECT attribution FROM snapshots"),
        *log.rows("SELECT state FROM snapshots WHERE state IS NOT NULL"),
        *log.rows("SELECT content FROM texts"),
    ]
    log.close()
    return any(text.encode() in expand(blob) for (blob,) in packed)


@pytest.fixture
def owner(tmp_path: Path) -> Owner:
    """A room with a history: a commit after edit 3."""
    owner = Owner(tmp_path, "one\ntwo\n")
    anna, bob = Client(owner.room, ANNA), Client(owner.room, BOB)
    owner.take(anna, anna.type("anna "))
    owner.take(bob, bob.type("bob\n", at=4))
    owner.log.append(owner.term, owner.room.rebase("c2", "", "", now=owner.now).entries)
    owner.take(anna, anna.delete(0, 2))
    owner.take(anna, anna.type("later "))
    return owner


def test_forever_keeps_everything(owner: Owner) -> None:
    assert retention.trim(owner.log, owner.term, "r1", "forever", 1 << 50) == 0
    assert log_reading.gaps(owner.log, "r1") == []


@pytest.mark.promise("rooms.retention")
def test_until_committed_keeps_the_commits_text_and_attribution_and_says_what_is_not_kept(owner: Owner) -> None:
    before = replay.at(owner.log, "r1", 3)
    text, runs = owner.room.text, owner.room.attribution.runs()
    assert retention.trim(owner.log, owner.term, "r1", "until-committed", owner.now) == 3
    assert retention.trim(owner.log, owner.term, "r1", "until-committed", owner.now) == 0
    after = replay.at(owner.log, "r1", 3)
    assert (after.text, after.attribution.runs()) == (before.text, before.attribution.runs())
    sources = log_reading.sources_of(owner.log, "r1", {1, 2, 3, 4})
    assert [sources[seq].actor for seq in (2, 3, 4)] == [ANNA, BOB, ANNA]
    with pytest.raises(NotKeptError, match="not kept") as caught:
        replay.at(owner.log, "r1", 2)
    assert caught.value.after == 3
    with pytest.raises(NotKeptError):
        list(replay.frames(owner.log, "r1"))
    assert [frame.seq for frame in replay.frames(owner.log, "r1", caught.value.after)] == [4, 5]
    assert replay.first_kept(owner.log, "r1") == 3
    owner.restart()
    assert (owner.room.text, owner.room.attribution.runs()) == (text, runs)
    assert owner.undo(ANNA)
    assert owner.undo(ANNA)
    assert owner.room.text == "anna one\nbob\ntwo\n"


def test_90_days_keep_what_is_newer_even_where_the_clock_stepped_back(owner: Owner) -> None:
    now = owner.now + 91 * DAY
    anna = Client(owner.room, ANNA)
    owner.now = now - 10
    owner.take(anna, anna.type("new "), pause=0)
    owner.now -= 200 * DAY
    owner.take(anna, anna.type("old clock "), pause=0)
    assert retention.cutoff(owner.log, "r1", "90d", now) == 5
    log_upkeep.pack_all(owner.log, owner.term, "r1", 1, 6)
    assert retention.cutoff(owner.log, "r1", "90d", now) == 5
    assert retention.trim(owner.log, owner.term, "r1", "90d", now) == 5
    owner.restart()
    assert owner.room.text.startswith("old clock new later ")
    assert [edit.seq for edit in log_reading.edits(owner.log, "r1", 5)] == [6, 7]


def test_each_commits_text_stays_when_later_ones_are_trimmed(owner: Owner) -> None:
    owner.log.append(owner.term, owner.room.rebase("c3", "", "", now=owner.now).entries)
    texts = {seq: replay.at(owner.log, "r1", seq).text for seq in (3, 5)}
    assert retention.trim(owner.log, owner.term, "r1", "until-committed", owner.now) == 5
    assert {seq: replay.at(owner.log, "r1", seq).text for seq in (3, 5)} == texts
    with pytest.raises(NotKeptError):
        replay.at(owner.log, "r1", 4)


@pytest.mark.promise("rooms.purge")
def test_a_purged_secret_is_in_no_file_and_the_rest_can_still_be_played(tmp_path: Path) -> None:
    owner = Owner(tmp_path, "one\n")
    anna = Client(owner.room, ANNA)
    owner.take(anna, anna.type("before "))
    owner.take(anna, anna.type(SECRET + "\n"))
    owner.log.append(owner.term, owner.room.saved(owner.room.text, actor=ANNA, now=1))
    owner.log.append(owner.term, [owner.room.snapshot()])
    owner.take(anna, anna.delete(0, len(SECRET)))
    assert owner.undo(ANNA)
    assert owner.undo(ANNA)
    owner.take(anna, anna.type("after "))
    assert owner.room.text.replace("\n", "") == "after before one"
    log_upkeep.pack_all(owner.log, owner.term, "r1", 1, 2)
    assert on_the_disk(tmp_path, SECRET)
    text, runs = owner.room.text, owner.room.attribution.runs()
    purged = retention.purge(owner.log, owner.term, "r1", 3, 3, actor=ANNA, now=9)
    assert (purged.erased, purged.epoch, purged.document, purged.replayable_from) == (1, 2, 2, 3)
    assert not on_the_disk(tmp_path, SECRET)
    (gap,) = log_reading.gaps(owner.log, "r1")
    assert (gap.first, gap.last, gap.reason, gap.actor) == (3, 3, "purge", ANNA)
    owner.restart()
    assert (owner.room.text, owner.room.attribution.runs()) == (text, runs)
    assert owner.log.room("r1").document == 2
    assert replay.at(owner.log, "r1", 2).text == "before one\n"
    hidden = "\N{FULL BLOCK}" * len(SECRET)
    assert replay.at(owner.log, "r1", 5).text.startswith(hidden)
    with pytest.raises(NotKeptError):
        list(replay.frames(owner.log, "r1", 2))
    assert [frame.seq for frame in replay.frames(owner.log, "r1", 3)] == [4, 5, 6, 7, 8]
    fresh = Client(owner.room, BOB)
    owner.take(fresh, fresh.type("bob "))
    assert owner.room.text == "bob " + text


def test_text_that_is_on_the_screen_stays_there_through_a_purge_with_its_writer(tmp_path: Path) -> None:
    owner = Owner(tmp_path, "one\n")
    anna = Client(owner.room, ANNA)
    owner.take(anna, anna.type("anna "))
    runs = owner.room.attribution.runs()
    retention.purge(owner.log, owner.term, "r1", 0, None, actor=ANNA, now=9)
    room, _ = open_room(owner.log, "r1")
    assert (room.text, room.attribution.runs()) == ("anna one\n", runs)
    assert log_reading.sources_of(owner.log, "r1", {2})[2].actor == ANNA
    with pytest.raises(NotKeptError):
        replay.at(owner.log, "r1", 1)
    with pytest.raises(UsageError):
        retention.purge(owner.log, owner.term, "r1", 8, 9, actor=ANNA, now=9)


def test_snapshots_are_thinned_to_the_newest_and_some_old_ones(owner: Owner) -> None:
    anna = Client(owner.room, ANNA)
    for letter in "abcdef":
        owner.take(anna, anna.type(letter))
        owner.log.append(owner.term, [owner.room.snapshot()])
    assert log_upkeep.thin_snapshots(owner.log, owner.term, "r1", protected=[7]) == 3
    assert [each.seq for each in log_reading.snapshots(owner.log, "r1")] == [11, 10, 7]
    assert [each.seq for each in log_reading.snapshots(owner.log, "r1", document=True)] == [11, 10]
    assert replay.at(owner.log, "r1", 8).text.startswith("cba")
