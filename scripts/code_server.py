"""One running code-server: real VS Code, served to a browser on this machine only."""

from __future__ import annotations

import http.client
import json
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from scripts import toolchain
from scripts.steps import command, stop_group
from scripts.toolchain import SetUpError, clean_environment, digest, is_stamped, write_stamp

HOST = "127.0.0.1"
QUIET_SETTINGS: dict[str, Any] = {
    "chat.disableAIFeatures": True,
    "extensions.autoCheckUpdates": False,
    "extensions.autoUpdate": False,
    "extensions.ignoreRecommendations": True,
    "git.openRepositoryInParentFolders": "never",
    "telemetry.telemetryLevel": "off",
    "update.mode": "none",
    "workbench.secondarySideBar.defaultVisibility": "hidden",
    "workbench.startupEditor": "none",
    "workbench.tips.enabled": False,
    "workbench.welcomePage.walkthroughs.openOnInstall": False,
}
"""What keeps the editor from asking and fetching; a user's own settings in its folder win."""


class CodeServer:
    """code-server with an own folder for its settings and extensions; it and all it started end with ``stop``."""

    def __init__(self, folder: Path, *, log: Path, env: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self.log = log
        self.env = clean_environment(env)
        self.port = 0
        self._process: subprocess.Popen[bytes] | None = None

    def configure(self, user: Mapping[str, Any], machine: Mapping[str, Any]) -> None:
        """Seed the user's settings if there are none yet; the machine's say where our server is, so they are ours."""
        settings = self.folder / "data" / "User" / "settings.json"
        if not settings.exists():
            _write_json(settings, user)
        _write_json(self.folder / "data" / "Machine" / "settings.json", machine)

    def install(self, vsix: Path) -> None:
        """Install an extension package, unless this very one is installed."""
        stamp = self.folder / "extension.stamp"
        value = digest([vsix])
        if is_stamped(stamp, value):
            return
        argv = [*self._argv(), "--install-extension", vsix, "--force"]
        command(argv, log="install-extension", env=self.env, timeout=120, what="Installing the extension")
        write_stamp(stamp, value)

    def start(self, port: int, *, options: Sequence[str] = (), wait: float = 60) -> None:
        """Start and wait until it answers; raises SetUpError with the log's end if it does not."""
        self.port = port
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                [*self._argv(), "--bind-addr", f"{HOST}:{port}", *options],
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        until = time.monotonic() + wait
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > until:
                self.stop()
                raise SetUpError(f"code-server did not start. The end of its log:\n{self.log_end()}")
            time.sleep(0.05)

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection(HOST, self.port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    @property
    def address(self) -> str:
        """Where it answers."""
        return f"http://{HOST}:{self.port}"

    def page(self, folder: Path, payload: Sequence[tuple[str, str]] = ()) -> str:
        """The address that opens a folder; a payload is for VS Code's own switches."""
        query = f"?folder={quote(str(folder))}"
        return f"{self.address}/{query}" + (f"&payload={quote(json.dumps(payload))}" if payload else "")

    def wait(self) -> int:
        """Wait for its end; gives its exit code. It must have been started."""
        return 0 if self._process is None else self._process.wait()

    def stop(self) -> None:
        """End it and all that it started: language servers and terminals too."""
        if self._process is not None:
            stop_group(self._process)
            self._process = None

    def log_end(self, lines: int = 40) -> str:
        """The last lines it printed."""
        return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])

    def _argv(self) -> list[str]:
        return [
            str(toolchain.NODE_BIN / "node"),
            str(toolchain.code_server_entry()),
            *("--config", "/dev/null"),
            *("--user-data-dir", str(self.folder / "data")),
            *("--extensions-dir", str(self.folder / "extensions")),
            *("--disable-telemetry", "--disable-update-check", "--disable-getting-started-override"),
        ]


def free_port(first: int = 0) -> int:
    """The first free port from the given one on; any free one for 0."""
    for port in range(first, min(first + 200, 65536)) if first else (0,):
        with socket.socket() as probe:
            # As servers do: a port whose last connections are still closing is free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return probe.getsockname()[1]
    raise SetUpError(f"No port from {first} on is free. Name another: make run PORT=n")


def _write_json(path: Path, value: Mapping[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=2, sort_keys=True) + "\n", encoding="utf-8")
