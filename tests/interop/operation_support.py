"""Verbs of the operation log as short calls, and states of a repository to compare."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from anvcs import wire
from anvcs.actions.caller import Caller, call
from tests.conftest import Repo

GC = (
    ("reflog", "expire", "--expire=now", "--expire-unreachable=now", "--all"),
    ("gc", "--quiet", "--prune=now"),
)
"""What takes away every object that nothing names."""


def undo(
    repo: Repo, agent: str | None = None, *, dry_run: bool = False, caller: Caller | None = None
) -> wire.MoveResult:
    """Take back the actor's last operation."""
    return call(caller or repo.caller(), wire.UNDO, wire.UndoParams(agent=agent, dry_run=dry_run))


def redo(
    repo: Repo, agent: str | None = None, *, dry_run: bool = False, caller: Caller | None = None
) -> wire.MoveResult:
    """Do again what the actor took back last."""
    return call(caller or repo.caller(), wire.REDO, wire.RedoParams(agent=agent, dry_run=dry_run))


def restore(repo: Repo, operation: str, agent: str | None = None, **fields: Any) -> wire.MoveResult:
    """Go back to the state after an operation."""
    return call(repo.caller(), wire.OP_RESTORE, wire.OpRestoreParams(operation=operation, agent=agent, **fields))


def log(repo: Repo, **fields: Any) -> wire.OpLogPage:
    """A page of the operation log."""
    return call(repo.caller(), wire.OP_LOG, wire.OpLogParams(**fields))


def newest(repo: Repo) -> str:
    """The id of the newest operation that took effect."""
    return call(repo.caller(), wire.OP_SHOW, wire.OpShowParams()).operation.operation_id


def by(agent: str) -> wire.Metadata:
    """Metadata that names the agent."""
    return wire.Metadata(agent_id=f"agent:{agent}")


def files(root: Path) -> dict[str, tuple[int, bytes]]:
    """Every file of a work tree with its mode and bytes."""
    found: dict[str, tuple[int, bytes]] = {}
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if name.split("/")[0] in (".git", ".ai") or (path.is_dir() and not path.is_symlink()):
            continue
        data = str(path.readlink()).encode() if path.is_symlink() else path.read_bytes()
        found[name] = path.lstat().st_mode, data
    return found


def pointers(repo: Repo) -> tuple[str, str, str]:
    """Streams and tags, what HEAD says, and the index entry by entry."""
    refs = repo.git("for-each-ref", "--format=%(refname) %(objectname)", "refs/heads", "refs/tags")
    head = (Path(repo.git("rev-parse", "--absolute-git-dir")) / "HEAD").read_text()
    return refs, head, repo.git("ls-files", "--stage", "-v")


def collect_garbage(repo: Repo) -> None:
    """Take away every object that nothing names."""
    for command in GC:
        repo.git(*command)


def sound(repo: Repo) -> None:
    """What must hold after every operation: Git is content, and so is the ledger."""
    assert repo.git("fsck", "--strict", "--no-dangling") == ""
    workspace = repo.caller().workspace(None)
    assert workspace.ledger.verify_chain() == []
    assert workspace.ledger.pending() == []
    assert not (repo.path / ".git/index.lock").exists()
