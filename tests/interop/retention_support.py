"""Every byte that ANVCS and Git keep of a repository, to look for what must not be there."""

from __future__ import annotations

import subprocess
import zlib
from contextlib import suppress
from pathlib import Path

from tests.conftest import Repo


def places_with(repo: Repo, text: str) -> list[str]:
    """Where a text stands: files of Git folder and mirror as they are and inflated, and every object, packed or not."""
    wanted = text.encode()
    paths = sorted([*(repo.path / ".git").rglob("*"), *(repo.path / ".ai").rglob("*")])
    found = [str(path.relative_to(repo.path)) for path in paths if path.is_file() and _has(path, wanted)]
    objects = subprocess.run(
        ["git", "cat-file", "--batch-all-objects", "--batch", "--buffer"],
        cwd=repo.path,
        env=repo.env,
        capture_output=True,
        check=True,
    )
    return [*found, "an object"] if wanted in objects.stdout else found


def _has(path: Path, wanted: bytes) -> bool:
    data = path.read_bytes()
    if wanted in data:
        return True
    with suppress(zlib.error):
        return wanted in zlib.decompress(data)
    return False
