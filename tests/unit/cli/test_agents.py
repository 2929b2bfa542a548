"""``ai-vcs agents``: what is shown and asked before an agent's settings change."""

from __future__ import annotations

import msgspec

from anvcs import wire
from tests.unit.cli.conftest import CommandLine

FILE = "/home/ada/.claude/settings.json"
CHANGED = wire.AgentsConnected(
    agent="claude", file=FILE, connected=True, diff="@@ -1 +1 @@\n-{}\n+{1}\n", notices=("Start anew.",)
)


def test_what_changes_is_shown(ai_vcs: CommandLine) -> None:
    ai_vcs.answers = {"agents.connect": CHANGED}
    done = ai_vcs("agents", "connect", "claude", "--dry-run")
    assert done.out.splitlines() == ["@@ -1 +1 @@", "-{}", "+{1}", f"Would change {FILE}"]
    done = ai_vcs("agents", "connect", "claude", "--yes")
    assert done.out.splitlines()[-1] == f"Claude Code calls our hook from now on: {FILE}"
    assert done.err == "Note: Start anew.\n"
    assert ai_vcs.asked == [
        wire.AgentsConnectParams(agent="claude", dry_run=True),
        wire.AgentsConnectParams(agent="claude"),
    ]


def test_nothing_is_written_where_there_is_nobody_to_ask(ai_vcs: CommandLine) -> None:
    ai_vcs.answers = {"agents.connect": CHANGED}
    done = ai_vcs("agents", "connect", "codex")
    assert (done.code, done.out) == (2, "")
    assert "Add --yes" in done.err
    assert ai_vcs.asked == [wire.AgentsConnectParams(agent="codex", dry_run=True)]


def test_what_is_done_already_is_not_asked_about(ai_vcs: CommandLine) -> None:
    ai_vcs.answers = {"agents.connect": msgspec.structs.replace(CHANGED, diff="", notices=(), connected=False)}
    done = ai_vcs("agents", "connect", "claude", "--remove")
    assert (done.code, done.out) == (0, f"Claude Code does not call our hook already: {FILE}\n")
