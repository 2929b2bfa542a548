"""Guards run where the editor trusts the workspace, and nowhere else."""

from __future__ import annotations

import pytest

from tests.conftest import Repo
from tests.lsp.client import AnswerError, RealClient

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
