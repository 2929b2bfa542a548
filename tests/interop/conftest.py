"""Histories that several files of tests look at."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.conftest import Repo
from tests.interop.graph_support import fast_import

MakeRepo = Callable[..., Repo]


@pytest.fixture
def many(make_repo: MakeRepo) -> Repo:
    """Three hundred commits in a tangle."""
    repo = make_repo("many", empty=True)
    fast_import(repo, 300, seed=1)
    repo.git("switch", "--quiet", "tip300")
    return repo
