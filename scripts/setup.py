"""Every step of set-up, done once and then stamped: Python environment, Node, code-server, the extension's package."""

from __future__ import annotations

import os
import platform
import shutil
import sys
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from scripts import system_packages, toolchain
from scripts.steps import command, report
from scripts.toolchain import EXTENSION, PYTHON, ROOT, VENV, digest, is_stamped, locked, write_stamp

NPM = toolchain.NODE_BIN / "npm"
LOCK = ROOT / "requirements.lock"
RUNTIME_LOCK = ROOT / "requirements-runtime.lock"
"""The part of the lock that the server itself needs; the extension installs it for people without a checkout."""


def virtual_environment() -> None:
    """The checkout's .venv with exactly what requirements.lock says, ANVCS itself as an editable install, and Node."""
    started = time.monotonic()
    with locked(toolchain.STATE / "venv.lock"):
        stamp = VENV / "anvcs.stamp"
        value = digest([LOCK, ROOT / "pyproject.toml"], str(ROOT), platform.machine())
        if is_stamped(stamp, value) and _works(PYTHON) and _works(toolchain.NODE_BIN / "node"):
            report("Python environment", started, "as it was")
            return
        system_packages.ensure(system_packages.needed_for_venv(), "The Python environment")
        if not _works(PYTHON):
            shutil.rmtree(VENV, ignore_errors=True)
            command([sys.executable, "-m", "venv", VENV], log="venv")
        pip = [PYTHON, "-m", "pip", "install", "--quiet", "--no-input"]
        command([*pip, "--require-hashes", "-r", LOCK], log="venv", what="Installing requirements.lock")
        command([*pip, "--no-deps", "--no-build-isolation", "-e", ROOT], log="venv", what="Installing ANVCS")
        _link_node()
        write_stamp(stamp, value)
    report("Python environment", started, f"Python {platform.python_version()}, Node {toolchain.node_version()}")


def _works(program: Path) -> bool:
    """Whether a program is there and starts; the Python below a venv may have been removed."""
    try:
        command([program, "--version"], log="versions", timeout=30)
    except (OSError, toolchain.SetUpError):
        return False
    return True


def _link_node() -> None:
    """Put node, npm and npx of the wheel side by side: the wheel's own npm needs Python to start it."""
    home = toolchain.node_home()
    toolchain.NODE_BIN.mkdir(parents=True, exist_ok=True)
    scripts = home / "lib" / "node_modules" / "npm" / "bin"
    for name, target in {
        "node": home / "bin" / "node",
        "npm": scripts / "npm-cli.js",
        "npx": scripts / "npx-cli.js",
    }.items():
        target.chmod(target.stat().st_mode | 0o111)
        link = toolchain.NODE_BIN / name
        link.unlink(missing_ok=True)
        link.symlink_to(target)


def code_server() -> None:
    """Real VS Code for a browser, built once for all checkouts of this user."""
    started = time.monotonic()
    folder = toolchain.code_server_folder()
    with locked(folder.with_name(f"{folder.name}.lock")):
        if _has_code_server():
            report("code-server", started, "as it was")
            return
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(toolchain.CODE_SERVER_LOCK.with_name(name), folder / name)
        jobs = {"JOBS": str(os.cpu_count() or 1), "NODE_GYP_FORCE_PYTHON": str(PYTHON)}
        command([NPM, "ci"], log="code-server", cwd=folder, env=jobs, timeout=1800, what="Installing code-server")
        write_stamp(folder / "finished", digest([toolchain.CODE_SERVER_LOCK]))
    report("code-server", started, folder.name)


def _has_code_server() -> bool:
    return is_stamped(toolchain.code_server_folder() / "finished", digest([toolchain.CODE_SERVER_LOCK]))


def extension_modules() -> None:
    """What the extension is built with, exactly as its lock says."""
    started = time.monotonic()
    with locked(toolchain.STATE / "extension.lock"):
        stamp = EXTENSION / "node_modules" / "anvcs.stamp"
        value = digest([EXTENSION / "package-lock.json"])
        if is_stamped(stamp, value):
            report("extension's modules", started, "as they were")
            return
        command([NPM, "ci"], log="extension", cwd=EXTENSION, what="Installing the extension's modules")
        write_stamp(stamp, value)
    report("extension's modules", started)


def relay_peers() -> None:
    """The Yjs clients that the tests of the relay run beside ours, exactly as their lock says."""
    started = time.monotonic()
    folder = ROOT / "tests" / "relay" / "node"
    with locked(toolchain.STATE / "peers.lock"):
        stamp = folder / "node_modules" / "anvcs.stamp"
        value = digest([folder / "package-lock.json"])
        if is_stamped(stamp, value):
            report("relay's peers", started, "as they were")
            return
        command([NPM, "ci"], log="peers", cwd=folder, what="Installing the Yjs clients of the relay's tests")
        write_stamp(stamp, value)
    report("relay's peers", started)


def package() -> Path:
    """The extension package in dist/, with the server's wheel inside it; built anew when a source changed."""
    started = time.monotonic()
    target = toolchain.vsix()
    with locked(toolchain.STATE / "package.lock"):
        stamp = ROOT / "dist" / "vsix.stamp"
        value = digest(_package_sources())
        if is_stamped(stamp, value) and target.is_file():
            report("extension package", started, f"{target.relative_to(ROOT)}, as it was")
            return target
        stamp.unlink(missing_ok=True)
        _wheel(EXTENSION / "dist" / "wheels")
        command([NPM, "run", "package"], log="package", cwd=EXTENSION, what="Packaging the extension")
        write_stamp(stamp, value)
    size = target.stat().st_size / 1e6
    report("extension package", started, f"{target.relative_to(ROOT)}, {size:.1f} MB")
    return target


def host_tests() -> None:
    """The extension's tests that run in the extension host, beside a development build of the extension."""
    started = time.monotonic()
    for script in ("build", "build:host-tests"):
        command([NPM, "run", script], log="extension", cwd=EXTENSION, what="Building the extension's tests")
    report("extension host tests", started)


def _wheel(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    command([PYTHON, "-m", "hatchling", "build", "-t", "wheel", "-d", folder], log="package", what="Building the wheel")
    shutil.copy(RUNTIME_LOCK, folder / "requirements.lock")


def _package_sources() -> list[Path]:
    """All that the package is made from: what git would commit of the extension, and the server."""
    built = {"node_modules", "dist", "out", ".vscode-test"}
    extension = [path for path in EXTENSION.iterdir() if path.name not in built]
    return [*extension, ROOT / "server", ROOT / "pyproject.toml", ROOT / "LICENSE", ROOT / "README.md", RUNTIME_LOCK]


def editor(extra: Iterable[str] = ()) -> None:
    """All that `make run` needs: what does not wait on another is done side by side."""
    needed = system_packages.needed_for_venv()
    needed += [] if _has_code_server() else system_packages.needed_for_code_server()
    # All at once and first, so that one who has to ask an administrator asks once.
    system_packages.ensure([*needed, *extra], "ANVCS")
    virtual_environment()
    together(code_server, _extension)


def tests() -> None:
    """All that `make test` needs."""
    editor(system_packages.needed_for_tests())
    system_packages.browser()
    together(host_tests, relay_peers)


def _extension() -> None:
    extension_modules()
    package()


def together(*steps: Callable[[], object]) -> None:
    """Run steps side by side, and raise the first failure after all have ended."""
    with ThreadPoolExecutor(len(steps)) as pool:
        running = [pool.submit(step) for step in steps]
    for step in running:
        step.result()
