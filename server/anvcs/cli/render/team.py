"""What an exchange with other clones brought, and conflicted streams, as lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from anvcs.cli.render.graph import SHORT
from anvcs.cli.screen import Line, line
from anvcs.wire import ConflictedStream, StreamResolveResult, SyncResult


def synced(result: SyncResult) -> Iterator[Line]:
    """How much went and came, from whom, and what is in conflict."""
    yield line(f"Exchanged with {result.place}: sent {_operations(result.sent)}, received {result.received}")
    for each in result.replicas:
        new = f", {each.new} new" if each.new else ""
        who = f", last by {each.actor}" if each.actor else ""
        yield line(f"  {each.replica[:8]}: {_operations(each.operations)}{new}{who}")
    yield from _conflicts(result.conflicts)


def resolved(result: StreamResolveResult) -> Iterator[Line]:
    """Where the stream stands, and what is in conflict still."""
    moved = f", moved from {result.old[:SHORT]}" if result.old != result.new else ""
    yield line("Stream ", (result.stream, "bold"), " is at ", (result.new[:SHORT], "yellow"), moved)
    yield from _conflicts(result.conflicts)


def _conflicts(found: Iterable[ConflictedStream]) -> Iterator[Line]:
    for each in found:
        who = f" by {each.actor}" if each.actor else ""
        what = f" {each.subject}" if each.fetched else " (not fetched)"
        yield line(
            ("Conflicted: ", "bold red"),
            (each.stream, "bold"),
            f" is at {each.ours[:SHORT]} here and at {each.theirs[:SHORT]}{what} in {each.replica[:8]}{who}",
        )
        yield line(f"  Resolve it with: ai-vcs stream resolve {each.stream} --keep ours|theirs|COMMIT")


def _operations(count: int) -> str:
    return f"{count} operation{'' if count == 1 else 's'}"
