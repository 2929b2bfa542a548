"""verify, audit, du, replay, gc and purge as requests and commands of the server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from anvcs.actions.caller import Caller
from anvcs.lsp.verbs import WRITING
from tests.lsp.client import FakeActions, connected

VERBS = {
    "verify": "anvcs/repository/verify",
    "audit": "anvcs/operations/audit",
    "replay": "anvcs/operations/replay",
    "du": "anvcs/repository/du",
    "gc": "anvcs/repository/gc",
    "purge": "anvcs/repository/purge",
}


def same(_: Caller, params: Any) -> Any:
    return params


@pytest.mark.parametrize("verb", VERBS)
async def test_each_is_a_request_and_a_command(tmp_path: Path, verb: str) -> None:
    actions = FakeActions(**{verb: same})
    async with connected(tmp_path, actions) as client:
        await client.initialize(tmp_path)
        assert await client.request(VERBS[verb]) == await client.command(f"ai-vcs.{verb}") == {"folder": str(tmp_path)}
    assert [name for name, _ in actions.calls] == [verb, verb]


def test_only_what_changes_something_waits_for_its_turn() -> None:
    # What reads can be cancelled at any time; the doctor's repairs are safe to be cut short.
    assert WRITING & {*VERBS, "doctor"} == {"gc", "purge"}
