"""Programs that run in somebody's name: which writes are theirs."""

from __future__ import annotations

import pytest

from anvcs.rooms.running import KEPT, TICK, Run, Runs

FOO = Run("agent:foo", "/r", began=100)


@pytest.mark.parametrize(
    ("root", "path", "moment", "theirs"),
    [
        ("/r", "a.py", 150, True),
        ("/r", "a.py", 100 - TICK, True),
        ("/r", "a.py", 99 - TICK, False),
        ("/r", "a.py", 201, False),
        ("/other", "a.py", 150, False),
    ],
)
def test_what_is_written_while_a_program_runs_in_its_worktree_is_its_actor_s(
    root: str, path: str, moment: int, theirs: bool
) -> None:
    runs = Runs()
    runs.begin(1, FOO)
    runs.end(1, 200)
    found = runs.writer(root, path, moment)
    assert (found is not None and found.actor == "agent:foo") is theirs


def test_a_program_that_still_runs_may_have_written_whatever_is_written_now() -> None:
    runs = Runs()
    runs.begin(1, FOO)
    assert runs.writer("/r", "a.py", 10**18) == FOO


def test_one_whose_business_a_file_is_goes_before_those_that_may_write_anywhere() -> None:
    runs = Runs()
    bar = Run("agent:bar", "/r", ("src", "b.md"), began=100)
    runs.begin(1, FOO)
    runs.begin(2, bar)
    assert runs.writer("/r", "src/a.py", 150) == bar
    assert runs.writer("/r", "b.md", 150) == bar
    assert runs.writer("/r", "srcs/a.py", 150) == FOO


def test_where_two_actors_may_have_written_it_is_nobody_s_but_two_programs_of_one_are_one() -> None:
    runs = Runs()
    runs.begin(1, FOO)
    runs.begin(2, FOO._replace(session="again"))
    found = runs.writer("/r", "a", 150)
    assert found is not None
    assert found.session == "again"
    runs.begin(3, FOO._replace(actor="agent:bar"))
    assert runs.writer("/r", "a", 150) is None


def test_a_program_ends_once_and_is_forgotten_after_a_while() -> None:
    runs = Runs()
    runs.begin(1, FOO)
    assert runs.end(1, 200) == FOO._replace(ended=200)
    assert runs.end(1, 300) is None
    assert runs.end(7, 300) is None
    runs.begin(2, FOO._replace(root="/other", began=201 + KEPT))
    assert runs.writer("/r", "a", 150) is None
