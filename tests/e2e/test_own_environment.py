"""Someone who has VS Code already and installs nothing but our package."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from scripts import toolchain
from scripts.code_server import CodeServer
from tests.e2e.repository import Repository
from tests.e2e.workbench import Workbench

pytestmark = [pytest.mark.editor, pytest.mark.timeout(300)]

INSTALLING = 180_000
"""Milliseconds that pip may take to download and install the server's dependencies."""


@pytest.mark.promise("editor.brings-its-own-server")
def test_the_package_alone_sets_up_its_own_server(
    start_editor: Callable[..., CodeServer], window: Workbench, repository: Repository
) -> None:
    server = start_editor("own-environment", machine={}, env=without_anvcs())
    window.open(server, repository.folder)
    window.status("ANVCS: not set up")
    window.toast("ANVCS server was not found").get_by_role("button", name="Set Up").click()
    window.status("ANVCS: not initialized", timeout=INSTALLING)
    window.picture("own-environment")
    made = list((server.folder / "data" / "User" / "globalStorage" / "anvcs.anvcs").glob("**/bin/anvcs-lsp"))
    assert len(made) == 1
    assert repository.git("status", "--porcelain") == ""


def without_anvcs() -> dict[str, str]:
    """A PATH without this checkout, and where pip finds the user's own settings, though HOME is another."""
    folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
    env = {"PATH": os.pathsep.join(folder for folder in folders if not Path(folder).is_relative_to(toolchain.ROOT))}
    configs = [Path.home() / ".config" / "pip" / "pip.conf", Path.home() / ".pip" / "pip.conf"]
    if "PIP_CONFIG_FILE" not in os.environ and (config := next((path for path in configs if path.exists()), None)):
        env["PIP_CONFIG_FILE"] = str(config)
    return env
