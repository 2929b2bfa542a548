"""A minute of agents committing and undoing in several worktrees beside plain git: nothing acknowledged is lost."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from anvcs import wire
from anvcs.actions.caller import call
from tests.conftest import Repo

SECONDS = 60
WORKTREES = 4
OURS, PLAIN = 2, 1
"""Processes in each worktree."""
ROOT = Path(__file__).parents[2]


@pytest.mark.promise("writers.nothing-lost")
@pytest.mark.timeout(300)
@pytest.mark.heavy
def test_agents_in_four_worktrees_commit_and_undo_beside_plain_git_for_a_minute(repo: Repo, tmp_path: Path) -> None:
    places = [repo.path]
    for number in range(1, WORKTREES):
        places.append(tmp_path / f"tree{number}")
        repo.git("worktree", "add", "--quiet", "-b", f"stream{number}", str(places[-1]))
    script = Path(__file__).with_name("writer.py")
    env = {**repo.env, "PYTHONPATH": str(ROOT)}
    running: list[subprocess.Popen[bytes]] = []
    logs: list[Path] = []
    for place_number, place in enumerate(places):
        for kind, count in (("ours", OURS), ("plain", PLAIN)):
            for number in range(count):
                name = f"{kind}{place_number}{number}"
                logs.append(tmp_path / f"{name}.log")
                args = [sys.executable, script, kind, name, logs[-1], repo.config_home, str(SECONDS)]
                running.append(subprocess.Popen(args, cwd=place, env=env, stderr=subprocess.PIPE))
    said = [process.communicate(timeout=SECONDS + 120)[1].decode() for process in running]
    assert [process.returncode for process in running] == [0] * len(running), said
    events = [json.loads(line) for log in logs for line in log.read_text().splitlines()]
    committed = {name for what, name in events if what == "commit"}
    undone = {name for what, name in events if what == "undo"}
    plain = {name for what, name in events if what == "plain"}
    assert len(committed) >= OURS * WORKTREES
    assert undone <= committed
    assert undone

    # A look takes in what plain git did last, and puts back what its notes commands lost.
    call(repo.caller(), wire.OP_LOG, wire.OpLogParams(limit=1))
    reached = set(repo.git("rev-list", "--branches").split())
    assert committed - undone - reached == set()
    assert plain - reached == set()
    for commit in undone:
        assert repo.git("cat-file", "-t", commit) == "commit"
    repo.git("reflog", "expire", "--expire=now", "--expire-unreachable=now", "--all")
    repo.git("gc", "--quiet", "--prune=now")
    for commit in committed:
        assert repo.git("cat-file", "-t", commit) == "commit"
    lines = repo.git("notes", "--ref=anvcs", "list")
    noted = {line.split()[1] for line in lines.splitlines()}
    assert committed - noted == set()
    assert repo.git("fsck", "--strict", "--no-dangling") == ""
    report = call(repo.caller(), wire.VERIFY, wire.VerifyParams())
    assert report.sound, report.wrong
    assert report.signatures.keys() == {"known"}
    for place in places:
        work = Repo(place, repo.env, repo.config_home)
        staged = work.git("diff", "--cached", "--name-only").splitlines()
        # A plain git that was beaten by a lock may leave what it staged, and nothing else.
        assert all(name.startswith("plain") for name in staged), staged
        work.close()
