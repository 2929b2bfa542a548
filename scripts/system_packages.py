"""What only root can install: found by what is missing, installed through apt-get where possible, else named."""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

from scripts import toolchain
from scripts.steps import command, report, say
from scripts.toolchain import SetUpError

POSTGRES = Path("/usr/lib/postgresql")
WISHED = {"git-lfs": "the tests with Git LFS"}
"""What is installed where that is possible and else only told of, with what is skipped without it."""
HEADERS = (Path("/usr/include/gssapi/gssapi.h"), Path("/usr/include/gssapi.h"))


def needed_for_venv() -> list[str]:
    """Packages without which this Python cannot make a virtual environment."""
    if toolchain.PYTHON.exists() or importlib.util.find_spec("ensurepip"):
        return []
    return [f"python3.{sys.version_info.minor}-venv"]


def needed_for_code_server() -> list[str]:
    """Packages without which code-server's native parts cannot be built."""
    if sys.platform == "darwin":
        return [] if shutil.which("c++") else ["Xcode command line tools (xcode-select --install)"]
    compiles = shutil.which("g++") or shutil.which("c++")
    packages = [] if compiles and shutil.which("make") else ["build-essential"]
    return packages if any(header.exists() for header in HEADERS) else [*packages, "libkrb5-dev"]


def needed_for_tests() -> list[str]:
    """Packages without which the tests cannot run: a browser, a database server, and programs that tests ask."""
    programs = {"shellcheck": "shellcheck", "ps": "procps", "ssh-keygen": "openssh-client", "git-lfs": "git-lfs"}
    packages = [package for program, package in programs.items() if not shutil.which(program)]
    packages += [] if _has_postgres() else ["postgresql"]
    return packages if toolchain.chromium() or not _packages_chromium() else [*packages, "chromium"]


def browser() -> None:
    """A Chromium where the system packages none (Ubuntu has only a snap): Playwright's own, with what it links to."""
    if toolchain.chromium():
        return
    started = time.monotonic()
    playwright = toolchain.VENV / "bin" / "playwright"
    env = {"PLAYWRIGHT_BROWSERS_PATH": str(toolchain.browser_folder())}
    what = "Getting Playwright's Chromium (or name a browser: ANVCS_CHROMIUM=path)"
    command([playwright, "install", "chromium"], log="browser", env=env, what=what)
    root = _becoming_root()
    if sys.platform == "linux" and root is not None:
        command([*root, playwright, "install-deps", "chromium"], log="browser", env=env, what=what)
    report("Chromium", started)


def _has_postgres() -> bool:
    """Whether PostgreSQL's server is here; Debian keeps its programs off PATH."""
    return any(POSTGRES.glob("*/bin/initdb")) or shutil.which("initdb") is not None


def _packages_chromium() -> bool:
    """Whether apt's chromium is the browser itself."""
    try:
        return platform.freedesktop_os_release().get("ID") != "ubuntu"
    except OSError:
        return False


def ensure(packages: Iterable[str], why: str) -> None:
    """Install packages, as root or with a sudo that asks nothing; raises SetUpError that names them otherwise."""
    wanted = sorted(set(packages))
    root = _becoming_root() if wanted else None
    able = root is not None and shutil.which("apt-get")
    if not able:
        wanted = _without_wishes(wanted)
    if not wanted:
        return
    started = time.monotonic()
    missing = f"{why} needs what only root can install: {' '.join(wanted)}."
    if root is None or not able:
        way = f"sudo apt-get install {' '.join(wanted)}" if shutil.which("apt-get") else "your package manager"
        raise SetUpError(f"{missing}\nInstall it with: {way}\nThen run the same command again.")
    apt = [*root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-o", "DPkg::Lock::Timeout=300"]
    command([*apt, "update"], log="apt")
    command([*apt, "install", "-y", "--no-install-recommends", *wanted], log="apt", what=missing)
    report("system packages", started, " ".join(wanted))


def _without_wishes(packages: Iterable[str]) -> list[str]:
    """What is needed; of the rest it is told what goes without."""
    found = [*packages]
    for package in found:
        if package in WISHED:
            say(f"{package} is not installed, so {WISHED[package]} are skipped.")
    return [package for package in found if package not in WISHED]


def _becoming_root() -> list[str] | None:
    if os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    if sudo and subprocess.run([sudo, "-n", "true"], capture_output=True, check=False).returncode == 0:
        return [sudo, "-n"]
    return None
