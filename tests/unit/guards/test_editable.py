"""Editable installs through which Python would import the user's worktree are found."""

from __future__ import annotations

from pathlib import Path

import pytest

from anvcs.guards.editable import sources


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "wt"
    (folder / "src").mkdir(parents=True)
    return folder


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    """The site-packages of an environment outside of the worktree."""
    (tmp_path / "venv/bin").mkdir(parents=True)
    python = tmp_path / "venv/bin/python3"
    python.write_text("#!/bin/sh\n")
    python.chmod(0o755)
    folder = tmp_path / "venv/lib/python3.11/site-packages"
    folder.mkdir(parents=True)
    return folder


def env(tmp_path: Path) -> dict[str, str]:
    return {"PATH": str(tmp_path / "venv/bin"), "HOME": str(tmp_path / "home")}


def test_paths_and_finders_are_read(tmp_path: Path, root: Path, packages: Path) -> None:
    (packages / "a.pth").write_text(f"import os\n{root}/src\n/elsewhere\nrelative\n")
    (packages / "__editable___b_finder.py").write_text(
        f"MAPPING: dict[str, str] = {{'b': '{root}/lib/b', 'c': '/elsewhere/c'}}\n"
    )
    assert sources(env(tmp_path), root) == [Path("lib"), Path("src")]


def test_packages_of_the_user_count_too(tmp_path: Path, root: Path) -> None:
    folder = tmp_path / "home/.local/lib/python3.12/site-packages"
    folder.mkdir(parents=True)
    (folder / "easy-install.pth").write_text(f"{root}\n")
    assert sources({"PATH": "", "HOME": str(tmp_path / "home")}, root) == [Path()]


def test_another_spelling_of_the_worktree_is_the_same(tmp_path: Path, root: Path, packages: Path) -> None:
    (tmp_path / "link").symlink_to(root)
    (packages / "a.pth").write_text(f"{root}/src\n")
    assert sources(env(tmp_path), tmp_path / "link") == [Path("src")]


def test_what_cannot_be_read_is_left_out(tmp_path: Path, root: Path, packages: Path) -> None:
    (packages / "a.pth").write_bytes(b"\xff\n")
    (packages / "b.pth").mkdir()
    (packages / "c.pth").write_text("#" * (1 << 20) + f"\n{root}\n")
    assert sources(env(tmp_path), root) == []
    assert sources({}, root) == []
