"""What became of files in conflict, as lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from anvcs.cli.screen import Line, line
from anvcs.wire import LeftConflict, MergetoolResult, ToolFile


def tried(result: MergetoolResult) -> Iterator[Line]:
    """Every file with what is left of it."""
    if not result.files:
        yield line("Nothing is in conflict here.")
    for each in result.files:
        yield line((f"{_outcome(each, result.dry_run):<10} ", _STYLES[each.outcome]), (each.path, "bold"))
        if each.reason:
            yield line(f"           {each.reason}")
        yield from (line(f"           {said}") for said in left(each.path, each.conflicts))
        yield from (line(f"           {said}") for said in each.findings)
    waiting = sum(each.outcome != "merged" for each in result.files)
    if waiting and not result.dry_run:
        yield line(f"{waiting} file{'' if waiting == 1 else 's'} left. When they are right: git add them, and go on.")


def left(path: str, conflicts: Iterable[LeftConflict]) -> Iterator[str]:
    """Each conflict with its place, what it is about and why it is left."""
    for each in conflicts:
        where = f"{path}:{each.line}" if each.line else path
        about = f"{each.entity}: " if each.entity else ""
        yield f"{where}: {about}{each.reason.removesuffix('.')}."


_STYLES = {"merged": "green", "fewer": "yellow", "left": "bold red"}


def _outcome(file: ToolFile, dry_run: bool) -> str:
    if file.outcome == "merged":
        return "would do" if dry_run else "staged" if file.staged else "merged"
    return file.outcome
