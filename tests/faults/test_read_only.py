"""A file system that cannot be written: everything can be read, and whatever would write says why it cannot."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from anvcs import wire
from anvcs.actions.caller import call
from tests.conftest import Repo

READING = (
    ("status",),
    ("op", "log"),
    ("op", "show"),
    ("op", "diff"),
    ("show",),
    ("graph",),
    ("diff",),
    ("stream", "list"),
    ("checkpoint", "list"),
    ("verify",),
    ("audit",),
    ("du",),
    ("actor", "list"),
    ("replay",),
)
WRITING = (
    ("commit", "-m", "x", "--allow-empty"),
    ("undo", "--agent", "foo"),
    ("stream", "create", "topic"),
    ("stream", "switch", "side"),
    ("checkpoint", "create", "now"),
    ("op", "restore", "@{1}"),
    ("restore", "README.md"),
    ("gc", "--days", "0"),
)


def in_read_only(repo: Repo, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run ``ai-vcs`` where the work tree and its Git folder are mounted read-only."""
    shell = 'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && cd "$1" && shift && exec "$@"'
    program = [str(Path(sys.executable).with_name("ai-vcs")), *arguments]
    return subprocess.run(
        ["unshare", "--mount", "sh", "-c", shell, "sh", str(repo.path), *program],
        env={**repo.env, "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": "*"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.fixture
def still(repo: Repo) -> Repo:
    """A repository with some history and a change that nobody looked at yet."""
    if subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False).returncode:
        pytest.skip("this user may not mount")
    repo.write("README.md", "two\n")
    repo.commit("two", metadata=wire.Metadata(prompt="p", agent_id="agent:foo"))
    repo.git("branch", "side", "HEAD^")
    repo.git_commit("plain")
    repo.write("README.md", "mine\n")
    return repo


@pytest.mark.promise("faults.read-only")
@pytest.mark.parametrize("arguments", READING, ids=" ".join)
def test_everything_can_be_read(still: Repo, arguments: tuple[str, ...]) -> None:
    done = in_read_only(still, *arguments)
    assert done.returncode == 0, done.stderr
    assert "Error" not in done.stderr


@pytest.mark.promise("faults.read-only")
@pytest.mark.parametrize("arguments", WRITING, ids=" ".join)
def test_what_would_write_says_why_it_cannot_and_changes_nothing(still: Repo, arguments: tuple[str, ...]) -> None:
    before = still.snapshot()
    done = in_read_only(still, *arguments)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "read-only" in done.stderr or "cannot be" in done.stderr or "writ" in done.stderr, done.stderr
    assert still.snapshot() == before


def test_what_the_write_ahead_log_holds_is_read_too(still: Repo) -> None:
    caller = still.caller()
    # An open ledger keeps its log, and what was written last is only there.
    made = call(caller, wire.COMMIT, wire.CommitParams(message="in the log", paths=("README.md",)))
    assert (Path(still.path) / ".git/anvcs/ledger.db-wal").stat().st_size
    done = in_read_only(still, "op", "log", "--json")
    assert made.operation_id in done.stdout


def test_the_doctor_names_what_cannot_be_written(still: Repo) -> None:
    done = in_read_only(still, "doctor")
    assert done.returncode == 1
    assert "read-only" in done.stdout
