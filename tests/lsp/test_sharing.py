"""Push and pull in the editor: beside everything else, with progress, and stopped when the user says so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from anvcs.wire import PullResult, PushResult, RepositoryStatus
from tests.lsp.client import FakeActions, always, bounded, connected
from tests.lsp.test_cancellation import COMMITTED, Slow, code_of, happened

PUSHED = PushResult(remote="origin", url="u", stream="main", new="0" * 40)
PULLED = PullResult(remote="origin", url="u", stream="main", outcome="up-to-date", new="0" * 40)
STATUS = RepositoryStatus(root="/", initialized=True)


@pytest.mark.promise("lsp.sharing-in-nobodys-way")
@pytest.mark.parametrize(("verb", "result"), [("push", PUSHED), ("pull", PULLED)])
async def test_status_and_commit_are_answered_while_a_remote_is_slow(tmp_path: Path, verb: str, result: Any) -> None:
    slow = Slow(result)
    actions = FakeActions(**{verb: slow, "status": always(STATUS), "commit": always(COMMITTED)})
    async with connected(tmp_path, actions) as client:
        await client.initialize(tmp_path)
        asked = client.begin(f"anvcs/{verb}", {})
        await happened(slow.begun)
        await client.request("anvcs/repository/status", {})
        await client.request("anvcs/commit", {})
        assert not asked.done()
        slow.go.set()
        assert (await bounded(asked))["remote"] == "origin"


@pytest.mark.promise("lsp.sharing-in-nobodys-way")
async def test_a_push_that_is_cancelled_is_told_so_and_ends(tmp_path: Path) -> None:
    slow = Slow(PUSHED)
    async with connected(tmp_path, FakeActions(push=slow)) as client:
        await client.initialize(tmp_path)
        asked = client.begin("anvcs/push", {}, id_="p")
        await happened(slow.begun)
        client.notify("$/cancelRequest", {"id": "p"})
        await happened(slow.stopped)
        assert await code_of(asked) == -32800
