"""Several windows on one file in real VS Code, and what no screen shows: the whole text of a document."""

from __future__ import annotations

import http.client
import json
import re
import time
import zipfile
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any, Final, TypeVar

from playwright.sync_api import Browser, BrowserContext

from scripts.code_server import CodeServer
from tests.e2e.repository import Repository
from tests.e2e.workbench import OPENING, Workbench

T = TypeVar("T")
PROBE: Final = Path(__file__).parent / "probe"
PROBES: Final = "ANVCS_TEST_PROBES"
"""Names the folder where each window's probe says where it listens."""
PATIENCE: Final = 20.0
"""Seconds within which windows do what is waited for."""


def probe_package(folder: Path, source: Path = PROBE) -> Path:
    """The probe, or another extension of two files, as a package that VS Code installs."""
    manifest = json.loads((source / "package.json").read_text(encoding="utf-8"))
    identity = f'Id="{manifest["name"]}" Version="{manifest["version"]}" Publisher="{manifest["publisher"]}"'
    path = folder / f"{manifest['name']}.vsix"
    with zipfile.ZipFile(path, "w") as package:
        for name in ("package.json", "extension.js"):
            package.write(source / name, f"extension/{name}")
        package.writestr(
            "extension.vsixmanifest",
            '<PackageManifest Version="2.0.0" xmlns="http://schemas.microsoft.com/developer/vsx-schema/2011"><Metadata>'
            f'<Identity Language="en-US" {identity}/><DisplayName>For tests</DisplayName></Metadata><Installation>'
            '<InstallationTarget Id="Microsoft.VisualStudio.Code"/></Installation><Assets>'
            '<Asset Type="Microsoft.VisualStudio.Code.Manifest" Path="extension/package.json"/></Assets>'
            "</PackageManifest>",
        )
        package.writestr(
            "[Content_Types].xml",
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Default Extension=".json" ContentType="application/json"/>'
            '<Default Extension=".js" ContentType="application/javascript"/>'
            '<Default Extension=".vsixmanifest" ContentType="text/xml"/></Types>',
        )
    return path


class Probe:
    """The extension host of one window."""

    def __init__(self, port: int, pid: int) -> None:
        self.port = port
        self.pid = pid

    def run(self, body: str, **values: object) -> Any:
        """Run the body of an async function of ``vscode`` there, with these values; gives what it returns."""
        given = "".join(f"const {name} = {json.dumps(value)};" for name, value in values.items())
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("POST", "/", (given + body).encode())
            answer = json.loads(connection.getresponse().read())
        finally:
            connection.close()
        assert "error" not in answer, answer["error"]
        return answer["value"]


