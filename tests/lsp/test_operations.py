"""The operation log over the wire: undo, redo and the past, with real actions and git."""

from __future__ import annotations

import pytest

from tests.conftest import Repo
from tests.lsp.client import AnswerError, RealClient


async def test_an_editor_takes_back_and_does_again(repo: Repo, real_client: RealClient) -> None:
    start = repo.head()
    repo.write("a", "a\n")
    made = repo.commit("mine", "a")
    async with real_client(repo) as client:
        await client.initialize(repo.path)
        said = await client.request("anvcs/operations/undo", {"dryRun": True})
        assert "operationId" not in said
        assert repo.head() == made.git_commit
        done = await client.request("anvcs/operations/undo", {})
        assert done["target"]["operationId"] == made.operation_id
        assert done["moves"] == [{"name": "refs/heads/main", "old": made.git_commit, "new": start}]
        assert repo.head() == start
        page = await client.request("anvcs/operations/list", {"limit": 2})
        assert [(each["kind"], each.get("undone", False)) for each in page["operations"]] == [
            ("undo", False),
            ("commit", True),
        ]
        assert page["more"]
        again = await client.command("ai-vcs.redo", {})
        assert again["moves"] == [{"name": "refs/heads/main", "old": start, "new": made.git_commit}]
        assert repo.head() == made.git_commit


async def test_what_cannot_be_taken_back_is_refused_with_the_way_out(repo: Repo, real_client: RealClient) -> None:
    repo.write("a", "a\n")
    made = repo.commit("mine", "a")
    repo.git("commit", "--quiet", "--allow-empty", "-m", "plain")
    async with real_client(repo) as client:
        await client.initialize(repo.path)
        with pytest.raises(AnswerError) as refused:
            await client.request("anvcs/operations/undo", {})
        assert (refused.value.code, refused.value.data["code"]) == (-32057, "undo-refused")
        assert refused.value.data["wayOut"].endswith(f"ai-vcs revert {made.git_commit[:10]}")


async def test_an_editor_reads_and_restores_the_past(repo: Repo, real_client: RealClient) -> None:
    async with real_client(repo) as client:
        await client.initialize(repo.path)
        made = await client.request("anvcs/checkpoints/create", {"name": "good"})
        start = repo.head()
        repo.write("src/app.py", "x = 2\n")
        await client.request("anvcs/commit", {"message": "worse"})
        shown = await client.request("anvcs/commit/show", {"commit": "main", "atOp": made["operationId"]})
        assert shown["gitCommit"] == start
        page = await client.request("anvcs/graph", {"atOp": made["operationId"]})
        assert [row["subject"] for row in page["rows"]] == ["first"]
        back = await client.request("anvcs/checkpoints/restore", {"name": "good"})
        assert "src/app.py" in back["paths"]
        assert repo.read("src/app.py") == b"x = 1\n"
        assert repo.head() == start
        details = await client.request("anvcs/operations/show", {"operation": "@"})
        assert details["operation"]["kind"] == "op-restore"
        moved = await client.request("anvcs/operations/diff", {"operation": "@"})
        assert [each["name"] for each in moved["moves"]] == ["refs/heads/main"]
