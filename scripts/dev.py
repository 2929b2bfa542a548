"""The commands behind the Makefile; started by scripts/dev with a Python that is new enough."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from types import FrameType

from scripts import checks, setup, toolchain
from scripts.run_editor import run
from scripts.steps import fail, say, stop_all

PICTURE_LIMIT = 300_000
"""Bytes that a picture in the repository may have."""


def main(argv: list[str]) -> int:
    """Run one target; gives the exit code."""
    if len(argv) != 1 or argv[0] not in TARGETS:
        return fail(f"Usage: scripts/dev {'|'.join(TARGETS)}")
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    started = time.monotonic()
    try:
        code = TARGETS[argv[0]]()
    except toolchain.SetUpError as error:
        return fail(str(error))
    except KeyboardInterrupt:
        stop_all()
        return 130
    # The closing line of tests is pytest's own.
    if argv[0] not in {"run", "test", "unit"}:
        say(f"{time.monotonic() - started:7.1f} s  in all")
    return code


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _step(action: Callable[[], object]) -> Callable[[], int]:
    def target() -> int:
        action()
        return 0

    return target


def _vsix() -> None:
    setup.virtual_environment()
    setup.extension_modules()
    setup.package()


def _lock() -> None:
    """Write both locks anew: all that this checkout uses, and of that what the server itself needs."""
    setup.virtual_environment()
    uv = [toolchain.VENV / "bin" / "uv", "pip", "compile", "--quiet", "--universal", "--python-version", "3.11"]
    uv += ["--generate-hashes", "--no-emit-index-url", "--no-header", "--no-annotate", "pyproject.toml"]
    for lock, options in (
        (setup.LOCK, ["--group", "dev", "--all-extras"]),
        (setup.RUNTIME_LOCK, ["--constraint", setup.LOCK.name]),
    ):
        subprocess.run([*uv, *options, "--output-file", lock.name], cwd=toolchain.ROOT, check=True)
        say(f"wrote {lock.name}")


def _screenshot() -> None:
    """Put the tests' picture of the graph where README shows it; `make test` (or its editor part) makes it."""
    made = toolchain.OUTPUT / "screenshots" / "4-graph.png"
    if not made.exists():
        raise toolchain.SetUpError(f"There is no {made.relative_to(toolchain.ROOT)} yet. Run `make test` first.")
    if made.stat().st_size >= PICTURE_LIMIT:
        raise toolchain.SetUpError(f"{made.relative_to(toolchain.ROOT)} is too large to be committed.")
    target = toolchain.ROOT / "docs" / "images" / "graph.png"
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(made, target)
    say(f"copied {made.relative_to(toolchain.ROOT)} to {target.relative_to(toolchain.ROOT)}")


def _clean() -> None:
    """Remove all that these commands made in the checkout, but for .venv; the shared tools stay too."""
    built = [toolchain.STATE, toolchain.OUTPUT, toolchain.ROOT / "dist"]
    built += [toolchain.EXTENSION / name for name in ("dist", "out", "node_modules")]
    for folder in built:
        if folder.exists():
            shutil.rmtree(folder)
            say(f"removed {folder.relative_to(toolchain.ROOT)}/")
    say(f"kept .venv/ and {toolchain.cache_folder()}")


TARGETS: dict[str, Callable[[], int]] = {
    "setup": _step(setup.tests),
    "run": run,
    "test": checks.everything,
    "lint": checks.lint,
    "unit": checks.unit,
    "vsix": _step(_vsix),
    "lock": _step(_lock),
    "screenshot": _step(_screenshot),
    "clean": _step(_clean),
}


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
