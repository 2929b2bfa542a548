"""Kills a process of ours in the middle of a verb, and says what must hold afterwards."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec

from anvcs import wire
from anvcs.actions.caller import call
from tests.conftest import Repo

ROOT = Path(__file__).parents[2]


def die(repo: Repo, step: str, request: wire.Request[Any, Any], params: wire.Params, *, passed: int = 0) -> None:
    """Perform the verb in a process that is killed before the step, having passed it that often."""
    script = Path(__file__).with_name("crash.py")
    given = msgspec.json.encode(params).decode()
    args = [sys.executable, str(script), step, str(passed), str(repo.config_home), request.verb, given]
    env = {**repo.env, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(args, cwd=repo.path, env=env, capture_output=True, check=False, timeout=60)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()


def reopen(repo: Repo) -> wire.RepositoryStatus:
    """Look at the repository in a new process's place, which settles what the dead one left."""
    return call(repo.caller(), wire.STATUS, wire.StatusParams())


def sound(repo: Repo) -> None:
    """What must hold whatever happened."""
    assert repo.git("fsck", "--strict", "--no-dangling") == ""
    report = call(repo.caller(), wire.DOCTOR, wire.DoctorParams())
    assert report.healthy, report
    assert repo.caller().workspace(None).ledger.verify_chain() == []
    assert not (repo.path / ".git/index.lock").exists()
    assert repo.git("write-tree")
