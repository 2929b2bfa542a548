"""The rules between a room and its file."""

from __future__ import annotations

from dataclasses import dataclass

from anvcs.rooms import bridge
from anvcs.rooms.bridge import Finding, GitPhase, Leases, MaySave, Save, Signs
from anvcs.rooms.entries import Version
from anvcs.rooms.replay import text_hash

REST = Signs("ref: refs/heads/main", "c1")


@dataclass
class Clock:
    """Seconds that go forward when they are told to."""

    now: float = 100.0


def version(text: str, time: int = 0) -> Version:
    """A text that was on disk."""
    return Version(room="r", seq=1, hash=text_hash(text), text=text, time=time)


def test_git_is_at_work_while_it_holds_a_lock_and_shortly_after_it_moved_head() -> None:
    phase = GitPhase(REST, 0)
    assert phase.at_work(0) is None
    phase.observe(REST._replace(locks=frozenset({"index.lock"})), 10)
    assert phase.at_work(1000) == "git holds index.lock"
    assert phase.wait(1000) is None
    moved = REST._replace(commit="c2")
    phase.observe(moved, 1000)
    assert phase.at_work(1000) == "git has just moved HEAD"
    assert phase.wait(1000) == bridge.LOCKED_QUIET
    assert phase.settle(1000) is None
    later = 1000 + 2 * bridge.LOCKED_QUIET
    assert phase.at_work(later) is None
    epoch = phase.settle(later)
    assert epoch is not None
    assert (epoch.before.commit, epoch.after.commit) == ("c1", "c2")
    assert phase.settle(later) is None


def test_a_rebase_is_one_work_though_it_rests_between_its_steps() -> None:
    phase = GitPhase(REST, 0)
    for step in range(5):
        signs = Signs(f"c{step}", f"c{step}", marks=frozenset({("rebase-merge", step)}))
        phase.observe(signs, step)
        assert phase.at_work(step + 0.9) is not None
    phase.observe(Signs("ref: refs/heads/main", "c9"), 5)
    epoch = phase.settle(6)
    assert epoch is not None
    assert (epoch.before.commit, epoch.after.commit) == ("c1", "c9")


def test_a_merge_that_stopped_for_its_user_does_not_hold_for_ever() -> None:
    phase = GitPhase(REST, 0)
    phase.observe(REST._replace(marks=frozenset({("MERGE_HEAD", 1)})), 1)
    assert phase.at_work(1.5) == "git is in the middle of a merge or rebase"
    assert phase.at_work(1 + bridge.MARKED_QUIET) is None


def test_staging_is_no_work_on_files() -> None:
    phase = GitPhase(REST, 0)
    phase.observe(REST._replace(staged=(1, 2)), 1)
    assert phase.at_work(1) is None
    assert phase.settle(1) is None


def test_what_is_on_disk_is_known_saved_or_written() -> None:
    known = [version("b"), version("a")]
    assert bridge.judge("b", known, "room") is Finding.SAME
    assert bridge.judge("room", known, "room") is Finding.SAVED
    assert bridge.judge("a", known, "room") is Finding.WRITTEN
    assert bridge.judge("x", [], "room") is Finding.WRITTEN


def test_a_write_stands_on_what_its_writer_reported_else_on_the_likeliest_version() -> None:
    known = [version("one\ntwo\nthree\n"), version("one\n")]
    assert bridge.base_of("one\nmore\n", known, text_hash("one\n")) == "one\n"
    assert bridge.base_of("one\ntwo\nthree\nfour\n", known) == known[0].text
    assert bridge.base_of("one\n", known) == "one\n"
    assert bridge.base_of("new\n", []) == "new\n"


def test_a_write_that_was_seen_half_goes_on_from_there_only_while_it_is_fresh() -> None:
    known = [version("one\n", time=1000), version("one\ntwo\n")]
    assert bridge.is_cut_off("one\n", known[1:])
    assert not bridge.is_cut_off("one\ntwo\n", known[1:])
    assert bridge.base_of("one\ntwo\nthree\n", known, now=1500) == "one\n"
    assert bridge.base_of("one\ntwo\nthree\n", known, now=1000 + bridge.TORN) == "one\ntwo\n"


def test_a_save_is_written_where_nobody_holds_the_file_and_the_disk_is_known() -> None:
    known = [version("disk")]
    assert bridge.plan_save("disk", known, "disk", held=True) is Save.NOTHING
    assert bridge.plan_save("disk", known, "room", held=False) is Save.WRITE
    assert bridge.plan_save("disk", known, "room", held=True) is Save.EDITOR
    assert bridge.plan_save("other", known, "room", held=False) is Save.LOOK
    assert bridge.plan_save(None, known, "room", held=False) is Save.WRITE


def test_one_holder_has_the_lease_until_it_gives_it_back_or_its_time_is_over() -> None:
    clock, leases = Clock(), Leases()
    one = leases.take("one", clock.now)
    assert one is not None
    assert leases.take("two", clock.now) is None
    assert leases.current(clock.now) == one
    assert leases.give_back(one.number)
    assert not leases.give_back(one.number)
    two = leases.take("two", clock.now)
    assert two is not None
    clock.now += bridge.LEASE
    assert leases.current(clock.now) is None
    three = leases.take("three", clock.now)
    assert three is not None
    assert not leases.give_back(two.number)
    assert not leases.drop("two")
    assert leases.drop("three")
    assert leases.current(clock.now) is None


def test_an_editor_waits_after_anothers_save_and_not_after_its_own() -> None:
    clock, leases = Clock(), Leases()
    assert leases.wait("one", clock.now) == 0
    leases.saved("one", clock.now)
    assert leases.wait("one", clock.now) == 0
    assert leases.wait("two", clock.now) == bridge.APART
    clock.now += bridge.APART / 4
    assert leases.wait("two", clock.now) == bridge.APART * 3 / 4
    clock.now += bridge.APART
    assert leases.wait("two", clock.now) == 0


def test_what_an_editor_showed_since_it_began_to_save_may_be_in_the_file_for_a_while() -> None:
    shown = MaySave()
    shown.note(b"a", 0.0)
    shown.note(b"b", 5.0)
    assert shown.has(b"a", 9.0)
    assert shown.has(b"b", 9.0)
    assert not shown.has(b"c", 9.0)
    assert not shown.has(b"a", 10.0)
    shown.note(b"a", 11.0)
    assert shown.has(b"a", 20.0)
    assert not shown.has(b"b", 15.0)
