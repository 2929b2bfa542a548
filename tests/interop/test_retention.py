"""What is kept, what it costs, and what gc lets go of; judged by the disk and by git's own collector."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from anvcs import wire
from anvcs.actions.caller import call
from anvcs.actions.gc import STEPS
from anvcs.errors import CompactedError
from tests.conftest import Repo
from tests.interop import remote_support as remote
from tests.interop.operation_support import collect_garbage, log, newest, redo, restore, sound, undo


def gc(repo: Repo, days: int | None = 0, *, dry_run: bool = False) -> wire.GcResult:
    return call(repo.caller(), wire.GC, wire.GcParams(days=days, dry_run=dry_run))


def du(repo: Repo) -> wire.DuReport:
    return call(repo.caller(), wire.DU, wire.DuParams())


def write(repo: Repo, text: str, message: str = "work") -> str:
    repo.write("src/app.py", text)
    return repo.commit(message, "src/app.py").git_commit


def there(repo: Repo, commit: str) -> bool:
    command = ["git", "cat-file", "-e", commit]
    done = subprocess.run(command, cwd=repo.path, env=repo.env, capture_output=True, check=False)
    return done.returncode == 0


def published(repo: Repo) -> Path:
    """A remote that has everything."""
    url = remote.bare(repo.path.parent / "there.git", repo.env)
    repo.git("remote", "add", "origin", str(url))
    remote.push(repo, "origin", "main")
    return url


def abandoned(repo: Repo) -> str:
    """A commit that was made and taken back."""
    made = write(repo, "abandoned\n")
    undo(repo)
    repo.git("checkout", "--quiet", "--", ".")
    return made


@pytest.mark.promise("gc.frees")
def test_gc_lets_go_of_what_only_old_operations_keep(repo: Repo) -> None:
    gone = abandoned(repo)
    kept = write(repo, "x = 2\n")
    published(repo)
    collect_garbage(repo)
    assert there(repo, gone)
    planned = gc(repo, dry_run=True)
    result = gc(repo)
    assert planned.compacted == result.compacted > 0
    assert planned.operation_id is None
    assert result.released == 1
    assert log(repo, limit=1).operations[0].kind == "gc"
    collect_garbage(repo)
    assert not there(repo, gone)
    assert there(repo, kept)
    sound(repo)
    assert call(repo.caller(), wire.VERIFY, wire.VerifyParams()).sound
    assert gc(repo).compacted == 1


@pytest.mark.promise("gc.keeps")
def test_gc_keeps_checkpoints_with_all_that_they_point_at(repo: Repo) -> None:
    published(repo)
    call(repo.caller(), wire.STREAM_CREATE, wire.StreamCreateParams(name="side", switch=True))
    side = write(repo, "side\n")
    call(repo.caller(), wire.STREAM_SWITCH, wire.StreamSwitchParams(name="main"))
    write(repo, "x = 2\n")
    call(repo.caller(), wire.CHECKPOINT_CREATE, wire.CheckpointCreateParams(name="good"))
    write(repo, "x = 3\n")
    remote.push(repo, "origin", "main")
    call(repo.caller(), wire.STREAM_DELETE, wire.StreamDeleteParams(name="side", force=True))
    result = gc(repo)
    assert result.kept >= 1
    assert result.compacted > 3
    collect_garbage(repo)
    assert there(repo, side)
    sound(repo)
    call(repo.caller(), wire.CHECKPOINT_RESTORE, wire.CheckpointRestoreParams(name="good"))
    assert repo.git("rev-parse", "side") == side
    assert repo.read("src/app.py") == b"x = 2\n"
    sound(repo)


@pytest.mark.promise("gc.keeps")
def test_gc_keeps_what_is_not_pushed_yet_until_it_is(repo: Repo) -> None:
    published(repo)
    unpushed = write(repo, "x = 2\n")
    gc(repo)
    assert undo(repo).target is not None
    redo(repo)
    assert repo.head() == unpushed
    remote.push(repo, "origin", "main")
    result = gc(repo)
    assert result.compacted >= 3
    with pytest.raises(CompactedError):
        restore(repo, "@{5}")


def test_without_any_remote_what_streams_hold_stays_whole(repo: Repo) -> None:
    write(repo, "x = 2\n")
    write(repo, "x = 3\n")
    gc(repo)
    undo(repo)
    undo(repo)
    assert repo.git("log", "--format=%s") == "first"


def test_young_operations_stay_whole(repo: Repo) -> None:
    gone = abandoned(repo)
    published(repo)
    assert gc(repo, days=None).compacted == 0
    assert gc(repo, days=1).operation_id is None
    collect_garbage(repo)
    assert there(repo, gone)


@pytest.mark.promise("gc.refused-plainly")
def test_what_is_compacted_is_refused_with_a_sentence(repo: Repo) -> None:
    write(repo, "x = 2\n")
    old = newest(repo)
    published(repo)
    gc(repo)
    for verb in (
        lambda: restore(repo, old),
        lambda: call(repo.caller(), wire.OP_DIFF, wire.OpDiffParams(operation=old)),
    ):
        with pytest.raises(CompactedError, match="compacted"):
            verb()
    shown = call(repo.caller(), wire.OP_SHOW, wire.OpShowParams(operation=old))
    assert shown.operation.kind == "commit"
    assert shown.arguments is None
    report = call(repo.caller(), wire.REPLAY, wire.ReplayParams(operation=old))
    assert report.operations[0].outcome == "not-comparable"
    # Nothing was taken for damage.
    assert not (repo.path / ".git/anvcs/suspect").exists()


@pytest.mark.promise("gc.refused-plainly")
def test_undo_of_a_compacted_operation_is_refused(repo: Repo) -> None:
    url = remote.bare(repo.path.parent / "there.git", repo.env)
    repo.git("push", "--quiet", str(url), "main:main")
    repo.git("remote", "add", "origin", str(url))
    repo.git("fetch", "--quiet", "origin")
    call(repo.caller(), wire.STREAM_CREATE, wire.StreamCreateParams(name="side"))
    gc(repo)
    before = repo.snapshot()
    with pytest.raises(CompactedError, match="not kept any more"):
        undo(repo)
    assert repo.snapshot() == before


@pytest.mark.promise("gc.survives-kill")
@pytest.mark.parametrize("step", STEPS)
def test_a_gc_killed_at_any_step_is_finished_by_the_next(repo: Repo, step: str) -> None:
    gone = abandoned(repo)
    write(repo, "x = 2\n")
    published(repo)
    unpushed = write(repo, "x = 3\n")
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, root / "tests/faults/retention_crash.py", step, repo.config_home, "gc"],
        cwd=repo.path,
        env={**repo.env, "PYTHONPATH": str(root)},
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    sound(repo)
    assert call(repo.caller(), wire.VERIFY, wire.VerifyParams()).sound
    gc(repo)
    sound(repo)
    collect_garbage(repo)
    assert not there(repo, gone)
    assert there(repo, unpushed)
    undo(repo)
    redo(repo)
    sound(repo)


@pytest.mark.promise("du.matches-disk")
def test_du_says_what_is_on_the_disk(repo: Repo) -> None:
    write(repo, "x = 2\n")
    abandoned(repo)
    call(repo.caller(), wire.GRAPH, wire.GraphParams())
    repo.git("repack", "-adq")
    report = du(repo)
    costs = {each.name: each for each in report.costs}
    state = repo.path / ".git/anvcs"
    assert costs["ledger"].bytes == sum(each.stat().st_size for each in state.glob("ledger.db*"))
    assert costs["ledger"].count == len(log(repo).operations)
    assert costs["cache"].bytes == sum(each.stat().st_size for each in state.glob("cache.db*"))
    mirrored = list((repo.path / ".ai/meta").iterdir())
    assert (costs["mirror"].bytes, costs["mirror"].count) == (sum(each.stat().st_size for each in mirrored), 2)
    # The one note of each commit, and the commit that only we keep with the chain that keeps it.
    assert costs["notes"].count == 2
    own = repo.git("rev-list", "--objects", "--no-object-names", "refs/notes/anvcs").split()
    sizes = repo.git("cat-file", "--batch-check=%(objectsize:disk)", stdin="\n".join(own).encode() + b"\n").split()
    assert costs["notes"].bytes == sum(map(int, sizes))
    assert costs["keep"].bytes > 0
    assert report.total == sum(each.bytes for each in report.costs)
    assert [each.bytes for each in report.costs] == sorted((each.bytes for each in report.costs), reverse=True)


def test_gc_makes_the_ledger_no_larger_and_du_agrees(repo: Repo) -> None:
    for number in range(12):
        write(repo, f"x = {number}\n")
    published(repo)
    result = gc(repo)
    assert result.after <= result.before + 8192
    (ledger,) = [each for each in du(repo).costs if each.name == "ledger"]
    assert ledger.bytes >= result.after - 65536
