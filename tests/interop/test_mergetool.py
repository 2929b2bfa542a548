"""``ai-vcs mergetool`` and ``ai-vcs merge-file`` on conflicts that real git left."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from anvcs import wire
from anvcs.actions.caller import call
from anvcs.errors import PathNotFoundError
from tests.conftest import Repo
from tests.interop.test_merge_driver import BASE, LEFT, MERGED, OURS, RIGHT, THEIRS, part, run, set_up

BOTH_OURS, BOTH_THEIRS = (
    OURS.replace("math.sin(day)", "moon(day)"),
    THEIRS.replace("math.sin(day)", "sun(day)"),
)


def conflicted(repo: Repo) -> None:
    """Leave a conflict of every kind."""
    part(
        repo,
        {
            "solved.py": (BASE, OURS, THEIRS),
            "fewer.py": (BASE, BOTH_OURS, BOTH_THEIRS),
            "left.py": (BASE, LEFT, RIGHT),
            "notes.unknown": ("1\n", "2\n", "3\n"),
            "gone.py": ("a = 1\n", "a = 2\n", "a = 1\n"),
        },
    )
    repo.git("checkout", "--quiet", "other")
    repo.git("rm", "--quiet", "gone.py")
    repo.write("added.py", OURS)
    repo.git_commit("theirs goes on")
    repo.git("checkout", "--quiet", "main")
    repo.write("added.py", THEIRS)
    repo.git_commit("ours goes on")
    run(repo, "merge", "other", code=1)


def tool(
    repo: Repo, *only: str, force: bool = False, stage: bool = True, dry_run: bool = False
) -> dict[str, wire.ToolFile]:
    """What became of each file."""
    params = wire.MergetoolParams(only=only, force=force, stage=stage, dry_run=dry_run)
    return {each.path: each for each in call(repo.caller(), wire.MERGETOOL, params).files}


def unmerged(repo: Repo) -> list[str]:
    return repo.git("diff", "--name-only", "--diff-filter=U").splitlines()


@pytest.mark.promise("mergetool.stages-what-is-safe")
def test_only_what_is_clean_and_safe_is_staged_and_the_rest_is_told(repo: Repo) -> None:
    conflicted(repo)
    before = {name: repo.read(name) for name in ("left.py", "notes.unknown", "gone.py", "added.py")}
    done = tool(repo)
    assert {path: each.outcome for path, each in done.items()} == {
        "added.py": "left",
        "fewer.py": "fewer",
        "gone.py": "left",
        "left.py": "left",
        "notes.unknown": "left",
        "solved.py": "merged",
    }
    assert repo.read("solved.py") == MERGED
    assert done["solved.py"].staged
    assert unmerged(repo) == ["added.py", "fewer.py", "gone.py", "left.py", "notes.unknown"]
    [conflict] = done["fewer.py"].conflicts
    assert "high" in conflict.entity
    assert repo.read("fewer.py").splitlines()[conflict.line - 1].startswith(b"<<<<<<< HEAD")
    assert b"import moon\nimport units\n" in repo.read("fewer.py")
    assert done["left.py"].conflicts
    assert "Both sides added" in done["added.py"].reason
    assert "removed it" in done["gone.py"].reason
    assert {name: repo.read(name) for name in before} == before


def test_a_dry_run_changes_nothing_and_says_the_same(repo: Repo) -> None:
    conflicted(repo)
    before = (repo.snapshot(), repo.read("solved.py"), repo.read("fewer.py"))
    planned = {path: each.outcome for path, each in tool(repo, dry_run=True).items()}
    assert (repo.snapshot(), repo.read("solved.py"), repo.read("fewer.py")) == before
    assert {path: each.outcome for path, each in tool(repo).items()} == planned


def test_without_staging_files_are_written_only(repo: Repo) -> None:
    conflicted(repo)
    assert not tool(repo, stage=False)["solved.py"].staged
    assert repo.read("solved.py") == MERGED
    assert "solved.py" in unmerged(repo)


def test_what_was_written_only_is_staged_by_a_second_run(repo: Repo) -> None:
    conflicted(repo)
    tool(repo, stage=False)
    assert tool(repo)["solved.py"].staged
    assert "solved.py" not in unmerged(repo)


@pytest.mark.parametrize("style", ["merge", "diff3"])
def test_a_second_run_and_one_after_the_driver_say_what_is_left_and_change_nothing(repo: Repo, style: str) -> None:
    repo.git("config", "merge.conflictStyle", style)
    set_up(repo)
    part(repo, {"fewer.py": (BASE, BOTH_OURS, BOTH_THEIRS)})
    run(repo, "merge", "other", code=1)
    by_driver = repo.read("fewer.py")
    assert b"import moon\nimport units\n" in by_driver
    for force in (False, True, False):
        done = tool(repo, force=force)["fewer.py"]
        assert (done.outcome, done.reason, len(done.conflicts)) == ("left", "", 1)
        assert "high" in done.conflicts[0].entity
        assert repo.read("fewer.py") == by_driver
    repo.git("checkout", "--merge", "--", "fewer.py")
    names = [line for line in repo.read("fewer.py").splitlines() if line.startswith(b"<<<<<<< ")]
    repo.git("config", "--unset", "merge.default")
    repo.git("checkout", "--merge", "--", "fewer.py")
    assert tool(repo)["fewer.py"].outcome == "fewer"
    [name] = [line for line in repo.read("fewer.py").splitlines() if line.startswith(b"<<<<<<< ")]
    assert name.count(b"high") == 1
    assert all(each.count(b"high") == 1 for each in names)


def test_git_mergetool_knows_what_the_driver_left(repo: Repo) -> None:
    set_up(repo)
    repo.git("config", "mergetool.keepBackup", "false")
    part(repo, {"fewer.py": (BASE, BOTH_OURS, BOTH_THEIRS)})
    run(repo, "merge", "other", code=1)
    by_driver = repo.read("fewer.py")
    done = run(repo, "mergetool", "--no-prompt", "--tool=anvcs", code=1)
    assert b"was changed" not in done.stderr
    assert b"high" in done.stderr
    assert repo.read("fewer.py") == by_driver


def test_only_what_is_named_is_touched(repo: Repo) -> None:
    conflicted(repo)
    assert list(tool(repo, "fewer.py")) == ["fewer.py"]
    assert "solved.py" in unmerged(repo)
    with pytest.raises(PathNotFoundError, match="Nothing is in conflict at README"):
        tool(repo, "solved.py", "README.md")
    assert "solved.py" in unmerged(repo)


@pytest.mark.promise("mergetool.edited")
@pytest.mark.parametrize("verb", ["merge", "stash"])
def test_what_was_changed_by_hand_is_left_unless_forced(repo: Repo, verb: str) -> None:
    part(repo, {"solved.py": (BASE, OURS, THEIRS)})
    if verb == "merge":
        run(repo, "merge", "other", code=1)
    else:
        repo.git("reset", "--quiet", "--hard", "main~1")
        repo.write("solved.py", THEIRS)
        repo.git("stash")
        repo.git("reset", "--quiet", "--hard", "main@{1}")
        run(repo, "stash", "pop", code=1)
    as_left = repo.read("solved.py")
    by_hand = as_left.replace(b"def high", b"def higher")
    repo.write("solved.py", by_hand)
    done = tool(repo)["solved.py"]
    assert (done.outcome, repo.read("solved.py")) == ("left", by_hand)
    assert "--force" in done.reason
    repo.write("solved.py", as_left)
    assert tool(repo, dry_run=True)["solved.py"].outcome == "merged"
    repo.write("solved.py", by_hand)
    assert tool(repo, force=True)["solved.py"].outcome == "merged"
    assert repo.read("solved.py") == MERGED


@pytest.mark.parametrize("style", ["diff3", "zdiff3"])
def test_line_ends_of_the_work_tree_and_styles_are_kept(repo: Repo, style: str) -> None:
    repo.git("config", "merge.conflictStyle", style)
    repo.write(".gitattributes", "*.py text eol=crlf\n")
    part(repo, {"fewer.py": (BASE, BOTH_OURS, BOTH_THEIRS), "solved.py": (BASE, OURS, THEIRS)})
    run(repo, "merge", "other", code=1)
    assert b"\r\n" in repo.read("solved.py")
    done = tool(repo)
    assert repo.read("solved.py") == MERGED.replace(b"\n", b"\r\n")
    assert done["fewer.py"].outcome == "fewer"
    assert b"||||||| " in repo.read("fewer.py")
    assert repo.git("show", ":solved.py").encode() + b"\n" == MERGED


def test_it_stands_anywhere_and_knows_any_name(repo: Repo) -> None:
    name = os.fsdecode(b"a b/caf\xe9 'x'.py")
    part(repo, {name: (BASE, OURS, THEIRS)})
    run(repo, "merge", "other", code=1)
    caller = repo.caller(cwd=repo.path / "a b")
    [done] = call(caller, wire.MERGETOOL, wire.MergetoolParams()).files
    assert (done.outcome, done.staged) == ("merged", True)
    assert repo.read(name) == MERGED


def test_git_mergetool_can_call_it(repo: Repo) -> None:
    part(repo, {"solved.py": (BASE, OURS, THEIRS), "unsolved.py": (BASE, LEFT, RIGHT)})
    run(repo, "merge", "other", code=1)
    set_up(repo)
    repo.git("config", "mergetool.keepBackup", "false")
    done = run(repo, "mergetool", "--no-prompt", "--tool=anvcs", code=1)
    assert repo.read("solved.py") == MERGED
    assert unmerged(repo) == ["unsolved.py"]
    assert b"high" in done.stderr


def ai_vcs(folder: Path, env: dict[str, str], *args: str) -> subprocess.CompletedProcess[bytes]:
    command = [str(Path(sys.executable).parent / "ai-vcs"), *args]
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, check=False)


def three(folder: Path, base: str | bytes, ours: str | bytes, theirs: str | bytes) -> list[str]:
    names = ["base.py", "ours.py", "theirs.py"]
    for name, text in zip(names, (base, ours, theirs), strict=True):
        (folder / name).write_bytes(text.encode() if isinstance(text, str) else text)
    return names


def test_three_files_are_merged_as_a_driver_must(tmp_path: Path, env: dict[str, str]) -> None:
    done = ai_vcs(tmp_path, env, "merge-file", *three(tmp_path, BASE, OURS, THEIRS))
    assert (done.returncode, done.stdout, (tmp_path / "ours.py").read_bytes()) == (0, b"", MERGED)
    files = three(tmp_path, BASE, LEFT, RIGHT)
    done = ai_vcs(
        tmp_path, env, "merge-file", *files, "-p", "-L", "mine", "-L", "old", "-L", "new", "--marker-size", "9"
    )
    assert done.returncode == 1
    assert b"<" * 9 + b" mine\n" in done.stdout
    assert b">" * 9 + b" new\n" in done.stdout
    assert b"high" in done.stderr
    assert (tmp_path / "ours.py").read_text() == LEFT
    done = ai_vcs(tmp_path, env, "merge-file", *three(tmp_path, b"\0a", b"\0b", b"\0c"))
    assert done.returncode >= 128
    assert (tmp_path / "ours.py").read_bytes() == b"\0b"
    assert ai_vcs(tmp_path, env, "merge-file", "none", "ours.py", "theirs.py").returncode >= 128


def test_it_can_be_a_driver_itself(repo: Repo) -> None:
    program = Path(sys.executable).parent / "ai-vcs"
    repo.git("config", "merge.x.driver", f"{program} merge-file %O %A %B --path %P --marker-size %L -L %X -L %S -L %Y")
    repo.git("config", "merge.default", "x")
    part(repo, {"solved.py": (BASE, OURS, THEIRS)})
    run(repo, "merge", "--no-edit", "other", code=0)
    assert repo.read("solved.py") == MERGED
