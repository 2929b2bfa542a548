"""Attribution: every character's writer is known, through deletions, undo and redo, as a list of characters says."""

from __future__ import annotations

import random
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anvcs.errors import CorruptStoreError
from anvcs.rooms import attribution as module
from anvcs.rooms.attribution import Attribution, Deleted, Overlap, Run
from anvcs.rooms.delta import Delta, apply

CHARACTERS = "ab\né中😀"


class Characters:
    """The same rules, one character at a time."""

    def __init__(self) -> None:
        self.all: list[tuple[str, list[int]]] = []

    def text(self) -> str:
        """The living ones."""
        return "".join(char for char, events in self.all if len(events) % 2)

    def seqs(self) -> list[int]:
        """The writer of each living one."""
        return [events[0] for _, events in self.all if len(events) % 2]

    def _behind(self, position: int) -> int:
        """The index right behind the living character before the position."""
        if not position:
            return 0
        living = [index for index, (_, events) in enumerate(self.all) if len(events) % 2]
        return living[position - 1] + 1

    def apply(self, delta: Delta, seq: int) -> None:
        """Take in an edit."""
        position = 0
        for op in delta:
            if isinstance(op, str):
                at = self._behind(position)
                self.all[at:at] = [(char, [seq]) for char in op]
                position += len(op)
            elif op > 0:
                position += op
            else:
                for _ in range(-op):
                    living = [events for _, events in self.all if len(events) % 2]
                    living[position].append(seq)

    def undo(self, seqs: Iterable[int], seq: int) -> None:
        """Take edits back, as the edit ``seq``."""
        wanted = set(seqs)
        for _, events in self.all:
            if _stands(events, wanted) != bool(len(events) % 2):
                events.append(seq)


def _stands(events: list[int], wanted: set[int]) -> bool:
    """Whether a character is there without these edits, where nobody else's stands above them."""
    if not events:
        return False
    if events[-1] in wanted:
        return _stands(events[:-1], wanted)
    living = len(events) % 2 == 1
    if living and len(events) > 1 and _touched(events[:-2], wanted):
        return _stands(events[:-2], wanted)
    return living


def _touched(events: list[int], wanted: set[int]) -> bool:
    """Whether taking back would reach one of them."""
    if not events or events[-1] in wanted:
        return bool(events)
    return len(events) % 2 == 1 and len(events) > 1 and _touched(events[:-2], wanted)


def random_delta(rng: random.Random, length: int) -> Delta:
    """One to three changes in a text of that length."""
    ops: list[int | str] = []
    left = length
    for _ in range(rng.randint(1, 3)):
        keep = rng.randint(0, left) if rng.random() < 0.8 else 0
        left -= keep
        if keep:
            ops.append(keep)
        elif ops:
            break
        if rng.random() < 0.6 or not left:
            ops.append("".join(rng.choices(CHARACTERS, k=rng.randint(1, 6))))
        if left and rng.random() < 0.6:
            gone = rng.randint(1, min(left, 9))
            ops.append(-gone)
            left -= gone
        elif ops and ops[-1] == keep:
            ops.pop()
            break
    return tuple(ops)


def per_character(found: Attribution) -> list[int]:
    """The writer of each character."""
    return [run.seq for run in found.runs() for _ in range(run.length)]


@given(seed=st.integers(0, 2**32), steps=st.integers(1, 60))
@settings(max_examples=150, deadline=None)
@pytest.mark.promise("rooms.attribution-exact")
def test_every_run_is_as_a_list_of_characters_says(seed: int, steps: int) -> None:
    rng = random.Random(seed)  # noqa: S311 - no secret
    old = module.MOST, module.PIECE, module.LOADED
    module.MOST, module.PIECE, module.LOADED = 6, 4, 2
    try:
        ours, oracle, text = Attribution(), Characters(), ""
        for seq in range(1, steps + 1):
            if rng.random() < 0.3 and seq > 1:
                wanted = rng.sample(range(1, seq), min(seq - 1, rng.randint(1, 4)))
                undo = ours.undo(wanted)
                oracle.undo(wanted, seq)
                delta, restores = undo
            else:
                delta, restores = random_delta(rng, len(text)), None
                oracle.apply(delta, seq)
            text = apply(text, delta)
            ours.apply(delta, seq, restores=restores)
            assert ours.text() == text == oracle.text()
            assert len(ours) == len(text)
            assert per_character(ours) == oracle.seqs()
            if rng.random() < 0.2:
                ours = Attribution.decode(ours.encode())
            if rng.random() < 0.1:
                ours.rest()
        flat = [(char, list(events)) for piece, events in ours.segments() for char in piece]
        assert flat == oracle.all
        assert [run.length > 0 for run in ours.runs()] == [True] * len(ours.runs())
    finally:
        module.MOST, module.PIECE, module.LOADED = old


