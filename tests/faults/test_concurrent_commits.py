"""Several writers at once: nobody's files, notes or operations are lost, and a real clash is refused."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from anvcs import wire
from anvcs.actions.caller import call
from anvcs.errors import StreamMovedError
from tests.conftest import Repo


@pytest.mark.promise("commit.many-writers")
def test_several_processes_commit_to_one_branch_and_nothing_is_lost(repo: Repo) -> None:
    script = Path(__file__).with_name("committer.py")
    writers, each = 4, 8
    args = [[sys.executable, script, f"w{number}", str(each), repo.config_home] for number in range(writers)]
    running = [subprocess.Popen(line, cwd=repo.path, env=repo.env, stderr=subprocess.PIPE) for line in args]
    said = [process.communicate(timeout=90)[1].decode() for process in running]
    assert [process.returncode for process in running] == [0] * writers, said
    files = set(repo.git("ls-tree", "-r", "--name-only", "HEAD").splitlines())
    wanted = {f"w{writer}/file{number}" for writer in range(writers) for number in range(each)}
    assert wanted <= files
    assert repo.status() == ""
    assert len(repo.git("log", "--format=%H").splitlines()) == 1 + writers * each
    for commit in repo.git("log", "--format=%H", "--max-count", str(writers * each)).splitlines():
        assert repo.show(commit).metadata_state == "full"
    # Beside the commits: init, and what git had before it.
    assert call(repo.caller(), wire.STATUS, wire.StatusParams()).operations == 2 + writers * each
    report = call(repo.caller(), wire.DOCTOR, wire.DoctorParams())
    assert report.healthy
    assert repo.git("fsck", "--strict", "--no-dangling") == ""


@pytest.mark.promise("commit.loser-rebuilds")
def test_the_loser_of_the_race_rebuilds_on_the_new_tip_and_keeps_the_winners_files(repo: Repo) -> None:
    winner: list[str] = []

    def at(step: str) -> None:
        if step == "objects" and not winner:
            repo.write("theirs", "winner\n")
            repo.git("add", "theirs")
            repo.git("commit", "--quiet", "-m", "winner")
            winner.append(repo.head())

    repo.write("src/app.py", "ours\n")
    made = repo.commit("loser", "src/app.py", caller=repo.caller(at=at))
    assert made.parents == (winner[0],)
    assert repo.git("show", "HEAD:theirs") == "winner"
    assert repo.git("show", "HEAD:src/app.py") == "ours"
    assert repo.status() == ""


def test_a_loser_whose_path_the_winner_changed_is_refused_and_keeps_its_file(repo: Repo) -> None:
    done: list[str] = []

    def at(step: str) -> None:
        if step == "objects" and not done:
            repo.git(
                "update-index",
                "--add",
                "--cacheinfo",
                f"100644,{repo.git('hash-object', '-w', 'README.md')},src/app.py",
            )
            repo.git("commit", "--quiet", "-m", "winner")
            done.append(repo.head())

    repo.write("src/app.py", "ours\n")
    with pytest.raises(StreamMovedError, match=r"src/app\.py"):
        repo.commit("loser", "src/app.py", caller=repo.caller(at=at))
    assert repo.head() == done[0]
    assert repo.read("src/app.py") == b"ours\n"
    assert repo.status() == " M src/app.py"


def test_a_branch_switched_under_the_commit_is_refused(repo: Repo) -> None:
    repo.git("branch", "other")
    done: list[str] = []

    def at(step: str) -> None:
        if step == "objects" and not done:
            repo.git("symbolic-ref", "HEAD", "refs/heads/other")
            done.append("switched")

    repo.write("src/app.py", "ours\n")
    start = repo.head()
    with pytest.raises(StreamMovedError, match="moved"):
        repo.commit("whereto", "src/app.py", caller=repo.caller(at=at))
    assert repo.git("rev-parse", "main", "other") == f"{start}\n{start}"


def test_an_amend_that_lost_the_race_is_refused(repo: Repo) -> None:
    repo.write("a", "1\n")
    repo.commit("one")
    done: list[str] = []

    def at(step: str) -> None:
        if step == "objects" and not done:
            repo.git("commit", "--quiet", "--allow-empty", "-m", "winner")
            done.append(repo.head())

    with pytest.raises(StreamMovedError):
        repo.commit("amended", amend=True, caller=repo.caller(at=at))
    assert repo.head() == done[0]


def test_what_the_user_stages_during_the_commit_stays_staged(repo: Repo) -> None:
    done: list[str] = []

    def at(step: str) -> None:
        if step == "objects" and not done:
            repo.write("src/app.py", "newer\n")
            repo.git("add", "src/app.py")
            done.append("staged")

    repo.write("src/app.py", "older\n")
    repo.commit("work", "src/app.py", caller=repo.caller(at=at))
    assert repo.git("show", "HEAD:src/app.py") == "older"
    assert repo.git("show", ":src/app.py") == "newer"
    assert repo.status() == "M  src/app.py"
