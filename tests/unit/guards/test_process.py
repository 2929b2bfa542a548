"""One command of a team's: how it ends, what is kept of its output, and that nothing of it stays."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from anvcs.errors import LockedError
from anvcs.guards.process import MARK, Surroundings, execute
from anvcs.storage.lock import exclusive
from tests.unit.guards.lives import WAIT, Lives

LONG = 100.0
"""Seconds that no command here needs; pytest's own limit is not far above."""
SHORT = 0.3

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux shows the environment of a process")


def python(body: str) -> tuple[str, ...]:
    return sys.executable, "-c", body


def test_both_streams_are_kept_as_they_came(around: Surroundings) -> None:
    ended = execute(
        python("import os; [os.write(number, b'%d\\n' % number) for number in (1, 2, 1)]"), around, seconds=LONG
    )
    assert (ended.exit_code, ended.output, ended.dropped, ended.stopped) == (0, b"1\n2\n1\n", 0, None)


@pytest.mark.parametrize(
    ("body", "code"),
    [("raise SystemExit(3)", 3), ("import os; os.kill(os.getpid(), 9)", 137), ("import os; os.abort()", 134)],
)
def test_the_exit_code_says_how_it_ended(around: Surroundings, body: str, code: int) -> None:
    assert execute(python(body), around, seconds=LONG).exit_code == code


def test_a_command_gets_the_environment_it_is_given_and_no_other(
    around: Surroundings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANVCS_TEST_SECRET", "secret")
    around = replace(around, env={"PATH": "/bin", "ONE": "1", "LC_ALL": "C"})
    ended = execute(python("import os; print(sorted(os.environ))"), around, seconds=LONG)
    assert ended.output.decode().strip() == str(sorted([MARK, "ONE", "PATH", "LC_ALL"]))


def test_a_command_that_asks_gets_no_answer(around: Surroundings) -> None:
    ended = execute(python("import sys; print(repr(sys.stdin.read()))"), around, seconds=LONG)
    assert ended.output == b"''\n"


def test_a_command_has_no_terminal_to_ask_on(around: Surroundings) -> None:
    ended = execute(python("open('/dev/tty')"), around, seconds=LONG)
    assert (ended.exit_code, ended.stopped) == (1, None)


def test_a_program_is_looked_for_on_the_given_path_and_in_the_folder(around: Surroundings) -> None:
    for place in ("bin/here", "there/tool"):
        path = around.folder / place
        path.parent.mkdir()
        path.write_text("#!/bin/sh\necho found\n")
        path.chmod(0o755)
    around = replace(around, env={"PATH": f"{around.folder / 'there'}:bin"})
    for command in ("tool", "here", "./bin/here", "bin/here"):
        assert execute((command,), around, seconds=LONG).output == b"found\n"


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("no-such-program", "no-such-program cannot be run: there is no such program on PATH (/usr/bin:/bin)"),
        ("./no-such-program", "./no-such-program cannot be run: there is no such program here"),
        ("./text", "./text cannot be run: permission denied"),
        ("./script", "./script cannot be run: exec format error"),
        ("a\0b", "cannot be run: embedded null byte"),
    ],
)
def test_what_cannot_be_started_says_why(around: Surroundings, command: str, said: str) -> None:
    (around.folder / "text").write_text("text")
    (around.folder / "script").write_text("echo no first line\n")
    (around.folder / "script").chmod(0o755)
    ended = execute((command,), around, seconds=LONG)
    assert ended.exit_code is None
    assert said in ended.output.decode()


def test_a_folder_that_is_gone_is_not_taken_for_a_program_that_is(around: Surroundings) -> None:
    around.folder.rmdir()
    ended = execute(("true",), around, seconds=LONG)
    assert ended.exit_code is None
    assert b"no such file or directory" in ended.output


def test_a_flood_of_output_is_counted_and_its_end_kept(around: Surroundings) -> None:
    ended = execute(python("[print(number) for number in range(300_000)]"), replace(around, output=1000), seconds=LONG)
    whole = "".join(f"{number}\n" for number in range(300_000)).encode()
    assert ended.exit_code == 0
    assert ended.output == whole[-1000:]
    assert ended.dropped == len(whole) - 1000


def test_a_command_that_floods_for_ever_is_stopped_in_time(around: Surroundings) -> None:
    ended = execute(("yes", "flood"), replace(around, output=1000), seconds=SHORT)
    assert (ended.stopped, ended.exit_code) == ("timed-out", None)
    assert len(ended.output) == 1000
    assert ended.dropped > 0


def test_a_hanging_command_is_stopped_with_all_it_started(around: Surroundings, lives: Lives) -> None:
    body = lives.family("print('hangs', flush=True)\nwhile True: time.sleep(60)")
    ended = execute(python(body), around, seconds=4)
    assert (ended.stopped, ended.output) == ("timed-out", b"hangs\n")
    assert lives.are_over()


