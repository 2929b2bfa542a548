"""The living room: text of its authors only, undo of one's own edits, and nothing lost over a restart."""

# apsw's stubs name collections.abc.Buffer, which Python 3.11 does not have.
# pyright: reportUnknownMemberType=false

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anvcs.errors import BadUpdateError
from anvcs.rooms import log_reading, log_upkeep, replay
from anvcs.rooms.attribution import Run
from anvcs.rooms.room import SNAPSHOT_EVERY, open_room
from tests.unit.rooms.logs import ANNA, BOB, Client, Owner


def written_by(owner: Owner) -> dict[str, str]:
    """Each actor's living text."""
    runs = owner.room.attribution.runs()
    sources = log_reading.sources_of(owner.log, "r1", {run.seq for run in runs})
    text, place = owner.room.text, 0
    found: dict[str, str] = {}
    for run in runs:
        actor = sources[run.seq].actor
        found[actor] = found.get(actor, "") + text[place : place + run.length]
        place += run.length
    return found


@pytest.mark.promise("rooms.undo-own")
def test_an_undo_takes_back_only_ones_own_edits_and_a_redo_gives_them_back(tmp_path: Path) -> None:
    owner = Owner(tmp_path, "one\ntwo\n")
    anna, bob = Client(owner.room, ANNA), Client(owner.room, BOB)
    owner.take(anna, anna.type("ANNA "))
    owner.seen_by(bob)
    owner.take(bob, bob.type("BOB ", at=5))
    owner.take(bob, bob.delete(0, 2))
    assert owner.room.text == "NA BOB one\ntwo\n"
    assert owner.undo(BOB)
    assert owner.room.text == "ANNA BOB one\ntwo\n"
    assert written_by(owner)[ANNA] == "ANNA "
    assert owner.undo(ANNA)
    assert owner.room.text == "BOB one\ntwo\n"
    assert not owner.undo(ANNA)
    assert owner.redo(ANNA)
    assert owner.redo(BOB)
    assert owner.room.text == "NA BOB one\ntwo\n"
    assert not owner.redo(BOB)


@pytest.mark.promise("rooms.undo-restart")
def test_undo_and_redo_survive_a_restart(tmp_path: Path) -> None:
    owner = Owner(tmp_path, "text\n")
    anna = Client(owner.room, ANNA)
    for letter in "abc":
        owner.take(anna, anna.type(letter))
    owner.undo(ANNA)
    owner.log.append(owner.term, [owner.room.snapshot()])
    owner.undo(ANNA)
    owner.restart()
    assert owner.room.text == "atext\n"
    owner.redo(ANNA)
    owner.restart()
    owner.redo(ANNA)
    assert owner.room.text == "cbatext\n"
    assert not owner.redo(ANNA)
    owner.restart()
    for _ in range(3):
        assert owner.undo(ANNA)
    assert owner.room.text == "text\n"
    assert not owner.undo(ANNA)


def test_what_one_types_without_a_pause_is_undone_at_once(tmp_path: Path) -> None:
    owner = Owner(tmp_path)
    anna, bob = Client(owner.room, ANNA), Client(owner.room, BOB)
    for letter in "olleh":
        owner.take(anna, anna.type(letter), pause=200)
        owner.take(bob, bob.type("."), pause=200)
    owner.take(anna, anna.type("! "), pause=3000)
    owner.undo(ANNA)
    assert sorted(owner.room.text) == sorted(".....hello")
    owner.undo(ANNA)
    assert owner.room.text == "....."


def test_new_edits_end_what_can_be_redone(tmp_path: Path) -> None:
    owner = Owner(tmp_path)
    anna = Client(owner.room, ANNA)
    owner.take(anna, anna.type("a"))
    owner.undo(ANNA)
    owner.seen_by(anna)
    owner.take(anna, anna.type("b"))
    assert not owner.redo(ANNA)
    assert owner.room.text == "b"


@pytest.mark.promise("rooms.foreign-set-aside")
def test_text_of_another_that_the_log_lacks_is_set_aside_until_its_author_sends_it(tmp_path: Path) -> None:
    owner = Owner(tmp_path, "text\n")
    anna, bob = Client(owner.room, ANNA), Client(owner.room, BOB)
    first = anna.type("first ")
    owner.take(anna, first)
    unsent = anna.type("unsent ")
    bob.doc.apply(first)
    bob.doc.apply(unsent)
    forged = bob.doc.since(owner.room.doc.state())
    taken = owner.room.take(forged, actor=BOB, client=bob.doc.client, now=5)
    assert taken is not None
    assert (taken.edit, owner.room.text) == (None, "first text\n")
    owner.log.append(owner.term, taken.entries)
    (aside,) = log_reading.asides(owner.log, "r1")
    assert ANNA in aside.reason
    assert owner.room.reconsider(aside) is None
    owner.take(anna, unsent)
    settled = owner.room.reconsider(aside)
    assert settled is not None
    owner.log.append(owner.term, settled.entries)
    assert log_reading.asides(owner.log, "r1") == []
    assert owner.room.text == "unsent first text\n"
    assert written_by(owner)[ANNA] == "unsent first "


