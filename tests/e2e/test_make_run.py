"""`make run` as a stranger uses it: read the banner, sign in, look, press Ctrl-C."""

from __future__ import annotations

import http.client
import os
import queue
import re
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts import toolchain
from scripts.code_server import free_port
from scripts.steps import stop_group
from tests.e2e.conftest import Tools
from tests.e2e.workbench import OPENING, Workbench

pytestmark = [pytest.mark.editor, pytest.mark.timeout(240)]

PATIENCE = 120
"""Seconds until the banner: set-up is done already, or these tests would not run."""


class MakeRun:
    """A running `make run`, with its output as it comes."""

    def __init__(self, env: dict[str, str], *variables: str) -> None:
        self.process = subprocess.Popen(
            ["make", "run", *variables],
            cwd=toolchain.ROOT,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self.output = ""
        self._lines: queue.Queue[str | None] = queue.Queue()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def find(self, pattern: str) -> str:
        """The first group of the pattern, as soon as the output has it."""
        until = time.monotonic() + PATIENCE
        while not (found := re.search(pattern, self.output)):
            line = self._lines.get(timeout=max(0.0, until - time.monotonic()))
            assert line is not None, self.output
            self.output += line
        return found[1]

    def stop(self) -> None:
        """End it all, however it stands."""
        stop_group(self.process)
        self._reader.join(timeout=10)
        if self.process.stdout:
            self.process.stdout.close()

    def _read(self) -> None:
        if self.process.stdout:
            for line in self.process.stdout:
                self._lines.put(line.decode())
        self._lines.put(None)


@pytest.fixture
def make_run(tools: Tools, user_env: dict[str, str], tmp_path: Path) -> Iterator[MakeRun]:
    """`make run`, asked for a free port, with a state folder of its own; it finds the set-up done."""
    assert tools.vsix.exists()
    cache = {"XDG_CACHE_HOME": str(toolchain.cache_folder().parent)}
    env = {**user_env, **cache, "ANVCS_RUN_STATE": str(tmp_path / "run")}
    running = MakeRun(env, f"PORT={free_port()}")
    yield running
    running.stop()


@pytest.mark.promise("editor.make-run")
def test_make_run_serves_the_sample_behind_a_password_until_interrupted(make_run: MakeRun, window: Workbench) -> None:
    address = make_run.find(r"Address +(\S+)")
    password = make_run.find(r"Password +(\S+)")
    port = int(re.findall(r":(\d+)/", address)[0])

    assert _location(port).startswith("./login")
    window.page.goto(address, timeout=OPENING)
    window.page.locator("input[name=password]").fill(password)
    window.page.keyboard.press("Enter")
    window.page.locator(".statusbar-item").first.wait_for(timeout=OPENING)
    window.status("ANVCS: main")

    children = _descendants(make_run.process.pid)
    assert len(children) > 3
    # As the terminal does on Ctrl-C: to the whole foreground group.
    os.killpg(make_run.process.pid, signal.SIGINT)
    make_run.process.wait(30)
    assert [pid for pid in children if _lives(pid)] == []
    with pytest.raises(ConnectionRefusedError):
        _location(port)


def _location(port: int) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", "/")
        return connection.getresponse().headers["Location"]
    finally:
        connection.close()


def _descendants(pid: int) -> set[int]:
    """Every process below one, in whatever process group, by asking ps."""
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, check=True, timeout=10).stdout
    parents = {int(line.split()[0]): int(line.split()[1]) for line in listed.decode().splitlines()}
    found = {pid}
    while below := {child for child, parent in parents.items() if parent in found} - found:
        found |= below
    return found


def _lives(pid: int) -> bool:
    listed = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, check=False, timeout=10)
    return listed.stdout.strip() not in {b"", b"Z", b"Zs", b"Z+"}
