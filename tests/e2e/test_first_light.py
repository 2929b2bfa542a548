"""A first visit in real VS Code: a commit with provenance, the graph, the commit, a comparison."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import expect

from scripts.code_server import CodeServer
from tests.e2e.repository import Repository
from tests.e2e.workbench import WAIT, Workbench

pytestmark = pytest.mark.editor

PROMPT = "Say in the docstring from when the hours count, so that nobody adds a time zone twice."


@pytest.mark.promise(
    "editor.commit-from-the-palette", "editor.graph-shows-the-commit", "editor.changed-files-open-diffs"
)
def test_a_commit_made_in_the_editor_is_seen_by_the_graph_and_by_git(
    editor: CodeServer, window: Workbench, sample: Repository
) -> None:
    tip = sample.git("rev-parse", "HEAD")
    window.open(editor, sample.folder)
    window.status("ANVCS: main")
    window.picture("1-repository-open")

    window.run_command("ANVCS: Commit")
    window.answer("Commit: message", "Say from when the hours count")
    window.answer("Commit: prompt", PROMPT)
    window.answer("Commit: model", "claude-opus-4-5")
    window.asked("Commit: agent")
    window.picture("2-commit-questions")
    window.answer("Commit: agent", "drafter")
    window.toast(re.compile("Committed [0-9a-f]{7} to main"))
    expect(window.page.get_by_text("Committing")).to_have_count(0)
    window.picture("3-committed")

    commit = sample.git("rev-parse", "HEAD")
    assert sample.git("rev-parse", "HEAD^") == tip
    assert sample.git("status", "--porcelain") == ""
    assert sample.git("fsck", "--strict", "--no-dangling") == ""
    note = json.loads(sample.git("log", "--notes=anvcs", "-1", "--format=%N").splitlines()[0])
    assert PROMPT in json.dumps(note)
    assert "agent:drafter" in json.dumps(note)
    assert sample.git("log", "-1", "--format=%an %ae") == "Maren Holt maren@example.org"

    window.dismiss_toasts()
    window.run_command("ANVCS: Show Graph")
    graph = window.webview("Graph: tide-table")
    top = graph.get_by_role("treeitem").first
    expect(top).to_have_accessible_name(
        re.compile("^Say from when the hours count, by Maren Holt with agent:drafter"), timeout=WAIT
    )
    window.picture("4-graph")

    graph.get_by_role("tree").focus()
    for key in ("ArrowDown", "ArrowUp", "Enter"):
        window.page.keyboard.press(key)
    shown = window.webview(re.compile("^Commit "))
    expect(shown.locator("body")).to_contain_text(PROMPT, timeout=WAIT)
    expect(shown.locator("body")).to_contain_text(commit[:7])
    window.picture("5-commit")

    shown.get_by_text("model.py").first.click()
    window.tab(re.compile(r"model\.py .*↔"))
    assert "hours after the epoch" in window.lines(".editor.original")
    assert "hours after midnight UTC" in window.lines(".editor.modified")
    window.picture("6-comparison")
