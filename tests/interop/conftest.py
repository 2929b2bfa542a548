"""Histories and remotes that several files of tests look at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import Repo
from tests.interop.graph_support import fast_import
from tests.interop.remote_support import bare, clone, push

MakeRepo = Callable[..., Repo]


@pytest.fixture
def many(make_repo: MakeRepo) -> Repo:
    """Three hundred commits in a tangle."""
    repo = make_repo("many", empty=True)
    fast_import(repo, 300, seed=1)
    repo.git("switch", "--quiet", "tip300")
    return repo


@pytest.fixture
def hub(tmp_path: Path, env: dict[str, str]) -> Path:
    """An empty bare repository."""
    return bare(tmp_path / "hub.git", env)


@pytest.fixture
def one(make_repo: MakeRepo, hub: Path) -> Repo:
    """A repository with one commit and the hub as its origin."""
    repo = make_repo("one")
    repo.git("remote", "add", "origin", str(hub))
    return repo


@pytest.fixture
def two(one: Repo, hub: Path) -> Iterator[Repo]:
    """A clone of what the first one has pushed."""
    push(one)
    made = clone(str(hub), one, "two")
    yield made
    made.close()
