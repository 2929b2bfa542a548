"""Refs on the disk."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from anvcs.gitmirror import refs
from anvcs.gitmirror.repository import GitRepository
from tests.conftest import Repo


def synced(monkeypatch: pytest.MonkeyPatch, repository: GitRepository, name: str) -> set[Path]:
    """What was made durable for a ref."""
    found: set[Path] = set()

    def fsync(descriptor: int) -> None:
        found.add(Path(f"/proc/self/fd/{descriptor}").resolve())

    monkeypatch.setattr(os, "fsync", fsync)
    refs.sync(repository, name)
    monkeypatch.undo()
    return found


def test_a_deleted_ref_is_made_durable_by_its_folder(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    repository = GitRepository.open(repo.path, repo.env)
    repo.git("branch", "some/where")
    heads = repo.path / ".git" / "refs" / "heads"
    assert synced(monkeypatch, repository, "refs/heads/some/where") == {heads / "some" / "where"}
    repo.git("branch", "-D", "some/where")
    repo.git("pack-refs", "--all")
    assert synced(monkeypatch, repository, "refs/heads/some/where") == {heads, repo.path / ".git" / "packed-refs"}
