"""The binding: an editor and a room's copy come together whatever happens in between."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anvcs.rooms.binding import PATIENCE, Binding, Found, Push, Reason
from anvcs.rooms.delta import Delta, apply, from_edits
from anvcs.rooms.lines import Lines
from anvcs.rooms.outside import merged
from anvcs.rooms.shadow import text_hash
from tests.unit.rooms.simulation.window import Change, Position, Range


def replace(start: tuple[int, int], end: tuple[int, int], text: str) -> Change:
    return Change(Range(Position(*start), Position(*end)), text)


def insert(line: int, character: int, text: str) -> Change:
    return replace((line, character), (line, character), text)


class Pair:
    """A binding with the room's copy beside it, and an editor that does what it is asked."""

    def __init__(self, text: str) -> None:
        self.binding = Binding.open(text, 1, text, text).binding
        self.room = text

    def wrote(self, delta: Delta) -> None:
        """The user's edit reaches the room's copy."""
        self.room = apply(self.room, delta)

    def event(self, *changes: Change, dirty: bool | None = True, reason: Reason | None = None) -> str:
        """The editor reports; gives what it was taken for."""
        found = self.binding.changed(self.binding.version + 1, changes, dirty=dirty, reason=reason)
        self.wrote(found.delta)
        return found.kind

    def remote(self, delta: Delta) -> None:
        """Others write."""
        self.room = apply(self.room, delta)
        self.binding.remote(delta)

    def push(self) -> Push:
        """What goes to the editor now."""
        push = self.binding.push()
        assert push is not None
        return push

    def echo(self, push: Push) -> str:
        """The editor does what it was asked."""
        return self.event(*(replace(*edit) for edit in reversed(push.edits)))

    def settle(self) -> None:
        """The editor takes all that there is."""
        while push := self.binding.push():
            assert self.echo(push) == "echo"
            self.wrote(self.binding.answered(push, applied=True))
        assert self.binding.settled
        assert self.binding.text == self.room


def test_what_others_write_reaches_the_editor_and_comes_back_as_an_echo() -> None:
    pair = Pair("a\nb\n")
    pair.remote((2, "x\n"))
    push = pair.push()
    assert push == Push(1, (((1, 0), (1, 0), "x\n"),))
    assert pair.binding.push() is None
    assert pair.echo(push) == "echo"
    pair.wrote(pair.binding.answered(push, applied=True))
    assert pair.binding.settled
    assert pair.binding.text == pair.room == "a\nx\nb\n"


def test_several_ranges_of_one_event_come_from_the_last_to_the_first_as_vs_code_sends_them() -> None:
    pair = Pair("a😀b\nc\n")
    pair.remote((6, "new\n"))
    assert pair.event(insert(1, 1, "2"), insert(0, 3, "1")) == "user"
    assert pair.room == "a😀1b\nc2\nnew\n"
    pair.settle()


def test_changes_of_one_event_are_each_on_the_text_that_those_before_left() -> None:
    pair = Pair("ab\n")
    pair.event(insert(0, 0, "x\n"), insert(1, 2, "y"), replace((0, 0), (1, 0), ""))
    assert pair.room == "aby\n"


def test_a_whole_text_is_read_as_the_few_words_that_it_changes() -> None:
    pair = Pair("one two\nthree\nfour\n")
    pair.remote((14, "room\n"))
    pair.event(Change(None, "one 2\r\nthree\r\nfour!\r\n"))
    assert pair.room == "one 2\nthree\nroom\nfour!\n"
    pair.settle()


def test_line_ends_of_an_editor_and_half_characters_do_not_get_into_the_room() -> None:
    pair = Pair("a\n")
    pair.event(insert(1, 0, "b\r\nc\rd\ud83d"))
    assert pair.room == pair.binding.text == "a\nb\nc\nd\ufffd"


def test_an_answer_may_come_before_the_edit_it_is_about() -> None:
    pair = Pair("a\n")
    pair.remote((2, "b\n"))
    push = pair.push()
    pair.wrote(pair.binding.answered(push, applied=True))
    pair.remote((4, "c\n"))
    assert pair.binding.push() is None
    assert pair.echo(push) == "echo"
    pair.settle()


def test_a_refused_edit_is_given_again_on_the_text_that_made_it_refused() -> None:
    pair = Pair("a\n")
    pair.remote((2, "b\n"))
    push = pair.push()
    assert pair.event(insert(0, 0, "user ")) == "user"
    assert pair.binding.push() is None
    pair.wrote(pair.binding.answered(push, applied=False))
    assert pair.push() == Push(2, (((1, 0), (1, 0), "b\n"),))


