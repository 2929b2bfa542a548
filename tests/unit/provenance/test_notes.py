"""The lines of a note: what is read from them, and how they are joined."""

from __future__ import annotations

import secrets

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anvcs import wire
from anvcs.provenance import notes, record
from anvcs.provenance.notes import NoteLine, line_of, merge, parse

ONE, TWO, THREE = "1" * 40, "2" * 40, "3" * 40
TREE, OTHER_TREE = "a" * 40, "b" * 40
ID = "b3:" + "c" * 64

LINES = st.builds(
    NoteLine,
    commit=st.sampled_from([ONE, TWO, THREE]),
    tree=st.sampled_from([TREE, OTHER_TREE]),
    commit_id=st.just(ID),
    agent=st.none() | st.just("agent:foo"),
    tests=st.sampled_from([None, "passed", "failed"]),
    record=st.none() | st.dictionaries(st.text(max_size=3), st.text(max_size=8), max_size=2),
)
FOREIGN = st.sampled_from([b"free text", b'{"v":2,"later":true}', b"{broken", b'{"v":1}', b'"json"', b"\xff\xfe"])


def made(commit: str = ONE, tree: str = TREE, **fields: object) -> NoteLine:
    return msgspec.structs.replace(NoteLine(commit=commit, tree=tree, commit_id=ID), **fields)


def with_record(commit: str = ONE, tree: str = TREE, prompt: str = "why") -> NoteLine:
    kept = record.make_record(wire.Metadata(prompt=prompt), tree, secrets.token_bytes)
    return made(commit, tree, meta=kept.root, record=kept.to_builtins())


def test_a_line_is_compact_sorted_json_with_its_version() -> None:
    text = line_of(made(change_id="k" * 32, hooks_skipped=True))
    assert text == (
        b'{"changeId":"%s","commit":"%s","commitId":"%s","hooksSkipped":true,"tree":"%s","v":1}\n'
        % (b"k" * 32, ONE.encode(), ID.encode(), TREE.encode())
    )


@given(LINES)
def test_a_line_is_one_line_and_comes_back(line: NoteLine) -> None:
    text = line_of(line)
    assert text.count(b"\n") == 1
    assert text.endswith(b"\n")
    assert not any(byte < 0x20 for byte in text[:-1])
    described = parse(text, line.commit, line.tree)
    assert described == notes.Described(own=line)


@given(st.lists(LINES, max_size=4), st.lists(FOREIGN, max_size=3))
def test_parsing_sorts_every_line_out_and_drops_none(lines: list[NoteLine], foreign: list[bytes]) -> None:
    note = b"".join([*map(line_of, lines), *(text + b"\n\n" for text in foreign)])
    described = parse(note, ONE, TREE)
    own = [line for line in lines if (line.commit, line.tree) == (ONE, TREE)]
    assert described.own in (own or [None])
    assert sorted(map(line_of, described.ancestry)) == sorted(line_of(line) for line in lines if line not in own)
    assert list(described.foreign) == foreign


@given(st.binary(max_size=60))
def test_any_bytes_are_a_note(note: bytes) -> None:
    assert parse(note, ONE, None).own is None
    assert set(note.split(b"\n")) - {b""} <= set(merge(note, line_of(made())).split(b"\n"))


@given(st.lists(LINES, max_size=5))
def test_lines_join_to_the_same_note_in_any_order_and_any_number_of_times(lines: list[NoteLine]) -> None:
    texts = [line_of(line) for line in lines]
    note = b""
    for text in texts:
        note = merge(note, text)
    again = note
    for text in reversed(texts):
        again = merge(again, text)
    assert again == note == b"".join(sorted(set(texts)))


def test_lines_that_are_not_ours_stay_as_they_stand() -> None:
    theirs = b"zebra\n\napple\n"
    note = merge(theirs, line_of(made()))
    assert note == theirs + line_of(made())
    assert merge(note, line_of(made(TWO))) == theirs + line_of(made()) + line_of(made(TWO))


def test_a_note_without_a_last_newline_loses_nothing() -> None:
    first = line_of(made()).rstrip(b"\n")
    assert merge(first, line_of(made(TWO))) == first + b"\n" + line_of(made(TWO))


def test_a_line_for_this_commit_with_another_tree_is_not_its_own() -> None:
    described = parse(line_of(made(tree=OTHER_TREE)), ONE, TREE)
    assert described.own is None
    assert len(described.ancestry) == 1
    assert parse(line_of(made(tree=OTHER_TREE)), ONE, None).own is not None


@pytest.mark.promise("notes.rebase-is-ancestry")
def test_evidence_of_ancestry_counts_only_for_an_equal_tree() -> None:
    described = parse(line_of(made(TWO, OTHER_TREE, tests="passed", agent="agent:foo")), ONE, TREE)
    assert notes.tests(described, TREE) == "unknown"
    assert notes.tests(described, OTHER_TREE) == "passed"
    assert described.agent is None


def test_of_two_results_for_one_tree_the_failure_counts() -> None:
    described = parse(line_of(made(TWO, tests="passed")) + line_of(made(THREE, tests="failed")), ONE, TREE)
    assert notes.tests(described, TREE) == "failed"


def test_its_own_line_outweighs_ancestry() -> None:
    described = parse(line_of(made(tests="passed")) + line_of(made(THREE, tests="failed")), ONE, TREE)
    assert notes.tests(described, TREE) == "passed"


def test_the_badge_says_whether_the_record_is_at_hand() -> None:
    line = with_record()
    described = parse(line_of(line), ONE, TREE)
    assert notes.badge(described, None) == "none"
    assert notes.badge(described, line.meta) == "full"
    assert notes.badge(described, ID) == "missing"
    assert notes.badge(notes.Described(), line.meta) == "missing"


def test_a_record_that_was_altered_is_not_at_hand() -> None:
    line = with_record(prompt="why")
    forged = msgspec.structs.replace(line, record=with_record(prompt="because").record)
    other_tree = msgspec.structs.replace(line, tree=OTHER_TREE)
    unreadable = msgspec.structs.replace(line, record={"version": 1})
    for bad in (forged, other_tree, unreadable, msgspec.structs.replace(line, record=None)):
        assert bad.open_record() is None
        assert notes.badge(parse(line_of(bad), ONE, None), line.meta) == "missing"


def test_a_squashed_commits_record_is_found_by_its_root_among_ancestry() -> None:
    old = with_record(TWO, OTHER_TREE)
    described = parse(line_of(old), ONE, TREE)
    assert old.meta is not None
    assert described.line_with(old.meta) == old
    assert notes.badge(described, old.meta) == "full"


def test_of_two_own_lines_the_one_with_more_of_the_record_is_shown() -> None:
    full = with_record()
    kept = record.from_builtins(full.record)
    hashes = msgspec.structs.replace(full, record=kept.hashes_only().to_builtins())
    bare = msgspec.structs.replace(full, record=None)
    note = b"".join(map(line_of, (hashes, full, bare)))
    assert parse(note, ONE, TREE).own == full
    assert full.meta is not None
    assert parse(note, TWO, TREE).line_with(full.meta) == full
