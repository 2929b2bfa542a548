"""The file that names the relay, and telling a dead process from a living one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from anvcs.errors import RelayError
from anvcs.link import discovery, processes, start
from anvcs.link.discovery import Discovery
from anvcs.link.processes import Process, current, is_dead


def relay(process: Process, **changes: object) -> Discovery:
    """A relay in a process."""
    made = Discovery(
        pid=process.pid, boot=process.boot, started=process.started, port=1, token="t", term=1, version="0"
    )
    return msgspec.structs.replace(made, **changes)


def test_a_process_is_dead_only_if_that_is_certain() -> None:
    own = current()
    assert not is_dead(own)
    assert is_dead(Process(own.pid, own.boot, own.started + 1))
    assert is_dead(Process(own.pid, "another boot", own.started))
    assert not is_dead(Process(own.pid, "", own.started))
    assert not is_dead(Process(own.pid, own.boot, 0))


def test_an_ended_process_is_dead_even_before_its_parent_took_notice() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    process = Process(child.pid, processes.boot(), 0)
    assert not is_dead(process)
    assert child.stdin is not None
    child.stdin.close()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert is_dead(process)
    child.wait()
    assert is_dead(process)


def test_the_file_is_its_user_s_alone_and_is_removed_by_its_relay_only(tmp_path: Path) -> None:
    mine, other = relay(current()), relay(current(), token="u")
    assert discovery.read(tmp_path) is None
    discovery.write(tmp_path, mine)
    assert (tmp_path / discovery.FILE).stat().st_mode & 0o777 == 0o600
    assert discovery.read(tmp_path) == mine
    assert start.find(tmp_path) == mine
    discovery.remove(tmp_path, other)
    assert discovery.read(tmp_path) == mine
    discovery.remove(tmp_path, mine)
    assert discovery.read(tmp_path) is None


def test_a_relay_that_died_is_not_found(tmp_path: Path) -> None:
    own = current()
    discovery.write(tmp_path, relay(Process(own.pid, own.boot, own.started + 1)))
    assert start.find(tmp_path) is None


def test_half_a_file_names_nobody(tmp_path: Path) -> None:
    (tmp_path / discovery.FILE).write_bytes(b'{"pid": 1')
    assert discovery.read(tmp_path) is None


def test_another_user_s_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    discovery.write(tmp_path, relay(current()))
    os.chown(tmp_path / discovery.FILE, 1234, -1) if os.getuid() == 0 else monkeypatch.setattr(os, "getuid", lambda: 1)
    with pytest.raises(RelayError, match="another user"):
        discovery.read(tmp_path)
