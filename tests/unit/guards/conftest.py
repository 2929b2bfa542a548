"""What tests of guards share: surroundings, and a look at who is alive."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from anvcs.guards.process import Surroundings
from tests.unit.guards.lives import Lives


@pytest.fixture
def around(tmp_path: Path) -> Surroundings:
    """An empty folder and next to no environment."""
    folder = tmp_path / "tree"
    folder.mkdir()
    return Surroundings(folder, {"PATH": "/usr/bin:/bin"})


@pytest.fixture
def lives(tmp_path: Path) -> Iterator[Lives]:
    """Tells whether what a command started is alive."""
    made = Lives(tmp_path)
    yield made
    made.close()
