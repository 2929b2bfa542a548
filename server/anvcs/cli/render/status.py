"""The state of the work tree as lines."""

from __future__ import annotations

from collections.abc import Iterator

from anvcs.cli.render.changes import changes
from anvcs.cli.render.graph import SHORT
from anvcs.cli.screen import Line, line
from anvcs.wire import RepositoryStatus


def status(state: RepositoryStatus) -> Iterator[Line]:
    """Where HEAD stands, then what is unmerged, staged, not staged and untracked."""
    yield _where(state)
    if state.upstream:
        yield line(_upstream(state, state.upstream))
    if not state.initialized:
        yield line("ANVCS is not set up here yet: ai-vcs init")
    if state.in_progress:
        yield line((f"In the middle of: {state.in_progress}", "bold yellow"))
    sections = [*_sections(state)]
    yield from sections or [line("Nothing to commit, the work tree is clean.")]


def _where(state: RepositoryStatus) -> Line:
    name = f"On stream {state.stream}" if state.stream else "On no stream (HEAD is detached)"
    if state.head is None:
        return line((name, "bold"), ", before the first commit")
    return line((name, "bold"), " at ", (state.head.git_commit[:SHORT], "yellow"), f" {state.head.subject}")


def _upstream(state: RepositoryStatus, upstream: str) -> str:
    match state.ahead, state.behind:
        case 0, 0:
            return f"Level with {upstream}"
        case ahead, 0:
            return f"{ahead} ahead of {upstream}"
        case 0, behind:
            return f"{behind} behind {upstream}"
        case ahead, behind:
            return f"{ahead} ahead of and {behind} behind {upstream}"


def _sections(state: RepositoryStatus) -> Iterator[Line]:
    if state.unmerged:
        yield line(("Unmerged:", "bold"))
        yield from (line("  ", (path, "bold red")) for path in state.unmerged)
    for title, files in (("Staged:", state.staged), ("Not staged:", state.unstaged)):
        if files:
            yield line((title, "bold"))
            yield from changes(files)
    if state.untracked:
        yield line(("Untracked:", "bold"))
        yield from (line("  ", (path, "cyan")) for path in state.untracked)