def test_an_update_that_stands_on_unknown_text_is_set_aside(tmp_path: Path) -> None:
    owner = Owner(tmp_path, "text\n")
    anna = Client(owner.room, ANNA)
    lost = anna.type("lost ")
    later = anna.type("later ")
    gone = anna.delete(0, 3)
    for update in (later, gone):
        taken = owner.room.take(update, actor=ANNA, client=anna.doc.client, now=5)
        assert taken is not None
        assert taken.edit is None
    assert (owner.room.text, owner.room.seq) == ("text\n", 1)
    for update in (lost, later, gone):
        owner.take(anna, update)
    assert owner.room.text == anna.doc.text == "er lost text\n"


def test_an_update_that_says_nothing_new_is_no_edit(tmp_path: Path) -> None:
    owner = Owner(tmp_path, "text\n")
    anna = Client(owner.room, ANNA)
    update = anna.type("a")
    owner.take(anna, update)
    assert owner.room.take(update, actor=BOB, client=1, now=0) is None
    assert owner.room.take(owner.room.doc.since(), actor=BOB, client=1, now=0) is None
    with pytest.raises(BadUpdateError):
        owner.room.take(b"\xff\xff", actor=BOB, client=1, now=0)
    assert owner.room.seq == 2


def test_text_from_outside_leaves_what_others_wrote_since(tmp_path: Path) -> None:
    owner = Owner(tmp_path, "one\ntwo\nthree\n")
    anna = Client(owner.room, ANNA)
    owner.take(anna, anna.type("anna\n"))
    taken = owner.room.take_outside(
        "one\ntwo\nthree\n", "one\n2\nthree\n", actor=BOB, now=5, how="reported", meta={"tool": "w"}
    )
    assert taken is not None
    owner.log.append(owner.term, taken.entries)
    assert owner.room.text == "anna\none\n2\nthree\n"
    assert written_by(owner)[BOB].strip() == "2"
    assert owner.room.take_outside("one\ntwo\nthree\n", "one\n2\nthree\n", actor=BOB, now=6) is None


def test_edits_of_an_agent_are_taken_back_by_name_and_that_can_be_undone(tmp_path: Path) -> None:
    owner = Owner(tmp_path, "text\n")
    anna, bob = Client(owner.room, ANNA), Client(owner.room, BOB)
    owner.take(bob, bob.type("agent line\n"))
    owner.seen_by(anna)
    owner.take(anna, anna.type("my ", at=6))
    seqs = log_reading.seqs_of(owner.log, "r1", BOB)
    reverted = owner.room.revert(seqs, actor=ANNA, now=owner.now + 9000)
    assert reverted.taken is not None
    owner.log.append(owner.term, reverted.taken.entries)
    assert owner.room.text == "my text\n"
    assert {overlap.seqs for overlap in reverted.overlaps} == {(3,)}
    owner.undo(ANNA)
    assert owner.room.text == "agent my line\ntext\n"
    assert written_by(owner)[BOB] == "agent line\n"


def test_another_commit_is_a_new_epoch_with_one_edit(tmp_path: Path) -> None:
    owner = Owner(tmp_path, "one\ntwo\n")
    anna = Client(owner.room, ANNA)
    owner.take(anna, anna.type("live "))
    taken = owner.room.rebase("c2", "one\ntwo\n", "one\n2\n", now=7)
    owner.log.append(owner.term, taken.entries)
    assert owner.room.text == "live one\n2\n"
    owner.log.append(owner.term, owner.room.rebase("c3", "one\n2\n", "one\n2\n", now=8).entries)
    marks = [(mark.epoch, mark.commit, mark.seq) for mark in log_reading.epochs(owner.log, "r1")]
    assert marks == [(1, "", 0), (2, "c2", 2), (3, "c3", 3)]
    assert owner.log.room("r1").epoch == 3
    assert [(edit.epoch, edit.how) for edit in log_reading.edits(owner.log, "r1")][-1] == (2, "base")


