"""The worktrees of a repository: where they are, what HEAD says in each, and which branches they hold."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from anvcs.gitmirror.repository import GitRepository

MAIN = "main-worktree"
"""Git's name of the worktree that came with the repository."""


def folders(repo: GitRepository) -> dict[str, Path]:
    """The Git folder of each worktree by git's name of it, the main one first."""
    found = {MAIN: repo.common_dir}
    linked = repo.common_dir / "worktrees"
    if linked.is_dir():
        found |= {f"worktrees/{each.name}": each for each in sorted(linked.iterdir()) if (each / "HEAD").exists()}
    return found


def head_of(git_dir: Path) -> str | None:
    """What HEAD says in a worktree: ``ref: refs/heads/...`` or a Git id."""
    try:
        return (git_dir / "HEAD").read_text("utf-8", "surrogateescape").strip()
    except FileNotFoundError:
        return None


def root_of(git_dir: Path) -> Path:
    """The folder of a worktree's files."""
    with suppress(OSError):
        return Path((git_dir / "gitdir").read_text("utf-8", "surrogateescape").strip()).parent
    return git_dir.parent


def holders(repo: GitRepository) -> dict[str, str]:
    """Which worktree has each branch (``refs/heads/...``) checked out, or is rebasing or bisecting it."""
    found: dict[str, str] = {}
    for name, git_dir in folders(repo).items():
        head = head_of(git_dir)
        if head is not None and head.startswith("ref: "):
            found[head[5:]] = name
        for state in ("rebase-merge/head-name", "rebase-apply/head-name", "BISECT_START"):
            with suppress(OSError):
                branch = (git_dir / state).read_text("utf-8", "surrogateescape").strip()
                found.setdefault(branch if branch.startswith("refs/") else f"refs/heads/{branch}", name)
    return found
