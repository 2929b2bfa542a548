"""Streams, and what became of one, as lines."""

from __future__ import annotations

from collections.abc import Iterator

from anvcs.cli.render.graph import SHORT
from anvcs.cli.render.operations import left
from anvcs.cli.screen import Line, Span, line
from anvcs.wire import Stream, StreamResult, Streams


def streams(found: Streams) -> Iterator[Line]:
    """One line for each stream: where it stands, what it follows, who has it checked out."""
    if not found.streams:
        yield line("There is no stream yet.")
    for each in found.streams:
        where: Span = (each.git_commit[:SHORT], "yellow") if each.git_commit else ("nowhere", "dim")
        name: Span = (each.name, "bold green" if each.current else "green")
        yield line("* " if each.current else "  ", name, "  ", where, f"  {each.subject or ''}".rstrip(), *_about(each))
        for other in each.conflicts:
            there = other.theirs[:SHORT] if other.fetched else f"{other.theirs[:SHORT]}, which is not fetched"
            by = f" by {other.actor}" if other.actor else ""
            yield line(("    conflicted", "bold red"), f": replica {other.replica[:SHORT]} has it at {there}{by}")


def changed(result: StreamResult, done: str) -> Iterator[Line]:
    """What happened to a stream; ``done`` says it."""
    at: tuple[Span, ...] = (" at ", (result.git_commit[:SHORT], "yellow")) if result.git_commit else ()
    yield line(done, " ", (result.name, "bold"), *at)
    yield from (line("  ", (f"{'changed':<10} ", "dim"), path) for path in result.paths)
    yield from left(result.left)
    yield line((f"  {'operation':<10} ", "dim"), result.operation_id)
    yield line((f"  {result.reversibility:<10} ", "dim"), "ai-vcs undo takes it back")


def _about(each: Stream) -> Iterator[Span]:
    if each.upstream is not None:
        behind = [f"{count} {word}" for count, word in ((each.ahead, "ahead"), (each.behind, "behind")) if count]
        yield f"  [{each.upstream}{': ' if behind else ''}{', '.join(behind)}]", "blue"
    if each.worktree is not None:
        yield f"  (in {each.worktree})", "dim"
