"""How failures reach the user: a sentence and a way out, or a problem document; never a traceback."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from anvcs import __version__
from anvcs.errors import AnvcsError

INTERRUPTED = 130
"""128 + SIGINT, as shells expect."""
OUTPUT_CLOSED = 141
"""128 + SIGPIPE, what git gives in the same place."""


class InternalError(AnvcsError):
    """A defect of ours; ``log`` is the file that holds the details, if one could be written."""

    code = "internal"

    def __init__(self, message: str, way_out: str, *, log: Path | None) -> None:
        super().__init__(message, way_out)
        self.log = log


def internal(error: BaseException, folder: Path) -> InternalError:
    """The error to show for an unexpected exception, after writing its details into a log in the folder.

    Arguments and environment stay out of the log: they may hold prompts and secrets.
    """
    import platform
    import traceback

    name = f"crash-{time.strftime('%Y%m%d-%H%M%S')}-{os.urandom(4).hex()}.log"
    text = (
        f"ai-vcs {__version__}, Python {platform.python_version()}, {sys.platform}\n"
        f"{''.join(traceback.format_exception(error))}"
    )
    said = f"An internal error stopped ai-vcs ({type(error).__name__})."
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
    except OSError as problem:
        return InternalError(
            said,
            f"No log could be written to {folder} ({problem.strerror}); set ANVCS_DEBUG=1 to see the details.",
            log=None,
        )
    return InternalError(said, f"Please report it with the log in {folder / name}", log=folder / name)


def document(error: AnvcsError) -> bytes:
    """The error as a problem document, for ``--json``."""
    import msgspec

    from anvcs.errors import HookFailedError
    from anvcs.wire import Problem

    problem = Problem(
        code=error.code,
        message=error.message,
        way_out=error.way_out,
        output=error.output if isinstance(error, HookFailedError) else "",
        log_id=error.log.stem if isinstance(error, InternalError) and error.log else "",
    )
    return msgspec.json.encode(problem) + b"\n"
