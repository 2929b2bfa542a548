"""A merge queue in real VS Code: filled, watched, stopped, run to its end, and the culprit named."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect

from scripts.code_server import CodeServer
from tests.e2e.merging import BASE, begin, on_disk, proposals, quiet, stream
from tests.e2e.repository import Repository
from tests.e2e.workbench import Workbench

pytestmark = pytest.mark.editor

CHECK = """\
import pathlib, time
gate, until = pathlib.Path({gate!r}), time.monotonic() + 120
while not gate.exists() and time.monotonic() < until:
    time.sleep(0.05)
import tides
print("low water of day 1 is", tides.low(1))
assert tides.low(1) == 2, "low water is wrong"
"""


def guarded(gate: Path) -> str:
    """Settings with a guard that runs only once the gate is there."""
    command = json.dumps([sys.executable, "-c", CHECK.format(gate=str(gate))])
    return f"guards:\n  checks:\n    tests:\n      command: {command}\n"


@pytest.mark.promise("extension.merge-queue")
def test_a_queue_is_filled_stopped_and_run_and_names_the_culprit(
    editor: CodeServer, window: Workbench, repository: Repository, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    begin(repository, {"tides.py": BASE, "sun.py": "", "mars.py": ""}, guarded(gate))
    stream(repository, "sun", {"sun.py": "SUN = 1\n"})
    stream(repository, "moon", {"tides.py": BASE.replace("+ 1", "+ 7")})
    stream(repository, "mars", {"mars.py": "MARS = 1\n"})
    tip = repository.git("rev-parse", "main")
    for name in ("sun", "moon", "mars"):
        repository.anvcs("merge", name, "--no-ff")
    for name in ("sun", "moon"):
        repository.anvcs("queue", "add", name)
    window.open(editor, repository.folder)
    window.status("ANVCS: main")

    proposals(window, "3 merges are proposed").click()
    window.picture("queue-1-proposals")
    window.pick("Choose the merge to review", "mars into main")
    window.pick("mars into main", "Put into the Merge Queue")
    waits = window.toast("mars into main waits, number 3 in line.")
    window.picture("queue-2-waits")
    waits.get_by_role("button", name="Run the Queue").click()
    running = window.toast("Running the merge queue of main")
    expect(running).to_contain_text("tests")
    window.picture("queue-3-running")
    running.get_by_role("button", name="Cancel").click()
    stopped = window.toast("The merge queue of main was stopped. What has landed has landed. In line: sun, moon, mars.")
    quiet(window)
    window.picture("queue-4-stopped")
    assert repository.git("rev-parse", "main") == tip

    gate.touch()
    stopped.get_by_role("button", name="Run the Queue").click()
    said = window.toast("Landed in main: sun, mars. moon left the queue: It did not pass tests")
    quiet(window)
    window.picture("queue-5-culprit")
    assert (on_disk(repository, "sun.py"), on_disk(repository, "mars.py")) == ("SUN = 1\n", "MARS = 1\n")
    assert on_disk(repository) == BASE
    assert repository.git("log", "--first-parent", "--format=%s", f"{tip}..main").splitlines() == [
        "Merge branch 'mars'",
        "Merge branch 'sun'",
    ]
    proposals(window, "1 merge is proposed, needing somebody: 1")
    said.get_by_role("button", name="Show Output").click()
    expect(window.page.locator("#workbench\\.parts\\.panel")).to_contain_text("low water is wrong")
    window.picture("queue-6-output")
    window.dismiss_toasts()
    window.run_command("ANVCS: Run Merge Queue")
    window.toast("No merge waits in a queue.")
