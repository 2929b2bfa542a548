"""Each database file deleted, emptied, cut short or overwritten: the ledger comes back from its sealed segments."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from anvcs import wire
from anvcs.actions import lost, seal
from anvcs.actions.caller import Caller, call
from anvcs.errors import AnvcsError, CorruptStoreError
from anvcs.gitmirror import segments as git
from anvcs.history.ledger import Entry
from tests.conftest import Repo

SEALED, TAIL = 5, 2


def state(repo: Repo) -> Path:
    return repo.path / ".git" / "anvcs"


def ledger_entries(repo: Repo) -> list[Entry]:
    return repo.caller().workspace(None).ledger.operations()


class Before(NamedTuple):
    """What the ledger said before it was lost."""

    entries: list[Entry]
    """Newest first."""
    sealed: int
    """How many of the operations are sealed, from the oldest on."""

    def survive_in(self, repo: Repo) -> bool:
        """Whether all that was sealed is there again, at the bottom of the ledger."""
        return ledger_entries(repo)[-self.sealed :] == self.entries[-self.sealed :]


def worked(repo: Repo, tail: int = TAIL) -> Before:
    """Some commits sealed and some not; what the ledger says then."""
    caller = repo.caller()
    sealed = 0
    for number in range(SEALED + tail):
        repo.write(f"file{number}", "content")
        repo.commit(f"commit {number}", caller=caller)
        if number == SEALED - 1:
            sealed = seal.seal(caller.workspace(None)).last
    entries = caller.workspace(None).ledger.operations()
    caller.close()
    return Before(entries, sealed)


def delete(path: Path) -> None:
    path.unlink()


def empty(path: Path) -> None:
    os.truncate(path, 0)


def halve(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def cut_header(path: Path) -> None:
    os.truncate(path, 60)


def garble_header(path: Path) -> None:
    with path.open("rb+") as file:
        file.write(b"garbage!" * 20)


def garble_all(path: Path) -> None:
    path.write_bytes(b"garbage!" * (path.stat().st_size // 8))


def garble_inside(path: Path) -> None:
    """Everything but the first page, so that opening it works."""
    size = path.stat().st_size
    with path.open("rb+") as file:
        file.seek(4096)
        file.write(b"\xa5" * (size - 4096))


DAMAGE: dict[str, Callable[[Path], None]] = {
    "deleted": delete,
    "emptied": empty,
    "cut in half": halve,
    "cut in its header": cut_header,
    "header overwritten": garble_header,
    "overwritten": garble_all,
    "overwritten inside": garble_inside,
}


@pytest.mark.promise("ledger.rebuilt")
@pytest.mark.parametrize("damage", DAMAGE)
def test_a_lost_ledger_is_made_anew_and_what_is_lost_is_named(repo: Repo, damage: str) -> None:
    before = worked(repo)
    replica = (state(repo) / "replica").read_text()
    snapshot = repo.snapshot()
    DAMAGE[damage](state(repo) / "ledger.db")
    caller = repo.caller()
    try:
        said = call(caller, wire.STATUS, wire.StatusParams()).notices
    except CorruptStoreError:
        # Found when it was read; the next command examines and mends it.
        said = call(repo.caller(), wire.STATUS, wire.StatusParams()).notices
    assert f"made anew from {before.sealed} sealed operations" in said[0]
    assert f"b3:{before.entries[TAIL].signed.id.hex()[:12]} (commit by human:ada@example.org" in said[0]
    assert f"At least {TAIL} operations were not sealed" in said[1]
    for entry in before.entries[:TAIL]:
        assert f"b3:{entry.signed.id.hex()[:12]}" in said[1]
    assert repo.snapshot() == snapshot
    assert before.survive_in(repo)
    assert (state(repo) / "replica").read_text() == replica
    assert call(repo.caller(), wire.DOCTOR, wire.DoctorParams()).healthy
    assert len(list(state(repo).glob("ledger.db.damaged-*"))) == (damage != "deleted")
    # Told once, and work goes on.
    repo.write("more", "content")
    repo.commit("more")
    assert not any("anew" in notice for notice in call(repo.caller(), wire.STATUS, wire.StatusParams()).notices)


@pytest.mark.promise("ledger.rebuilt")
def test_a_lost_ledger_in_which_nothing_was_sealed_is_empty_and_says_so(repo: Repo) -> None:
    repo.write("a", "1")
    repo.commit()
    caller = repo.caller()
    caller.workspace(None)
    caller.close()
    replica = (state(repo) / "replica").read_text()
    (state(repo) / "ledger.db").unlink()
    said = call(repo.caller(), wire.STATUS, wire.StatusParams()).notices
    assert "made anew from 0 sealed operations" in said[0]
    assert "At least 1 operation was not sealed" in said[1]
    assert repo.caller().workspace(None).ledger.replica == replica.strip()


def test_init_makes_a_lost_ledger_anew_instead_of_starting_over(repo: Repo) -> None:
    before = worked(repo, tail=0)
    (state(repo) / "ledger.db").unlink()
    result = repo.init()
    assert result.already_initialized
    assert "made anew" in result.notices[0]
    assert before.survive_in(repo)


@pytest.mark.promise("ledger.rebuilt")
def test_a_deleted_write_ahead_log_is_noticed(repo: Repo) -> None:
    before = worked(repo, tail=0)
    # A dead process leaves the log behind, with what was written last.
    script = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from anvcs import wire\n"
        "from anvcs.actions.caller import Caller, call\n"
        "caller = Caller(cwd=Path.cwd(), env=dict(os.environ), config_home=Path(sys.argv[1]))\n"
        "call(caller, wire.COMMIT, wire.CommitParams(message='tail'))\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    repo.write("tail", "content")
    done = subprocess.run(
        [sys.executable, "-c", script, str(repo.config_home)], cwd=repo.path, env=repo.env, check=False
    )
    assert done.returncode == -signal.SIGKILL
    wal = state(repo) / "ledger.db-wal"
    assert wal.stat().st_size > 0
    wal.unlink()
    (state(repo) / "ledger.db-shm").unlink()
    said = call(repo.caller(), wire.STATUS, wire.StatusParams()).notices
    assert re.search(r"The ledger lacks 1 operation that a reflog names, the last one b3:[0-9a-f]{12}", " ".join(said))
    assert before.survive_in(repo)
    assert sum(entry.operation.kind == "commit" for entry in ledger_entries(repo)) == SEALED
    assert not any("lacks" in notice for notice in call(repo.caller(), wire.STATUS, wire.StatusParams()).notices)


def test_an_older_copy_of_the_ledger_is_replaced_by_what_was_sealed(repo: Repo) -> None:
    repo.write("a", "1")
    repo.commit()
    repo.caller().workspace(None)
    repo.close()
    old = (state(repo) / "ledger.db").read_bytes()
    before = worked(repo, tail=0)
    (state(repo) / "ledger.db").write_bytes(old)
    said = call(repo.caller(), wire.STATUS, wire.StatusParams()).notices
    assert "had lost operations that were sealed already" in said[0]
    assert before.survive_in(repo)


def test_where_a_segment_is_damaged_too_the_clone_becomes_another_replica(repo: Repo) -> None:
    before = worked(repo, tail=0)
    workspace = repo.caller().workspace(None)
    replica = workspace.ledger.replica
    repo.write("b", "2")
    repo.commit()
    seal.seal(workspace)
    log = git.tip(workspace.repo, replica)
    blob = repo.git("rev-parse", f"{log}:segments/000000/00000002")
    repo.close()
    false = repo.git("hash-object", "-w", "--stdin", stdin=b"false")
    tree = repo.git("ls-tree", f"{log}:segments/000000").replace(blob, false)
    inner = repo.git("mktree", stdin=tree.encode() + b"\n")
    outer = repo.git("mktree", stdin=f"040000 tree {inner}\t000000\n".encode())
    root = repo.git("mktree", stdin=f"040000 tree {outer}\tsegments\n".encode())
    repo.git("update-ref", git.ref(replica), repo.git("commit-tree", root, "-p", str(log), "-m", "false"))
    (state(repo) / "ledger.db").unlink()
    said = call(repo.caller(), wire.STATUS, wire.StatusParams()).notices
    assert f"made anew from {before.sealed} sealed operations" in said[0]
    assert "This clone is a new replica now" in said[1]
    workspace = repo.caller().workspace(None)
    assert workspace.ledger.replica != replica
    repo.write("c", "3")
    repo.commit()
    assert seal.seal(workspace).last == workspace.ledger.count()
    assert workspace.ledger.verify_chain() == []


def test_a_process_that_had_the_lost_ledger_open_goes_on_with_the_new_one(repo: Repo) -> None:
    worked(repo)
    living = repo.caller()
    call(living, wire.STATUS, wire.StatusParams())
    (state(repo) / "ledger.db").unlink()
    call(repo.caller(), wire.STATUS, wire.StatusParams())
    repo.write("late", "content")
    made = repo.commit("late", caller=living)
    assert made.operation_id in {f"b3:{entry.signed.id.hex()}" for entry in ledger_entries(repo)}


@pytest.mark.promise("cache.rebuilt")
@pytest.mark.parametrize("damage", DAMAGE)
def test_a_lost_cache_is_built_again_without_a_word(repo: Repo, damage: str) -> None:
    for number in range(3):
        repo.git_commit(f"plain {number}")
    rows = call(repo.caller(), wire.GRAPH, wire.GraphParams()).rows
    repo.close()
    DAMAGE[damage](state(repo) / "cache.db")
    for _ in range(2):
        assert call(repo.caller(), wire.GRAPH, wire.GraphParams()).rows == rows
        assert call(repo.caller(), wire.STATUS, wire.StatusParams()).notices == ()
        repo.close()


# Sealing


@pytest.mark.promise("segments.off-the-hot-path")
def test_operations_are_sealed_when_there_are_many_or_old_ones(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    def tip() -> str:
        return repo.git("for-each-ref", "refs/anvcs/log/")

    caller = repo.caller()
    for number in range(3):
        repo.write("a", str(number))
        repo.commit(caller=caller)
    caller.close()
    assert tip() == ""
    monkeypatch.setattr(seal, "OLDEST", -1)
    caller = repo.caller()
    caller.workspace(None).ledger.count()
    assert tip() == ""
    caller.close()
    assert tip() != ""
    monkeypatch.setattr(seal, "OLDEST", 3600_000)
    monkeypatch.setattr(seal, "SPAN", 2)
    first = tip()
    caller = repo.caller()
    repo.write("a", "x")
    repo.commit(caller=caller)
    caller.close()
    assert tip() == first
    caller = repo.caller()
    repo.write("a", "y")
    repo.commit(caller=caller)
    caller.close()
    assert tip() != first
    repo.git("fsck", "--strict")


def test_sealing_twice_gives_the_same_and_hundreds_of_segments_stay_in_order(repo: Repo) -> None:
    workspace = repo.caller().workspace(None)
    tip: str | None = None
    for number in range(1, 205):
        tip = git.append(workspace.repo, tip, number, b"%d" % number, number)
    workspace.repo.objects.flush()
    assert git.count(workspace.repo, tip) == 204
    assert list(git.read(workspace.repo, tip)) == [b"%d" % number for number in range(1, 205)]
    assert list(git.read(workspace.repo, tip, 201)) == [b"202", b"203", b"204"]
    again = git.append(workspace.repo, None, 1, b"1", 1)
    assert again == repo.git("rev-list", "--max-parents=0", str(tip))
    with pytest.raises(AnvcsError):
        git.count(workspace.repo, repo.head())


def test_uninstalling_leaves_no_log_behind(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    worked(repo)
    monkeypatch.setattr(seal, "OLDEST", -1)
    caller: Caller = repo.caller()
    call(caller, wire.UNINSTALL, wire.UninstallParams())
    caller.close()
    assert repo.git("for-each-ref", "refs/anvcs/") == ""


def test_a_repository_where_anvcs_never_was_is_left_alone(make_repo: Callable[..., Repo]) -> None:
    plain = make_repo("plain", init=False)
    plain.git("update-ref", "refs/anvcs/log/" + "0" * 32, plain.head())
    assert not call(plain.caller(), wire.STATUS, wire.StatusParams()).initialized
    assert not state(plain).exists()
    assert lost.problem(plain.caller().workspace(None)) == "was gone"
