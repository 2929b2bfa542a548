"""`make run`: a repository in real VS Code, served to the browser on this machine."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import time
from pathlib import Path

from scripts import setup, toolchain
from scripts.code_server import QUIET_SETTINGS, CodeServer, free_port
from scripts.sample_repo import make_sample
from scripts.steps import fail, report, say
from scripts.toolchain import ROOT, STATE, SetUpError

DEFAULT_PORT = 8080


def run() -> int:
    """Set up, serve and wait until the user stops it; REPO and PORT come from make's variables."""
    started = time.monotonic()
    chosen = _repository(os.environ.get("REPO", ""))
    wanted = _port(os.environ.get("PORT", ""))
    say("Setting up. The first time takes a few minutes, later ones a few seconds.")
    setup.editor()
    repository = chosen or _sample()
    password = _password()
    log = toolchain.OUTPUT / "logs" / "code-server-run.log"
    server = CodeServer(STATE / _name(chosen), log=log, env={"PASSWORD": password})
    server.log.unlink(missing_ok=True)
    server.configure(QUIET_SETTINGS, server_settings())
    opening = time.monotonic()
    server.install(toolchain.vsix())
    # Our own sample is trusted; whether to trust the user's repository is VS Code's question to the user.
    trust = [] if chosen else ["--disable-workspace-trust"]
    server.start(free_port(wanted), options=["--auth", "password", *trust])
    try:
        report("VS Code", opening, f"answers on port {server.port}")
        say(_banner(server, repository, password, started, asked=wanted, trusted=not chosen))
        code = server.wait()
        return fail(f"VS Code ended by itself with exit code {code}. The end of its log:\n{server.log_end()}")
    except KeyboardInterrupt:
        say("\nStopping VS Code and its language server.")
        return 0
    finally:
        server.stop()


def server_settings() -> dict[str, str]:
    """The settings that point the extension at this checkout's server."""
    return {"anvcs.server.path": str(toolchain.VENV / "bin" / "anvcs-lsp")}


def _repository(named: str) -> Path | None:
    if not named:
        return None
    path = (ROOT / Path(named).expanduser()).resolve()
    if not path.is_dir():
        raise SetUpError(f"REPO={named} is not a folder. Name a folder that is there: make run REPO=path/to/repository")
    return path


def _port(named: str) -> int:
    if not named:
        return DEFAULT_PORT
    if not named.isascii() or not named.isdigit() or not 1 <= int(named) <= 65535:
        raise SetUpError(f"PORT={named} is not a port. Give a number from 1 to 65535: make run PORT=8080")
    return int(named)


def _name(repository: Path | None) -> str:
    """One folder of editor state for each repository, short because a Unix socket's path must be."""
    if repository is None:
        return "vscode-sample"
    return f"vscode-{hashlib.sha256(os.fsencode(repository)).hexdigest()[:8]}"


def _sample() -> Path:
    started = time.monotonic()
    folder = STATE / "sample" / "tide-table"
    finished = folder.parent / "finished"
    if finished.exists() and folder.is_dir():
        report("sample repository", started, "as you left it")
        return folder
    shutil.rmtree(folder.parent, ignore_errors=True)
    make_sample(folder, toolchain.VENV / "bin" / "ai-vcs", folder.parent / "config")
    finished.touch()
    report("sample repository", started, "made")
    return folder


def _password() -> str:
    """The password of this checkout, made once, so that an open browser stays signed in."""
    path = STATE / "password"
    if not path.exists():
        STATE.mkdir(parents=True, exist_ok=True)
        with open(path, "x", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            file.write(secrets.token_urlsafe(12))
    return path.read_text(encoding="utf-8")


def _banner(server: CodeServer, repository: Path, password: str, started: float, *, asked: int, trusted: bool) -> str:
    lines = [
        "",
        f"  ANVCS is ready after {time.monotonic() - started:.0f} s.",
        "",
        f"    Address     {server.page(repository)}",
        f"    Password    {password}",
        f"    Repository  {repository}",
        "",
        "  Press F1 there and type ANVCS. Press Ctrl-C here to stop.",
        "",
    ]
    if not trusted:
        lines.insert(-1, "  VS Code asks whether you trust this repository: ANVCS commits only if you do.")
    if server.port != asked:
        lines.insert(-1, f"  Port {asked} is taken, so this is port {server.port}.")
    return "\n".join(lines)
