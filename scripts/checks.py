"""`make test`, `make lint` and `make unit`: every check, each on one line, and pytest last."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from scripts import setup, toolchain
from scripts.steps import command, report
from scripts.toolchain import EXTENSION, ROOT, VENV

NPM = toolchain.NODE_BIN / "npm"


def everything() -> int:
    """All set-up, all checks, all tests; gives pytest's exit code."""
    setup.tests()
    _checks()
    return _pytest()


def lint() -> int:
    """The checks alone."""
    setup.virtual_environment()
    setup.extension_modules()
    _checks()
    return 0


def unit() -> int:
    """The fast tests alone: neither a real editor nor the extension."""
    setup.virtual_environment()
    return _pytest("-m", "not editor")


def _checks() -> None:
    bin_ = VENV / "bin"
    _check("format", bin_ / "ruff", "format", "--check", ".")
    _check("lint", bin_ / "ruff", "check", ".")
    _check("types", bin_ / "basedpyright")
    _check("layers", bin_ / "lint-imports")
    for script in ("generate:check", "typecheck", "lint", "test", "build"):
        _check(f"extension {script}", NPM, "run", script, cwd=EXTENSION)


def _check(name: str, *argv: str | Path, cwd: Path = ROOT) -> None:
    started = time.monotonic()
    command(argv, log=name.replace(" ", "-").replace(":", "-"), cwd=cwd, what=f"The check '{name}'")
    report(name, started)


def _pytest(*options: str) -> int:
    """Run pytest in the foreground, so that its closing line is the last one."""
    sys.stdout.flush()
    argv = [str(toolchain.PYTHON), "-m", "pytest", *options]
    env = toolchain.clean_environment({"PYTHONWARNDEFAULTENCODING": "1"})
    with subprocess.Popen(argv, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, start_new_session=os.name == "nt") as run:
        return run.wait()
