"""What the editor does in repositories as people have them: without ANVCS, with hooks, with plain git beside it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from scripts.code_server import CodeServer
from tests.e2e.repository import Repository
from tests.e2e.workbench import WAIT, Workbench

pytestmark = pytest.mark.editor


@pytest.mark.promise("editor.offers-to-initialize")
def test_a_repository_without_anvcs_is_offered_initialization(
    editor: CodeServer, window: Workbench, repository: Repository
) -> None:
    head = repository.git("rev-parse", "HEAD")
    window.open(editor, repository.folder)
    window.status("ANVCS: not initialized").click()
    window.status("ANVCS: main")
    window.picture("initialized")
    assert repository.git("rev-parse", "HEAD") == head
    assert repository.git("status", "--porcelain") == "?? ai-vcs.config.yaml"


def test_a_first_commit_asks_before_it_initializes(
    editor: CodeServer, window: Workbench, repository: Repository
) -> None:
    repository.write("notes.txt", "two\n")
    window.open(editor, repository.folder)
    window.status("ANVCS: not initialized")
    window.run_command("ANVCS: Commit")
    window.toast("ANVCS is not initialized").get_by_role("button", name="Initialize").click()
    window.answer("Commit: message", "Two notes")
    for question in ("prompt", "model", "agent"):
        window.answer(f"Commit: {question}", "")
    window.toast(re.compile("Committed [0-9a-f]{7} to main"))
    assert repository.git("log", "-1", "--format=%s") == "Two notes"
    assert repository.git("status", "--porcelain") == ""


@pytest.mark.promise("editor.failing-hook-changes-nothing")
def test_a_failing_hook_can_be_read_and_changes_nothing(
    editor: CodeServer, window: Workbench, repository: Repository
) -> None:
    repository.anvcs("init")
    hook = repository.write(".git/hooks/pre-commit", "#!/bin/sh\necho 'line 3: trailing blank'\nexit 1\n")
    hook.chmod(0o755)
    repository.write("notes.txt", "two \n")
    before = repository.snapshot()

    window.open(editor, repository.folder)
    window.status("ANVCS: main")
    window.run_command("ANVCS: Commit")
    window.answer("Commit: message", "Two notes")
    for question in ("prompt", "model", "agent"):
        window.answer(f"Commit: {question}", "")
    window.toast("pre-commit").get_by_role("button", name="Show Output").click()
    expect(window.page.locator(".output-view .view-lines, .panel .view-lines")).to_contain_text(
        re.compile(r"line\s3:\strailing\sblank"), timeout=WAIT
    )
    window.picture("failing-hook")
    assert repository.snapshot() == before


@pytest.mark.promise("editor.follows-plain-git")
def test_an_open_graph_follows_plain_git(editor: CodeServer, window: Workbench, repository: Repository) -> None:
    repository.anvcs("init")
    window.open(editor, repository.folder)
    window.status("ANVCS: main")
    window.run_command("ANVCS: Show Graph")
    graph = window.webview(f"Graph: {repository.folder.name}")
    expect(graph.get_by_role("treeitem", name="One note")).to_be_visible(timeout=WAIT)

    repository.write("notes.txt", "elsewhere\n")
    repository.git("commit", "--quiet", "--all", "--message", "Made in a terminal")
    expect(graph.get_by_role("treeitem", name="Made in a terminal")).to_be_visible(timeout=WAIT)
    window.picture("plain-git-followed")