def test_a_stopped_command_may_clean_up(around: Surroundings, lives: Lives) -> None:
    clean = "signal.signal(signal.SIGTERM, lambda *_: (print('cleaned up', flush=True), os._exit(0)))"
    ended = execute(python(lives.script(clean)), around, seconds=LONG, cancelled=lambda: bool(lives.came()))
    assert (ended.stopped, ended.output) == ("cancelled", b"cleaned up\n")


def test_a_command_that_ignores_the_wish_to_end_is_killed(around: Surroundings, lives: Lives) -> None:
    ignoring = lives.script("signal.signal(signal.SIGTERM, signal.SIG_IGN)")
    ended = execute(python(ignoring), around, seconds=LONG, cancelled=lambda: bool(lives.came()))
    assert ended.stopped == "cancelled"
    assert lives.are_over()


def test_children_that_keep_the_output_open_hold_nobody_up(around: Surroundings, lives: Lives) -> None:
    ended = execute(python(lives.family("print('done', flush=True)")), around, seconds=LONG)
    assert (ended.exit_code, ended.output, ended.stopped) == (0, b"done\n", None)
    assert lives.are_over()


def test_children_without_the_mark_are_found_in_the_group(around: Surroundings, lives: Lives) -> None:
    cleared = "import os, sys; os.execve(sys.executable, [sys.executable, '-c', *sys.argv[1:]], {})"
    family = lives.family("print('done', flush=True)", command=["-c", cleared])
    assert execute(python(family), around, seconds=LONG).exit_code == 0
    assert lives.are_over()


@on_linux
def test_children_that_leave_the_group_are_found(around: Surroundings, lives: Lives) -> None:
    ended = execute(python(lives.family("print('done', flush=True)", session=True)), around, seconds=LONG)
    assert (ended.exit_code, ended.output) == (0, b"done\n")
    assert lives.are_over()


def test_an_error_while_it_runs_leaves_nothing_of_it(around: Surroundings, lives: Lives) -> None:
    def interrupted() -> bool:
        assert lives.came()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        execute(python(lives.family("while True: time.sleep(60)")), around, seconds=LONG, cancelled=interrupted)
    assert lives.are_over()


OWNER = """
import os, sys
from pathlib import Path
from anvcs.guards.process import Surroundings, execute
lock = os.open(sys.argv[2], os.O_RDWR | os.O_CREAT)
import fcntl
fcntl.flock(lock, fcntl.LOCK_EX)
around = Surroundings(Path.cwd(), {}, hold=(lock,))
execute((sys.executable, "-c", sys.argv[1]), around, seconds=100)
"""


@pytest.fixture
def owner(around: Surroundings, lives: Lives, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process of ours with a lock and a hanging command that has a child."""
    hanging = lives.family("while True: time.sleep(60)")
    made = subprocess.Popen([sys.executable, "-c", OWNER, hanging, str(tmp_path / "lock")], cwd=around.folder)
    assert lives.came()
    yield made
    made.kill()
    made.wait()


def test_when_this_process_is_killed_so_is_the_command(
    owner: subprocess.Popen[bytes], lives: Lives, tmp_path: Path
) -> None:
    owner.kill()
    assert lives.are_over()
    with exclusive(tmp_path / "lock", wait=WAIT):
        pass


@on_linux
def test_the_lock_is_held_until_the_command_is_killed(
    owner: subprocess.Popen[bytes], lives: Lives, tmp_path: Path
) -> None:
    children = Path(f"/proc/{owner.pid}/task/{owner.pid}/children").read_text().split()
    watchdog = next(int(pid) for pid in children if b"anvcs-watchdog" in Path(f"/proc/{pid}/cmdline").read_bytes())
    os.kill(watchdog, signal.SIGSTOP)
    owner.kill()
    owner.wait()
    with pytest.raises(LockedError), exclusive(tmp_path / "lock", wait=0):
        pass
    os.kill(watchdog, signal.SIGCONT)
    with exclusive(tmp_path / "lock", wait=WAIT):
        assert lives.are_over()


def test_no_file_of_ours_reaches_the_command(around: Surroundings, tmp_path: Path) -> None:
    held = os.open(tmp_path / "lock", os.O_RDWR | os.O_CREAT)
    try:
        names = "import os; print(sorted(os.listdir('/dev/fd')))"
        ended = execute(python(names), replace(around, hold=(held,)), seconds=LONG)
        plain = subprocess.run(python(names), stdin=subprocess.DEVNULL, capture_output=True, check=True)
    finally:
        os.close(held)
    assert ended.output == plain.stdout


def test_the_signal_that_ends_a_command_is_not_sent_to_us(around: Surroundings) -> None:
    received: list[int] = []
    old = signal.signal(signal.SIGTERM, lambda number, _: received.append(number))
    try:
        execute(python("import os, signal; os.killpg(0, signal.SIGTERM)"), around, seconds=LONG)
    finally:
        signal.signal(signal.SIGTERM, old)
    assert not received
