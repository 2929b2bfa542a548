"""Agents' Changes and playback in real VS Code: what an agent wrote is seen, kept, taken back and played."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pytest

import anvcs.agent
from tests.e2e.repository import Repository
from tests.e2e.rooms_support import RoomWindow, eventually
from tests.e2e.test_rooms import open_window, pair, probes, rooms_editor, shared
from tests.rounds import FIRST

pytestmark = pytest.mark.editor
__all__ = ["open_window", "pair", "probes", "rooms_editor", "shared"]
VIEW = "Agents' Changes"


@pytest.mark.promise("collab.changes-view")
@pytest.mark.timeout(240)
def test_an_agents_hunks_are_kept_or_taken_back_in_the_side_bar(pair: Sequence[RoomWindow], shared: Path) -> None:
    ada, ben = pair
    agents = FIRST.replace("agent: 0", "agent: 1").replace("# tides", "# low tides")
    shared.write_text(agents)
    ada.shows(shared, agents)
    ben.caret_after("both: ")
    ben.type("x")
    both = agents.replace("both: ", "both: x")
    ada.shows(shared, both)
    bench = ada.workbench
    bench.side_bar("ANVCS")
    bench.row(VIEW, "shared.txt").click()
    bench.row(VIEW, "agent: 1")
    bench.picture("collab-1-changes")
    bench.row_action(VIEW, "# low tides", "Keep")
    eventually(ada, lambda: _rows(ada, "# low tides") == 0, "the hunk that was kept goes")
    bench.row_action(VIEW, "agent: 1", "Take Back")
    ada.shows(shared, both.replace("agent: 1", "agent: 0"))
    ben.shows(shared, both.replace("agent: 1", "agent: 0"))
    assert ada.complaints() == []


def _rows(window: RoomWindow, text: str) -> int:
    return window.page.locator(".sidebar .monaco-list-row", has_text=re.compile(re.escape(text))).count()


@pytest.mark.promise("collab.playback-seen")
@pytest.mark.timeout(240)
def test_a_room_is_played_back_step_by_step(pair: Sequence[RoomWindow], shared: Path) -> None:
    ada, _ = pair
    agents = FIRST.replace("agent: 0", "agent: 1")
    shared.write_text(agents)
    ada.shows(shared, agents)
    ada.workbench.run_command("ANVCS: Play Back Room")

    def shown() -> str:
        return ada.probe.run("return vscode.window.activeTextEditor.document.getText();")

    eventually(ada, lambda: shown() == agents, "the newest step")
    bar = ada.workbench.status(re.compile(r"2/2 · "))
    assert "an unknown program" in bar.inner_text()
    ada.workbench.tab("Playback of shared.txt")
    ada.workbench.picture("collab-2-playback")
    ada.workbench.run_command("ANVCS: Previous Step")
    eventually(ada, lambda: shown() == FIRST, "the step before")
    ada.workbench.run_command("ANVCS: Choose Step")
    ada.workbench.asked("Go through the steps")
    ada.page.keyboard.press("ArrowDown")
    eventually(ada, lambda: shown() == "", "the text before the first edit")
    ada.page.keyboard.press("Escape")
    eventually(ada, lambda: shown() == FIRST, "where it was")


@pytest.mark.promise("collab.elsewhere")
@pytest.mark.timeout(240)
def test_a_file_that_somebody_elsewhere_changes_too_is_marked_before_the_two_meet(
    pair: Sequence[RoomWindow], repository: Repository, shared: Path
) -> None:
    ada, _ = pair
    there = repository.folder.with_name("there")
    repository.git("worktree", "add", "--quiet", "-b", "login", str(there))
    with anvcs.agent.open(there / shared.name, as_="agent:foo", env=repository.env) as room:
        room.edit(0, 0, "# by foo\n")
    ada.caret_after("ada: ")
    ada.type("mine")
    eventually(ada, lambda: any("foo changes this file on login" in each for each in ada.problems(shared)), "a warning")
    assert "unsaved text here" in ada.problems(shared)[0]
    ada.workbench.run_command("Problems: Focus on Problems View")
    ada.page.get_by_text("foo changes this file on login").first.wait_for()
    ada.workbench.picture("collab-3-early-warning")
