"""From a keystroke read by the language server to its update on the way: ``python -m tests.benchmarks.rooms_lsp``.

One window on a file in a room, with a real relay. Measured from the moment the server is given the bytes of a
``didChange`` (with the notification that comes before it) to the moment its update is given to the relay's socket: the
binding, the room's copy, and the server's own log on the disk lie between. The editor runs in the same process, which
counts against us. Beside it stand the acknowledgement, which is the relay's disk too, and what a synchronised write
costs on this machine. Nothing is asserted: the goal is printed.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import tempfile
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection

from anvcs.link import discovery
from anvcs.rooms import frames
from tests.benchmarks.common import git, isolated, quantile, synchronised
from tests.conftest import Repo
from tests.lsp.client import connected
from tests.lsp.room_editor import LIVE, Window

GOAL = 10.0
NAME = "module.py"


class Clock:
    """When edits were read, sent and acknowledged."""

    def __init__(self) -> None:
        self.read: list[float] = []
        self.sent: list[float] = []

    def watch_sending(self) -> None:
        """See what goes to the relay."""
        send = ClientConnection.send

        async def watched(self_: ClientConnection, message: Any, *, text: bool | None = None) -> None:
            if text is None and isinstance(message, bytes) and isinstance(frames.read(message), frames.Edit):
                self.sent.append(time.perf_counter())
            await send(self_, message, text=text)

        ClientConnection.send = watched  # pyright: ignore[reportAttributeAccessIssue] - only the names differ

    def watch_reading(self, window: Window) -> None:
        """See what the server is given."""
        server = window.client.connection
        received = server.data_received

        def watched(data: bytes) -> None:
            if b'"textDocument/didChange"' in data:
                self.read.append(time.perf_counter())
            received(data)

        server.data_received = watched


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keys", type=int, default=2000)
    parser.add_argument("--rate", type=float, default=100.0, help="keystrokes in a second")
    parser.add_argument("--lines", type=int, default=5000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="anvcs-rooms-lsp-") as scratch:
        asyncio.run(_measure(Path(scratch), options.keys, options.rate, options.lines))


async def _measure(folder: Path, keys: int, rate: float, lines: int) -> None:
    repo = Repo(folder / "repo", isolated(folder), folder / "config")
    repo.path.mkdir()
    git(repo.path, repo.env, "init", "--quiet")
    repo.write(NAME, "".join(f"def function_{number}(): return {number}\n" for number in range(lines)))
    git(repo.path, repo.env, "add", ".")
    git(repo.path, repo.env, "commit", "--quiet", "-m", "first")
    repo.init()
    clock = Clock()
    clock.watch_sending()
    async with AsyncExitStack() as stack:
        stack.callback(_end, repo.path / ".git" / "anvcs")
        client = await stack.enter_async_context(connected(folder, env=repo.env))
        await client.initialize(repo.path, options=LIVE)
        await client.request("anvcs/rooms/on", {})
        window = Window(client, repo.path / NAME)
        await window.joined()
        clock.watch_reading(window)
        durable = await _type(window, keys, 1 / rate)
    assert len(clock.read) == len(clock.sent) == keys, (len(clock.read), len(clock.sent))
    times = [(sent - read) * 1000 for read, sent in zip(clock.read, clock.sent, strict=True)]
    print(
        f"{keys:,} keystrokes, {rate:.0f} in a second, {lines:,} lines (load of the machine {os.getloadavg()[0]:.1f})"
    )
    _report("didChange read to update sent", times, f"(goal for p99 {GOAL:.0f} ms)")
    _report("typed to acknowledged, one at a time", durable)
    _report("a synchronised write of 8 KB", synchronised(folder))


def _end(state: Path) -> None:
    """End the relay, once nobody is in it."""
    found = discovery.read(state)
    if found is not None:
        os.kill(found.pid, signal.SIGTERM)


async def _type(window: Window, keys: int, pause: float) -> list[float]:
    """Type in the middle; then a few more, one at a time, each waited for."""
    place = window.text.index("\n", len(window.text) // 2) + 1
    for number in range(keys - 50):
        window.type(place + number, "\n" if number % 40 == 39 else "x")
        await asyncio.sleep(pause)
    times: list[float] = []
    for number in range(50):
        await window.until(lambda: window.state.get("undurable", 0) == 0)
        began = time.perf_counter()
        window.type(place + number, "y")
        await window.until(lambda: window.state.get("undurable", 0) != 0)
        await window.until(lambda: window.state.get("undurable", 0) == 0)
        times.append((time.perf_counter() - began) * 1000)
    return times


def _report(title: str, times: Sequence[float], goal: str = "") -> None:
    print(f"  {title:38} p50 {quantile(times, 0.5):6.2f} ms  p99 {quantile(times, 0.99):6.2f} ms  {goal}")


if __name__ == "__main__":
    main()
