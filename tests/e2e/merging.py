"""What the tests of merging in VS Code share: streams that went apart, and the window's ways to merge them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from playwright.sync_api import Locator, expect

from tests.e2e.repository import Repository
from tests.e2e.workbench import Workbench

BASE = '''\
"""Tides of one harbour."""


def high(day):
    return day * 2


def low(day):
    return day + 1
'''


def begin(repository: Repository, files: Mapping[str, str], settings: str = "") -> None:
    """Stand on main with these files, and ANVCS set up."""
    for name, text in files.items():
        repository.write(name, text)
    repository.write("ai-vcs.config.yaml", settings or "{}\n")
    repository.git("add", "--all")
    repository.git("commit", "--quiet", "--message", "Tides")
    repository.anvcs("init")


def stream(repository: Repository, name: str, files: Mapping[str, str]) -> None:
    """A stream from where main stands, with an agent's commit of these files; main stays checked out."""
    repository.git("switch", "--quiet", "--create", name)
    for path, text in files.items():
        repository.write(path, text)
    repository.anvcs("commit", "-m", f"Work of {name}", "--agent", "moonwalker", *files)
    repository.git("switch", "--quiet", "main")


def diverge(repository: Repository, ours: str, theirs: str, settings: str = "") -> None:
    """Streams main, which is checked out, and moon, that differ in tides.py."""
    begin(repository, {"tides.py": BASE}, settings)
    stream(repository, "moon", {"tides.py": theirs})
    repository.write("tides.py", ours)
    repository.anvcs("commit", "-m", "Ours", "tides.py")


def on_disk(repository: Repository, name: str = "tides.py") -> str:
    """What a file is now."""
    return (repository.folder / name).read_text(encoding="utf-8")


def parents(repository: Repository) -> int:
    """How many parents the newest commit has."""
    return len(repository.git("log", "-1", "--format=%P").split())


def merge_moon(window: Workbench) -> Locator:
    """Have the merge of moon worked out from the palette; what is said of it."""
    window.run_command("ANVCS: Merge Stream")
    window.pick("Choose the stream to merge into this one", "moon")
    said = window.toast("moon into main")
    quiet(window)
    return said


def quiet(window: Workbench) -> None:
    """Wait until no progress is shown any more: notifications that follow one another too fast are left out."""
    expect(window.page.locator(".notifications-toasts").get_by_role("button", name="Cancel")).to_have_count(0)


def result(window: Workbench, name: str = "tides.py") -> Locator:
    """The result, beside what the target has."""
    window.tab(f"{name} (main ↔ merged with moon)")
    return window.page.locator(".editor.modified")


def proposals(window: Workbench, label: str | re.Pattern[str]) -> Locator:
    """The status bar item on merges, once screen readers say this of it."""
    item = window.page.locator(".statusbar-item").get_by_label(label)
    item.first.wait_for()
    return item.first