def test_an_edit_that_comes_late_at_its_old_place_is_put_right_and_not_taken_for_typing() -> None:
    pair = Pair("a\nb\n")
    pair.remote((2, "x\n"))
    push = pair.push()
    pair.event(insert(0, 0, "new\n"))
    assert pair.echo(push) == "late"
    assert pair.room == "new\na\nx\nb\n"
    pair.wrote(pair.binding.answered(push, applied=True))
    pair.settle()


def test_who_types_just_what_is_on_its_way_has_typed_it() -> None:
    pair = Pair("a\n")
    pair.remote((1, "!"))
    push = pair.push()
    assert pair.event(insert(0, 1, "!")) == "echo"
    assert pair.event(insert(0, 2, "1")) == "user"
    assert pair.room == "a!\n"
    pair.wrote(pair.binding.answered(push, applied=False))
    assert pair.room == "a!1!\n"
    pair.settle()


def test_an_edit_that_comes_after_the_user_typed_just_the_same_is_the_late_one() -> None:
    pair = Pair("a\n")
    pair.remote((1, "!"))
    push = pair.push()
    assert pair.event(insert(0, 1, "!")) == "echo"
    assert pair.echo(push) == "late"
    pair.wrote(pair.binding.answered(push, applied=True))
    assert pair.room == "a!!\n"
    pair.settle()


def test_an_edit_that_is_never_recognised_does_not_block_the_next_for_ever() -> None:
    pair = Pair("a\n")
    pair.remote((2, "b\n"))
    pair.wrote(pair.binding.answered(pair.push(), applied=True))
    for _ in range(PATIENCE):
        assert pair.binding.push() is None
        pair.event(insert(0, 0, "."))
    pair.settle()


def test_a_lost_answer_holds_back_neither_what_others_write_nor_the_user() -> None:
    pair = Pair("a\n")
    pair.remote((2, "b\n"))
    push = pair.push()
    pair.echo(push)
    for _ in range(PATIENCE):
        pair.event(insert(0, 0, "."))
    assert pair.room.startswith("." * PATIENCE)
    pair.wrote(pair.binding.answered(push, applied=None))
    pair.settle()


# The disk


def test_a_reload_of_what_the_room_has_is_nobodys_writing() -> None:
    pair = Pair("a\n")
    pair.remote((2, "agent\n"))
    push = pair.push()
    assert pair.event(insert(1, 0, "agent\n"), dirty=False) == "reload"
    pair.wrote(pair.binding.answered(push, applied=False))
    assert pair.room == pair.binding.text == "a\nagent\n"
    pair.settle()


def test_a_reload_of_unknown_text_waits_until_the_room_has_looked() -> None:
    pair = Pair("a\n")
    found = pair.binding.changed(2, [insert(1, 0, "agent\n")], dirty=False)
    assert found == Found("reload", look=True)
    assert not pair.binding.is_known
    assert pair.binding.push() is None
    assert pair.event(insert(1, 5, "!")) == "user"
    assert pair.room == "a\n"
    pair.remote((2, "agent\n"))
    pair.wrote(pair.binding.release())
    assert pair.room == "a\nagent!\n"
    pair.settle()
    assert pair.binding.is_known


def test_what_was_read_from_the_disk_and_is_taken_back_is_not_known_to_the_room_meanwhile() -> None:
    pair = Pair("a\n")
    assert pair.binding.changed(2, [insert(1, 0, "agent\n")], dirty=False).look
    # The room has looked, and could not take it in yet.
    pair.wrote(pair.binding.release())
    assert pair.binding.push() is not None
    assert not pair.binding.is_known


def test_a_reload_of_a_text_that_the_room_knows_waits_for_nothing() -> None:
    pair = Pair("a\nb\n")
    pair.binding.known(text_hash("a\n"))
    pair.remote((4, "c\n"))
    found = pair.binding.changed(2, [replace((1, 0), (2, 0), "")], dirty=False)
    assert found == Found("reload")
    pair.settle()
    assert pair.room == "a\nb\nc\n"


def test_to_know_the_text_is_as_good_as_a_look() -> None:
    pair = Pair("a\n")
    assert pair.binding.changed(2, [insert(1, 0, "saved\n")], dirty=False).look
    pair.remote((2, "saved\n"))
    pair.wrote(pair.binding.known(text_hash("a\nsaved\n")))
    assert pair.binding.release() == ()
    pair.settle()


