"""A merge that git calls clean and that is not safe: looked at, mended by hand, voted on, passed over with a reason."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from scripts.code_server import CodeServer
from tests.e2e.merging import BASE, begin, merge_moon, on_disk, parents, result, stream
from tests.e2e.repository import Repository
from tests.e2e.workbench import Workbench

pytestmark = pytest.mark.editor

CALLER = "import tides\n\n\ndef report(day):\n    return tides.high(day)\n"
CALLS = CALLER + "\n\ndef warn(day):\n    return tides.low(day)\n"


def review(window: Workbench, row: str) -> None:
    """Choose a row of the review."""
    window.run_command("ANVCS: Review Merge Proposal")
    window.pick("moon into main", row)


@pytest.mark.promise("extension.merge-votes")
def test_what_makes_a_merge_unsafe_is_seen_voted_on_and_passed_over_with_a_reason(
    editor: CodeServer, window: Workbench, repository: Repository
) -> None:
    begin(repository, {"tides.py": BASE, "harbour.py": CALLER})
    stream(repository, "moon", {"harbour.py": CALLS})
    repository.write("tides.py", BASE.replace("def low", "def ebb"))
    repository.anvcs("commit", "-m", "Ebb is the word", "tides.py")
    window.open(editor, repository.folder)
    window.status("ANVCS: main")

    said = merge_moon(window)
    expect(said).to_contain_text("The result is not safe")
    said.get_by_role("button", name="Review").click()
    window.asked("The result is not safe")
    window.picture("votes-1-unsafe")
    window.pick("moon into main", "harbour.py:9")
    result(window, "harbour.py").locator(".squiggly-error").first.wait_for()
    expect(window.page.locator(".statusbar-item").get_by_label("Ln 9, Col 1")).to_be_visible()

    window.dismiss_toasts()
    review(window, "Vote against It")
    window.answer("Vote against moon into main", "Low water would be lost")
    window.toast("moon into main: You are against it.")
    window.picture("votes-2-against")
    window.run_command("ANVCS: Review Merge Proposal")
    window.asked("votes against it: Low water would be lost")
    window.pick("moon into main", "Take My Vote Back")
    window.toast("You took your vote back.")
    review(window, "Accept All the Same")
    window.asked("Accept moon into main all the same")
    window.page.keyboard.press("Enter")
    window.asked("Say why: it is recorded for good.")
    window.picture("votes-3-why")
    window.answer("Accept moon into main all the same", "Nobody calls warn yet")
    window.toast("Merged: moon into main")
    assert on_disk(repository, "harbour.py") == CALLS
    assert parents(repository) == 2
    assert "Nobody calls warn yet" in repository.anvcs("op", "log", "--json")