class RoomWindow:
    """One window with its extension host; what it does, a person could do, what it reads, only the host can."""

    def __init__(self, workbench: Workbench, context: BrowserContext, probes: Path) -> None:
        self.workbench = workbench
        self.page = workbench.page
        self.context = context
        self.probes = probes
        # Leaving a page with unsaved text is what tests are about.
        self.page.on("dialog", lambda dialog: dialog.accept())

    def open(self, server: CodeServer, folder: Path) -> None:
        """Show a folder; the extension host that comes up is the window's."""
        known = self._hosts()
        self.workbench.open(server, folder)
        self._meet(known)

    def reload(self, path: Path) -> None:
        """Load the window anew, with another extension host, as soon as it has noted that this file is open.

        It notes that every few seconds, when it is idle: before, it would come back without the file.
        """
        what = f"the window's own note that {path.name} is open"
        eventually(self, lambda: self.page.evaluate(_NOTED, path.name), what)
        known = self._hosts()
        self.page.reload()
        self._meet(known)

    def _hosts(self) -> set[Path]:
        return set(self.probes.glob("*.json"))

    def _meet(self, known: set[Path]) -> None:
        [found] = eventually(self, lambda: self._hosts() - known, "the extension host of a window", OPENING / 1000)
        self.probe = Probe(**json.loads(found.read_text(encoding="utf-8")))

    def show(self, path: Path) -> None:
        """Open a file for good, not as a preview, with the keyboard in it."""
        self.probe.run(
            "const document = await vscode.workspace.openTextDocument(vscode.Uri.file(path));"
            "await vscode.window.showTextDocument(document, { preview: false });",
            path=str(path),
        )
        self.workbench.tab(path.name)
        self.page.locator(".editor-group-container.active .monaco-editor .view-lines").first.click()

    def focus_editor(self) -> None:
        """Give the keyboard to the active editor, with its caret where it is."""
        self.probe.run("await vscode.commands.executeCommand('workbench.action.focusActiveEditorGroup');")

    def in_room(self) -> None:
        """Wait until the active editor's document is in its room: the window then offers to show who wrote what."""
        action = self.page.locator(".editor-actions a[aria-label^='Show or Hide Who Wrote What']").first
        action.wait_for()

    def palette(self, title: str) -> None:
        """Choose a command in the palette whose title is this and no more."""
        self.page.keyboard.press("F1")
        box = self.page.locator(".quick-input-widget input.input").first
        box.fill(f">{title}")
        row = self.page.locator(".quick-input-list .monaco-list-row").filter(
            has=self.page.locator(".label-name", has_text=re.compile(f"^{re.escape(title)}$"))
        )
        self.workbench.choose(row.first)

    def menu(self, name: str, item: str) -> None:
        """Choose an item of the window's menu."""
        self.page.locator(".menubar-menu-button").first.click()
        labels = self.page.locator(".monaco-menu .action-label")
        labels.filter(has_text=re.compile(f"^{re.escape(name)}$")).last.click()
        entry = labels.filter(has_text=re.compile(f"^{re.escape(item)}$")).last
        # A click that comes right after the menu opened is not taken; the key is.
        entry.hover()
        self.page.keyboard.press("Enter")
        entry.wait_for(state="hidden")

    def close(self) -> None:
        """Close the window."""
        self.context.close()

    def text(self, path: Path) -> str:
        """The whole text of an open document."""
        return self.probe.run(f"{_DOCUMENT} return document.getText();", path=str(path))

    def shows(self, path: Path, wanted: str, when: str = "in the end") -> None:
        """Wait until an open document has this text."""
        until = time.monotonic() + PATIENCE
        while (text := self.text(path)) != wanted:
            assert time.monotonic() < until, f"{when} {text!r} was shown, not {wanted!r}"
            self.page.wait_for_timeout(50)

    def is_dirty(self, path: Path) -> bool:
        """Whether a document has unsaved changes."""
        return self.probe.run(f"{_DOCUMENT} return document.isDirty;", path=str(path))

    def problems(self, path: Path) -> list[str]:
        """What is said of a file in the list of problems."""
        found = "vscode.languages.getDiagnostics(vscode.Uri.file(path))"
        return self.probe.run(f"return {found}.map(({{ message }}) => message);", path=str(path))

    def caret(self, line: int, column: int = 0) -> None:
        """Put the caret somewhere in the active editor, from zero; a column past the end is the end."""
        self.probe.run(_ASK + _CARET, line=line, column=column)

    def caret_after(self, prefix: str) -> None:
        """Put the caret at the end of the active editor's line that starts with this, once there is one.

        It looks once more, as people do before they type: a window that takes a file in anew can move it.
        """
        find = (
            f"{_ASK}"
            "const { document, selection } = vscode.window.activeTextEditor;"
            "const line = document.getText().split(/\\r?\\n/).findIndex((text) => text.startsWith(prefix));"
            "if (line < 0) { return false; }"
            "const there = selection.isEmpty && selection.active.isEqual(document.lineAt(line).range.end);"
            "if (placed && there) { return true; }"
            f"const column = Infinity; {_CARET} return false;"
        )
        tries = count()
        eventually(
            self,
            lambda: self.probe.run(find, prefix=prefix, placed=next(tries) > 0),
            f"a line that starts with {prefix}",
        )

    def caret_by_keys(self, line: int) -> None:
        """Put the caret at the start of a line, from zero, by keys: others may change the text meanwhile.

        What they write at the caret can move it on within its line, hence the last key.
        """
        for key in ("Control+Home", *["ArrowDown"] * line, "Home"):
            self.press(key)

    def type(self, text: str, delay: float = 0) -> None:
        """Type on the keyboard."""
        self.page.keyboard.type(text, delay=delay)

    def press(self, key: str) -> None:
        """Press a key."""
        self.page.keyboard.press(key)

    def configure(self, **settings: object) -> None:
        """Change settings of the user; dots are written as two underscores."""
        for name, value in settings.items():
            self.probe.run(
                "await vscode.workspace.getConfiguration().update(name, value, vscode.ConfigurationTarget.Global);",
                name=name.replace("__", "."),
                value=value,
            )

    def events(self) -> list[dict[str, Any]]:
        """What documents went through since the last call."""
        return self.probe.run("return events.splice(0);")

    def complaints(self) -> list[str]:
        """Whatever asks or tells the user something: dialogs and notifications."""
        shown = ".monaco-dialog-box, .notifications-toasts .notification-list-item"
        return [text for text in self.page.locator(shown).all_inner_texts() if text.strip()]


_ASK: Final = "await vscode.commands.executeCommand('setContext', 'probe.asked', true);"
"""A question that the window itself answers: by then both sides know what the other did before."""
_CARET: Final = (
    "const editor = vscode.window.activeTextEditor;"
    "const place = editor.document.lineAt(line).range.end;"
    "const at = place.with({ character: Math.min(column, place.character) });"
    "editor.selection = new vscode.Selection(at, at);"
    f"{_ASK}"
)
_NOTED: Final = """async (name) => {
    const done = (asked) => new Promise((resolve, reject) => {
        asked.onsuccess = () => resolve(asked.result);
        asked.onerror = () => reject(asked.error);
    });
    for (const { name: database } of await indexedDB.databases()) {
        if (database.startsWith('vscode-web-state-db-')) {
            const open = await done(indexedDB.open(database));
            const store = open.transaction('ItemTable').objectStore('ItemTable');
            const editors = await done(store.get('memento/workbench.parts.editor'));
            open.close();
            if (String(editors).includes(name)) {
                return true;
            }
        }
    }
    return false;
}"""
"""Whether the window has noted, for when it comes back, that a file of this name is open."""
_DOCUMENT: Final = "const document = vscode.workspace.textDocuments.find(({ uri }) => uri.fsPath === path);"


def room_file(repository: Repository, name: str, text: str) -> Path:
    """A committed file in a repository whose rooms are on from then on."""
    path = repository.write(name, text)
    repository.git("add", name)
    repository.git("commit", "--quiet", "--message", f"Add {name}")
    repository.anvcs("init")
    repository.anvcs("rooms", "on")
    return path


def open_room_window(browser: Browser, server: CodeServer, folder: Path, probes: Path, pictures: Path) -> RoomWindow:
    """One more window on a folder."""
    context = browser.new_context(viewport={"width": 1000, "height": 700})
    window = RoomWindow(Workbench(context.new_page(), pictures), context, probes)
    window.open(server, folder)
    return window


def eventually(window: Workbench | RoomWindow, look: Callable[[], T], what: str, patience: float = PATIENCE) -> T:
    """Look until there is something, letting the window live meanwhile; fails with what was waited for."""
    until = time.monotonic() + patience
    while True:
        if found := look():
            return found
        assert time.monotonic() < until, f"not within {patience} s: {what}"
        window.page.wait_for_timeout(50)