@given(seed=st.integers(0, 2**32))
@settings(max_examples=60, deadline=None)
def test_an_undo_right_after_the_edit_gives_the_text_back_and_a_redo_the_edit(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 - no secret
    found = Attribution("some text\nof a file\n", 1)
    for seq in range(2, 60, 3):
        before, writers = found.text(), per_character(found)
        found.apply(random_delta(rng, len(before)), seq)
        after, now = found.text(), per_character(found)
        undo = found.undo([seq])
        found.apply(undo.delta, seq + 1, restores=undo.restores)
        assert (found.text(), per_character(found)) == (before, writers)
        redo = found.undo([seq + 1])
        found.apply(redo.delta, seq + 2, restores=redo.restores)
        assert (found.text(), per_character(found)) == (after, now)


@given(seed=st.integers(0, 2**32))
@settings(max_examples=60, deadline=None)
def test_an_undo_never_touches_what_another_wrote(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 - no secret
    found = Attribution("first line\nsecond line\n", 1)
    for seq in range(2, 40):
        found.apply(random_delta(rng, len(found)), seq)
    # Even ones are of one actor, odd ones of the other.
    expected = "".join(
        text for text, events in found.segments() if events[0] % 2 and not any(seq % 2 for seq in events[1:])
    )
    undo = found.undo(range(2, 40, 2))
    found.apply(undo.delta, 40, restores=undo.restores)
    assert found.text() == expected
    assert all(run.seq % 2 for run in found.runs())


def test_a_deletion_that_was_taken_back_keeps_nobody_from_taking_back_what_was_deleted() -> None:
    found = Attribution("anna", 1)
    for wanted, seq in (([], 2), ([2], 3), ([1], 4)):
        delta, restores = found.undo(wanted) if wanted else ((1, -2), ())
        found.apply(delta, seq, restores=restores)
    assert found.text() == ""


def test_restored_text_keeps_its_first_author() -> None:
    found = Attribution("hello world", 1)
    found.apply((5, -6), 2)
    assert found.deleted() == [Deleted(5, " world", 1, 2)]
    undo = found.undo([2])
    assert undo.delta == (5, " world")
    found.apply(undo.delta, 3, restores=undo.restores)
    assert found.runs() == [Run(11, 1)]
    assert found.deleted() == []


def test_deleted_text_stays_where_it_was() -> None:
    found = Attribution("abcdef", 1)
    found.apply((2, -2), 2)
    found.apply(("xx",), 3)
    assert found.text() == "xxabef"
    assert found.deleted() == [Deleted(4, "cd", 1, 2)]
    undo = found.undo([2])
    assert apply(found.text(), undo.delta) == "xxabcdef"


def test_what_does_not_fit_comes_back_as_new_text() -> None:
    found = Attribution("abc", 1)
    found.apply((1, "zz"), 2, restores=((0, 2),))
    assert found.text() == "azzbc"
    assert found.runs() == [Run(1, 1), Run(2, 2), Run(2, 1)]


def test_a_delta_past_the_end_changes_nothing() -> None:
    found = Attribution("abc", 1)
    with pytest.raises(ValueError, match="past the end"):
        found.apply((1, "x", -3), 2)
    assert found.runs() == [Run(3, 1)]


def test_damaged_bytes_are_named() -> None:
    good = Attribution("abc", 1).encode()
    for bad in (b"", good[:-1], b"\x92\x09\x90"):
        with pytest.raises(CorruptStoreError):
            Attribution.decode(bad)


def test_living_text_alone_forgets_what_was_deleted() -> None:
    found = Attribution("keep secret\n", 1)
    found.apply((5, -6), 2)
    living = found.living()
    assert (living.text(), living.runs()) == (found.text(), found.runs())
    assert b"secret" not in living.encode()
    assert b"secret" in found.encode()


def test_one_actors_edits_alone_are_the_text_without_the_others() -> None:
    found = Attribution("one\ntwo\nthree\n", 1)
    found.apply((4, "mine\n"), 2)
    found.apply((len(found), "theirs\n"), 3)
    only = found.only({2}, base=1)
    assert only.text == "one\nmine\ntwo\nthree\n"
    assert only.overlaps == ()


def test_edits_that_touch_the_same_text_overlap_by_name() -> None:
    found = Attribution("one\n", 1)
    found.apply((4, "their line\n"), 2)
    found.apply((9, " own"), 3)
    found.apply((4, -5), 4)
    assert found.text() == "one\n own line\n"
    deleted_theirs = found.only({4}, base=1)
    assert deleted_theirs.text == "one\n"
    assert deleted_theirs.overlaps == (Overlap(4, 4, (2,)),)
    inside = found.only({3}, base=1)
    assert [overlap.seqs for overlap in inside.overlaps] == [(2,)]


def test_a_long_text_is_cut_into_pieces_and_stays_whole() -> None:
    text = "0123456789" * 60_000
    found = Attribution(text, 1)
    found.apply((300_000, "x", -5), 2)
    assert found.text() == text[:300_000] + "x" + text[300_005:]
    assert found.runs() == [Run(300_000, 1), Run(1, 2), Run(299_995, 1)]
