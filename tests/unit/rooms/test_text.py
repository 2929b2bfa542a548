"""The text of a room: whatever order edits come in, all copies become one; whatever bytes come, a copy stays whole."""

from __future__ import annotations

import random
import runpy
from typing import Any, NamedTuple, cast

import pycrdt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anvcs.errors import BadUpdateError, EditError
from anvcs.rooms import text as text_module
from anvcs.rooms.delta import IDENTITY, Delta, apply, normal
from anvcs.rooms.text import GROUP, WAITING, TextDoc, contains, merge, seed
from anvcs.rooms.updates import clients, state_vector
from tests.unit.rooms.texts import LAW, TEXTS, changes, deltas


def engine_text(doc: TextDoc) -> str:
    return str(doc._text)


def whole(doc: TextDoc) -> tuple[str, bytes]:
    """All that can be seen of a copy; its own index must agree with the engine."""
    assert doc.text == engine_text(doc)
    assert len(doc) == len(doc.text)
    return doc.text, doc.state()


def copy_of(doc: TextDoc, client: int | None = None) -> TextDoc:
    other = TextDoc(client)
    other.apply(doc.since())
    return other


def written(text: str, client: int = 1) -> TextDoc:
    doc = TextDoc(client)
    doc.edit((text,))
    return doc


# Edits


@LAW
@given(changes())
def test_an_edit_changes_every_copy_as_it_says(case: tuple[str, Delta]) -> None:
    text, delta = case
    doc = written(text) if text else TextDoc(1)
    other = copy_of(doc)
    update = doc.edit(delta)
    assert other.apply(update) == delta
    assert whole(doc)[0] == whole(other)[0] == apply(text, delta)
    assert other.apply(update) == IDENTITY


@pytest.mark.parametrize("delta", [(5, "x"), (-5,), (2, -3), (2, "y", -1, 2, -1)])
def test_an_edit_past_the_end_is_refused_and_nothing_is_cut(delta: Delta) -> None:
    # The engine would append it, or delete what there is and panic.
    doc = written("a😀中b")
    before = whole(doc)
    with pytest.raises(EditError, match="past the end"):
        doc.edit(delta)
    assert whole(doc) == before


@pytest.mark.parametrize("text", ["\ud83d", "a\ude00b", "\ude00\ud83d"])
def test_half_a_surrogate_pair_is_refused(text: str) -> None:
    doc = written("a")
    before = whole(doc)
    with pytest.raises(EditError, match="surrogate"):
        doc.edit((1, text))
    assert whole(doc) == before


@pytest.mark.promise("rooms.positions")
def test_positions_are_characters_where_the_engine_counts_bytes() -> None:
    # Inside a character the engine inserts at the end of the text, and deletes all behind it.
    text = "é中😀👨\u200d👩\u200d👧\u2028\x0cé\ne\u0301"
    for place in range(len(text) + 1):
        doc = written(text)
        doc.edit((place, "X"))
        assert whole(doc)[0] == text[:place] + "X" + text[place:]
    for place in range(len(text)):
        doc = written(text)
        doc.edit((place, -1) if place else (-1,))
        assert whole(doc)[0] == text[:place] + text[place + 1 :]


def test_an_edit_of_many_places_goes_through_the_engine_in_short_transactions() -> None:
    assert GROUP <= 1_000
    doc = written("ab" * 3 * GROUP)
    other = copy_of(doc)
    seen: list[int] = []
    watching = doc._doc.observe(lambda event: seen.append(len(event.update)))
    update = doc.edit(tuple(op for _ in range(2 * GROUP) for op in (1, "-")))
    del watching
    # Each place keeps one and inserts one.
    assert len(seen) == 2 * 2 * GROUP // GROUP
    other.apply(update)
    assert (
        whole(other)[0]
        == whole(doc)[0]
        == apply("ab" * 3 * GROUP, tuple(x for _ in range(2 * GROUP) for x in (1, "-")))
    )


def test_an_edit_that_breaks_the_engine_is_refused_and_leaves_the_text(monkeypatch: pytest.MonkeyPatch) -> None:
    doc = written("é" * 10)
    before = whole(doc)
    other = copy_of(doc)
    with monkeypatch.context() as wrong:
        wrong.setattr(type(doc._lines), "byte", lambda _self, offset: 3 * offset + 1)  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]
        with pytest.raises(EditError, match="engine"):
            doc.edit((1, "x", 2, -7))
    assert whole(doc) == before
    other.apply(doc.edit((1, "y")))
    assert whole(other)[0] == whole(doc)[0] == "éy" + "é" * 9


