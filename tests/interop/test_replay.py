"""Recorded operations done again give the same, unless an input was tampered with or cannot be compared."""

from __future__ import annotations

from pathlib import Path

import pytest

from anvcs import wire
from anvcs.actions import making, replay
from anvcs.actions.caller import call
from anvcs.gitmirror.git import Git
from anvcs.gitmirror.merging import without
from anvcs.gitmirror.repository import GitRepository
from tests.conftest import Repo
from tests.interop import remote_support as remote
from tests.interop.operation_support import collect_garbage, log, redo, restore, undo

pytestmark = pytest.mark.promise("replay.same-again")


def replayed(repo: Repo, operation: str | None = None) -> wire.ReplayReport:
    return call(repo.caller(), wire.REPLAY, wire.ReplayParams(operation=operation))


def outcome(repo: Repo, operation: str | None) -> wire.Replayed:
    assert operation is not None
    (found,) = replayed(repo, operation).operations
    return found


def write(repo: Repo, name: str, text: str, message: str = "work") -> wire.CommitResult:
    repo.write(name, text)
    return repo.commit(message, name)


def test_moves_and_restores_are_the_same_again(repo: Repo) -> None:
    write(repo, "src/app.py", "x = 2\n")
    write(repo, "src/app.py", "x = 3\n")
    before = repo.snapshot()
    undo(repo)
    redo(repo)
    call(repo.caller(), wire.CHECKPOINT_CREATE, wire.CheckpointCreateParams(name="good"))
    call(repo.caller(), wire.STREAM_CREATE, wire.StreamCreateParams(name="side"))
    call(repo.caller(), wire.STREAM_SWITCH, wire.StreamSwitchParams(name="side"))
    call(repo.caller(), wire.RESTORE, wire.RestoreParams(paths=("src/app.py",), source="HEAD~1"))
    repo.git("checkout", "--quiet", "--", ".")
    restore(repo, "@{3}")
    report = replayed(repo)
    assert report.different == 0
    assert report.rehashed == 2
    kinds = {each.kind for each in log(repo).operations if each.tier == "green"}
    assert kinds == {
        "init", "undo", "redo", "checkpoint", "stream-create", "switch", "restore", "op-restore",
    }  # fmt: skip
    assert report.same == len([each for each in log(repo).operations if each.tier == "green"])
    assert {each.outcome for each in report.operations} <= {"rehashed", "not-comparable"}
    assert repo.snapshot()[0].splitlines()[0] == before[0].splitlines()[0]


def test_a_revert_is_made_again_without_what_it_made(repo: Repo) -> None:
    first = write(repo, "a", "1\n2\n3\n4\n5\n6\n7\n8\n")
    write(repo, "a", "one\n2\n3\n4\n5\n6\n7\n8\n")
    write(repo, "a", "one\n2\n3\n4\n5\n6\n7\neight\n")
    made = call(repo.caller(), wire.REVERT, wire.RevertParams(commit="HEAD~1"))
    assert outcome(repo, made.operation_id).outcome == "same"
    assert outcome(repo, first.operation_id).outcome == "rehashed"


def test_a_pulled_merge_is_made_again_even_after_the_remote_is_gone(repo: Repo) -> None:
    url = remote.bare(repo.path.parent / "there.git", repo.env)
    repo.git("remote", "add", "origin", str(url))
    remote.push(repo, "origin", "main")
    other = remote.clone(str(url), repo, "other")
    write(other, "theirs", "t\n")
    remote.push(other, "origin", "main")
    write(repo, "ours", "o\n")
    pulled = remote.pull(repo, "origin", "main")
    assert pulled.outcome == "merge"
    url.rename(url.with_name("gone.git"))
    found = outcome(repo, pulled.operation_id)
    assert (found.outcome, found.tier) == ("same", "yellow")
    other.close()


def test_another_input_gives_another_result(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    write(repo, "a", "1\n")
    write(repo, "b", "1\n")
    made = call(repo.caller(), wire.REVERT, wire.RevertParams(commit="HEAD~1"))
    # An input that is not what was recorded: the other of the two commits stands in the first one's place.
    one, two = repo.git("rev-parse", "HEAD~2"), repo.git("rev-parse", "HEAD~1")

    def tampered(own: GitRepository, git: Git, commit: str, head: str) -> tuple[str, list[bytes]]:
        return without(own, git, two if commit == one else commit, head)

    monkeypatch.setattr(replay, "without", tampered)
    found = outcome(repo, made.operation_id)
    assert found.outcome == "different"
    assert "tree" in found.message
    assert replayed(repo).different == 1


def test_a_commit_that_changed_other_paths_than_it_names_is_different(repo: Repo) -> None:
    repo.write("a", "1\n")
    repo.write("b", "1\n")
    made = repo.commit("two")
    replaced = repo.git("rev-parse", "HEAD~1^{tree}")
    path = Path(repo.path / ".git/objects") / made.git_commit[:2] / made.git_commit[2:]
    assert path.exists()
    raw = repo.git_bytes("cat-file", "commit", made.git_commit)
    other = raw.replace(raw[5:45], replaced.encode())
    written = repo.git("hash-object", "-t", "commit", "-w", "--stdin", stdin=other)
    source = Path(repo.path / ".git/objects") / written[:2] / written[2:]
    path.chmod(0o644)
    path.write_bytes(source.read_bytes())
    assert outcome(repo, made.operation_id).outcome in ("different", "not-comparable")


def test_another_version_of_the_engine_is_not_comparable(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    write(repo, "a", "1\n")
    made = call(repo.caller(), wire.REVERT, wire.RevertParams(commit="HEAD"))

    def later(git: Git) -> str:
        del git
        return "git 99.9"

    monkeypatch.setattr(replay, "engine", later)
    found = outcome(repo, made.operation_id)
    assert found.outcome == "not-comparable"
    assert "99.9" in found.message
    assert making.engine(repo.caller().workspace(None).git) in found.message


def test_what_was_outside_is_not_comparable(repo: Repo) -> None:
    repo.git_commit("plain")
    found = outcome(repo, log(repo, limit=1).operations[0].operation_id)
    assert (found.outcome, found.kind) == ("not-comparable", "git-commit")


def test_replaying_changes_nothing_here(repo: Repo) -> None:
    write(repo, "a", "1\n")
    call(repo.caller(), wire.REVERT, wire.RevertParams(commit="HEAD"))
    before = (repo.snapshot(), repo.git("for-each-ref"), repo.git("count-objects", "-v"), len(log(repo).operations))
    replayed(repo)
    assert (
        repo.snapshot(),
        repo.git("for-each-ref"),
        repo.git("count-objects", "-v"),
        len(log(repo).operations),
    ) == before


def test_inputs_that_nothing_keeps_any_more_are_named_as_missing(repo: Repo) -> None:
    write(repo, "a", "1\n")
    made = call(repo.caller(), wire.REVERT, wire.RevertParams(commit="HEAD"))
    repo.git("reset", "--quiet", "--hard", "HEAD~2")
    repo.git("update-ref", "-d", "refs/anvcs/keep")
    collect_garbage(repo)
    found = outcome(repo, made.operation_id)
    assert found.outcome == "not-comparable"
    assert "not here" in found.message
