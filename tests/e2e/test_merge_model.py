"""The language model that VS Code has is asked about a conflict, once its user has switched that on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from scripts.code_server import CodeServer
from tests.e2e.merging import BASE, diverge, merge_moon, on_disk, quiet, result
from tests.e2e.repository import Repository
from tests.e2e.rooms_support import probe_package
from tests.e2e.workbench import Workbench
from tests.models import serving, suggests

pytestmark = pytest.mark.editor

PROVIDER = Path(__file__).parent / "model_provider"


@pytest.mark.promise("extension.merge-suggestions")
def test_the_editors_own_model_suggests_and_a_person_takes_it(
    start_editor: Callable[..., CodeServer], window: Workbench, repository: Repository, tmp_path: Path
) -> None:
    ours, theirs = BASE.replace("+ 1", "+ 4"), BASE.replace("+ 1", "+ 3")
    with serving() as model:
        diverge(repository, ours, theirs)
        editor = start_editor(
            "model",
            packages=[probe_package(tmp_path, PROVIDER)],
            user={"anvcs.assist.enabled": True, "chat.disableAIFeatures": False},
            env={"ANVCS_TEST_MODEL": model.url},
        )
        window.open(editor, repository.folder)
        window.status("ANVCS: main")
        merge_moon(window).get_by_role("button", name="Review").click()
        window.pick("moon into main", "tides.py")
        result(window).locator(".view-line").filter(has_text="<<<<<<<").first.click()
        window.page.keyboard.press("Control+.")
        window.asked("tides.py, def low: both sides changed the same text")
        assert model.connections == 0
        model.answers(suggests("    return day + 4 + 3\n", "Both tides are added."))
        window.pick("tides.py, def low", "Suggest a Resolution")
        suggested = window.toast("tides.py, def low: anvcs-tests/tide-model suggests this: Both tides are added.")
        quiet(window)
        window.picture("model-1-suggestion")
        (sent,) = model.received
        assert "day + 4" in sent.body["messages"][1]["content"]
        suggested.get_by_role("button", name="Apply").click()
        decided = window.toast("Decided: tides.py. The merge can be accepted now.")
        decided.get_by_role("button", name="Accept").click()
        window.toast("Merged: moon into main")
        assert on_disk(repository) == BASE.replace("+ 1", "+ 4 + 3")
        assert "anvcs-tests/tide-model" in repository.anvcs("show", "--json", "main")
