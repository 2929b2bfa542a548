"""The language server as a process of its own, with a client that can have it killed."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

from tests.conftest import Repo
from tests.lsp.client import TIMEOUT, Client
from tests.lsp.room_editor import LIVE


class _Stdin:
    """Where a client writes to."""

    def __init__(self, process: Process) -> None:
        self._process = process

    def write(self, data: bytes) -> None:
        """Send bytes; a dead server gets none."""
        assert self._process.stdin is not None
        with suppress(ConnectionError):
            self._process.stdin.write(data)


class ServerProcess:
    """A server and its editor."""

    def __init__(self, process: Process) -> None:
        self.process = process
        out: Any = _Stdin(process)
        connection: Any = None
        self.client = Client(out, connection)

    async def read(self) -> None:
        """Take what the server says until it ends."""
        assert self.process.stdout is not None
        while data := await self.process.stdout.read(1 << 16):
            self.client.data_received(data)

    async def kill(self) -> None:
        """End it with SIGKILL."""
        self.process.kill()
        async with asyncio.timeout(TIMEOUT):
            await self.process.wait()


@asynccontextmanager
async def server_process(repo: Repo) -> AsyncGenerator[ServerProcess]:
    """A server with rooms for an editor in the repository."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "anvcs.lsp", cwd=repo.path, env=repo.env, stdin=PIPE, stdout=PIPE
    )
    made = ServerProcess(process)
    reading = asyncio.create_task(made.read())
    try:
        await made.client.initialize(repo.path, options=LIVE)
        yield made
    finally:
        if process.returncode is None:
            await made.kill()
        await reading


async def eventually(condition: Callable[[], bool]) -> None:
    """Wait until something holds outside this process."""
    for _ in range(TIMEOUT * 50):
        if condition():
            return
        await asyncio.sleep(0.02)
    raise TimeoutError


class Stopped:
    """A process that does nothing meanwhile."""

    def __init__(self, pid: int) -> None:
        self._pid = pid

    def __enter__(self) -> None:
        os.kill(self._pid, signal.SIGSTOP)

    def __exit__(self, *_: object) -> None:
        with suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGCONT)
