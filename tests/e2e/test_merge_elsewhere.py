"""What others do to a merge while it is open in VS Code: its views follow, without a hand being lifted."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from scripts.code_server import CodeServer
from tests.e2e.merging import BASE, diverge, merge_moon, proposals, result
from tests.e2e.repository import Repository
from tests.e2e.workbench import Workbench

pytestmark = pytest.mark.editor


@pytest.mark.promise("extension.merge-elsewhere")
def test_open_views_of_a_merge_follow_what_others_do_to_it(
    editor: CodeServer, window: Workbench, repository: Repository
) -> None:
    ours, theirs = (BASE.replace("* 2", f"* {a}").replace("+ 1", f"+ {b}") for a, b in ((5, 4), (6, 3)))
    diverge(repository, ours, theirs)
    window.open(editor, repository.folder)
    window.status("ANVCS: main")
    merge_moon(window).get_by_role("button", name="Review").click()
    window.pick("moon into main", "tides.py")
    expect(result(window).locator(".squiggly-error").first).to_be_visible()
    markers = result(window).locator(".view-line").filter(has_text="<<<<<<<")
    expect(markers).to_have_count(2)
    proposals(window, "1 merge is proposed, needing somebody: 1")
    window.dismiss_toasts()

    repository.write("tides.py", ours.replace("one harbour", "two harbours"))
    repository.anvcs("commit", "-m", "Another harbour", "tides.py")
    expect(result(window)).to_contain_text("Tides of two harbours.")
    expect(markers).to_have_count(2)
    repository.anvcs("proposal", "resolve", "moon", "tides.py", "--conflict", "1", "--take", "right")
    expect(markers).to_have_count(1)
    expect(result(window)).to_contain_text("day * 6")
    expect(window.page.locator(".tabs-container .tab").filter(has_text="merged with moon")).to_have_count(1)
    window.picture("elsewhere-1-decided")

    window.page.locator(".editor-actions").get_by_role("button", name="Review Merge Proposal").click()
    window.asked("1 file in conflict needs a decision.")
    repository.anvcs("proposal", "resolve", "moon", "tides.py", "--take", "left")
    rows = window.page.locator(".quick-input-list .monaco-list-row")
    accepts = rows.filter(has_text="Accept", has_not_text="Accept All the Same")
    accepts.wait_for()
    repository.anvcs("proposal", "vote", "moon", "reject", "--reason", "Not so.", "--agent", "foo")
    window.asked("agent:foo votes against it")
    expect(accepts).to_have_count(0)
    window.picture("elsewhere-2-voted")
    window.page.keyboard.press("Escape")
    expect(markers).to_have_count(0)
    expect(window.page.locator(".statusbar-item").get_by_label("No Problems")).to_be_visible()
    proposals(window, "1 merge is proposed, needing somebody: 1").hover()
    expect(window.page.locator(".workbench-hover")).to_contain_text(
        "moon into main: blocked. agent:foo votes against it"
    )
    window.picture("elsewhere-3-hover")

    repository.anvcs("proposal", "vote", "moon", "withdraw", "--agent", "foo")
    repository.anvcs("proposal", "accept", "moon")
    window.toast("moon into main: It was accepted and is in main now.")
    expect(window.page.locator(".statusbar-item").get_by_label("merge is proposed")).to_have_count(0)
    window.picture("elsewhere-4-accepted")


@pytest.mark.promise("extension.merge-elsewhere")
def test_a_worktree_that_somebody_adds_is_not_worth_a_word(
    editor: CodeServer, window: Workbench, repository: Repository
) -> None:
    repository.anvcs("init")
    repository.git("branch", "moon")
    window.open(editor, repository.folder)
    window.status("ANVCS: main")
    repository.git("worktree", "add", "--quiet", "../there", "moon")
    # Told after it, so nothing came before.
    repository.git("commit", "--quiet", "--allow-empty", "--amend", "--message", "Again")
    said = window.toast("Plain git")
    expect(said).to_contain_text("Plain git amended a commit (main)")
    expect(said).not_to_contain_text("operations in all")
    expect(window.page.locator(".notifications-toasts .notification-list-item")).to_have_count(1)
