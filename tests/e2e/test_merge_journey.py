"""A merge with conflicts in three files, as somebody new to it goes about it, and decides each in another way."""

from __future__ import annotations

import json
import sys

import pytest
from playwright.sync_api import expect

from scripts.code_server import CodeServer
from tests.e2e.merging import begin, merge_moon, on_disk, parents, quiet, result, stream
from tests.e2e.repository import Repository
from tests.e2e.workbench import Workbench

pytestmark = pytest.mark.editor

FILES = ("current.py", "harbour.py", "tides.py")
TEXT = "def height(day):\n    return day * 2\n"
WRITTEN = "height = lambda day: day * 9"
"""One line, since an editor indents what is typed after others."""
CHECK = "import current, harbour, tides; assert (current.height(1), harbour.height(1), tides.height(1)) == (3, 9, 4)"


def texts(factor: int) -> dict[str, str]:
    """Every file with another factor."""
    return {name: TEXT.replace("2", str(factor)) for name in FILES}


@pytest.mark.promise("extension.merge-conflicts")
@pytest.mark.promise("extension.merge-by-hand")
def test_three_files_in_conflict_are_decided_in_three_ways_checked_accepted_and_taken_back(
    editor: CodeServer, window: Workbench, repository: Repository
) -> None:
    command = json.dumps([sys.executable, "-c", CHECK])
    begin(repository, texts(2), f"guards:\n  checks:\n    tests:\n      command: {command}\n")
    stream(repository, "moon", texts(3))
    for name, text in texts(4).items():
        repository.write(name, text)
    repository.anvcs("commit", "-m", "Ours", *FILES)
    tip = repository.git("rev-parse", "main")
    window.open(editor, repository.folder)
    window.status("ANVCS: main")

    said = merge_moon(window)
    expect(said).to_contain_text("3 files in conflict need")
    window.picture("journey-1-proposed")
    said.get_by_role("button", name="Decide a Conflict").click()
    window.asked("Choose the conflict to decide")
    window.picture("journey-2-conflicts")
    window.pick("Choose the conflict to decide", "current.py")
    window.pick("current.py, def height", "Take what moon has")
    decided = window.toast("Decided: current.py.")
    expect(result(window, "current.py")).not_to_contain_text("<<<<<<<")
    window.picture("journey-3-decided")

    decided.get_by_role("button", name="Decide a Conflict").click()
    window.pick("Choose the conflict to decide", "harbour.py")
    window.pick("harbour.py, def height", "Edit by Hand")
    window.tab("harbour.py (main ↔ merged with moon, by hand)")
    written = window.page.locator(".editor.modified")
    expect(written).to_contain_text("<<<<<<<")
    window.picture("journey-4-by-hand")
    written.locator(".view-line").first.click()
    window.page.keyboard.press("Control+S")
    window.page.keyboard.insert_text("# by hand\n")
    window.page.keyboard.press("Control+S")
    window.toast("Kept, not decided: harbour.py has conflict markers left.")
    window.picture("journey-5-markers")
    window.dismiss_toasts()
    written.locator(".view-line").first.click()
    window.page.keyboard.press("Control+A")
    window.page.keyboard.insert_text(WRITTEN)
    window.page.keyboard.press("Control+S")
    decided = window.toast("Decided: harbour.py.")
    window.picture("journey-6-saved")

    decided.get_by_role("button", name="Review").click()
    window.pick("moon into main", "tides.py")
    result(window).locator(".view-line").filter(has_text="<<<<<<<").first.click()
    window.run_command("Go to Next Problem in Files")
    window.page.keyboard.press("Escape")
    window.page.keyboard.press("Control+.")
    window.pick("tides.py, def height", "Take what main has")
    decided = window.toast("Decided: tides.py. Not run on this result yet: tests.")
    decided.get_by_role("button", name="Run the Checks").click()
    passed = window.toast("The checks passed. The merge can be accepted now.")
    quiet(window)
    window.picture("journey-7-checked")
    passed.get_by_role("button", name="Accept").click()
    merged = window.toast("Merged: moon into main")
    assert on_disk(repository, "current.py") == TEXT.replace("2", "3")
    assert on_disk(repository, "harbour.py") == WRITTEN
    assert on_disk(repository, "tides.py") == TEXT.replace("2", "4")
    assert parents(repository) == 2
    window.picture("journey-8-merged")
    merged.get_by_role("button", name="Undo").click()
    window.toast("Undone")
    assert repository.git("rev-parse", "main") == tip
    assert {name: on_disk(repository, name) for name in FILES} == texts(4)
    expect(window.page.locator(".statusbar-item").get_by_label("merge is proposed")).to_have_count(0)
    window.picture("journey-9-undone")