# Copies


class Step(NamedTuple):
    """What happens next."""

    who: int
    kind: str
    place: int
    size: int
    text: str


STEPS = st.lists(
    st.builds(
        Step,
        st.integers(0, 2),
        st.sampled_from(("type", "type", "rub", "put", "hear", "hear", "hear")),
        st.integers(0, 40),
        st.integers(0, 3),
        st.one_of(st.sampled_from(("a", "b", "é", "😀", "\n")), TEXTS),
    ),
    max_size=40,
)


class Writers:
    """Copies that write at once and hear of each other late, twice, or in the wrong order."""

    def __init__(self, count: int) -> None:
        self.docs = [TextDoc(number + 1) for number in range(count)]
        self._coming: list[list[bytes]] = [[] for _ in self.docs]
        self._carets = [0] * count

    def edit(self, who: int, delta: Delta) -> None:
        """One changes its copy."""
        doc = self.docs[who]
        before = doc.text
        update = doc.edit(delta)
        assert whole(doc)[0] == apply(before, delta)
        for number, coming in enumerate(self._coming):
            if number != who:
                coming.append(update)

    def hear(self, who: int, number: int = 0, *, again: bool = False) -> None:
        """One hears of what another did; ``again``: and not for the last time."""
        doc, coming = self.docs[who], self._coming[who]
        if not coming:
            return
        update = coming.pop(number % len(coming))
        if again:
            coming.append(update)
        before = doc.text
        delta = doc.apply(update)
        assert delta == normal(delta)
        assert whole(doc)[0] == apply(before, delta)

    def do(self, step: Step, *, in_order: bool) -> None:
        """What the step says."""
        doc, caret = self.docs[step.who], min(self._carets[step.who], len(self.docs[step.who]))
        if step.kind == "hear":
            for number in range(step.size + 1):
                self.hear(step.who, 0 if in_order else step.place + number, again=step.size == 3)
            return
        if step.kind == "type":
            delta = normal((caret, step.text))
        elif step.kind == "rub":
            gone = min(caret, max(step.size, 1))
            delta = normal((caret - gone, -gone))
        else:
            caret = min(step.place, len(doc))
            delta = normal((caret, step.text, -min(step.size, len(doc) - caret)))
        self._carets[step.who] = max(0, caret + sum(len(op) if isinstance(op, str) else min(op, 0) for op in delta))
        self.edit(step.who, delta)

    def finish(self, *, in_order: bool) -> None:
        """Everybody hears of everything."""
        for who, coming in enumerate(self._coming):
            while coming:
                self.hear(who, 0 if in_order else -1)
        assert len({doc.text for doc in self.docs}) == 1
        assert len({tuple(sorted(state_vector(doc.state()).items())) for doc in self.docs}) == 1


@pytest.mark.promise("rooms.copies-converge")
@LAW
@given(STEPS, st.booleans(), st.integers(2, 3))
def test_copies_that_hear_of_everything_are_one(steps: list[Step], in_order: bool, count: int) -> None:
    writers = Writers(count)
    for step in steps:
        writers.do(step._replace(who=step.who % count), in_order=in_order)
    writers.finish(in_order=in_order)


def test_many_writers_at_one_place_are_one_in_the_end() -> None:
    for number in range(60):
        rng = random.Random(number)  # noqa: S311 - the same each time
        writers = Writers(3)
        for _ in range(80):
            kind = rng.choice(("type", "type", "type", "rub", "hear", "hear"))
            step = Step(
                rng.randrange(3), kind, rng.randrange(40), rng.randrange(3), rng.choice(("x", "yz", "\n", "é😀"))
            )
            writers.do(step, in_order=rng.random() < 0.7)
        writers.finish(in_order=number % 2 == 0)


