"""What a push, a pull or a clone did, as lines."""

from __future__ import annotations

from collections.abc import Iterator

from anvcs.cli.render.graph import SHORT
from anvcs.cli.screen import Line, line
from anvcs.wire import CloneResult, PullResult, PushResult

_MODES = {"full": "with all metadata", "hashes": "with hashes for metadata", "none": "without metadata"}
_OUTCOMES = {
    "up-to-date": "is up to date",
    "ahead": "has all of it, and more",
    "created": "was created",
    "fast-forward": "moved forward",
    "merge": "was merged",
}


def pushed(result: PushResult) -> Iterator[Line]:
    """What the remote has now."""
    there = (f"{result.remote}/{result.stream}", "bold")
    if result.up_to_date:
        yield line(there, " is up to date")
        return
    yield line("Pushed to ", there, f": {_moved(result.old, result.new)}, {_MODES[result.mode]}")
    if result.notes:
        yield line(f"  notes      {_commits(result.notes)}")
    if result.upstream:
        yield line(f"  upstream   {result.upstream}")
    if result.operation_id:
        yield line(f"  operation  {result.operation_id}")


def pulled(result: PullResult) -> Iterator[Line]:
    """What is here now."""
    moved = f": {_moved(result.old, result.new)}" if result.new != result.old else ""
    yield line("Pulled from ", (result.remote, "bold"), f"; {result.stream} {_OUTCOMES[result.outcome]}{moved}")
    if result.notes:
        yield line(f"  notes      {_commits(result.notes)}")
    if result.files:
        yield line(f"  files      {len(result.files)}")
    if result.operation_id:
        yield line(f"  operation  {result.operation_id}")


def cloned(result: CloneResult) -> Iterator[Line]:
    """The new repository."""
    yield line("Cloned into ", (result.root, "bold"))
    if result.head:
        yield line(f"  stream     {result.stream or 'detached HEAD'} at {result.head[:SHORT]}")
    if result.notes:
        yield line(f"  notes      {_commits(result.notes)}")


def _moved(old: str | None, new: str) -> str:
    return f"{old[:SHORT]} -> {new[:SHORT]}" if old else f"new at {new[:SHORT]}"


def _commits(count: int) -> str:
    return "1 commit" if count == 1 else f"{count} commits"
