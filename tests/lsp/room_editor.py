"""An editor window as VS Code is one: documents with versions, edits taken or refused, saves and reloads."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from anvcs.rooms.lines import Lines
from tests.conftest import Repo
from tests.lsp.client import TIMEOUT, Client, Message, RealClient

LIVE = {"anvcs": {"rooms": {"live": True}}}


class Window:
    """One window on one file."""

    def __init__(self, client: Client, file: Path) -> None:
        self.client = client
        self.file = file
        self.uri = file.as_uri()
        self.version = 1
        self.eol = "\r\n" if b"\r\n" in file.read_bytes() else "\n"
        """What ends the lines of the document; ``text`` and offsets in it have LF."""
        self.text = self._on_disk()
        self.dirty = False
        self.state: Message = {}
        self.others: list[Message] = []
        self.saves: list[Message] = []
        self._moved = asyncio.Event()
        client.answers["anvcs/rooms/edit"] = self._edit
        client.listeners.append(self._told)
        client.open(self.uri, self._raw(self.text))

    def type(self, offset: int, text: str, delete: int = 0) -> None:
        """Type something, replacing what was there."""
        self._change([(offset, offset + delete, text)])

    def event(self, version: int, changes: list[Message], *, dirty: bool = True, reason: str | None = None) -> None:
        """Tell the server of a change."""
        hint: Message = {"uri": self.uri, "version": version, "dirty": dirty}
        self.client.notify("anvcs/rooms/changed", hint | ({"reason": reason} if reason else {}))
        self.client.notify(
            "textDocument/didChange",
            {"textDocument": {"uri": self.uri, "version": version}, "contentChanges": changes},
        )

    async def save(self) -> bool:
        """Save as Ctrl+S does; false where it is refused, since somebody wrote the file after all was made ready."""
        await self.client.request("anvcs/rooms/willSave", {"uri": self.uri, "version": self.version})
        now, text = self.file.stat(), self._raw(self.text).encode()
        newer = self._known.st_mtime_ns < now.st_mtime_ns and self._known.st_size != now.st_size
        if newer and self.file.read_bytes() != text:
            return False
        self.file.write_bytes(text)
        self._known = self.file.stat()
        self.dirty = False
        self.client.notify("anvcs/rooms/didSave", {"uri": self.uri, "version": self.version})
        return True

    def reload(self) -> None:
        """Read the file anew, as a clean document does when it changes on disk."""
        self.version += 1
        self.text = self._on_disk()
        self.event(self.version, [{"text": self._raw(self.text)}], dirty=False)

    def close(self) -> None:
        """Close the document."""
        self.client.notify("textDocument/didClose", {"textDocument": {"uri": self.uri}})

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until something holds."""
        async with asyncio.timeout(TIMEOUT):
            while not condition():
                self._moved.clear()
                await self._moved.wait()

    async def joined(self) -> None:
        """Wait until it is in its room."""
        await self.until(lambda: self.state.get("state") == "joined")

    async def durable(self) -> None:
        """Wait until nothing of it is only here."""
        await self.until(lambda: self.state.get("undurable", 0) == 0)

    async def shows(self, text: str) -> None:
        """Wait until it shows this text."""
        await self.until(lambda: self.text == text)

    def _on_disk(self) -> str:
        self._known = self.file.stat()
        return self.file.read_bytes().decode().replace("\r\n", "\n")

    def _raw(self, text: str) -> str:
        return text.replace("\n", self.eol)

    def _change(self, edits: list[tuple[int, int, str]]) -> None:
        lines = Lines(self.text)
        changes: list[Message] = []
        for start, end, text in sorted(edits, reverse=True):
            changes.append({"range": _range(lines, start, end), "text": self._raw(text)})
            self.text = self.text[:start] + text + self.text[end:]
        self.version += 1
        self.dirty = True
        self.event(self.version, changes)
        self._moved.set()

    def _edit(self, message: Message) -> Message:
        params = message["params"]
        if params["version"] != self.version:
            return {"applied": False}
        lines = Lines(self.text)
        edits = [
            (_offset(lines, each["range"]["start"]), _offset(lines, each["range"]["end"]), each["newText"])
            for each in params["edits"]
        ]
        self._change(edits)
        return {"applied": True}

    def _told(self, message: Message) -> None:
        params: Message = message.get("params") or {}
        if params.get("uri") != self.uri:
            return
        match message.get("method"):
            case "anvcs/rooms/state":
                self.state = params
            case "anvcs/rooms/presence":
                self.others = params.get("others", [])
            case "anvcs/rooms/saved":
                self.saves.append(params)
            case _:
                pass
        self._moved.set()


def _range(lines: Lines, start: int, end: int) -> Message:
    places = [dict(zip(("line", "character"), lines.position(place), strict=True)) for place in (start, end)]
    return {"start": places[0], "end": places[1]}


def _offset(lines: Lines, place: Any) -> int:
    return lines.offset(place["line"], place["character"])


@asynccontextmanager
async def window(real_client: RealClient, repo: Repo, name: str) -> AsyncGenerator[Window]:
    """A window with one file open."""
    async with real_client(repo) as client:
        await client.initialize(repo.path, options=LIVE)
        yield Window(client, repo.path / name)
