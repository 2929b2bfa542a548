"""Real VS Code for the tests: code-server with our package installed, and a browser."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from scripts import toolchain
from scripts.code_server import QUIET_SETTINGS, CodeServer, free_port
from scripts.run_editor import server_settings
from scripts.sample_repo import make_sample
from tests.e2e.repository import Repository
from tests.e2e.workbench import Workbench

PICTURES = toolchain.OUTPUT / "screenshots"
FAILURES = toolchain.OUTPUT / "failures"
LAST_LINES = 40
"""How much of a log is printed."""
SAYING = ".notification-list-item, .quick-input-titlebar, .quick-input-list-row, .monaco-dialog-box, .statusbar-item"
"""Whatever says something to the user beside the editors."""
BROWSER_OPTIONS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
]
TEST_SETTINGS = QUIET_SETTINGS | {
    "anvcs.rooms": "off",
    "editor.minimap.enabled": False,
    "files.autoSave": "off",
    "git.autofetch": False,
}

failed = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember that a test failed, so that its window can be kept as a picture."""
    report = yield
    if report.when == "call":
        item.stash[failed] = report.failed
    return report


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home folder with a git identity and nothing else, for the editor and all it starts."""
    home = tmp_path_factory.mktemp("home")
    (home / ".gitconfig").write_text(
        "[user]\n\tname = Noor Visser\n\temail = noor@example.org\n[init]\n\tdefaultBranch = main\n", encoding="utf-8"
    )
    return home


@pytest.fixture(scope="session")
def user_env(home: Path) -> dict[str, str]:
    """The environment of that home's owner; what of ours says where settings are is gone."""
    env = {
        name: value for name, value in toolchain.clean_environment().items() if not name.startswith(("GIT_", "XDG_"))
    }
    return env | {"HOME": str(home), "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": str(home / ".gitconfig")}


class Tools(NamedTuple):
    """What the set-up built or found."""

    vsix: Path
    chromium: Path


@pytest.fixture(scope="session")
def tools() -> Tools:
    """The tools; CI must have them, a person may not have run the set-up yet."""
    vsix, chromium = toolchain.vsix(), toolchain.chromium()
    if chromium and vsix.exists() and toolchain.code_server_entry().exists():
        return Tools(vsix, chromium)
    message = "code-server, Chromium or the extension package is missing: run `make setup`"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture(scope="session")
def start_editor(
    tools: Tools, user_env: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., CodeServer]]:
    """Start one more code-server, with folders of its own; all end with the tests."""
    running: list[CodeServer] = []

    def start(
        name: str,
        *,
        package: bool = True,
        packages: Sequence[Path] = (),
        user: Mapping[str, object] | None = None,
        machine: Mapping[str, str] | None = None,
        env: Mapping[str, str] | None = None,
        options: tuple[str, ...] = (),
    ) -> CodeServer:
        log = toolchain.OUTPUT / "logs" / f"code-server-{name}.log"
        log.unlink(missing_ok=True)
        server = CodeServer(tmp_path_factory.mktemp(name), log=log, env={**user_env, **(env or {})})
        server.configure({**TEST_SETTINGS, **(user or {})}, server_settings() if machine is None else machine)
        for vsix in (*packages, *([tools.vsix] if package else [])):
            server.install(vsix)
        server.start(free_port(), options=("--auth", "none", "--disable-workspace-trust", *options))
        running.append(server)
        return server

    yield start
    for server in running:
        server.stop()


@pytest.fixture(scope="session")
def editor(start_editor: Callable[..., CodeServer]) -> CodeServer:
    """The code-server that most tests share."""
    return start_editor("vscode")


@pytest.fixture(scope="module")
def browser(tools: Tools) -> Iterator[Browser]:
    """Headless Chromium; of module scope because an open Playwright keeps asyncio tests elsewhere from running."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=tools.chromium, headless=True, args=BROWSER_OPTIONS, chromium_sandbox=False
        )
        yield browser
        browser.close()


@pytest.fixture
def window(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Workbench]:
    """A fresh window; a failed test leaves a picture of it, and the editor's logs, in ci-output/failures/."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    workbench = Workbench(context.new_page(), PICTURES)
    yield workbench
    if request.node.stash.get(failed, True):
        keep_failure(request.node.name, [workbench.page], workbench.server)
    context.close()


def keep_failure(test: str, pages: Sequence[Page], server: CodeServer | None) -> None:
    """Keep what a failed test's windows show and what its editor logged, and print what tells most."""
    folder = FAILURES / test
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for number, page in enumerate(pages):
        page.screenshot(path=folder / f"window-{number}.png")
        # Where only the output of a run is at hand, there are no pictures to look at.
        _say(f"window {number}", page.locator(SAYING).filter(visible=True).all_inner_texts())
    if server is None:
        return
    logs = folder / "logs"
    shutil.copytree(server.folder / "data" / "logs", logs)
    for log in sorted(logs.rglob("ANVCS.log")):
        _say(str(log.relative_to(logs)), log.read_text(encoding="utf-8").splitlines()[-LAST_LINES:])


def _say(what: str, lines: Iterable[str]) -> None:
    sys.stdout.writelines(f"{line}\n" for line in (f"{what}:", *lines))


@pytest.fixture
def repository(tmp_path: Path, user_env: dict[str, str]) -> Repository:
    """A repository with one commit of one file, without ANVCS."""
    made = Repository(tmp_path / "notes", user_env)
    made.write("notes.txt", "one\n")
    made.git("init", "--quiet")
    made.git("add", "notes.txt")
    made.git("commit", "--quiet", "--message", "One note")
    return made


@pytest.fixture
def sample(tmp_path: Path, user_env: dict[str, str]) -> Repository:
    """The sample repository that `make run` serves, with its change waiting to be committed."""
    folder = tmp_path / "tide-table"
    make_sample(folder, toolchain.VENV / "bin" / "ai-vcs", tmp_path / "config")
    return Repository(folder, user_env)
