"""What ANVCS keeps in a repository, and how much room it takes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from anvcs import wire
from anvcs.actions.caller import Caller
from anvcs.actions.checking_subject import pool
from anvcs.actions.publish import KEEP, NOTES
from anvcs.gitmirror import notes

if TYPE_CHECKING:
    from anvcs.actions.workspace import Workspace

_FILES = (
    ("ledger", "ledger.db*", "The operation log"),
    ("rooms", "rooms.db*", "The room log"),
    ("proposals", "proposals.db*", "Merge proposals"),
    ("cache", "cache.db*", "Indexes that can be made again"),
    ("outlines", "outlines.db*", "What was found in texts, to compare streams by"),
    ("scratch", "tmp/*", "Files of work in progress"),
)
_REFS = (
    ("notes", NOTES, "Why commits exist, as Git notes"),
    ("keep", KEEP, "Commits kept for undo that nothing else reaches"),
    ("results", "refs/anvcs/proposals", "Results of open merge proposals"),
    ("logs", "refs/anvcs/log", "Sealed operation logs in Git"),
    ("actors", "refs/anvcs/actors", "The keys of actors"),
    ("projections", "refs/anvcs/projection", "What remotes were sent"),
)
_OTHERS = ("--branches", "--tags", "--remotes", "HEAD")


def du(caller: Caller, params: wire.DuParams) -> wire.DuReport:
    """Every kind of thing with its bytes on disk; what Git needs without ANVCS is not counted."""
    workspace = caller.workspace(params.folder)
    with workspace.lock:
        workspace.ledger.head()
        costs = sorted((*_files(workspace), *_objects(workspace)), key=lambda cost: -cost.bytes)
        return wire.DuReport(costs=tuple(costs), total=sum(cost.bytes for cost in costs))


def _files(workspace: Workspace) -> Iterator[wire.Cost]:
    for name, pattern, said in _FILES:
        found = _sizes(workspace.folder, pattern)
        if found:
            count = workspace.ledger.count() if name == "ledger" else None
            yield wire.Cost(name=name, said=said, bytes=sum(found), count=count)
    mirror = _sizes(workspace.repo.root / ".ai" / "meta", "*")
    if mirror:
        said = "Metadata as files, for people and tools"
        yield wire.Cost(name="mirror", said=said, bytes=sum(mirror), count=len(mirror))
    checks = pool(workspace)
    if checks is not None:
        said = "Scratch worktrees of guards, in your caches"
        yield wire.Cost(name="checks", said=said, bytes=sum(_sizes(checks.folder, "**/*")))


def _sizes(folder: Path, pattern: str) -> list[int]:
    return [each.stat().st_size for each in folder.glob(pattern) if each.is_file() and not each.is_symlink()]


def _objects(workspace: Workspace) -> Iterator[wire.Cost]:
    for name, ref, said in _REFS:
        tips = workspace.git.text("for-each-ref", "--format=%(objectname)", ref).split()
        if not tips:
            continue
        others = [each for each in _OTHERS if each != "HEAD" or workspace.repo.head() is not None]
        out = workspace.git.text("rev-list", "--objects", "--disk-usage", *tips, "--not", *others)
        count = None
        if name == "notes":
            handle = workspace.repo.handle
            count = sum(1 for _ in notes.Notes(handle, notes.tip(handle, NOTES)).items())
        elif name == "keep":
            count = int(workspace.git.text("rev-list", "--count", *tips, "--not", *others))
        yield wire.Cost(name=name, said=said, bytes=int(out), count=count)