def test_each_look_is_waited_for() -> None:
    pair = Pair("a\n")
    assert pair.binding.changed(2, [insert(1, 0, "1\n")], dirty=False).look
    assert pair.binding.changed(3, [insert(2, 0, "2\n")], dirty=False).look
    pair.remote((2, "1\n"))
    pair.wrote(pair.binding.release())
    assert pair.binding.push() is None
    pair.remote((4, "2\n"))
    pair.wrote(pair.binding.release())
    pair.settle()
    assert pair.room == "a\n1\n2\n"


# Undo


def test_a_native_undo_never_reaches_the_room_and_the_difference_goes_back_at_once() -> None:
    pair = Pair("a\n")
    pair.event(insert(1, 0, "mine\n"))
    pair.remote((7, "theirs\n"))
    push = pair.push()
    pair.echo(push)
    pair.wrote(pair.binding.answered(push, applied=True))
    found = pair.binding.changed(4, [replace((1, 0), (3, 0), "")], dirty=True, reason="undo")
    assert found == Found("undo", undo="undo")
    assert pair.room == "a\nmine\ntheirs\n"
    assert pair.binding.push() is None
    pair.remote((2, -5))
    pair.binding.undone()
    assert pair.push() == Push(4, (((1, 0), (1, 0), "theirs\n"),))


def test_a_native_undo_of_what_the_room_has_not_got_is_no_undo_of_the_room() -> None:
    pair = Pair("a\n")
    pair.binding.will_save()
    pair.event(insert(1, 0, "mine\n"))
    assert pair.event(replace((1, 0), (2, 0), ""), reason="undo") == "undo"
    assert pair.event(insert(1, 0, "mine\n"), reason="redo") == "redo"
    pair.wrote(pair.binding.granted())
    assert pair.room == "a\nmine\n"
    pair.settle()


# Saves


@pytest.mark.promise("rooms.saves-once")
def test_what_formatters_of_two_windows_do_in_the_same_way_is_done_once() -> None:
    pair = Pair("a=1\nb=2\n")
    pair.binding.will_save()
    assert pair.event(replace((1, 1), (1, 2), " = "), replace((0, 1), (0, 2), " = ")) == "user"
    assert pair.room == "a=1\nb=2\n"
    pair.remote((1, " ", 1, " ", 3, " ", 1, " "))
    pair.wrote(pair.binding.granted())
    assert pair.room == pair.binding.text == "a = 1\nb = 2\n"
    pair.settle()


def test_what_was_typed_beside_the_same_formatting_stays() -> None:
    pair = Pair("a\n")
    pair.binding.will_save()
    pair.event(insert(0, 0, "# header\n"))
    pair.event(insert(1, 0, "mine\n"))
    pair.remote(("# header\ntheirs\n",))
    pair.wrote(pair.binding.granted())
    pair.settle()
    assert pair.room == "# header\nmine\ntheirs\na\n"


def test_the_same_key_at_the_same_place_is_pressed_twice_even_while_a_save_waits() -> None:
    pair = Pair("a\n")
    pair.binding.will_save()
    pair.event(insert(0, 1, "!"))
    pair.remote((1, "!"))
    pair.wrote(pair.binding.granted())
    pair.settle()
    assert pair.room == "a!!\n"


def test_an_editor_is_brought_up_to_date_for_its_save_and_then_left_alone() -> None:
    pair = Pair("a\n")
    pair.remote((2, "b\n"))
    pair.binding.will_save()
    pair.binding.granted()
    assert not pair.binding.caught_up
    push = pair.push()
    pair.echo(push)
    pair.binding.answered(push, applied=True)
    assert pair.binding.push() is None
    assert pair.binding.caught_up
    pair.remote((4, "c\n"))
    assert pair.binding.push() is None
    assert pair.binding.saving
    pair.binding.saved(pair.binding.version)
    assert not pair.binding.saving
    pair.settle()


def test_what_was_held_for_a_save_that_never_was_granted_is_not_lost() -> None:
    pair = Pair("a\n")
    pair.binding.will_save()
    pair.event(insert(1, 0, "mine\n"))
    pair.wrote(pair.binding.saved())
    assert pair.room == "a\nmine\n"


# Repair


@pytest.mark.promise("rooms.resync-loses-nothing")
def test_a_text_that_differs_from_what_was_known_is_repaired_without_a_loss() -> None:
    pair = Pair("a\nb\nc\n")
    pair.remote((6, "theirs\n"))
    pair.remote((2, -2))
    assert pair.binding.check(text_hash("a\nb\nc\n"))
    assert not pair.binding.check(text_hash("a\nb\nmine\nc\n"))
    pair.wrote(pair.binding.resync(9, "a\r\nb\r\nmine\r\nc\r\n").delta)
    assert pair.room == "a\nmine\nc\ntheirs\n"
    assert pair.binding.version == 9
    pair.settle()


