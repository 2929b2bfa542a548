"""A client of the server with the real actions."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from anvcs.lsp import standard
from tests.conftest import Repo
from tests.lsp.client import Client, RealClient, connected


@pytest.fixture(autouse=True)
def _progress_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shows progress without the delay that users get."""
    monkeypatch.setattr(standard, "DELAY", 0)
    monkeypatch.setattr(standard, "IDLE", 0.01)


@pytest.fixture
def real_client(tmp_path: Path) -> RealClient:
    """Connects to a server that performs real actions in a repository's environment."""

    def connect(repo: Repo) -> AbstractAsyncContextManager[Client]:
        return connected(tmp_path, env=repo.env)

    return connect