@pytest.mark.promise("rooms.copies-converge")
def test_updates_that_come_before_what_they_stand_on_wait_for_it() -> None:
    # The engine itself takes these in this order and then misses "cbb" for ever.
    doc, other = TextDoc(1), TextDoc(2)
    first = doc.edit(("ac",))
    other.apply(first)
    updates = [first]
    for writer, reader, delta in (
        (doc, other, (1, "b")),
        (other, doc, (2, "x")),
        (doc, other, (1, "y")),
        (doc, other, (-1,)),
    ):
        updates.append(writer.edit(delta))
        reader.apply(updates[-1])
    late = TextDoc(3)
    for update in reversed(updates[1:]):
        assert late.apply(update) == IDENTITY
        assert whole(late) == ("", TextDoc().state())
    assert apply("", late.apply(first)) == whole(late)[0] == doc.text
    assert late.state() == doc.state()


def test_more_updates_than_can_wait_are_had_by_asking_for_what_is_missing() -> None:
    doc = TextDoc(1)
    updates = [doc.edit((number, "x")) for number in range(WAITING + 5)]
    late = TextDoc(2)
    for update in updates[1:]:
        late.apply(update)
    assert len(late._waiting) <= WAITING
    late.apply(doc.since(late.state()))
    assert whole(late)[0] == doc.text


def test_what_is_missing_is_told_by_the_state() -> None:
    doc = written("one")
    other = copy_of(doc, 2)
    known = other.state()
    update = doc.edit((3, " two"))
    assert not contains(known, update)
    assert contains(doc.state(), update)
    other.apply(doc.since(known))
    assert other.state() == doc.state()
    assert len(doc.since(known)) < len(doc.since())


@LAW
@given(TEXTS, st.data())
def test_updates_in_one_do_what_they_do_one_by_one(text: str, data: st.DataObject) -> None:
    doc = TextDoc(1)
    updates = [doc.edit((text,) if text else ())]
    updates += [doc.edit(data.draw(deltas(doc.text))) for _ in range(4)]
    other = TextDoc(2)
    other.apply(merge(updates))
    assert whole(other) == (doc.text, doc.state())


def test_whose_edits_an_update_holds_is_read_from_it() -> None:
    doc = written("a😀", 7)
    assert clients(doc.since()) == {7: (0, 3)}
    assert clients(doc.edit((2, "éb"))) == {7: (3, 5)}
    assert clients(doc.edit((-1,))) == {}


# Seeds


@LAW
@given(TEXTS)
def test_the_same_text_begins_with_the_same_bytes_and_is_there_once(text: str) -> None:
    assert seed(text) == seed(text)
    doc = TextDoc()
    doc.apply(seed(text))
    assert doc.apply(seed(text)) == IDENTITY
    assert whole(doc)[0] == text


def test_other_texts_begin_as_other_clients() -> None:
    # One client id with two contents would never become one text again.
    ids = [next(iter(clients(seed(text)))) for text in ("a", "b", "ab", "é")]
    assert len(set(ids)) == len(ids)
    assert all(0 < number < 1 << 53 for number in ids)


# Bad updates


def number(value: int) -> bytes:
    out = b""
    while value > 0x7F:
        out += bytes((value & 0x7F | 0x80,))
        value >>= 7
    return out + bytes((value,))


def insertion(left: tuple[int, int] | None, right: tuple[int, int] | None, text: str) -> bytes:
    """An update of client 2, as Yjs writes it."""
    put = text.encode()
    sides = b"".join(number(client) + number(clock) for client, clock in filter(None, (left, right)))
    info = 4 | (0x80 if left else 0) | (0x40 if right else 0)
    return bytes((1, 1, 2, 0, info)) + sides + number(len(put)) + put + b"\0"


def deletion(clock: int, length: int) -> bytes:
    """An update that deletes text of client 1."""
    return bytes((0, 1, 1, 1)) + number(clock) + number(length)


def foreign(make: str) -> bytes:
    """What else a document of Yjs can hold."""
    doc: pycrdt.Doc[Any] = pycrdt.Doc()
    text = doc.get("text", type=pycrdt.Text)
    with doc.transaction():
        match make:
            case "root":
                doc.get("other", type=pycrdt.Text).insert(0, "x")
            case "map":
                doc.get("text2", type=pycrdt.Map)["key"] = 1
            case "array":
                doc.get("list", type=pycrdt.Array).append(1)
            case "format":
                text.insert(0, "bold")
                text.format(0, 2, {"bold": True})
            case "embed":
                text.insert_embed(0, {"image": 1})
            case _:
                doc.get("map", type=pycrdt.Map)["inner"] = pycrdt.Text("x")
    return doc.get_update()


