"""An editor follows what other processes do to merge proposals; real ones do it."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

import pytest

from anvcs.actions.proposal.news import News
from anvcs.errors import CorruptStoreError
from anvcs.lsp.features.proposals import document
from tests.conftest import Repo
from tests.lsp.client import TIMEOUT, Client, FakeActions, Message, bounded, connected
from tests.merging import conflicting

METHOD = "anvcs/proposals/changed"
PUBLISH = "textDocument/publishDiagnostics"


async def followed(client: Client, root: Path) -> None:
    """Wait until the server knows how the proposals stand."""
    async with asyncio.timeout(TIMEOUT):
        while not client.connection.elsewhere.follows(root):  # noqa: ASYNC110 - no editor needs to be told
            await asyncio.sleep(0.001)


async def elsewhere(repo: Repo, *words: str) -> None:
    """What somebody types in a terminal."""
    program = str(Path(sys.executable).with_name("ai-vcs"))
    env = {**repo.env, "XDG_CONFIG_HOME": str(repo.config_home)}
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(program, *words, cwd=repo.path, env=env, stdout=pipe, stderr=pipe)
    async with asyncio.timeout(TIMEOUT):
        out, err = await process.communicate()
    assert process.returncode == 0, (out, err)


def told(**wanted: Any) -> Any:
    """Messages about one proposal that is so."""

    def where(message: Message) -> bool:
        (it,) = message["params"]["proposals"]
        return all(it.get(name, 0) == value for name, value in wanted.items())

    return where


def publishes(uri: str, count: int) -> Any:
    """Messages that give a document so many diagnostics."""

    def where(message: Message) -> bool:
        params = message["params"]
        return params["uri"] == uri and len(params["diagnostics"]) == count

    return where


@pytest.mark.promise("proposals.elsewhere")
async def test_an_editor_sees_what_is_decided_and_landed_at_the_command_line(repo: Repo) -> None:
    conflicting(repo)
    async with connected(repo.path, env=repo.env, interval=0.01) as client:
        await client.initialize(repo.path)
        await followed(client, repo.path)
        it = (await client.request("anvcs/proposals/create", {"sources": ["login"]}))["proposal"]
        before = document("f", it["tree"], None)
        cleared, changed = client.expect(PUBLISH, publishes(before, 0)), client.expect(METHOD, told(conflicts=1))
        left = client.expect(PUBLISH, lambda message: message["params"]["uri"] != before)
        await elsewhere(repo, "proposal", "resolve", "login", "f", "--conflict", "1", "--take", "left")
        await bounded(cleared)
        assert len((await bounded(left))["params"]["diagnostics"]) == 1
        (found,) = (await bounded(changed))["params"]["proposals"]
        assert (found["proposalId"], found["status"]) == (it["proposalId"], "blocked")
        ready = client.expect(METHOD, told(status="ready"))
        await elsewhere(repo, "proposal", "resolve", "login", "f", "--conflict", "2", "--take", "left")
        await bounded(ready)
        voted = client.expect(METHOD, told(status="blocked"))
        await elsewhere(repo, "proposal", "vote", "login", "reject", "--reason", "Not so.", "--agent", "foo")
        (found,) = (await bounded(voted))["params"]["proposals"]
        assert "agent:foo votes against it" in found["obstacles"][0]["message"]
        landed = client.expect(METHOD, told(status="accepted"))
        await elsewhere(repo, "proposal", "vote", "login", "withdraw", "--agent", "foo")
        await elsewhere(repo, "proposal", "accept", "login")
        (found,) = (await bounded(landed))["params"]["proposals"]
        assert found["landed"]["gitCommit"] == repo.head()
        assert client.connection.elsewhere.follows(repo.path)


@pytest.mark.promise("proposals.elsewhere")
async def test_a_proposal_that_another_process_makes_or_ends_is_told(repo: Repo) -> None:
    conflicting(repo)
    async with connected(repo.path, env=repo.env, interval=0.01) as client:
        await client.initialize(repo.path)
        await followed(client, repo.path)
        made = client.expect(METHOD, told(status="blocked", conflicts=1))
        await elsewhere(repo, "merge", "login")
        (found,) = (await bounded(made))["params"]["proposals"]
        # Nobody has looked at its result here.
        assert not any(message.get("method") == PUBLISH for message in client.received)
        shown = await client.request("anvcs/proposals/get", {"proposal": found["proposalId"]})
        uri = document("f", shown["proposal"]["tree"], None)
        ended, cleared = client.expect(METHOD, told(status="rejected")), client.expect(PUBLISH, publishes(uri, 0))
        await elsewhere(repo, "proposal", "reject", "login")
        await bounded(ended)
        await bounded(cleared)


async def test_a_failure_is_not_the_end_and_nothing_is_told_twice(repo: Repo) -> None:
    actions = FakeActions()
    asked: list[Any] = []
    answers: list[Any] = [News({b"a": 1}), CorruptStoreError("Damaged."), News({b"a": 2}), News({b"a": 2})]

    def news(_caller: object, _folder: object, known: object, _shown: object) -> Any:
        asked.append(known)
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    actions.proposed = news
    async with connected(repo.path, actions, env=repo.env) as client:
        await client.initialize(repo.path)
        await followed(client, repo.path)
        for _ in range(3):
            await client.connection.elsewhere.look(repo.path)
        assert not any(message.get("method") == METHOD for message in client.received)
    assert asked == [None, {b"a": 1}, {b"a": 1}, {b"a": 2}]
