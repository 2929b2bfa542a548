"""`make test`, `make lint` and `make unit`: every check, each on one line, and pytest last."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

from scripts import setup, toolchain
from scripts.steps import command, fail, report, say
from scripts.toolchain import EXTENSION, ROOT, VENV, SetUpError

NPM = toolchain.NODE_BIN / "npm"
PARALLEL = ("--numprocesses=2", "--dist=loadgroup")
"""Two processes: enough to wait for one child while another works, and what the smallest machines have."""


def everything() -> int:
    """All set-up, all checks, all tests; a failing check hides no test. Gives 0 if all is well."""
    setup.tests()
    failed = _checks()
    code = _pytest()
    return _verdict(failed) or code


def lint() -> int:
    """The checks alone."""
    setup.virtual_environment()
    setup.extension_modules()
    return _verdict(_checks())


def unit() -> int:
    """The fast tests alone: neither a real editor nor the extension."""
    setup.virtual_environment()
    return _pytest("-m", "not editor")


def _checks() -> list[str]:
    """Run every check; gives the names of those that failed."""
    bin_ = VENV / "bin"
    found = [
        _check("format", bin_ / "ruff", "format", "--check", "."),
        _check("lint", bin_ / "ruff", "check", "."),
        _check("types", bin_ / "basedpyright"),
        _check("layers", bin_ / "lint-imports"),
        *(
            _check(f"extension {script}", NPM, "run", script, cwd=EXTENSION)
            for script in ("generate:check", "typecheck", "lint", "test", "build")
        ),
    ]
    return [name for name in found if name]


def _check(name: str, *argv: str | Path, cwd: Path = ROOT) -> str | None:
    """Run one check and show what it found; gives its name if it failed."""
    started = time.monotonic()
    try:
        command(argv, log=name.replace(" ", "-").replace(":", "-"), cwd=cwd, what=f"The check '{name}'")
    except SetUpError as error:
        report(name, started, "FAILED")
        say(f"{error}\n")
        return name
    report(name, started)
    return None


def _verdict(failed: list[str]) -> int:
    return fail(f"These checks failed, see above: {', '.join(failed)}.") if failed else 0


def _pytest(*options: str) -> int:
    """Run pytest in the foreground, so that its closing line is the last one."""
    sys.stdout.flush()
    argv = [str(toolchain.PYTHON), "-m", "pytest", *PARALLEL, *options]
    with subprocess.Popen(argv, cwd=ROOT, env=toolchain.clean_environment(), stdin=subprocess.DEVNULL) as run:
        try:
            return run.wait()
        except KeyboardInterrupt:
            run.send_signal(signal.SIGINT)
            raise
