"""Merging in real VS Code: proposed, reviewed, decided, landed and taken back; warned of before anybody merges."""

from __future__ import annotations

import re
import sys

import pytest
from playwright.sync_api import expect

from scripts.code_server import CodeServer
from tests.e2e.merging import BASE, diverge, merge_moon, on_disk, parents, quiet, result
from tests.e2e.repository import Repository
from tests.e2e.workbench import Workbench
from tests.models import MODEL, serving, suggests

pytestmark = pytest.mark.editor

NIGHT = "def night(day):\n    return -day\n\n\n"
NOON = "def noon(day):\n    return day / 2\n\n\n"


def with_function(text: str, function: str) -> str:
    """The text with a function more before the first one."""
    return text.replace("def high", f"{function}def high")


def open_file(window: Workbench, name: str) -> None:
    """Open a file by its name, with the cursor in it."""
    window.page.keyboard.press("Control+P")
    window.page.locator(".quick-input-widget input.input").first.fill(name)
    window.choose(window.page.locator(".quick-input-list .monaco-list-row").filter(has_text=name).first)
    window.tab(name)
    expect(window.page.locator(".monaco-editor.focused")).to_be_visible()


@pytest.mark.promise("extension.merge")
def test_streams_that_git_cannot_merge_are_merged_and_taken_back(
    editor: CodeServer, window: Workbench, repository: Repository
) -> None:
    ours, both = with_function(BASE, NIGHT), with_function(BASE, NIGHT + NOON)
    diverge(repository, ours, with_function(BASE, NOON))
    tip = repository.git("rev-parse", "main")
    window.open(editor, repository.folder)
    window.status("ANVCS: main")
    open_file(window, "tides.py")

    said = merge_moon(window)
    expect(said).to_contain_text("1 merged by syntax")
    expect(said).to_contain_text("tides.py: main and moon changed the same lines; merging by syntax kept")
    window.picture("merging-1-proposed")
    said.get_by_role("button", name="Review").click()
    window.asked("moon into main")
    window.picture("merging-2-files")
    window.pick("moon into main", "tides.py")
    expect(result(window)).to_contain_text("noon")
    assert (on_disk(repository), repository.git("rev-parse", "main")) == (ours, tip)
    window.picture("merging-3-result")

    window.page.locator(".editor-actions").get_by_role("button", name="Review Merge Proposal").click()
    window.pick("moon into main", "Accept")
    merged = window.toast("Merged: moon into main")
    assert (on_disk(repository), parents(repository)) == (both, 2)
    assert repository.git("status", "--porcelain") == ""
    window.tab(re.compile(r"^tides\.py$")).click()
    expect(window.page.locator(".view-lines")).to_contain_text("noon")
    assert "night" in window.lines()
    window.picture("merging-4-merged")

    merged.get_by_role("button", name="Undo").click()
    window.toast("Undone")
    assert (on_disk(repository), repository.git("rev-parse", "main")) == (ours, tip)
    expect(window.page.locator(".view-lines")).not_to_contain_text("noon")


@pytest.mark.promise("extension.merge-conflicts")
def test_a_conflict_is_seen_with_its_reason_decided_checked_and_merged(
    editor: CodeServer, window: Workbench, repository: Repository
) -> None:
    ours, theirs = BASE.replace("+ 1", "+ 4"), BASE.replace("+ 1", "+ 3")
    check = f'[{sys.executable}, -c, "import tides; assert tides.low(1) == 4"]'
    diverge(repository, ours, theirs, f"guards:\n  checks:\n    tests:\n      command: {check}\n")
    window.open(editor, repository.folder)
    window.status("ANVCS: main")

    said = merge_moon(window)
    expect(said).to_contain_text(
        "1 file in conflict needs a decision. tides.py: def low: both sides changed the same text"
    )
    window.dismiss_toasts()
    window.run_command("ANVCS: Review Merge Proposal")
    window.asked("1 file in conflict needs a decision.")
    window.picture("merging-5-conflict")
    window.pick("moon into main", "both sides changed the same text")
    result(window).locator(".squiggly-error").first.wait_for()
    window.run_command("Problems: Focus on Problems View")
    problems = window.page.locator(".markers-panel")
    expect(problems).to_contain_text("def low: both sides changed the same text")
    problems.locator(".monaco-list-row.focused").filter(has_text="def low").wait_for()
    window.picture("merging-6-problem")

    window.page.keyboard.press("Control+.")
    expect(window.page.get_by_role("menuitem", name="Take both, main's first")).to_be_visible()
    window.picture("merging-7-fixes")
    window.choose(window.page.get_by_role("menuitem", name="Take what moon has"))
    decided = window.toast("Decided: tides.py. Not run on this result yet: tests.")
    expect(result(window)).not_to_contain_text("<<<<<<<")
    window.picture("merging-8-decided")
    decided.get_by_role("button", name="Run the Checks").click()
    passed = window.toast("The checks passed. The merge can be accepted now.")
    quiet(window)
    window.picture("merging-9-checked")
    passed.get_by_role("button", name="Accept").click()
    window.toast("Merged: moon into main")
    assert (on_disk(repository), parents(repository)) == (theirs, 2)
    expect(window.page.locator(".statusbar-item").get_by_label(re.compile("No Problems"))).to_be_visible()


