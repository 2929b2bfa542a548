"""A VS Code window as a person uses it: by palette, keys and what is on the screen."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Final

from playwright.sync_api import Error, Frame, Locator, Page, expect

from scripts.code_server import CodeServer

OPENING: Final = 60_000
"""Milliseconds a window may take to show itself the first time, on a busy machine."""
WAIT: Final = 30_000
"""Milliseconds anything else may take."""
HEEDED: Final = 5_000
"""Milliseconds within which a click has an effect."""


class Workbench:
    """One window; every method waits, within bounds, until what it does can be seen."""

    def __init__(self, page: Page, pictures: Path) -> None:
        self.page = page
        self.pictures = pictures
        self.server: CodeServer | None = None
        page.set_default_timeout(WAIT)

    def open(self, server: CodeServer, folder: Path) -> None:
        """Open a folder and wait for the window, not yet for the extension."""
        self.server = server
        self.page.goto(server.page(folder), timeout=OPENING)
        self.page.locator(".statusbar-item").first.wait_for(timeout=OPENING)

    def status(self, text: str | re.Pattern[str], timeout: float = OPENING) -> Locator:
        """The status bar item with this text, once it is there."""
        item = self.page.locator(".statusbar-item", has_text=text).first
        item.wait_for(timeout=timeout)
        return item

    def run_command(self, title: str) -> None:
        """Choose a command in the palette by its whole title."""
        self.page.keyboard.press("F1")
        self._quick_input().fill(f">{title}")
        self.choose(self.page.locator(".quick-input-list .monaco-list-row").filter(has_text=title).first)

    def choose(self, row: Locator, asking: Locator | None = None) -> None:
        """Click a row of a list that goes away once it has taken notice, while it is still the one that is asking."""
        row.click()
        try:
            expect(row).to_be_hidden(timeout=HEEDED)
        except AssertionError:
            # A list that draws its rows anew between press and release takes no notice of the click.
            if (asking or row).is_visible():
                row.click()

    def asked(self, question: str | re.Pattern[str]) -> Locator:
        """The input box or quick pick that asks this, once it does."""
        widget = self.page.locator(".quick-input-widget")
        asking = widget.filter(has_text=question).or_(widget.get_by_placeholder(question)).first
        expect(asking).to_be_visible()
        return asking

    def answer(self, question: str | re.Pattern[str], text: str) -> None:
        """Type an answer into the input box that asks this, and confirm."""
        self.asked(question)
        self._quick_input().fill(text)
        self.page.keyboard.press("Enter")

    def pick(self, question: str | re.Pattern[str], row: str | re.Pattern[str]) -> None:
        """Choose a row of the quick pick that asks this."""
        asking = self.asked(question)
        self.choose(self.page.locator(".quick-input-list .monaco-list-row").filter(has_text=row).first, asking)

    def toast(self, text: str | re.Pattern[str]) -> Locator:
        """The notification with this text."""
        toast = self.page.locator(".notifications-toasts .notification-list-item").filter(has_text=text).first
        toast.wait_for()
        return toast

    def dismiss_toasts(self) -> None:
        """Clear all notifications, so that they hide nothing."""
        self.run_command("Notifications: Clear All Notifications")
        expect(self.page.locator(".notifications-toasts .notification-list-item")).to_have_count(0)

    def side_bar(self, title: str) -> None:
        """Open a side bar by its icon, unless it is open."""
        icon = self.page.locator(f'.activitybar .action-item:has(a[aria-label^="{title}"])')
        if "checked" not in (icon.get_attribute("class") or ""):
            icon.click()

    def view(self, title: str) -> Locator:
        """A view of the open side bar, unfolded."""
        pane = self.page.locator(".sidebar .pane", has=self.page.locator(".pane-header h3", has_text=title))
        header = pane.locator(".pane-header")
        if header.get_attribute("aria-expanded") == "false":
            header.click()
        expect(header).to_have_attribute("aria-expanded", "true")
        return pane

    def row(self, view: str, text: str | re.Pattern[str]) -> Locator:
        """The first row with this text in a view, once it is there."""
        row = self.view(view).locator(".monaco-list-row").filter(has_text=text).first
        row.wait_for()
        return row

    def row_action(self, view: str, text: str | re.Pattern[str], action: str) -> None:
        """Click what a row offers while the mouse is on it; a view that refreshes meanwhile takes it away."""
        row = self.row(view, text)
        row.hover()
        row.get_by_role("button", name=action).first.click()

    def view_action(self, view: str, action: str) -> None:
        """Click an icon in a view's title."""
        pane = self.view(view)
        pane.locator(".pane-header").hover()
        pane.locator(".pane-header").get_by_role("button", name=action).first.click()

    def dialog(self, text: str | re.Pattern[str]) -> Locator:
        """The modal question with this text."""
        dialog = self.page.locator(".monaco-dialog-box").filter(has_text=text)
        dialog.wait_for()
        return dialog

    def webview(self, title: str | re.Pattern[str]) -> Frame:
        """The content of the webview on the screen whose own document has this title."""
        pattern = re.compile(re.escape(title)) if isinstance(title, str) else title
        until = time.monotonic() + WAIT / 1000
        while time.monotonic() < until:
            for frame in self.page.frames:
                if self._is_shown(frame) and pattern.search(frame.title()):
                    return frame
            self.page.wait_for_timeout(50)
        raise AssertionError(f"no webview is titled {title}")

    def tab(self, title: str | re.Pattern[str]) -> Locator:
        """The editor tab with this title."""
        tab = self.page.locator(".tabs-container .tab").filter(has_text=title).first
        tab.wait_for()
        return tab

    def lines(self, editor: str = ".monaco-editor") -> str:
        """The text on the screen in an editor, top to bottom."""
        lines = self.page.locator(f"{editor} .view-lines .view-line")
        lines.first.wait_for()
        shown = lines.evaluate_all(
            "lines => lines.map(line => [parseFloat(line.style.top), line.textContent.replaceAll('\\u00a0', ' ')])"
        )
        return "\n".join(text for _, text in sorted(shown))

    def picture(self, name: str) -> Path:
        """Keep a picture of the window with the CI output."""
        path = self.pictures / f"{name}.png"
        self.page.screenshot(path=path, animations="disabled")
        return path

    def _is_shown(self, frame: Frame) -> bool:
        """Whether a frame is a webview's innermost one, and visible; frames come and go while a webview loads."""
        try:
            holder = frame.frame_element() if frame.parent_frame else None
            return holder is not None and holder.get_attribute("id") == "active-frame" and holder.is_visible()
        except Error:
            return False

    def _quick_input(self) -> Locator:
        box = self.page.locator(".quick-input-widget input.input").first
        box.wait_for()
        return box
