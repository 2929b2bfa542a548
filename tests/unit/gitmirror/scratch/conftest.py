"""Scratch worktrees beside a real repository, with git itself as the oracle for what belongs into them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from anvcs.gitmirror.repository import GitRepository
from anvcs.gitmirror.scratch.pool import Pool, Slot
from tests.conftest import Repo

Take = Callable[..., Slot]


@pytest.fixture
def caches(tmp_path: Path) -> Path:
    """A folder for caches."""
    return tmp_path / "caches"


@pytest.fixture
def pool(repo: Repo, caches: Path) -> Pool:
    """The scratch worktrees of the repository."""
    return Pool(GitRepository.open(repo.path, repo.env), caches)


@pytest.fixture
def take(repo: Repo, caches: Path) -> Iterator[Take]:
    """Takes a scratch worktree of the repository, or of another one, as it is now; given back with the test."""
    with ExitStack() as stack:

        def taken(other: Repo | None = None) -> Slot:
            whose = other or repo
            return stack.enter_context(Pool(GitRepository.open(whose.path, whose.env), caches).take())

        yield taken


@pytest.fixture
def slot(take: Take) -> Slot:
    """A scratch worktree of the repository."""
    return take()
