"""What follows from the notes of agents' hooks."""

from __future__ import annotations

import itertools
from typing import Any

import msgspec
import pytest

from anvcs.rooms.hooks import OPEN_KEPT, READ_KEPT, Claims, Kind, Note, Shown, Write, read_note
from anvcs.rooms.running import TICK

PATH = "/r/a.py"
NUMBERS = itertools.count()


def note(kind: Kind, time: int, hash_: str | None = None, **more: Any) -> Note:
    """A note of Claude's about the file."""
    known: dict[str, Any] = {"path": PATH, "agent": "claude", "session": "s", "tool": "Write", "call": "c"}
    return Note(kind=kind, time=time, hash=hash_, name=f"{next(NUMBERS)}.json", **known | more)


def claims(*notes: Note) -> Claims:
    """What is known after these."""
    made = Claims()
    for each in notes:
        made.add(each)
    return made


def write(base: str | None, new: str | None, began: int, time: int, **more: Any) -> Write:
    """A write of Claude's."""
    firm = more.pop("firm", True)
    tool = {"tool": "Write" if firm else "Edit"}
    read, actor = more.pop("read", 0), more.pop("actor", "agent:claude")
    return Write(actor, base, firm, new, began, time, {"session": "s", **tool, **more}, read)


def test_looks_and_writes_follow_in_the_order_of_their_times_however_they_come() -> None:
    known = claims(note("after", 3, "new"), note("read", 1, "old", tool="Read", call="r"), note("before", 2, "old"))
    assert known.due(PATH) == [Shown("old", 1), Shown("old", 2), write("old", "new", 2, 3, read=1)]
    assert known.paths() == [PATH]
    known.settle(PATH, known.due(PATH)[1])
    assert known.due(PATH) == [write("old", "new", 2, 3, read=1)]
    known.settle(PATH, known.due(PATH)[0])
    assert (known.due(PATH), known.paths()) == ([], [])


def test_a_file_that_is_replaced_was_made_of_what_its_writer_read_last_or_wrote() -> None:
    known = claims(
        note("read", 1, "one", call="r"), note("before", 5, "theirs", call="w"), note("after", 6, "two", call="w"),
        note("before", 8, "theirs too", call="x"), note("after", 9, "three", call="x"),
    )  # fmt: skip
    assert [step for step in known.due(PATH) if isinstance(step, Write)] == [
        write("one", "two", 5, 6, read=1),
        write("two", "three", 8, 9),
    ]


@pytest.mark.parametrize(
    ("other", "time"), [({"session": "t"}, 2), ({"agent": "codex"}, 2), ({"helper": "h"}, 2), ({}, 2 - READ_KEPT)]
)
def test_what_another_agent_read_or_this_one_long_ago_is_not_what_it_writes_on(
    other: dict[str, Any], time: int
) -> None:
    known = claims(note("read", time, "read", call="r", **other), note("before", 2, "there"), note("after", 3, "new"))
    assert known.due(PATH)[-1] == write("there", "new", 2, 3)


def test_a_tool_that_changes_what_stands_there_was_given_that_or_something_newer() -> None:
    known = claims(
        note("read", 1, "old", tool="Read", call="r"),
        note("before", 2, "newer", tool="Edit"),
        note("after", 3, "new", tool="Edit"),
    )
    assert known.due(PATH)[-1] == write("newer", "new", 2, 3, firm=False)


def test_the_write_that_was_under_way_at_a_moment_is_known_when_it_is_done_too() -> None:
    known = claims(note("before", 3, "old", expected="new"))
    assert known.during(PATH, 2 - TICK) is None
    assert known.during(PATH, 3 - TICK) == write("old", "new", 3, 3)
    assert known.during(PATH, 4) == write("old", "new", 3, 3)
    known.add(note("after", 5, "theirs"))
    assert known.during(PATH, 4) == write("old", "new", 3, 3)
    assert known.during(PATH, 6) is None


