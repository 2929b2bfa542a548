"""The doctor names what is wrong and puts in order what can be; of others' things it names the way out only."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from anvcs import wire
from anvcs.actions import doctor_state, seal
from anvcs.actions.caller import Caller, call
from anvcs.actions.workspace import Workspace
from anvcs.errors import CancelledError
from tests.conftest import Repo

pytestmark = pytest.mark.promise("doctor.repairs")


def doctor(repo: Repo, *, repair: bool = False, caller: Caller | None = None) -> wire.DoctorReport:
    return call(caller or repo.caller(), wire.DOCTOR, wire.DoctorParams(repair=repair))


def wrong(report: wire.DoctorReport, name: str) -> list[wire.Check]:
    return [each for each in report.checks if each.id == name and each.state != "ok"]


def cured(repo: Repo, name: str) -> str:
    """It is named, repaired once, and well then; gives what the repair said."""
    found = wrong(doctor(repo), name)
    assert found, name
    assert all(each.way_out for each in found)
    assert not any(each.repaired for each in doctor(repo).checks)
    (done,) = [each for each in doctor(repo, repair=True).checks if each.repaired]
    assert done.id == name
    after = doctor(repo)
    assert wrong(after, name) == []
    assert after.healthy
    return done.message


def old(path: Path, seconds: int = 2 * 24 * 3600) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    os.utime(path, (time.time() - seconds, time.time() - seconds))
    return path


def made(repo: Repo) -> wire.CommitResult:
    repo.write("src/app.py", "x = 2\n")
    return repo.commit("two", metadata=wire.Metadata(prompt="why", agent_id="agent:foo"))


def dead_process() -> int:
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    return child.pid


def test_a_healthy_repository_needs_no_repair_and_gets_none(repo: Repo) -> None:
    made(repo)
    call(repo.caller(), wire.GRAPH, wire.GraphParams())
    before = (repo.git("for-each-ref"), repo.git("config", "--list", "--local"))
    report = doctor(repo, repair=True)
    assert report.healthy
    assert {each.state for each in report.checks} == {"ok"}
    assert not any(each.repaired for each in report.checks)
    assert (repo.git("for-each-ref"), repo.git("config", "--list", "--local")) == before


def test_a_damaged_cache_is_made_anew(repo: Repo) -> None:
    made(repo)
    call(repo.caller(), wire.GRAPH, wire.GraphParams())
    repo.close()
    cache = repo.path / ".git/anvcs/cache.db"
    data = bytearray(cache.read_bytes())
    data[4096:] = b"\x55" * (len(data) - 4096)
    cache.write_bytes(bytes(data))
    assert "index was damaged" in cured(repo, "cache")
    assert len(call(repo.caller(), wire.GRAPH, wire.GraphParams()).rows) == 2


def test_a_damaged_ledger_is_made_anew_from_its_sealed_log(repo: Repo) -> None:
    commit = made(repo)
    seal.seal(repo.caller().workspace(None))
    repo.close()
    with closing(sqlite3.connect(repo.path / ".git/anvcs/ledger.db")) as db:
        db.execute("UPDATE objects SET value = x'00' WHERE kind = 'outcome'")
        db.commit()
    found = doctor(repo)
    assert not found.healthy
    report = doctor(repo, repair=True)
    assert doctor(repo).healthy, report
    assert repo.show(commit.git_commit).operation_id == commit.operation_id


def test_lost_notes_come_back(repo: Repo) -> None:
    commit = made(repo)
    doctor(repo)
    note = repo.git("notes", "--ref=anvcs", "show", commit.git_commit)
    repo.git("update-ref", "-d", "refs/notes/anvcs")
    (repo.path / ".git/anvcs/notes-seen").unlink(missing_ok=True)
    doctor(repo, repair=True)
    assert repo.git("notes", "--ref=anvcs", "show", commit.git_commit) == note


def test_a_moved_repository_finds_its_allowed_signers_again(repo: Repo) -> None:
    made(repo)
    repo.close()
    moved = Repo(repo.path.rename(repo.path.with_name("elsewhere")), repo.env, repo.config_home)
    assert "moved" in cured(moved, "signers")
    named = moved.git("config", "gpg.ssh.allowedSignersFile")
    assert Path(named) == moved.path / ".git/anvcs/allowed_signers"
    moved.write("src/app.py", "x = 3\n")
    signed = moved.commit("signed", sign=True)
    moved.git("verify-commit", signed.git_commit)
    call(moved.caller(), wire.UNINSTALL, wire.UninstallParams())
    assert "allowedsigners" not in moved.git("config", "--list", "--local").lower()
    moved.close()


def test_a_missing_or_dead_hook_comes_back_to_life(repo: Repo) -> None:
    hook = repo.path / ".git/hooks/post-rewrite"
    hook.chmod(0o644)
    assert "could not be run" in cured(repo, "hook")
    hook.unlink()
    assert "are back" in cured(repo, "hook")
    assert os.access(hook, os.X_OK)


def test_settings_that_somebody_removed_come_back(repo: Repo) -> None:
    repo.git("config", "--unset-all", "notes.rewriteRef")
    cured(repo, "settings")
    assert repo.git("config", "notes.rewriteRef") == "refs/notes/anvcs"


def test_what_dead_processes_left_is_removed_and_what_living_ones_use_is_not(repo: Repo) -> None:
    state = repo.path / ".git/anvcs"
    pid = dead_process()
    left = [
        old(state / ".anvcs-x1"),
        old(state / "tmp/ledger.db.new"),
        old(repo.path / ".git/objects" / "aa" / f"tmp_obj_anvcs_{pid}_1"),
        old(repo.path / ".git/objects/pack/pack-x.keep"),
    ]
    left[3].write_text(f"anvcs {pid}\n")
    used = [
        state / ".anvcs-young",
        repo.path / ".git/objects/aa" / f"tmp_obj_anvcs_{os.getpid()}_1",
        repo.path / ".git/objects/pack/pack-y.keep",
        repo.path / ".git/objects/pack/pack-z.keep",
    ]
    for each in used:
        each.touch()
    used[2].write_text(f"anvcs {os.getpid()}\n")
    used[3].write_text("mine\n")
    assert "4 files" in cured(repo, "orphans")
    assert not any(each.exists() for each in left)
    assert all(each.exists() for each in used)


def test_a_lock_of_somebody_else_is_named_with_its_age_and_never_removed(repo: Repo) -> None:
    lock = old(repo.path / ".git/index.lock", 3600)
    ref = old(repo.path / ".git/refs/heads/side.lock", 3600)
    for repair in (False, True):
        found = wrong(doctor(repo, repair=repair), "locks")
        assert len(found) == 2
        assert "60 minutes" in found[0].message
        assert str(lock) in found[0].way_out
    assert lock.exists()
    assert ref.exists()


def test_a_log_that_was_not_sealed_for_long_is_sealed(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    made(repo)
    monkeypatch.setattr(seal, "OLDEST", -1)

    def never(workspace: Workspace) -> None:
        del workspace

    monkeypatch.setattr(seal, "when_due", never)
    assert "Sealed" in cured_while_due(repo)


def cured_while_due(repo: Repo) -> str:
    assert wrong(doctor(repo), "sealed")
    (done,) = [each for each in doctor(repo, repair=True).checks if each.repaired]
    return done.message


def test_half_of_a_transfer_is_named_with_gits_way_out(repo: Repo) -> None:
    old(repo.path / ".git/objects/pack/tmp_pack_x").write_bytes(b"x" * 10)
    old(repo.path / ".git/objects/pack/tmp_pack_x")
    (found,) = wrong(doctor(repo), "orphans")
    assert "10 bytes" in found.message
    assert "git gc" in found.way_out


def test_verifying_can_be_stopped(repo: Repo) -> None:
    made(repo)
    said: list[str] = []

    def stop(message: str, percent: int | None) -> None:
        said.append(f"{message} {percent}")
        if message == "Verifying operations":
            raise CancelledError("Stopped.")

    caller = repo.caller()
    caller.progress = stop
    with pytest.raises(CancelledError):
        doctor(repo, caller=caller)
    assert said


def test_ages_are_said_in_words() -> None:
    said = [doctor_state._said(seconds) for seconds in (60, 600, 7200, 3 * 86400)]  # pyright: ignore[reportPrivateUsage] - the words are all there is to it
    assert said == ["1 minute", "10 minutes", "2 hours", "3 days"]