def test_a_repair_finds_the_edit_that_arrived_unseen() -> None:
    pair = Pair("a\nb\n")
    pair.remote((4, "theirs\n"))
    pair.push()
    pair.wrote(pair.binding.resync(2, "a\nmine\nb\ntheirs\n").delta)
    assert pair.room == "a\nmine\nb\ntheirs\n"
    pair.settle()


# Joining


@pytest.mark.promise("rooms.unsaved-text-joins")
def test_unsaved_text_and_room_merge_from_the_text_that_both_stand_on() -> None:
    opened = Binding.open("a\r\nmine\r\nb\r\n", 3, "a\nb\ntheirs\n", "a\nb\n")
    assert opened.copy is None
    room = apply("a\nb\ntheirs\n", opened.delta)
    assert room == "a\nmine\nb\ntheirs\n"
    push = opened.binding.push()
    assert push == Push(3, (((3, 0), (3, 0), "theirs\n"),))


@pytest.mark.promise("rooms.unsaved-text-joins")
def test_unsaved_text_that_stands_on_nothing_known_is_kept_as_a_copy() -> None:
    opened = Binding.open("mine\r\n", 1, "theirs\n", None)
    assert (opened.delta, opened.copy) == ((), "mine\r\n")
    push = opened.binding.push()
    assert push == Push(1, (((0, 0), (0, 4), "theirs"),))


def test_a_document_that_shows_the_room_joins_without_a_word() -> None:
    opened = Binding.open("a\r\n", 1, "a\n", None)
    assert (opened.delta, opened.copy) == ((), None)
    assert opened.binding.settled


# Laws

STEPS = st.lists(
    st.tuples(
        st.sampled_from(("user", "remote", "push", "answer", "echo", "reload", "undo", "undone", "look", "save")),
        st.integers(0, 1 << 30),
    ),
    max_size=40,
)


@given(STEPS)
@settings(max_examples=300, deadline=None)
def test_whatever_comes_in_whatever_order_editor_and_room_end_with_one_text(steps: list[tuple[str, int]]) -> None:
    pair = Pair("a\nb😀\n")
    asked: Push | None = None
    came = False
    for kind, number in steps:
        binding, text = pair.binding, pair.binding.text
        start = number % (len(text) + 1)
        end = min(len(text), start + number // 7 % 3)
        edit = [(start, end, ("", "x", "y\n", "é中😀")[number // 31 % 4])]
        if kind in ("user", "reload", "undo"):
            lines = Lines(text)
            changes = [replace(lines.position(start), lines.position(end), edit[0][2])]
            pair.event(*changes, dirty=kind != "reload", reason="undo" if kind == "undo" else None)
        elif kind == "remote":
            place = number % (len(pair.room) + 1)
            pair.remote(from_edits([(place, min(len(pair.room), place + number // 7 % 3), "r")]))
        elif kind == "push" and asked is None:
            asked, came = binding.push(), False
        elif kind == "echo" and asked is not None and not came and binding.version == asked.version:
            pair.echo(asked)
            came = True
        elif kind == "answer" and asked is not None:
            pair.wrote(binding.answered(asked, applied=came))
            asked = None
        elif kind == "undone":
            binding.undone()
        elif kind == "look":
            pair.wrote(binding.release())
        elif kind == "save":
            pair.wrote((binding.will_save, binding.granted, binding.saved)[number % 3]() or ())
    if asked is not None:
        pair.wrote(pair.binding.answered(asked, applied=came))
    for _ in steps:
        pair.binding.undone()
        pair.wrote(pair.binding.release())
    pair.wrote(pair.binding.saved())
    pair.settle()


@given(st.text("ab\n", max_size=12), st.data())
@settings(max_examples=300, deadline=None)
def test_changes_merged_once_meet_and_equal_ones_are_one(text: str, data: st.DataObject) -> None:
    def change() -> Delta:
        places = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=4)))
        return from_edits(
            (start, end, data.draw(st.sampled_from(("", "a", "x\n", "x\ny\n"))))
            for start, end in zip(places[::2], places[1::2], strict=False)
        )

    ours, theirs = change(), change()
    our_rest, their_rest = merged(ours, theirs)
    assert apply(apply(text, ours), their_rest) == apply(apply(text, theirs), our_rest)
    assert merged(ours, ours) == ((), ())
