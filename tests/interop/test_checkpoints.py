"""Checkpoints: named states to come back to."""

from __future__ import annotations

import pytest

from anvcs import wire
from anvcs.actions.caller import call
from anvcs.errors import UndoRefusedError, UnknownOperationError, UsageError
from tests.conftest import Repo
from tests.interop.operation_support import collect_garbage, files, log, newest, pointers, redo, restore, sound, undo


def create(repo: Repo, name: str, message: str | None = None, agent: str | None = None) -> wire.CheckpointResult:
    return call(
        repo.caller(), wire.CHECKPOINT_CREATE, wire.CheckpointCreateParams(name=name, message=message, agent=agent)
    )


def go_back(repo: Repo, name: str, *, dry_run: bool = False) -> wire.MoveResult:
    return call(repo.caller(), wire.CHECKPOINT_RESTORE, wire.CheckpointRestoreParams(name=name, dry_run=dry_run))


def names(repo: Repo) -> list[str]:
    return [each.name for each in call(repo.caller(), wire.CHECKPOINT_LIST, wire.CheckpointListParams()).checkpoints]


@pytest.mark.promise("checkpoints.come-back")
def test_the_state_of_a_checkpoint_comes_back_whatever_happened_since(repo: Repo) -> None:
    repo.write("src/app.py", "x = 2\n")
    repo.commit("good")
    made = create(repo, "good", "All tests pass", "foo")
    assert made.checkpoint.operation_id == log(repo, limit=2).operations[1].operation_id
    state = pointers(repo), files(repo.path)
    repo.write("src/app.py", "x = 3\n")
    repo.write("new", "n\n")
    repo.commit("worse", "src/app.py", "new", amend=True)
    repo.git("switch", "--quiet", "-c", "elsewhere")
    newest(repo)
    collect_garbage(repo)
    said = go_back(repo, "good", dry_run=True)
    done = go_back(repo, "good")
    assert (done.moves, done.paths) == (said.moves, said.paths)
    assert done.target is not None
    assert done.target.operation_id == made.checkpoint.operation_id
    assert (pointers(repo), files(repo.path)) == state
    assert names(repo) == ["good"]
    sound(repo)


def test_the_list_says_who_named_it_when_and_why(repo: Repo) -> None:
    made = create(repo, "b/with folder", "why", "foo").checkpoint
    create(repo, "a")
    found = call(repo.caller(), wire.CHECKPOINT_LIST, wire.CheckpointListParams()).checkpoints
    assert [each.name for each in found] == ["a", "b/with folder"]
    assert found[1] == made
    assert (made.actor, made.message) == ("agent:foo", "why")
    assert made.time is not None


@pytest.mark.parametrize("name", ["", " a", "@", "a\nb", "/a", "x" * 201])
def test_a_name_that_cannot_be_one_is_refused(repo: Repo, name: str) -> None:
    count = len(log(repo).operations)
    with pytest.raises(UsageError):
        create(repo, name)
    assert len(log(repo).operations) == count


def test_a_name_is_given_once(repo: Repo) -> None:
    create(repo, "good")
    with pytest.raises(UsageError, match="already"):
        create(repo, "good")
    undo(repo)
    create(repo, "good")
    assert names(repo) == ["good"]


def test_an_unknown_checkpoint_is_refused(repo: Repo) -> None:
    with pytest.raises(UnknownOperationError, match="no checkpoint nothing"):
        go_back(repo, "nothing")


@pytest.mark.promise("checkpoints.come-back")
def test_going_back_takes_no_checkpoint_away_and_is_taken_back_itself(repo: Repo) -> None:
    start = newest(repo)
    create(repo, "early")
    repo.commit("one", allow_empty=True)
    create(repo, "late")
    head = repo.head()
    restore(repo, start)
    assert names(repo) == ["early", "late"]
    undo(repo)
    assert repo.head() == head
    go_back(repo, "early")
    go_back(repo, "late")
    assert repo.head() == head
    assert names(repo) == ["early", "late"]


def test_undo_of_a_checkpoint_goes_round_the_restore_after_it(repo: Repo) -> None:
    create(repo, "good", "why")
    undo(repo)
    assert names(repo) == []
    with pytest.raises(UndoRefusedError):
        undo(repo)
    redo(repo)
    (found,) = call(repo.caller(), wire.CHECKPOINT_LIST, wire.CheckpointListParams()).checkpoints
    assert (found.name, found.message) == ("good", "why")