def refused(doc: TextDoc, update: bytes) -> None:
    """It is refused, nothing has changed, and the copy goes on writing and hearing."""
    before = whole(doc)
    with pytest.raises(BadUpdateError) as refusal:
        doc.apply(update)
    assert refusal.value.way_out
    assert whole(doc) == before
    other = copy_of(doc)
    assert other.apply(doc.edit((len(doc), "!"))) == (len(before[0]), "!")
    assert doc.apply(other.edit((-1,))) == (-1,)
    assert whole(doc)[0] == whole(other)[0] == before[0][1:] + "!"


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        ("root", "not about the text named 'text'"),
        ("map", "text"),
        ("array", "more than text"),
        ("format", "more than text"),
        ("embed", "more than text"),
        ("nested", "more than text|inside something else|not about"),
    ],
)
def test_what_is_no_plain_text_is_refused_with_the_reason(make: str, reason: str) -> None:
    with pytest.raises(BadUpdateError, match=reason):
        clients(foreign(make))
    refused(written("text"), foreign(make))


@pytest.mark.parametrize(
    "update",
    [
        b"",
        b"\x01",
        b"\xff" * 11,
        b"no update at all",
        b"\x00\x00\x00",
        b"\x01\x01\x02\x00\x04\x01\x04text\x00\x00",
        b"\x01\x01\x02\x00\x00\x00\x00",
        b"\x01\x01\x02\x00\x00" + number(1 << 33) + b"\x00",
        b"\x01\x01\x02\x00\x00" + number(1 << 70) + b"\x00",
        b"\x01\x01\x02\x00\x04\x01\x04text\x02\xc3\x28\x00",
        b"\x01\x01\x02\x00\x04\x01\x04text\xff\xff\xff\xff\x0fa\x00",
        b"\x02\x01\x02\x00\x04\x01\x04text\x01a\x01\x02\x01\x84\x02\x00\x01b\x00",
        b"\x01\x02\x02\x00\x04\x01\x04text\x01a\x0a\x02\x00",
        # On an origin that far the engine panics.
        b"\x01\x01\x02\x00\x84\x01\xff\xff\xff\xff\x0f\x01a\x00",
        b"\x00\x01\x01\x01\x01\xff\xff\xff\xff\xff\x0f",
    ],
)
def test_bytes_that_are_no_update_are_refused(update: bytes) -> None:
    refused(written("text"), update)


@pytest.mark.promise("rooms.bad-updates")
@pytest.mark.parametrize(
    "update",
    [
        insertion((1, 1), (1, 2), "X"),
        insertion((1, 0), (1, 2), "X"),
        insertion(None, (1, 2), "é"),
        deletion(1, 1),
        deletion(2, 1),
        deletion(0, 2),
        deletion(2, 2),
    ],
)
@pytest.mark.parametrize("heard", [True, False])
def test_an_update_that_cuts_a_character_in_two_is_refused(update: bytes, heard: bool) -> None:
    # Yjs shows two broken characters there, the engine moves the text behind; a copy of it has it elsewhere again.
    doc = written("a😀bcd")
    refused(copy_of(doc, 3) if heard else doc, update)


def test_an_update_beside_a_character_of_two_units_is_taken() -> None:
    doc = written("a😀bcd")
    assert doc.apply(insertion((1, 2), (1, 3), "X")) == (2, "X")
    assert doc.apply(deletion(1, 2)) == (1, -1)
    assert whole(copy_of(doc)) == whole(doc)


def broken(update: bytes, rng: random.Random) -> bytes:
    data = bytearray(update)
    for _ in range(rng.randrange(1, 4)):
        place = rng.randrange(len(data))
        match rng.randrange(4):
            case 0:
                data[place] ^= 1 << rng.randrange(8)
            case 1:
                data[place] = rng.choice((0, 1, 4, 0x7F, 0x80, 0xFF, rng.randrange(256)))
            case 2:
                data.insert(place, rng.randrange(256))
            case _:
                del data[place:]
                data = data or bytearray(b"\x80")
    return bytes(data)