def test_of_several_agents_at_once_each_has_its_own_write() -> None:
    codex: dict[str, Any] = {"agent": "codex", "session": None, "tool": "apply_patch", "call": "z", "model": "g"}
    known = claims(
        note("before", 1, "old"), note("before", 2, "old", **codex),
        note("after", 3, "two", **codex), note("after", 4, "one"),
    )  # fmt: skip
    codexs = Write("agent:codex", "old", False, "two", 2, 3, {"model": "g", "tool": "apply_patch"})
    assert known.due(PATH)[2:] == [codexs, write("old", "one", 1, 4)]
    assert known.writer(PATH, "two", 9) == codexs
    assert known.writer(PATH, "one", 9) == write("old", "one", 1, 4)
    assert known.writer(PATH, "old", 9) is None
    assert known.writer("/r/other.py", "one", 9) is None


def test_a_write_that_has_begun_is_known_by_what_it_will_leave_until_it_is_done_or_takes_too_long() -> None:
    known = claims(note("before", 1, "old", expected="new"))
    assert known.open(PATH, 2) == known.writer(PATH, "new", 2) == write("old", "new", 1, 1)
    assert known.writer(PATH, "other", 2) is None
    assert known.open(PATH, 1 + OPEN_KEPT) is None
    known.add(note("after", 3, "formatted"))
    assert known.open(PATH, 4) is None


def test_the_model_is_remembered_from_whichever_note_said_it() -> None:
    known = claims(note("start", 1, path="/r", model="m", call=None), note("before", 2, "old"), note("after", 3, "new"))
    assert known.due(PATH)[-1] == write("old", "new", 2, 3, model="m")


def test_a_file_that_was_not_there_or_is_too_large_is_no_text() -> None:
    known = claims(note("before", 1, None), note("after", 2, "new"), note("before", 3, "new", call="d"))
    assert known.due(PATH) == [write(None, "new", 1, 2), Shown("new", 3)]
    known.add(note("after", 4, None, call="d"))
    assert known.due(PATH)[-1] == Shown("new", 3)


def test_notes_are_spent_when_acted_upon_except_for_what_each_agent_knows_of_the_file() -> None:
    read, before, after = note("read", 1, "a", call="r"), note("before", 2, "a"), note("after", 3, "b")
    other, begun = note("read", 4, "b", session="t", call="q"), note("before", 5, "b", session="u", call="o")
    known = claims(read, before, after, other, begun)
    assert known.spent(6, 100) == []
    for step in known.due(PATH):
        known.settle(PATH, step)
    assert known.spent(6, 100) == [read.name, before.name]
    assert known.texts() == {"b"}
    # What the agent wrote is what it reads from, and the write that has begun is still open.
    assert known.open(PATH, 6) is not None
    known.add(note("before", 7, "c", call="n"))
    known.add(note("after", 8, "d", call="n"))
    assert known.due(PATH)[-1] == write("b", "d", 7, 8)
    for step in known.due(PATH):
        known.settle(PATH, step)
    assert begun.name in known.spent(8 + OPEN_KEPT, 100)
    known.spent(8 + READ_KEPT, 100)
    assert known.texts() == set()


def test_no_more_notes_are_kept_than_may_be_and_the_oldest_go() -> None:
    notes = [note("read", time, "a", call=str(time)) for time in range(5)]
    known = claims(*notes)
    assert known.spent(9, 2) == [each.name for each in notes[:3]]
    assert [step.time for step in known.due(PATH)] == [3, 4]


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"[]", b'{"kind": "read", "path": "/", "time": "1", "agent": "a"}', b'{"kind": "other"}',
             b'{"kind": "read", "path": "/", "time": 1, "agent": "a b"}', b"\xff"],
)  # fmt: skip
def test_what_is_no_note_is_passed_over(data: bytes) -> None:
    assert read_note(data, "n") is None


def test_a_note_is_read_as_the_hook_writes_it() -> None:
    data = msgspec.json.encode({"kind": "read", "path": "/a", "time": 1, "agent": "claude", "hash": None, "new": 1})
    assert read_note(data, "n") == Note(kind="read", path="/a", time=1, agent="claude", name="n")