def test_a_room_is_read_from_its_newest_snapshot_and_what_follows(tmp_path: Path) -> None:
    owner = Owner(tmp_path, "text\n")
    anna = Client(owner.room, ANNA)
    for number in range(SNAPSHOT_EVERY + 20):
        owner.take(anna, anna.type(f"{number} "))
        if owner.room.snapshot_is_due:
            owner.log.append(owner.term, [owner.room.snapshot()])
    again, replayed = open_room(owner.log, "r1")
    assert replayed.snapshot == SNAPSHOT_EVERY
    assert again.text == owner.room.text == again.attribution.text()
    assert again.attribution.runs() == owner.room.attribution.runs()
    assert replay.at(owner.log, "r1", 500).text == "".join(f"{each} " for each in reversed(range(499))) + "text\n"


@pytest.mark.promise("rooms.log-damage-named")
@pytest.mark.parametrize("column", ["state", "attribution", "hash", "undo"])
def test_a_damaged_snapshot_only_costs_time(tmp_path: Path, column: str) -> None:
    owner = Owner(tmp_path, "text\n")
    anna = Client(owner.room, ANNA)
    for letter in "abcd":
        owner.take(anna, anna.type(letter))
    owner.log.append(owner.term, [owner.room.snapshot()])
    owner.log.db.execute(f"UPDATE snapshots SET {column} = x'0102'")  # noqa: S608 - from the list above
    again, replayed = open_room(owner.log, "r1")
    assert (again.text, replayed.snapshot, replayed.damage) == ("dcbatext\n", 0, None)


def test_a_damaged_edit_ends_the_room_there_and_a_client_refills_it(tmp_path: Path) -> None:
    owner = Owner(tmp_path, "text\n")
    anna = Client(owner.room, ANNA)
    for letter in "abcd":
        owner.take(anna, anna.type(letter))
    owner.log.db.execute("UPDATE edits SET content = x'00' WHERE seq = 4")
    room, replayed = open_room(owner.log, "r1")
    assert replayed.damage is not None
    assert (replayed.damage.seq, room.seq, room.text) == (4, 3, "batext\n")
    log_upkeep.cut(owner.log, owner.term, "r1", 4, 0)
    owner.restart()
    owner.take(anna, anna.doc.since(owner.room.doc.state()))
    assert owner.room.text == "dcbatext\n"
    owner.restart()
    assert owner.room.text == "dcbatext\n"


def test_playback_gives_the_text_step_by_step(tmp_path: Path) -> None:
    owner = Owner(tmp_path, "é\n")
    anna = Client(owner.room, ANNA)
    for letter in "a中😀":
        owner.take(anna, anna.type(letter))
    owner.undo(ANNA)
    frames = list(replay.frames(owner.log, "r1"))
    assert [frame.delta for frame in frames] == [("é\n",), ("a",), ("中",), ("😀",), (-1,)]
    texts = [replay.at(owner.log, "r1", frame.seq).text for frame in frames]
    assert texts == ["é\n", "aé\n", "中aé\n", "😀中aé\n", "中aé\n"]
    assert replay.at(owner.log, "r1", 4).attribution.runs() == [Run(1, 4), Run(1, 3), Run(1, 2), Run(2, 1)]


@given(seed=st.integers(0, 2**32))
@settings(max_examples=25, deadline=None)
@pytest.mark.promise("rooms.attribution-exact")
def test_random_histories_of_three_are_credited_to_their_writers_over_restarts(
    tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    rng = random.Random(seed)  # noqa: S311 - no secret
    owner = Owner(tmp_path_factory.mktemp("log"), "..\n..\n")
    letters = {"human:a": "abcd\n", "human:b": "ABCDé", "agent:c": "123中😀"}
    clients = [Client(owner.room, actor) for actor in letters]
    for _ in range(60):
        client = rng.choice(clients)
        size = len(client.doc)
        match rng.random():
            case chance if chance < 0.45 or not size:
                written = "".join(rng.choices(letters[client.actor], k=rng.randint(1, 4)))
                owner.take(client, client.type(written, at=rng.randint(0, size)), pause=rng.choice([100, 5000]))
            case chance if chance < 0.6:
                at = rng.randrange(size)
                owner.take(client, client.delete(at, rng.randint(1, min(5, size - at))))
            case chance if chance < 0.75:
                owner.seen_by(client)
            case chance if chance < 0.85:
                owner.undo(client.actor)
            case chance if chance < 0.92:
                owner.redo(client.actor)
            case chance if chance < 0.96:
                owner.log.append(owner.term, [owner.room.snapshot()])
            case _:
                owner.restart()
        assert owner.room.text == owner.room.attribution.text()
    for actor, text in written_by(owner).items():
        assert set(text) <= set(letters.get(actor, ".\n"))
    moment = replay.at(owner.log, "r1", owner.room.seq)
    assert (moment.text, moment.attribution.runs()) == (owner.room.text, owner.room.attribution.runs())
    for client in clients:
        owner.seen_by(client)
        assert client.doc.text == owner.room.text
