"""The extension's own tests, run by mocha in the real extension host."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scripts import toolchain
from scripts.code_server import CodeServer
from tests.e2e.repository import Repository
from tests.e2e.workbench import Workbench

pytestmark = pytest.mark.editor

TESTS = toolchain.EXTENSION / "out" / "test" / "host" / "index.js"
PATIENCE = 90


def test_the_extension_passes_its_tests_in_the_extension_host(
    start_editor: Callable[..., CodeServer], window: Workbench, repository: Repository, tmp_path: Path
) -> None:
    assert TESTS.exists(), "run `make setup`, which builds them"
    repository.anvcs("init")
    report = tmp_path / "report.json"
    # A built VS Code obeys the payload's test switches only with this option; without it nothing would ever start.
    server = start_editor(
        "host-tests",
        package=False,
        env={"ANVCS_TEST_REPORT": str(report)},
        options=("--vscode-option", "enable-smoke-test-driver"),
    )
    authority = server.address.removeprefix("http://")
    payload = [
        (name, f"vscode-remote://{authority}{path}")
        for name, path in {"extensionDevelopmentPath": toolchain.EXTENSION, "extensionTestsPath": TESTS}.items()
    ]
    window.page.goto(server.page(repository.folder, payload))
    results = _wait_for(report, window)
    kept = toolchain.OUTPUT / "host-tests.json"
    kept.write_text(json.dumps(results, indent=2), encoding="utf-8")
    failed = [result for result in results["results"] if not result["ok"]]
    assert failed == []
    assert results["results"]


def _wait_for(report: Path, window: Workbench) -> dict[str, Any]:
    until = time.monotonic() + PATIENCE
    while not report.exists():
        assert time.monotonic() < until, f"the extension host gave no report in {PATIENCE} s"
        window.page.wait_for_timeout(100)
    return json.loads(report.read_text(encoding="utf-8"))
