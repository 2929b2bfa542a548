"""How what was done about agents is shown."""

from __future__ import annotations

from collections.abc import Iterator

from anvcs.cli.render.diff import patch
from anvcs.cli.screen import Line, line
from anvcs.wire import AgentsConnected

_NAMES = {"claude": "Claude Code", "codex": "Codex"}


def connected(result: AgentsConnected, *, dry_run: bool, diff: bool) -> Iterator[Line]:
    """How an agent's settings change, or how things stand."""
    name = _NAMES[result.agent]
    if not result.diff:
        how = "calls" if result.connected else "does not call"
        yield line(f"{name} {how} our hook already: {result.file}")
        return
    if diff:
        yield from patch(result.diff)
    if dry_run:
        yield line(f"Would change {result.file}")
    else:
        how = "calls our hook from now on" if result.connected else "does not call our hook any more"
        yield line(f"{name} {how}: {result.file}")
