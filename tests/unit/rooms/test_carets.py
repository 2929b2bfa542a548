"""What an update changes is known without asking the engine, and always as the engine has it."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anvcs.errors import BadUpdateError
from anvcs.rooms import carets, updates
from anvcs.rooms.delta import Delta, apply
from anvcs.rooms.text import TextDoc
from anvcs.rooms.updates import contents


class Typist:
    """Someone who types in runs, goes back, deletes and pastes, and now and then hears of the others."""

    def __init__(self, rng: random.Random, letters: str) -> None:
        self.rng = rng
        self.letters = letters
        self.doc = TextDoc(rng.getrandbits(53))
        self.at = 0

    def act(self) -> bytes | None:
        """One change."""
        rng, size = self.rng, len(self.doc)
        self.at = rng.randint(0, size) if rng.random() < 0.15 else min(self.at, size)
        chance = rng.random()
        at = self.at
        if chance < 0.6 or not size:
            text = rng.choice(self.letters) if rng.random() < 0.8 else "".join(rng.choices(self.letters, k=4))
            self.at += len(text)
            return self.doc.edit(_at(at, text))
        if chance < 0.85 and at:
            count = 1 if rng.random() < 0.8 else min(at, 3)
            self.at -= count
            return self.doc.edit(_at(at - count, -count))
        if at < size:
            replace = ("x", -1) if rng.random() < 0.3 else (-1,)
            return self.doc.edit(_at(at, *replace))
        return None


def _at(place: int, *ops: int | str) -> Delta:
    return (place, *ops) if place else ops


@given(seed=st.integers(0, 2**32), letters=st.sampled_from(["ab\n", "aé", "a😀"]), everyone=st.booleans())
@settings(max_examples=120, deadline=None)
@pytest.mark.promise("rooms.attribution-exact")
def test_what_changed_is_always_what_the_engine_has(seed: int, letters: str, everyone: bool) -> None:
    rng = random.Random(seed)  # noqa: S311 - no secret
    room, text = TextDoc(1), ""
    typists = [Typist(rng, letters) for _ in range(3)]
    turn = typists[0]
    for _ in range(120):
        turn = rng.choice(typists) if rng.random() < 0.2 else turn
        update = turn.act()
        if update is not None:
            for _ in range(2 if rng.random() < 0.1 else 1):
                text = apply(text, room.apply(update, held=contents(update)))
                assert room.text == text == str(room._text)
        if everyone or rng.random() < 0.1:
            turn.doc.apply(room.since(turn.doc.state()))
    for typist in typists:
        typist.doc.apply(room.since(typist.doc.state()))
        assert typist.doc.text == text


def test_typing_on_and_going_back_follows_the_caret() -> None:
    author, room = TextDoc(5), TextDoc(1)
    followed: list[bool] = []
    for number, delta in enumerate(
        [("a",), (1, "b"), (2, "c"), (2, -1), (1, -1), (1, "d"), (2, "e"), ("x",), (1, "y")]
    ):
        held = contents(update := author.edit(delta))
        followed.append(carets.follow(room._caret, held) is not None)
        assert room.apply(update, held=held) == delta, number
    assert followed == [False, True, True, True, True, True, True, False, True]


def test_after_anything_else_the_caret_is_gone() -> None:
    author, room = TextDoc(5), TextDoc(1)
    room.apply(author.edit(("ab",)))
    room.edit(("z",))
    assert room._caret is None
    assert room.apply(author.edit((2, "c"))) == (3, "c")
    room.apply(author.edit(("1", -1)))
    assert room._caret is None


@given(seed=st.integers(0, 2**32), letters=st.sampled_from(["ab\n", "aé", "a😀"]))
@settings(max_examples=40, deadline=None)
def test_a_copy_that_is_restored_is_as_the_one_that_was_kept(seed: int, letters: str) -> None:
    rng = random.Random(seed)  # noqa: S311 - no secret
    room, typist = TextDoc(1), Typist(rng, letters)
    for _ in range(60):
        if update := typist.act():
            room.apply(update)
    again = TextDoc.restored(room.since(), client=1)
    assert (again.text, again.state(), again.since()) == (room.text, room.state(), room.since())
    assert again._clocks == room._clocks
    assert {each for each in room._pairs if each in again._pairs} == again._pairs
    for _ in range(20):
        if update := typist.act():
            assert again.apply(update) == room.apply(update)
    assert again.text == typist.doc.text


def test_a_copy_that_was_spoilt_is_refused() -> None:
    with pytest.raises(BadUpdateError):
        TextDoc.restored(b"\xff\xff\xff")


@given(seed=st.integers(0, 2**32))
@settings(max_examples=60, deadline=None)
def test_both_ways_of_reading_an_update_say_the_same(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 - no secret
    one, two = Typist(rng, "aé中😀"), Typist(rng, "bc")
    quick = 0
    for _ in range(40):
        turn, other = (one, two) if rng.random() < 0.3 else (two, one)
        update = turn.act()
        if update is None:
            continue
        for each in (update, update[: rng.randint(0, len(update))], update + b"\0", _flipped(update, rng)):
            found = updates._one_piece(each) or updates._one_removal(each)
            if found is not None:
                quick += 1
                assert found == updates._all_contents(each)
        other.doc.apply(update)
    assert quick


def _flipped(update: bytes, rng: random.Random) -> bytes:
    spoilt = bytearray(update)
    spoilt[rng.randrange(len(spoilt))] ^= 1 << rng.randrange(8)
    return bytes(spoilt)
