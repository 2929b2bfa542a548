"""What of a note may leave, and the laws of joining two copies of one."""

from __future__ import annotations

import secrets

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anvcs import wire
from anvcs.provenance import notes, record
from anvcs.provenance.notes import NoteLine, line_of
from anvcs.provenance.projection import join, project, valued
from anvcs.provenance.record import Record

COMMIT, TREE = "1" * 40, "a" * 40
ID = "b3:" + "c" * 64
RECORDS = [
    record.make_record(wire.Metadata(prompt=f"why {n}", model="m", env={"CI": "1"}), TREE, secrets.token_bytes)
    for n in range(3)
]
FOREIGN = [b"free text", b'{"v":2,"prompt":"later"}', b"{broken"]


def line(found: Record, *, agent: str | None = None) -> bytes:
    made = NoteLine(commit=COMMIT, tree=TREE, commit_id=ID, meta=found.root, record=found.to_builtins(), agent=agent)
    return line_of(made)


@st.composite
def copies(draw: st.DrawFn) -> bytes:
    """A note with some lines, each with some of its record's values gone."""
    parts: list[bytes] = []
    lines = st.tuples(st.sampled_from(range(len(RECORDS))), st.sampled_from([None, "agent:foo"]))
    for number, agent in draw(st.lists(lines, max_size=3, unique=True)):
        found = RECORDS[number]
        gone = draw(st.sets(st.sampled_from(sorted(found.fields))))
        kept = found
        for name in gone:
            kept = kept.purge(name)
        parts.append(line(kept, agent=agent))
    parts += [each + b"\n" for each in draw(st.lists(st.sampled_from(FOREIGN), max_size=2, unique=True))]
    return b"".join(parts)


def content(note: bytes | None) -> set[bytes]:
    return set((note or b"").splitlines())


@settings(deadline=None)
@given(copies(), copies())
def test_joining_is_the_same_from_either_side(one: bytes, two: bytes) -> None:
    assert content(join(one, two)) == content(join(two, one))


@settings(deadline=None)
@given(copies(), copies(), copies())
def test_joining_again_adds_nothing_and_the_way_does_not_matter(one: bytes, two: bytes, three: bytes) -> None:
    both = join(one, two)
    assert join(both, two) == both
    assert join(both, one) == both
    left, right = join(both, three), join(one, join(two, three))
    assert content(join(left, right)) == content(left)
    assert content(join(right, left)) == content(right)


@settings(deadline=None)
@given(copies(), copies())
def test_no_value_and_no_foreign_line_is_lost(one: bytes, two: bytes) -> None:
    joined = content(join(one, two))
    for each in content(one) | content(two):
        found = notes.read_line(each)
        if found is None:
            assert each in joined
            continue
        opened = found.open_record()
        assert opened is not None
        keys = {name for name, field in opened.fields.items() if isinstance(field, record.Field)}
        twins = [
            other
            for text in joined
            if (other := notes.read_line(text)) is not None and (other.meta, other.agent) == (found.meta, found.agent)
        ]
        assert len(twins) == 1
        assert any(
            keys <= {name for name, field in whole.fields.items() if isinstance(field, record.Field)}
            for whole in (twin.open_record() for twin in twins)
            if whole is not None
        )


@settings(deadline=None)
@given(copies())
def test_a_projection_of_hashes_has_neither_values_nor_salts_nor_foreign_lines(note: bytes) -> None:
    projected = project(note, "hashes") or b""
    assert b'"salt"' not in projected
    assert b'"value"' not in projected
    assert b"why" not in projected
    assert all(notes.read_line(each) is not None for each in content(projected))
    roots = {found.meta for each in content(note) if (found := notes.read_line(each)) is not None}
    kept = {found.meta for each in content(projected) if (found := notes.read_line(each)) is not None}
    assert kept == roots
    assert valued(projected) == 0
    # What is known here is not touched by what comes back from there.
    assert content(join(note, projected)) == content(note)


def test_full_is_all_and_none_is_nothing() -> None:
    note = line(RECORDS[0]) + b"free text\n"
    assert project(note, "full") == note
    assert project(note, "none") is None
    assert project(b"free text\n", "hashes") is None
    assert valued(note) == 1


def test_fields_that_a_later_version_adds_do_not_leave_as_hashes() -> None:
    raw = msgspec.json.decode(line(RECORDS[0]))
    raw["secret"] = "why not"
    projected = project(msgspec.json.encode(raw) + b"\n", "hashes")
    assert projected is not None
    assert b"secret" not in projected


def test_a_record_that_does_not_fit_its_root_leaves_without_itself() -> None:
    raw = msgspec.json.decode(line(RECORDS[0]))
    raw["record"] = RECORDS[1].to_builtins()
    projected = project(msgspec.json.encode(raw) + b"\n", "hashes")
    assert projected is not None
    assert b'"record"' not in projected


def test_what_was_purged_here_is_not_brought_back() -> None:
    ours = line(RECORDS[0].purge("prompt"))
    joined = join(
        ours, line(RECORDS[0]), lambda root: frozenset({"prompt"}) if root == RECORDS[0].root else frozenset()
    )
    assert joined == ours
    assert join(ours, line(RECORDS[0])) == line(RECORDS[0])


@pytest.mark.parametrize(("ours", "theirs"), [(None, None), (b"x\n", None), (None, b"x\n"), (b"x\n", b"x\n")])
def test_nothing_joined_with_something_is_that(ours: bytes | None, theirs: bytes | None) -> None:
    assert join(ours, theirs) == (ours or theirs)
