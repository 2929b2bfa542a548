"""Checks that are killed, that meet each other, or that find the disk full."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest

from anvcs.config import Check, Config, Guards
from anvcs.errors import DiskError
from tests.conftest import Repo
from tests.unit.actions.checks import Bench, outcomes
from tests.unit.gitmirror.scratch.looking import belongings
from tests.unit.guards.lives import WAIT, Lives


@pytest.fixture
def bench(repo: Repo, tmp_path: Path) -> Bench:
    return Bench(repo, tmp_path / "diary")


@pytest.fixture
def lives(tmp_path: Path) -> Iterator[Lives]:
    made = Lives(tmp_path)
    yield made
    made.close()


def start(
    repo: Repo, checks: Mapping[str, Check], settings: Mapping[str, Any] | None = None
) -> subprocess.Popen[bytes]:
    """Another process that checks HEAD."""
    config = msgspec.json.encode(Config(guards=Guards(checks=checks, **(settings or {})))).decode()
    tree = repo.git("rev-parse", "HEAD^{tree}")
    command = [sys.executable, "-m", "tests.unit.actions.checker", str(repo.config_home), tree, config]
    env = {**repo.env, "PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[3]), *sys.path])}
    return subprocess.Popen(command, cwd=repo.path, env=env, stdout=subprocess.PIPE)


def kill(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.communicate(timeout=WAIT)


def hanging(lives: Lives) -> tuple[str, ...]:
    return sys.executable, "-c", lives.family("open('left', 'w').write('x')\nwhile True: time.sleep(60)")


@pytest.mark.promise("guards.crash")
def test_a_check_that_is_killed_leaves_nothing_running_and_the_next_one_works(bench: Bench, lives: Lives) -> None:
    repo = bench.repo
    repo.caller().workspace(None)
    before = belongings(repo)
    checking = start(repo, {"tests": Check(command=hanging(lives))})
    assert lives.came()
    kill(checking)
    assert lives.are_over()
    assert belongings(repo) == before
    evidence = bench.one(bench.check("print(os.path.exists('left'))"))
    assert (evidence.outcome, evidence.output, evidence.notes) == ("passed", "False\n", ())
    assert len(bench.worktrees()) == 1


@pytest.mark.promise("guards.crash")
def test_a_setup_that_is_killed_is_begun_again(bench: Bench, lives: Lives) -> None:
    bench.repo.write("deps.lock", "one\n")
    bench.repo.git_commit("lock")
    settings = {"cache_by": ("deps.lock",), "ignored": ("left", "deps")}
    checking = start(bench.repo, {"tests": bench.check()}, {**settings, "setup": (hanging(lives),)})
    assert lives.came()
    kill(checking)
    assert lives.are_over()
    make = bench.python("assert not os.path.exists('left'); os.mkdir('deps')", "setup")
    assert bench.one(bench.check("os.listdir('deps')"), settings={**settings, "setup": (make,)}).outcome == "passed"
    assert bench.ran() == ["ran", "setup"]


@pytest.mark.promise("guards.crash")
def test_a_worktree_in_which_git_is_still_at_work_is_left_to_it(bench: Bench, lives: Lives) -> None:
    repo = bench.repo
    slow = repo.path.parent / "slow"
    slow.write_text(f"#!{sys.executable}\nimport sys\nprint(sys.stdin.read())\n{lives.script()}")
    slow.chmod(0o755)
    repo.git("config", "filter.slow.clean", "cat")
    repo.git("config", "filter.slow.smudge", str(slow))
    repo.write(".gitattributes", "*.slow filter=slow\n")
    repo.write("a.slow", "x\n")
    repo.git_commit("slow")
    checking = start(repo, {"tests": bench.check()})
    filtering = lives.came()
    kill(checking)
    # git waits for its filter and still holds the worktree: another is used.
    repo.git("config", "filter.slow.smudge", "cat")
    assert bench.one(bench.check()).outcome == "passed"
    assert [each.parent.name for each in bench.worktrees()] == ["slot-0", "slot-1"]
    os.kill(filtering, signal.SIGKILL)
    assert lives.are_over()


def test_two_processes_that_check_at_once_both_have_their_result(bench: Bench, tmp_path: Path) -> None:
    meeting = tmp_path / "meeting"
    meeting.mkdir()
    # Each waits until it has seen the other, from a worktree of its own.
    meet = (
        f"import os, time\nopen({str(meeting)!r} + '/' + os.path.basename(os.getcwd()), 'w')\n"
        f"while len(os.listdir({str(meeting)!r})) < 2: time.sleep(0.01)\n"
    )
    wanted = {"tests": Check(command=(sys.executable, "-c", meet), seconds=60)}
    both = [start(bench.repo, wanted) for _ in range(2)]
    said = [each.communicate(timeout=2 * WAIT)[0] for each in both]
    assert said == [b"tests passed\n"] * 2
    assert len(list(meeting.iterdir())) == 2


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A real disk of a few megabytes."""
    path = tmp_path / "disk"
    path.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "anvcs-test", str(path)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this user may not mount")
    yield path
    subprocess.run(["umount", "--lazy", str(path)], check=True)


def test_a_full_disk_is_said_in_a_sentence_and_leaves_nothing_half(bench: Bench, small: Path) -> None:
    repo = bench.repo
    env = {"XDG_CACHE_HOME": str(small)}
    assert bench.one(bench.check("print(1)"), env=env).outcome == "passed"
    repo.write("large", os.urandom(6 << 20))
    repo.git_commit("large")
    repo.caller().workspace(None)
    before = belongings(repo)
    with pytest.raises(DiskError, match="full") as refused:
        bench.one(bench.check(), env=env)
    assert refused.value.way_out
    assert belongings(repo) == before
    # What was half written has made room again.
    assert bench.one(bench.check(), env=env, commit="HEAD^").outcome == "passed"


def test_a_setup_that_finds_the_disk_full_has_failed(bench: Bench, small: Path) -> None:
    fill = bench.python("open('deps', 'wb').write(bytes(6 << 20))", "setup")
    evidence = bench.run(bench.check(), env={"XDG_CACHE_HOME": str(small)}, settings={"setup": (fill,)})
    assert outcomes(evidence) == {"setup": "failed", "tests": "error"}
    assert "No space left" in evidence[0].output
    assert bench.one(bench.check(), env={"XDG_CACHE_HOME": str(small)}).outcome == "passed"
    assert bench.ran() == ["ran", "setup"]


def test_folders_that_do_not_fit_are_said_in_a_sentence(bench: Bench, small: Path) -> None:
    bench.repo.write("deps/large", os.urandom(6 << 20))
    with pytest.raises(DiskError, match="full"):
        bench.run(bench.check(), env={"XDG_CACHE_HOME": str(small)}, settings={"ignored": ("deps",)})
    assert bench.one(bench.check(), env={"XDG_CACHE_HOME": str(small)}).outcome == "passed"
