"""``restore PATH`` and ``revert``: content goes back, nothing that was there is lost."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from anvcs import wire
from anvcs.actions.caller import call
from anvcs.errors import (
    AnvcsError,
    HookFailedError,
    NothingToCommitError,
    PathNotFoundError,
    PathOutsideError,
    UndoRefusedError,
    UnknownCommitError,
    WouldLoseWorkError,
)
from tests.conftest import Repo


def restore(repo: Repo, *paths: str, source: str = "HEAD", cwd: Path | None = None) -> wire.MoveResult:
    return call(repo.caller(cwd), wire.RESTORE, wire.RestoreParams(paths=paths, source=source))


def revert(repo: Repo, commit: str = "HEAD", agent: str | None = None) -> wire.CommitResult:
    return call(repo.caller(), wire.REVERT, wire.RevertParams(commit=commit, agent=agent))


def undo(repo: Repo, agent: str | None = None) -> wire.MoveResult:
    return call(repo.caller(), wire.UNDO, wire.UndoParams(agent=agent))


def refused(repo: Repo, error: type[AnvcsError], act: Callable[[], object]) -> str:
    before = repo.snapshot()
    with pytest.raises(error) as raised:
        act()
    assert repo.snapshot() == before
    return str(raised.value)


@pytest.mark.promise("restore.records-first")
@pytest.mark.parametrize("content", [b"mine\r\nmixed\n", b"\0\1\2", b"", b"x = 1"])
def test_undo_brings_back_byte_for_byte_what_a_restored_file_held(repo: Repo, content: bytes) -> None:
    repo.write(".gitattributes", "*.py text=auto\n")
    repo.commit("attributes")
    repo.write("src/app.py", content)
    before = repo.snapshot()
    result = restore(repo, "src/app.py")
    assert result.paths == ("src/app.py",)
    assert repo.read("src/app.py") == b"x = 1\n"
    assert repo.status() == ""
    repo.git("reflog", "expire", "--expire=now", "--expire-unreachable=now", "--all")
    repo.git("gc", "--quiet", "--prune=now")
    undo(repo)
    assert repo.read("src/app.py") == content
    assert repo.snapshot() == before
    call(repo.caller(), wire.REDO, wire.RedoParams())
    assert repo.read("src/app.py") == b"x = 1\n"


def test_a_restored_file_that_changed_since_is_left_by_undo(repo: Repo) -> None:
    repo.write("src/app.py", "mine\n")
    restore(repo, "src/app.py")
    repo.write("src/app.py", "newer\n")
    result = undo(repo)
    assert [(left.path, left.reason) for left in result.left] == [("src/app.py", "has changed since")]
    assert repo.read("src/app.py") == b"newer\n"


@pytest.mark.promise("restore.untracked")
def test_a_folder_is_restored_without_touching_what_git_does_not_track(repo: Repo) -> None:
    repo.write("src/app.py", "mine\n")
    repo.write("src/untracked", "u\n")
    (repo.path / ".git/info/exclude").write_text("/.ai/\n*.log\n")
    repo.write("src/ignored.log", "i\n")
    (repo.path / "README.md").unlink()
    restore(repo, ".")
    assert repo.status() == "?? src/untracked"
    assert repo.read("src/ignored.log") == b"i\n"
    assert repo.read("README.md") == b"hello\n"


def test_content_comes_from_any_commit_and_the_index_stays(repo: Repo) -> None:
    repo.write("src/app.py", "x = 2\n")
    repo.write("src/new.py", "n\n")
    repo.commit("two")
    result = restore(repo, "src", source="HEAD^")
    assert result.paths == ("src/app.py", "src/new.py")
    assert repo.read("src/app.py") == b"x = 1\n"
    assert not (repo.path / "src/new.py").exists()
    assert repo.status() == " M src/app.py\n D src/new.py"
    undo(repo)
    assert repo.status() == ""


def test_paths_are_meant_from_where_one_stands_and_stay_inside(repo: Repo) -> None:
    repo.write("src/app.py", "mine\n")
    restore(repo, "app.py", cwd=repo.path / "src")
    assert repo.status() == ""
    refused(repo, PathOutsideError, lambda: restore(repo, "../outside"))
    refused(repo, PathNotFoundError, lambda: restore(repo, "nowhere"))
    refused(repo, UnknownCommitError, lambda: restore(repo, "src/app.py", source="nowhere"))


def test_modes_symlinks_and_odd_names_are_restored(repo: Repo) -> None:
    repo.write("tool", "#!/bin/sh\n").chmod(0o755)
    (repo.path / "link").symlink_to("tool")
    repo.write('odd "name"\n', "o\n")
    repo.commit("special")
    (repo.path / "tool").chmod(0o644)
    (repo.path / "link").unlink()
    repo.write("link", "a file now\n")
    repo.write('odd "name"\n', "mine\n")
    restore(repo, ".")
    assert repo.status() == ""
    assert (repo.path / "link").is_symlink()
    undo(repo)
    assert repo.read("link") == b"a file now\n"
    assert repo.read('odd "name"\n') == b"mine\n"
    assert not (repo.path / "tool").stat().st_mode & 0o111


@pytest.mark.promise("revert.takes-back")
def test_a_revert_takes_one_commit_back_and_keeps_what_came_since(repo: Repo) -> None:
    repo.write("src/app.py", "x = 2\n")
    repo.write("added", "a\n")
    bad = repo.commit("bad").git_commit
    repo.write("README.md", "more\n")
    repo.commit("good")
    made = revert(repo, bad)
    assert made.subject == 'Revert "bad"'
    assert f"This reverts commit {bad}." in repo.git("log", "-1", "--format=%B")
    assert repo.read("src/app.py") == b"x = 1\n"
    assert not (repo.path / "added").exists()
    assert repo.read("README.md") == b"more\n"
    assert repo.status() == ""
    oracle = repo.git("rev-parse", "HEAD^{tree}")
    undo(repo)
    assert repo.read("added") == b"a\n"
    assert repo.status() == ""
    repo.git("revert", "--no-edit", bad)
    assert repo.git("rev-parse", "HEAD^{tree}") == oracle


def test_anothers_commit_can_be_reverted_by_its_operation(repo: Repo) -> None:
    repo.write("src/app.py", "x = 2\n")
    made = repo.commit("bad", metadata=wire.Metadata(agent_id="agent:foo"))
    reverted = revert(repo, made.operation_id, agent="bar")
    assert repo.show(reverted.git_commit).agent == "agent:bar"
    assert repo.read("src/app.py") == b"x = 1\n"


def test_the_first_commit_and_a_merge_can_be_reverted(repo: Repo) -> None:
    first = repo.head()
    repo.git("switch", "--quiet", "-c", "side")
    repo.write("side", "s\n")
    repo.git_commit("side")
    repo.git("switch", "--quiet", "main")
    repo.git("merge", "--quiet", "--no-ff", "--no-edit", "side")
    revert(repo)
    assert not (repo.path / "side").exists()
    revert(repo, first)
    assert repo.git("ls-files") == ""


def test_what_cannot_be_reverted_is_refused_with_the_way_out(repo: Repo) -> None:
    first = repo.head()
    repo.write("src/app.py", "x = 2\n")
    bad = repo.commit("bad").git_commit
    repo.write("src/app.py", "x = 3\n")
    repo.commit("same line")
    said = refused(repo, UndoRefusedError, lambda: revert(repo, bad))
    assert "src/app.py" in said
    assert f"git revert {bad[:10]}" in said
    repo.git("reset", "--quiet", "--hard", bad)
    revert(repo, bad)
    refused(repo, NothingToCommitError, lambda: revert(repo, bad))
    repo.git("checkout", "--quiet", "-b", "elsewhere", first)
    refused(repo, UnknownCommitError, lambda: revert(repo, bad))


def test_a_revert_never_overwrites_changed_files(repo: Repo) -> None:
    repo.write("src/app.py", "x = 2\n")
    repo.commit("bad")
    repo.write("src/app.py", "mine\n")
    assert "src/app.py has changes" in refused(repo, WouldLoseWorkError, lambda: revert(repo))


def test_message_hooks_are_honoured(repo: Repo) -> None:
    repo.write("src/app.py", "x = 2\n")
    repo.commit("bad")
    hook = repo.path / ".git/hooks/commit-msg"
    hook.write_text("#!/bin/sh\necho no; exit 1\n")
    hook.chmod(0o755)
    refused(repo, HookFailedError, lambda: revert(repo))
    assert call(repo.caller(), wire.REVERT, wire.RevertParams(no_verify=True)).subject == 'Revert "bad"'
