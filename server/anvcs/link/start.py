"""Finding a repository's relay, and starting one where none runs.

One that lives is never pushed aside: if it does not answer, that is an error which names it.
"""

from __future__ import annotations

import os
import selectors
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path

from anvcs.errors import RelayError, RelayUnreachableError
from anvcs.link import discovery
from anvcs.link.discovery import Discovery
from anvcs.link.processes import is_dead
from anvcs.storage.lock import exclusive

LOG = "relay.log"
LOCK = "relay.start.lock"
OWNED = 3
"""What a relay exits with that found another one owning the rooms."""
START_TIMEOUT = 30.0
"""Seconds until a new relay must have said that it listens."""
END_TIMEOUT = 15.0
"""Seconds that a relay has to write down what waits, and end."""
_KEEP_LOG = 1 << 20


def find(state: Path) -> Discovery | None:
    """The relay that runs, as far as its file and its process tell."""
    found = discovery.read(state)
    return None if found is None or is_dead(found.process) else found


def wait_ended(found: Discovery, timeout: float = END_TIMEOUT) -> None:
    """Wait until a relay that was told to stop is gone. Raises RelayUnreachableError if it is not in time."""
    deadline = time.monotonic() + timeout
    pause = threading.Event()
    while not is_dead(found.process):
        if time.monotonic() >= deadline:
            raise RelayUnreachableError(
                f"The relay (process {found.pid}) was told to stop and still runs.", f"End process {found.pid}."
            )
        pause.wait(0.02)


def ensure(
    state: Path,
    config_home: Path,
    *,
    env: Mapping[str, str] | None = None,
    arguments: tuple[str, ...] = (),
    timeout: float = START_TIMEOUT,
) -> Discovery:
    """The relay that runs, started now if none does.

    ``env`` is the environment it gets. Raises RelayError if it does not start and RelayUnreachableError if one lives
    that has not said where.
    """
    found = find(state)
    if found is not None:
        return found
    state.mkdir(parents=True, exist_ok=True)
    with exclusive(state / LOCK, wait=timeout):
        return find(state) or _start(state, config_home, env, arguments, timeout)


def unreachable(state: Path, found: Discovery | None, why: str) -> RelayUnreachableError:
    """The refusal where a relay lives and does not answer."""
    who = f"process {found.pid}" if found is not None else f"the process that holds {state / 'relay.lock'}"
    return RelayUnreachableError(
        f"The relay of this repository ({who}) lives and cannot be reached: {why}.",
        f"End {who}; what it acknowledged is safe and the next relay goes on from there. Its log: {state / LOG}.",
    )


def _start(
    state: Path, config_home: Path, env: Mapping[str, str] | None, arguments: tuple[str, ...], timeout: float
) -> Discovery:
    log = state / LOG
    _turn(log)
    command = [sys.executable, "-m", "anvcs.relay", "--state", str(state), "--config", str(config_home), *arguments]
    with os.fdopen(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as errors:
        before = errors.tell()
        child = subprocess.Popen(
            command,
            env=None if env is None else dict(env),
            cwd="/" if os.name != "nt" else None,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            start_new_session=True,
        )
    said = _first_line(child, time.monotonic() + timeout)
    found = find(state)
    if found is not None:
        return found
    words = _last_words(log, before)
    if said is None:
        raise unreachable(state, None, words or f"it said nothing for {timeout:.0f} s")
    if child.poll() == OWNED:
        raise unreachable(state, None, words or "another one owns the rooms")
    raise RelayError(f"The relay did not start: {words or 'it gave no reason'}.", f"Its log is {log}.")


def _first_line(child: subprocess.Popen[bytes], deadline: float) -> bytes | None:
    """What a relay says when it listens; empty if it ended first, nothing if it kept silent."""
    pipe = child.stdout
    if pipe is None:
        return b""
    with pipe, selectors.DefaultSelector() as selector:
        selector.register(pipe, selectors.EVENT_READ)
        if not selector.select(max(0.0, deadline - time.monotonic())):
            return None
        line = pipe.readline()
    if not line:
        # It has closed its end, so it is about to exit.
        child.wait(timeout=max(0.1, deadline - time.monotonic()))
    else:
        # Not ours to wait for: it outlives us by design, and the system takes it in.
        child.returncode = 0
    return line


def _turn(log: Path) -> None:
    """Keep one older log, so that they never grow for ever."""
    try:
        if log.stat().st_size > _KEEP_LOG:
            log.replace(log.with_suffix(".log.old"))
    except FileNotFoundError:
        pass


def _last_words(log: Path, after: int) -> str:
    with log.open("rb") as file:
        file.seek(after)
        lines = file.read().decode("utf-8", "replace").strip().splitlines()
    return lines[-1].rstrip(".") if lines else ""
