"""Guards run where the editor trusts the workspace, and nowhere else."""

from __future__ import annotations

import asyncio

import pytest

from tests.conftest import Repo
from tests.lsp.client import AnswerError, RealClient, bounded

GUARDS = "guards: {checks: {tests: {command: sh -c 'echo ran >>../ran'}}}\n"


def proposed(repo: Repo) -> None:
    """A stream that can be merged, and a guard on what comes out."""
    repo.write("ai-vcs.config.yaml", GUARDS)
    repo.git("switch", "--quiet", "--create", "side")
    repo.write("side.txt", "side\n")
    repo.git_commit("side")
    repo.git("switch", "--quiet", "main")
    repo.write("main.txt", "main\n")
    repo.git_commit("main")


@pytest.mark.promise("guards.untrusted")
async def test_nothing_of_an_untrusted_workspace_is_run(repo: Repo, real_client: RealClient) -> None:
    proposed(repo)
    async with real_client(repo) as client:
        await client.initialize(repo.path, options={"anvcs": {"trusted": False}})
        await client.request("anvcs/proposals/create", {"sources": ["side"]})
        with pytest.raises(AnswerError, match="is not trusted") as refused:
            await client.request("anvcs/proposals/check", {})
    assert refused.value.data["code"] == "untrusted"
    assert not list(repo.path.parent.rglob("ran"))


@pytest.mark.parametrize("options", [None, {"anvcs": {}}, {"anvcs": {"trusted": True}}])
async def test_guards_run_where_nothing_speaks_against_it(
    repo: Repo, real_client: RealClient, options: dict[str, object] | None
) -> None:
    proposed(repo)
    async with real_client(repo) as client:
        await client.initialize(repo.path, options=options)
        await client.request("anvcs/proposals/create", {"sources": ["side"]})
        answer = await client.request("anvcs/proposals/check", {})
    assert [each["outcome"] for each in answer["proposal"]["evidence"]] == ["passed"]
    assert len(list(repo.path.parent.rglob("ran"))) == 1


@pytest.mark.promise("queue.together")
async def test_a_queue_is_filled_run_and_emptied_over_the_wire(repo: Repo, real_client: RealClient) -> None:
    proposed(repo)
    async with real_client(repo) as client:
        await client.initialize(repo.path)
        await client.request("anvcs/proposals/create", {"sources": ["side"]})
        placed = await client.request("anvcs/proposals/queue/add", {"proposal": "side"})
        assert placed["position"] == 1
        (entry,) = (await client.request("anvcs/proposals/queue/list", {}))["entries"]
        assert entry["proposal"]["proposalId"] == placed["proposal"]["proposalId"]
        await client.request("anvcs/proposals/queue/remove", {"reason": "Not yet."})
        await client.command("ai-vcs.queue.add", {})
        result = await client.request("anvcs/proposals/queue/run", {})
        assert [each["status"] for each in result["landed"]] == ["accepted"]
        assert (await client.request("anvcs/proposals/queue/list", {})).get("entries", []) == []
    assert len(list(repo.path.parent.rglob("ran"))) == 1


async def test_a_queue_that_is_cancelled_stops_its_guards_and_keeps_its_line(
    repo: Repo, real_client: RealClient
) -> None:
    began = repo.path.parent / "began"
    proposed(repo)
    repo.write("ai-vcs.config.yaml", f"guards: {{checks: {{tests: {{command: sh -c 'touch {began}; sleep 600'}}}}}}\n")
    async with real_client(repo) as client:
        await client.initialize(repo.path)
        await client.request("anvcs/proposals/create", {"sources": ["side"]})
        await client.request("anvcs/proposals/queue/add", {})
        running = client.begin("anvcs/proposals/queue/run", {}, id_="queue")
        async with asyncio.timeout(60):
            while not began.exists():
                # Reading goes on meanwhile.
                await client.request("anvcs/proposals/queue/list", {})
        client.notify("$/cancelRequest", {"id": "queue"})
        with pytest.raises(AnswerError) as stopped:
            await bounded(running)
        assert stopped.value.code == -32800
        async with asyncio.timeout(60):
            while (found := await client.request("anvcs/proposals/queue/list", {})).get("running"):
                pass
        assert [each["position"] for each in found["entries"]] == [1]