@pytest.mark.promise("rooms.bad-updates")
@pytest.mark.parametrize("start", range(4))
def test_whatever_bytes_come_a_copy_stays_whole_and_goes_on(start: int) -> None:
    rng = random.Random(start)  # noqa: S311 - the same each time
    source = written("line é\n中😀 x\n" * 3)
    updates = [source.since()]
    for _ in range(8):
        place = rng.randrange(len(source))
        updates.append(source.edit(normal((place, rng.choice(("a", "é", "b\n😀")), -rng.randrange(2)))))
    doc = copy_of(source, 5)
    for _ in range(1_500):
        before = whole(doc)
        try:
            delta = doc.apply(broken(rng.choice(updates), rng))
        except BadUpdateError:
            assert whole(doc) == before
        else:
            assert whole(doc)[0] == apply(before[0], delta)
        if len(doc) > 2_000:
            doc = copy_of(source, 5)
    doc.edit(("still here ",))
    assert whole(copy_of(doc))[0] == whole(doc)[0]
    assert doc.text.startswith("still here ")


def panicking(doc: TextDoc) -> None:
    """Let the engine break half-way in the next update, as it does with some bytes."""
    real = doc._engine

    class Broken:
        def __getattr__(self, name: str) -> Any:
            return getattr(real, name)

        def apply_update(self, transaction: Any, update: bytes) -> None:
            real.apply_update(transaction, update)
            doc._native.remove_range(transaction, 0, 3)
            doc._native.remove_range(transaction, 0, 1_000)

    doc._engine = cast("Any", Broken())


def test_a_panic_in_the_middle_of_an_update_is_an_error_and_leaves_the_text() -> None:
    # It derives from BaseException, and part of the update is done by then.
    doc = written("one é two")
    other = copy_of(doc, 2)
    update = other.edit((3, " more"))
    before = whole(doc)
    panicking(doc)
    with pytest.raises(BadUpdateError):
        doc.apply(update)
    assert whole(doc) == before
    assert doc.apply(update) == (3, " more")
    other.apply(doc.edit((-3, "1")))
    assert whole(doc)[0] == whole(other)[0] == "1 more é two"


@pytest.mark.parametrize(
    "update",
    [
        # One divides by zero in the engine; all of them raise what is no Exception.
        "010301000401047465787401610080000184010101630101010101",
    ],
)
def test_updates_on_which_the_engine_panics_are_refused(update: str) -> None:
    with pytest.raises(BaseException, match="divide by zero") as panic:
        pycrdt.Doc[Any]().apply_update(bytes.fromhex(update))
    assert not isinstance(panic.value, Exception)
    refused(written("text"), bytes.fromhex(update))


def _is_panic(error: BaseException) -> bool:
    return type(error).__name__ == "PanicException" and not isinstance(error, Exception)


def test_the_engine_deletes_a_part_and_panics_where_ours_refuses() -> None:
    doc: pycrdt.Doc[Any] = pycrdt.Doc()
    text = doc.get("text", type=pycrdt.Text)
    text.insert(0, "abc")
    with pytest.raises(BaseException, check=_is_panic):  # noqa: B017 - its class cannot be named
        del text[1:50]
    assert str(text) == "a"


def test_an_interrupt_is_no_bad_update(monkeypatch: pytest.MonkeyPatch) -> None:
    doc = written("a")

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    update = written("b", 2).since()
    monkeypatch.setattr(doc, "_follow", interrupted)
    with pytest.raises(KeyboardInterrupt):
        doc.apply(update)


def test_a_state_vector_that_is_none_is_refused() -> None:
    doc = written("abc")
    for state in (b"", b"\x05", b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"):
        with pytest.raises(BadUpdateError):
            doc.since(state)
        with pytest.raises(BadUpdateError):
            contains(state, doc.since())
    assert whole(doc)[0] == "abc"


def test_a_copy_that_was_rebuilt_has_all_that_it_had() -> None:
    doc = TextDoc(4)
    rng = random.Random(1)  # noqa: S311 - the same each time
    for _ in range(3_000):
        place = rng.randrange(len(doc) + 1)
        doc.edit(normal((place, rng.choice(("word ", "é", "😀\n")), -min(rng.randrange(3), len(doc) - place))))
    before = whole(doc)
    doc._rebuild()
    assert whole(doc) == before
    assert doc.client == 4
    assert len(doc._tail) < 3_000


def test_another_unit_of_the_engine_is_noticed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    class Counting(pycrdt.Text):
        def __len__(self) -> int:
            return 1

    monkeypatch.setattr(pycrdt, "Text", Counting)
    with pytest.raises(ImportError, match="1 units for 'é' where ANVCS counts on 2 UTF-8 bytes"):
        runpy.run_path(text_module.__file__)
