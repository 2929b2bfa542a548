"""Hunks of chosen edits: whole lines, what stands without them, and taking back one and no other."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from anvcs.rooms import delta as deltas
from anvcs.rooms import timeline
from anvcs.rooms.attribution import Attribution
from anvcs.rooms.reviewing import hunks, part
from anvcs.rooms.room import open_room
from tests.unit.rooms.logs import ANNA, BOB, Client, Owner

BASE = "one\ntwo\nthree\nfour\nfive\n"


def written(*edits: tuple[deltas.Delta, int]) -> Attribution:
    """A room's text after these edits."""
    made = Attribution(BASE, 1)
    for delta, seq in edits:
        made.apply(delta, seq)
    return made


def replace(made: Attribution, old: str, new: str, seq: int) -> None:
    """Write something in the place of what stands there once."""
    at = made.text().index(old)
    made.apply(deltas.normal((at, new, -len(old))), seq)


def test_a_hunk_is_whole_lines_with_what_stood_there_before() -> None:
    made = written()
    replace(made, "two", "2", 2)
    replace(made, "four\n", "", 3)
    first, second = hunks(made, {2, 3})
    assert (first.line, first.old, first.new, first.seqs) == (1, "two\n", "2\n", (2,))
    assert (second.line, second.old, second.new, second.seqs) == (3, "four\n", "", (3,))


def test_neighbouring_lines_are_one_hunk_and_new_lines_take_none_beside_them() -> None:
    made = written()
    replace(made, "two", "2", 2)
    replace(made, "three", "3", 3)
    (only,) = hunks(made, {2, 3})
    assert (only.old, only.new) == ("two\nthree\n", "2\n3\n")
    made = written(((4, "new\n"), 2))
    (only,) = hunks(made, {2})
    assert (only.line, only.old, only.new) == (1, "", "new\n")


def test_what_others_deleted_or_wrote_is_in_no_hunk() -> None:
    made = written(((4, "agent\n"), 2), ((0, "mine\n"), 3))
    replace(made, "agent\n", "", 4)
    assert hunks(made, {2}) == []


def test_a_hunk_names_where_others_touched_it() -> None:
    made = written()
    replace(made, "two", "second", 2)
    replace(made, "second", "se COND", 3)
    (only,) = hunks(made, {2})
    assert {seq for each in only.overlaps for seq in each.seqs} == {3}


def test_a_hunk_keeps_its_name_when_its_lines_move() -> None:
    made = written()
    replace(made, "four", "4", 2)
    (before,) = hunks(made, {2}, "file")
    made.apply(("above\n",), 3)
    (after,) = hunks(made, {2}, "file")
    assert (after.id, after.line) == (before.id, before.line + 1)
    assert hunks(made, {2}, "other")[0].id != before.id


def test_the_last_line_needs_no_line_end() -> None:
    made = Attribution("one\ntwo", 1)
    replace(made, "two", "2", 2)
    (only,) = hunks(made, {2})
    assert (only.line, only.old, only.new) == (1, "two", "2")


@pytest.mark.parametrize("seed", range(150))
def test_each_hunk_can_be_taken_back_alone_and_all_of_them_are_the_whole(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 - tests repeat
    made, text = written(), BASE
    ours = {seq for seq in range(2, 16) if rng.random() < 0.5} or {2}
    for seq in range(2, 16):
        start = rng.randrange(len(text) + 1)
        end = min(len(text), start + rng.randrange(6))
        delta = deltas.normal((start, rng.choice(["", "x", "é\n", "ab\ncd", "\n"]), start - end))
        made.apply(delta, seq)
        text = deltas.apply(text, delta)
    undo = made.undo(ours)
    found = hunks(made, ours)
    assert part(undo, [(each.start, each.end) for each in found]) == undo
    for each in found:
        only = part(undo, [(each.start, each.end)])
        at = 0
        for _ in range(each.line):
            at = text.index("\n", at) + 1
        assert text.startswith(each.new, at)
        expected = text[:at] + each.old + text[at + len(each.new) :]
        assert deltas.apply(text, only.delta) == expected
        copy = Attribution.decode(made.encode())
        copy.apply(only.delta, 99, restores=only.restores)
        assert copy.text() == expected


def test_a_room_takes_back_one_hunk_credited_to_its_first_author_and_can_undo_that(tmp_path: Path) -> None:
    owner = Owner(tmp_path, BASE)
    bob = Client(owner.room, BOB)
    owner.take(bob, bob.delete(4, 3))
    owner.take(bob, bob.type("end\n", len(bob.doc)))
    seqs = {each.seq for each in timeline.sources(owner.log, "r1") if each.actor == BOB}
    first, second = hunks(owner.room.attribution, seqs)
    done = owner.room.revert(seqs, actor=ANNA, now=owner.now, within=[(first.start, first.end)])
    assert done.taken is not None
    owner.log.append(owner.term, done.taken.entries)
    assert owner.room.text == f"{BASE}end\n"
    assert {run.seq for run in owner.room.attribution.runs()} == {1, second.seqs[0]}
    assert open_room(owner.log, "r1")[0].text == owner.room.text
    assert owner.undo(ANNA)
    assert owner.room.text == "one\n\nthree\nfour\nfive\nend\n"


def test_times_say_where_in_the_log_one_begins(tmp_path: Path) -> None:
    owner = Owner(tmp_path, BASE)
    anna, bob = Client(owner.room, ANNA), Client(owner.room, BOB)
    for number in range(200):
        who = anna if number % 2 else bob
        owner.seen_by(who)
        owner.take(who, who.type("x"), pause=1000)
    start = 1_000_000
    assert [each.seq for each in timeline.sources(owner.log, "r1", 150, 153)] == [151, 152, 153]
    assert timeline.at_time(owner.log, "r1", start + 10_000) == 11
    assert timeline.at_time(owner.log, "r1", 0) == 0
    newest = timeline.recent(owner.log, "r1", owner.room.seq, start + 120_000)
    assert [each.seq for each in newest] == list(range(121, 202))
    assert timeline.recent(owner.log, "r1", owner.room.seq, start + 300_000) == []
    assert len(timeline.recent(owner.log, "r1", owner.room.seq, 0, most=30)) == 30


def test_nothing_chosen_is_no_hunk() -> None:
    assert hunks(written(), set()) == []
