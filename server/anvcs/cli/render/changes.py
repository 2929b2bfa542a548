"""Changed files as lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from anvcs.cli.screen import Line, line
from anvcs.wire import FileChange

_STYLES = {"added": "green", "deleted": "red", "unmerged": "bold red", "untracked": "cyan"}


def changes(files: Iterable[FileChange], *, indent: str = "  ") -> Iterator[Line]:
    """One line for each file: kind, path, lines added and deleted."""
    for each in files:
        style = _STYLES.get(each.kind, "yellow")
        path = f"{each.old_path} -> {each.path}" if each.old_path else each.path
        yield line(f"{indent}", (f"{each.kind:<12}", style), path, *_counts(each))


def _counts(each: FileChange) -> Iterator[tuple[str, str]]:
    if each.binary:
        yield "  binary", "dim"
        return
    if each.additions:
        yield f"  +{each.additions}", "green"
    if each.deletions:
        yield f"  -{each.deletions}", "red"


def summary(files: Sequence[FileChange]) -> str:
    """How much changed, in git's words."""
    added = sum(each.additions or 0 for each in files)
    deleted = sum(each.deletions or 0 for each in files)
    parts = [f"{len(files)} file{_s(len(files))} changed"]
    if added:
        parts.append(f"{added} insertion{_s(added)}(+)")
    if deleted:
        parts.append(f"{deleted} deletion{_s(deleted)}(-)")
    return ", ".join(parts)


def _s(count: int) -> str:
    return "" if count == 1 else "s"
