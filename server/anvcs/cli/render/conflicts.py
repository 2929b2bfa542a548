"""Where streams meet, as lines."""

from __future__ import annotations

from collections.abc import Iterator

from anvcs.cli.screen import Line, line
from anvcs.wire import ConflictsFound, ResourceOverlap, StreamConflicts

_MOST = 10
"""Files that are named."""


def found(result: ConflictsFound) -> Iterator[Line]:
    """Every stream with what meets, the hard first."""
    if not result.streams:
        yield line(f"Nothing that you change meets what others change ({_count(result.compared, 'stream')} looked at).")
    for each in result.streams:
        yield from _stream(each)


def _stream(stream: StreamConflicts) -> Iterator[Line]:
    who = [actor for actor in stream.actors if actor != stream.stream]
    said = f"  {', '.join(who)}" if who else ""
    yield line((stream.stream, "bold cyan"), said, "  not all committed" if stream.live else "")
    for each in stream.overlaps:
        yield _overlap(each)
    if stream.files:
        named = ", ".join(stream.files[:_MOST])
        more = f" and {len(stream.files) - _MOST} more" if len(stream.files) > _MOST else ""
        yield line(f"      both change {named}{more}")


def _overlap(each: ResourceOverlap) -> Line:
    mark = ("  ! ", "bold red") if each.severity == "hard" else ("    ", "")
    if each.changer == "other":
        return line(mark, (f"{each.path}:{each.line}", "bold"), f"  {each.message}")
    return line(mark, (each.defined, "bold"), f"  {each.message}")


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
