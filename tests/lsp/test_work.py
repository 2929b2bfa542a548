"""The threads that actions run in."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest

from anvcs.actions.caller import Caller
from anvcs.lsp import work
from anvcs.lsp.work import Works
from tests.lsp.client import TIMEOUT


class RestingCaller(Caller):
    """Says on which thread it was let rest, and then fails as a system may."""

    def __init__(self, folder: Path) -> None:
        super().__init__(cwd=folder, env={}, config_home=folder)
        self.rested = asyncio.Event()
        self.threads: list[int] = []
        self._loop = asyncio.get_running_loop()

    def rest(self) -> None:
        """Let go, and fail at it."""
        super().rest()
        self.threads.append(threading.get_ident())
        self._loop.call_soon_threadsafe(self.rested.set)
        raise ChildProcessError


async def test_a_lane_that_has_nothing_to_do_rests_and_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "REST", 0.01)
    works = Works(tmp_path, RestingCaller)
    caller, thread = await works.run(tmp_path, "writing", lambda caller: (caller, threading.get_ident()))
    assert isinstance(caller, RestingCaller)
    async with asyncio.timeout(TIMEOUT):
        await caller.rested.wait()
    assert await works.run(tmp_path, "writing", lambda _: threading.get_ident()) == thread
    assert set(caller.threads) == {thread}
    assert await works.close(5)
