"""Neovims on one repository whose rooms are on."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import Repo
from tests.neovim.editor import Neovim, program

Open = Callable[[], Neovim]


def ai_vcs(repo: Repo, *arguments: str) -> str:
    """Run the command line; gives what it printed."""
    command = Path(sys.executable).with_name("ai-vcs")
    done = subprocess.run(
        [command, *arguments], cwd=repo.path, env=repo.env, capture_output=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave these out where Neovim cannot be had as a package."""
    if program() is None:
        for item in items:
            if item.path.parent == Path(__file__).parent:
                item.add_marker(pytest.mark.skip(reason="no Neovim for this platform among the packages"))


@pytest.fixture
def neovim(repo: Repo, tmp_path: Path) -> Iterator[Open]:
    """Opens Neovims in a repository with rooms."""
    ai_vcs(repo, "rooms", "on")
    opened: list[Neovim] = []

    def one() -> Neovim:
        opened.append(Neovim(tmp_path / f"nvim{len(opened)}", repo.env, repo.path))
        return opened[-1]

    yield one
    for each in opened:
        each.close()
    ai_vcs(repo, "rooms", "off")
