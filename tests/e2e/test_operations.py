"""Operations, streams and checkpoints in real VS Code: seen as they happen, taken back in place; push and pull."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from scripts.code_server import CodeServer
from tests.e2e.repository import Repository
from tests.e2e.workbench import Workbench

pytestmark = pytest.mark.editor

WAITING_HOOK = """\
#!/bin/sh
# Waits, within bounds, until the test says go.
for _ in $(seq 600); do
    test -e .git/go && exit 0
    sleep 0.1
done
exit 1
"""


def commit(window: Workbench, message: str) -> None:
    """Commit in the palette, with a message only."""
    window.run_command("ANVCS: Commit")
    window.answer("Commit: message", message)
    for question in ("prompt", "model", "agent"):
        window.answer(f"Commit: {question}", "")
    window.toast(re.compile("Committed [0-9a-f]{7}"))
    window.dismiss_toasts()


@pytest.fixture
def history(editor: CodeServer, window: Workbench, repository: Repository) -> Workbench:
    """A window on a repository with ANVCS, with its side bar open."""
    repository.anvcs("init")
    window.open(editor, repository.folder)
    window.status("ANVCS: main")
    window.side_bar("ANVCS")
    window.row("Operations", "Set ANVCS up")
    return window


@pytest.mark.promise(
    "extension.operations-view",
    "extension.undo-in-place",
    "extension.go-back-says-first",
    "extension.foreign-surfaces",
    "extension.divergence-surfaces",
)
def test_what_was_done_is_seen_taken_back_and_gone_back_to(history: Workbench, repository: Repository) -> None:
    window = history
    base = repository.git("rev-parse", "HEAD")
    repository.write("notes.txt", "one\ntwo\n")
    commit(window, "Two notes")
    made = repository.git("rev-parse", "HEAD")
    window.row("Operations", "Two notes")
    window.picture("operations-1-committed")

    window.row_action("Operations", "Two notes", "Undo")
    window.toast("Undone").get_by_role("button", name="Redo").wait_for()
    window.row("Operations", "Undo: Two notes")
    expect(window.row("Operations", re.compile("^Two notes"))).to_contain_text("undone")
    assert repository.git("rev-parse", "HEAD") == base
    assert (repository.folder / "notes.txt").read_text(encoding="utf-8") == "one\ntwo\n"
    window.picture("operations-2-undone")

    window.dismiss_toasts()
    window.view_action("Operations", "Redo")
    window.toast("Done again")
    window.row("Operations", "Redo: Two notes")
    assert repository.git("rev-parse", "HEAD") == made
    window.dismiss_toasts()

    repository.write("notes.txt", "one\ntwo\nthree\n")
    repository.git("commit", "--quiet", "--all", "--message", "Made in a terminal")
    expect(window.row("Operations", "Made in a terminal")).to_contain_text("plain git")
    assert window.page.locator(".notifications-toasts .notification-list-item").count() == 0
    repository.git("reset", "--quiet", "--hard", "HEAD~1")
    window.toast("Plain git reset").get_by_role("button", name="Show Operations").wait_for()
    window.picture("operations-3-plain-git")
    window.dismiss_toasts()

    window.row_action("Operations", "Made in a terminal", "Go Back to Here")
    question = window.dialog("Made in a terminal")
    expect(question).to_contain_text("notes.txt")
    window.picture("operations-4-question")
    question.get_by_role("button", name="Go Back", exact=True).click()
    window.toast("Back at")
    window.row("Operations", "Back to: Made in a terminal")
    assert repository.git("log", "-1", "--format=%s") == "Made in a terminal"
    assert (repository.folder / "notes.txt").read_text(encoding="utf-8") == "one\ntwo\nthree\n"
    assert repository.git("status", "--porcelain") == ""
    window.dismiss_toasts()

    repository.git("branch", "kept")
    repository.git("reset", "--quiet", "--hard", made)
    repository.git("commit", "--quiet", "--amend", "--message", "Two notes, reworded")
    window.toast("One change has several live commits").get_by_role("button", name="Show Streams").wait_for()
    window.row("Streams", "Divergent change")
    window.row("Streams", made[:7])
    window.picture("operations-5-divergent")
    assert repository.git("fsck", "--strict", "--no-dangling") == ""


@pytest.mark.promise("extension.streams-view", "extension.checkpoints-view")
def test_streams_are_switched_and_checkpoints_gone_back_to(history: Workbench, repository: Repository) -> None:
    window = history
    window.view_action("Checkpoints", "Create Checkpoint")
    window.answer("Names the present state", "before the tides")
    window.row("Checkpoints", "before the tides")

    window.view_action("Streams", "Create Stream")
    window.answer("A name, such as", "tides")
    window.toast("Created tides")
    window.status("ANVCS: tides")
    repository.write("tides.txt", "high\n")
    commit(window, "Tides")
    window.row("Streams", "main").click()
    window.toast("Switched to main")
    window.status("ANVCS: main")
    assert repository.git("symbolic-ref", "--short", "HEAD") == "main"
    assert not (repository.folder / "tides.txt").exists()
    expect(window.row("Streams", "main")).to_contain_text("current")
    window.dismiss_toasts()

    repository.write("tides.txt", "mine\n")
    before = repository.snapshot()
    window.row("Streams", "tides").click()
    window.toast("tides.txt")
    window.picture("streams-1-refused")
    assert repository.snapshot() == before
    assert (repository.folder / "tides.txt").read_text(encoding="utf-8") == "mine\n"
    (repository.folder / "tides.txt").unlink()
    window.dismiss_toasts()

    repository.write("notes.txt", "two\n")
    commit(window, "Two notes")
    window.row_action("Checkpoints", "before the tides", "Go Back to Checkpoint")
    question = window.dialog("Go back to checkpoint “before the tides”?")
    expect(question).to_contain_text("tides")
    window.picture("streams-2-checkpoint-question")
    question.get_by_role("button", name="Go Back", exact=True).click()
    window.toast("Back at")
    assert repository.git("branch", "--format=%(refname:short)") == "main"
    assert repository.git("log", "-1", "--format=%s") == "One note"
    assert (repository.folder / "notes.txt").read_text(encoding="utf-8") == "one\n"


@pytest.mark.promise("extension.push-and-pull", "extension.conflict-surfaces")
def test_a_stream_is_pushed_and_pulled_and_settled_when_it_was_moved_two_ways(
    history: Workbench, repository: Repository, tmp_path: Path
) -> None:
    window = history
    remote = tmp_path / "remote.git"
    repository.git("init", "--quiet", "--bare", str(remote))
    repository.git("remote", "add", "origin", str(remote))
    repository.write(".git/hooks/pre-push", WAITING_HOOK).chmod(0o755)
    window.run_command("ANVCS: Push")
    pushing = window.toast("Push: Pushing to origin")
    window.picture("streams-3-pushing")
    pushing.get_by_role("button", name="Cancel").click()
    expect(window.page.locator(".notifications-toasts .notification-list-item")).to_have_count(0)
    assert repository.git("ls-remote", "origin") == ""

    repository.write(".git/go", "")
    window.run_command("ANVCS: Push")
    window.toast("Pushed main to origin")
    assert repository.git("ls-remote", "origin", "main").split()[0] == repository.git("rev-parse", "main")
    window.dismiss_toasts()

    other = Repository(tmp_path / "other", repository.env)
    repository.git("clone", "--quiet", str(remote), str(other.folder))
    other.anvcs("init")
    other.write("elsewhere.txt", "x\n")
    other.anvcs("commit", "-m", "Made elsewhere", "elsewhere.txt")
    other.git("push", "--quiet")
    window.view_action("Streams", "Pull")
    window.toast("Pulled main from origin").get_by_role("button", name="Undo").wait_for()
    window.picture("streams-4-pulled")
    assert repository.git("log", "-1", "--format=%s") == "Made elsewhere"
    assert (repository.folder / "elsewhere.txt").exists()
    window.dismiss_toasts()

    for clone in (repository, other):
        clone.write(".git/info/exclude", "/ai-vcs.config.yaml\n")
        clone.write("ai-vcs.config.yaml", "storage:\n  team: git\n")
    other.write("elsewhere.txt", "theirs\n")
    other.anvcs("commit", "-m", "Theirs", "elsewhere.txt")
    other.git("push", "--quiet", "origin", "main:theirs")
    other.anvcs("sync")
    repository.write("elsewhere.txt", "ours\n")
    repository.anvcs("commit", "-m", "Ours", "elsewhere.txt")
    repository.git("fetch", "--quiet")
    window.run_command("ANVCS: Exchange Operations with Other Clones")
    window.toast("main was moved two ways").get_by_role("button", name="Keep Ours").wait_for()
    window.row("Streams", "moved two ways")
    window.picture("streams-5-conflicted")
    window.dismiss_toasts()

    window.row_action("Streams", "Theirs", "Keep Theirs")
    window.toast("main is at").get_by_role("button", name="Undo").wait_for()
    assert repository.git("rev-parse", "HEAD") == other.git("rev-parse", "HEAD")
    assert (repository.folder / "elsewhere.txt").read_text(encoding="utf-8") == "theirs\n"
    expect(window.view("Streams")).not_to_contain_text("moved two ways")