@pytest.mark.promise("resources.while-typing")
def test_an_agent_that_changes_what_is_called_is_told_of_while_one_types(
    editor: CodeServer, window: Workbench, repository: Repository
) -> None:
    repository.write("tides.py", BASE)
    repository.write("harbour.py", "import tides\n")
    repository.git("add", "--all")
    repository.git("commit", "--quiet", "--message", "Tides")
    repository.anvcs("init")
    repository.anvcs("stream", "create", "moon")
    window.open(editor, repository.folder)
    window.status("ANVCS: main")
    open_file(window, "harbour.py")
    window.page.keyboard.press("Control+End")
    window.page.keyboard.insert_text("\nhigh = tides.high(3)\n")
    other = repository.folder.parent / "agent"
    repository.git("worktree", "add", "--quiet", str(other), "moon")
    agent = Repository(other, repository.env)
    agent.write("tides.py", BASE.replace("def high(day)", "def high(day, place)"))
    agent.anvcs("commit", "-m", "High water depends on the place", "--agent", "moonwalker", "tides.py")

    window.page.locator(".squiggly-info").first.wait_for()
    window.run_command("Problems: Focus on Problems View")
    problems = window.page.locator(".markers-panel")
    expect(problems).to_contain_text("agent:moonwalker changes the signature of high, which you newly call.")
    window.picture("merging-10-while-typing")
    assert repository.git("log", "-1", "--format=%s", "main") == "Tides"
    window.page.locator(".view-line").filter(has_text="tides.high").first.click()
    window.page.keyboard.press("Control+Shift+K")
    expect(window.page.locator(".squiggly-info")).to_have_count(0)


@pytest.mark.promise("extension.merge-suggestions")
def test_a_model_suggests_how_to_decide_a_conflict_and_a_person_takes_it(
    editor: CodeServer, window: Workbench, repository: Repository
) -> None:
    ours, theirs = BASE.replace("+ 1", "+ 4"), BASE.replace("+ 1", "+ 3")
    with serving() as model:
        diverge(repository, ours, theirs, model.settings())
        model.answers(suggests("    return day + 4 + 3\n", "Both tides are added."))
        window.open(editor, repository.folder)
        window.status("ANVCS: main")
        merge_moon(window).get_by_role("button", name="Review").click()
        window.pick("moon into main", "tides.py")
        result(window).locator(".view-line").filter(has_text="<<<<<<<").first.click()
        window.page.keyboard.press("Control+.")
        window.asked("tides.py, def low: both sides changed the same text")
        window.picture("merging-11-ways")
        assert model.connections == 0
        window.pick("tides.py, def low", "Suggest a Resolution")
        suggested = window.toast(f"tides.py, def low: {MODEL}-2026 suggests this: Both tides are added.")
        window.tab(f"tides.py (as {MODEL}-2026 suggests)")
        expect(window.page.locator(".editor.modified")).to_contain_text("day + 4 + 3")
        quiet(window)
        window.picture("merging-12-suggestion")
        suggested.get_by_role("button", name="Apply").click()
        decided = window.toast("Decided: tides.py. The merge can be accepted now.")
        decided.get_by_role("button", name="Accept").click()
        window.toast("Merged: moon into main")
    assert on_disk(repository) == BASE.replace("+ 1", "+ 4 + 3")
    assert len(model.received) == 1
