"""From key to paint in real VS Code, rooms on and off: ``python -m tests.benchmarks.key_to_paint``.

Two windows of one code-server, each on a repository of its own; in one of them the file is in a room. They take turns,
some keys each, so that both meet the same machine. Measured in the page: from the ``keydown`` event to the first task
after the frame in which the line changed. Nothing is asserted: the ratio is printed beside the goal.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from scripts import toolchain
from scripts.code_server import CodeServer, free_port
from scripts.run_editor import server_settings
from tests.benchmarks.common import quantile
from tests.e2e.conftest import BROWSER_OPTIONS, TEST_SETTINGS
from tests.e2e.repository import Repository
from tests.e2e.rooms_support import PROBES, RoomWindow, open_room_window, probe_package

GOAL = 1.1
TURN = 20
"""Keys until the other window's turn."""
PAUSE = 70
"""Milliseconds between keys."""
NAME = "module.py"
WATCH = """() => {
    const keys = (window.keys = []);
    let began;
    addEventListener('keydown', () => { began = performance.now(); }, true);
    const channel = new MessageChannel();
    channel.port1.onmessage = ({ data }) => keys.push(performance.now() - data);
    const lines = document.querySelector('.editor-group-container.active .monaco-editor .view-lines');
    new MutationObserver(() => {
        if (began !== undefined) {
            channel.port2.postMessage(began);
            began = undefined;
        }
    }).observe(lines, { subtree: true, childList: true, characterData: true });
}"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keys", type=int, default=600, help="in each window")
    parser.add_argument("--lines", type=int, default=2000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="anvcs-paint-") as scratch, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=toolchain.chromium(), headless=True, args=BROWSER_OPTIONS, chromium_sandbox=False
        )
        on, off = _measure(Path(scratch), browser, options.keys, options.lines)
        browser.close()
    print(f"{options.keys} keys in each window, {options.lines:,} lines (load of the machine {os.getloadavg()[0]:.1f})")
    for share in (0.5, 0.95, 0.99):
        one, two = quantile(on, share), quantile(off, share)
        print(f"  key to paint p{share * 100:.0f}: rooms on {one:6.2f} ms, off {two:6.2f} ms, {one / two:.2f}x")
    means = [sum(times) / len(times) for times in (on, off)]
    print(f"  mean: rooms on {means[0]:.2f} ms, off {means[1]:.2f} ms, {means[0] / means[1]:.2f}x (goal {GOAL}x)")


def _measure(folder: Path, browser: Browser, keys: int, lines: int) -> tuple[list[float], list[float]]:
    env = _home(folder)
    probes, code_server = folder / "probes", folder / "code-server"
    for each in (probes, code_server):
        each.mkdir()
    server = CodeServer(code_server, log=folder / "code-server.log", env={**env, PROBES: str(probes)})
    server.configure({**TEST_SETTINGS, "anvcs.rooms": "ask"}, server_settings())
    for package in (toolchain.vsix(), probe_package(folder)):
        server.install(package)
    server.start(free_port(), options=("--auth", "none", "--disable-workspace-trust"))
    try:
        windows = [
            _window(browser, server, _repository(folder / name, env, lines, rooms=name), probes)
            for name in ("on", "off")
        ]
        windows[0].in_room()
        for window in windows:
            window.page.evaluate(WATCH)
        for _ in range(keys // TURN):
            for window in windows:
                _type(window)
        on, off = ([float(each) for each in window.page.evaluate("window.keys")] for window in windows)
        return on, off
    finally:
        server.stop()


def _home(folder: Path) -> dict[str, str]:
    env = {name: value for name, value in toolchain.clean_environment().items() if not name.startswith("GIT_")}
    (folder / ".gitconfig").write_text("[user]\n\tname = Noor Visser\n\temail = noor@example.org\n", encoding="utf-8")
    return env | {"HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": str(folder / ".gitconfig")}


def _repository(folder: Path, env: dict[str, str], lines: int, *, rooms: str) -> Path:
    made = Repository(folder, env)
    file = made.write(NAME, "".join(f"def function_{number}(): return {number}\n" for number in range(lines)))
    made.git("init", "--quiet")
    made.git("add", NAME)
    made.git("commit", "--quiet", "--message", "A module")
    made.anvcs("init")
    made.anvcs("rooms", rooms)
    return file


def _window(browser: Browser, server: CodeServer, file: Path, probes: Path) -> RoomWindow:
    window = open_room_window(browser, server, file.parent, probes, file.parent)
    window.show(file)
    window.configure(editor__quickSuggestions=False, editor__wordBasedSuggestions="off")
    window.caret(3, 999)
    return window


def _type(window: RoomWindow) -> None:
    window.page.bring_to_front()
    window.focus_editor()
    for key in _keys(TURN):
        window.press(key)
        window.page.wait_for_timeout(PAUSE)


def _keys(count: int) -> Sequence[str]:
    return ["abcdefghij"[index % 10] for index in range(count)]


if __name__ == "__main__":
    main()
