"""The editor is told what plain git did, as the ledger has it; real git does it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from anvcs.errors import CorruptStoreError
from anvcs.wire import ForeignOperation
from tests.conftest import Repo
from tests.lsp.client import TIMEOUT, Client, FakeActions, bounded, connected

METHOD = "anvcs/history/foreign"


async def followed(client: Client, root: Path) -> None:
    """Wait until the server knows where the ledger stands."""
    async with asyncio.timeout(TIMEOUT):
        while not client.connection.foreign.follows(root):  # noqa: ASYNC110 - no editor needs to be told
            await asyncio.sleep(0.001)


@pytest.mark.promise("foreign.told")
async def test_the_editor_is_told_what_plain_git_did(repo: Repo) -> None:
    async with connected(repo.path, env=repo.env, interval=0.01) as client:
        await client.initialize(repo.path)
        await followed(client, repo.path)
        told = client.expect(METHOD)
        repo.git("commit", "--quiet", "--amend", "-m", "again")
        params = (await bounded(told))["params"]
        assert params["root"] == str(repo.path)
        (operation,) = params["operations"]
        assert (operation["kind"], operation["pointers"]) == ("git-amend", ["refs/heads/main"])
        assert operation["sentence"] == "Plain git amended a commit (main): commit (amend): again"


def an_operation() -> ForeignOperation:
    """Something that was found."""
    return ForeignOperation(
        operation_id="b3:" + "0" * 64,
        kind="git-tag",
        pointers=("refs/tags/v1",),
        sentence="Plain git changed tags (v1).",
    )


async def test_it_goes_on_from_what_was_told_last_and_a_failure_is_not_the_end(repo: Repo) -> None:
    actions = FakeActions()
    asked: list[bytes | None] = []
    answers: list[Any] = [((), b"one"), CorruptStoreError("Damaged."), ((an_operation(),), b"two"), ((), b"two")]

    def news(_caller: object, _folder: object, after: bytes | None) -> Any:
        asked.append(after)
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    actions.news = news
    async with connected(repo.path, actions, env=repo.env) as client:
        await client.initialize(repo.path)
        await followed(client, repo.path)
        await client.connection.foreign.look(repo.path)
        told = client.expect(METHOD)
        await client.connection.foreign.look(repo.path)
        await client.connection.foreign.look(repo.path)
        assert [each["kind"] for each in (await bounded(told))["params"]["operations"]] == ["git-tag"]
        assert len([message for message in client.received if message.get("method") == METHOD]) == 1
    assert asked == [None, b"one", b"one", b"two"]
