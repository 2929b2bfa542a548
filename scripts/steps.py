"""Steps of a set-up: each prints one line with its time, and its output only when it fails."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from scripts.toolchain import OUTPUT, ROOT, SetUpError, clean_environment

LOGS = OUTPUT / "logs"
TAIL = 60
"""Lines of a failed step's output that are shown; the log has the rest."""

_printing = threading.Lock()
_running: set[subprocess.Popen[bytes]] = set()
_logs: set[str] = set()
"""The logs begun by this process; later steps of the same name add to them."""


def say(line: str) -> None:
    """Print one whole line now, also when steps run side by side."""
    with _printing:
        print(line, flush=True)


def report(name: str, started: float, note: str = "") -> None:
    """Print a step's one line: its time, its name and what came of it."""
    say(f"{time.monotonic() - started:7.1f} s  {name}{f': {note}' if note else ''}")


def command(
    argv: Sequence[str | Path],
    *,
    log: str,
    cwd: Path = ROOT,
    env: Mapping[str, str] | None = None,
    timeout: float = 900,
    what: str | None = None,
) -> None:
    """Run a command with its output in a log; raises SetUpError with the output's end when it fails or hangs."""
    LOGS.mkdir(parents=True, exist_ok=True)
    path = LOGS / f"{log}.log"
    if log not in _logs:
        _logs.add(log)
        path.unlink(missing_ok=True)
    line = shlex.join(str(word) for word in argv)
    with path.open("a", encoding="utf-8") as output:
        output.write(f"$ {line}\n")
        output.flush()
        process = subprocess.Popen(
            [str(word) for word in argv],
            cwd=cwd,
            env=clean_environment(env),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        _running.add(process)
        try:
            code = process.wait(timeout)
        except subprocess.TimeoutExpired:
            code = None
        finally:
            stop_group(process)
            _running.discard(process)
    if code == 0:
        return
    came = f"did not end within {timeout:.0f} s" if code is None else f"failed with exit code {code}"
    end = "\n".join(path.read_text(encoding="utf-8", errors="replace").splitlines()[-TAIL:])
    raise SetUpError(f"{what or line} {came}. The end of {path.relative_to(ROOT)}:\n{end}")


def stop_group(process: subprocess.Popen[bytes], grace: float = 5) -> None:
    """End a process started with a session of its own, and all that it started."""
    for signal_, wait in ((signal.SIGTERM, grace), (signal.SIGKILL, grace)):
        try:
            os.killpg(process.pid, signal_)
        except ProcessLookupError:
            break
        except PermissionError:
            # macOS says so of a group in which only zombies are left.
            break
        until = time.monotonic() + wait
        while time.monotonic() < until and _group_lives(process):
            time.sleep(0.02)
    process.poll()


def _group_lives(process: subprocess.Popen[bytes]) -> bool:
    process.poll()
    try:
        os.killpg(process.pid, 0)
    except OSError:
        return False
    return True


def stop_all() -> None:
    """End every command that still runs; for the way out after Ctrl-C."""
    for process in list(_running):
        stop_group(process)


def fail(message: str) -> int:
    """Print why the work stops; gives the exit code."""
    sys.stdout.flush()
    print(f"\n{message}", file=sys.stderr, flush=True)
    return 1
