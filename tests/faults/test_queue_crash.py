"""kill -9 anywhere in a merge queue's run: the line stays, nothing untested lands, and the next run goes on."""

from __future__ import annotations

import multiprocessing
import signal
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from anvcs import wire
from anvcs.actions.caller import Caller, call
from anvcs.actions.proposal import book, keeping, landings
from anvcs.errors import AnvcsError
from tests.conftest import Repo
from tests.faults.dying import ROOT, die, reopen, sound
from tests.merging import listed
from tests.unit.actions.test_proposal_check import guarded
from tests.unit.actions.test_queue import add, run, sources, streams, waiting

pytestmark = pytest.mark.promise("queue.survives-kill")
CULPRIT = "import os, sys; sys.exit(os.path.exists('bad'))"
# With b as culprit: a lands, b leaves, c lands. Each step with how often it is passed before.
POINTS = [
    *((book.STEPS[0], passed) for passed in range(9)),
    (keeping.STEPS[0], 0),
    *((step, passed) for step in ("landing", "prepare", "ref", "published", "accepted") for passed in range(2)),
]


@pytest.mark.parametrize(("step", "passed"), POINTS)
def test_a_kill_leaves_a_line_that_the_next_run_ends(repo: Repo, step: str, passed: int) -> None:
    guarded(repo, tests=CULPRIT)
    streams(repo, "a", "b", "c", b="bad")
    main = repo.git("rev-parse", "main")
    die(repo, step, wire.QUEUE_RUN, wire.QueueRunParams(), passed=passed)
    reopen(repo)
    # What is there by now has passed its guards: the culprit is never in it.
    assert set(repo.git("ls-tree", "--name-only", "main", "a", "bad", "c").split()) <= {"a", "c"}
    assert set(waiting(repo)) <= {"a", "b", "c"}
    run(repo)
    assert waiting(repo) == []
    ended = {each.sources[0].name: each.status for each in listed(repo, everything=True)}
    assert ended == {"a": "accepted", "b": "blocked", "c": "accepted"}
    assert repo.git("ls-tree", "--name-only", "main", "a", "bad", "c").split() == ["a", "c"]
    # Each landed once.
    assert repo.git("log", "--first-parent", "--format=%s", f"{main}..main").splitlines() == [
        "Merge branch 'c'",
        "Merge branch 'a'",
    ]
    assert repo.status() == ""
    sound(repo)


def test_the_fault_points_are_those_that_a_run_passes(repo: Repo) -> None:
    guarded(repo, tests=CULPRIT)
    streams(repo, "a", "b", "c", b="bad")
    seen: list[str] = []
    run(repo, repo.caller(at=seen.append))
    assert {step: seen.count(step) for step, _ in POINTS} == {
        step: passed + 1 for step, passed in sorted(POINTS, key=lambda each: each[1])
    }
    assert set(landings.STEPS) <= set(seen)


def test_a_kill_between_two_of_a_batch_that_passed_lets_the_next_run_land_the_rest_untested(repo: Repo) -> None:
    diary = repo.path.parent / "diary"
    guarded(repo, tests=f"open({str(diary)!r}, 'a').write('tested\\n')")
    streams(repo, "a", "b", "c")
    die(repo, "landing", wire.QUEUE_RUN, wire.QueueRunParams(), passed=1)
    assert waiting(repo) == ["b", "c"]
    assert sources(run(repo).landed) == ["b", "c"]
    assert diary.read_text() == "tested\n"
    sound(repo)


def test_a_kill_while_guards_run_leaves_the_line_as_it_is(repo: Repo) -> None:
    flag = repo.path.parent / "killed"
    body = (
        "import os, signal, time\n"
        f"if not os.path.exists({str(flag)!r}):\n"
        f"    open({str(flag)!r}, 'w').close(); os.kill(os.getppid(), signal.SIGKILL); time.sleep(60)\n"
    )
    guarded(repo, tests=body)
    streams(repo, "a", "b")
    before = repo.snapshot()
    script = Path(__file__).with_name("crash.py")
    given = msgspec.json.encode(wire.QueueRunParams()).decode()
    args = [sys.executable, str(script), "none", "0", str(repo.config_home), "queue.run", given]
    env = {**repo.env, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(args, cwd=repo.path, env=env, capture_output=True, check=False, timeout=60)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    assert repo.snapshot() == before
    assert waiting(repo) == ["a", "b"]
    assert sources(run(repo).landed) == ["a", "b"]
    sound(repo)


def test_a_kill_while_it_is_put_in_line_leaves_it_out_or_in(repo: Repo) -> None:
    streams(repo, "a")
    call(repo.caller(), wire.QUEUE_REMOVE, wire.QueueRemoveParams(proposal="a"))
    die(repo, book.STEPS[0], wire.QUEUE_ADD, wire.QueueAddParams(proposal="a"))
    assert waiting(repo) == []
    assert add(repo, "a").position == 1
    die(repo, book.STEPS[0], wire.QUEUE_REMOVE, wire.QueueRemoveParams(proposal="a"))
    assert waiting(repo) == ["a"]
    sound(repo)


def _run(arguments: tuple[str, dict[str, str], str]) -> str:
    cwd, env, config = arguments
    caller = Caller(cwd=Path(cwd), env=env, config_home=Path(config))
    try:
        result = call(caller, wire.QUEUE_RUN, wire.QueueRunParams(into="main"))
    except AnvcsError as error:
        return error.code
    finally:
        caller.close()
    return str(len(result.landed))


@pytest.mark.heavy
def test_of_two_processes_that_run_one_queue_each_merge_lands_once(repo: Repo) -> None:
    guarded(repo, tests="import time; time.sleep(1.5)")
    streams(repo, "a", "b", "c")
    given = (str(repo.path), repo.env, str(repo.config_home))
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        ended = sorted(pool.map(_run, [given, given]))
    assert ended in (["3", "proposal"], ["0", "3"])
    assert repo.git("rev-list", "--count", "--first-parent", "--merges", "main") == "3"
    sound(repo)
