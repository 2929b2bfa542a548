"""``anvcs-lsp``: the language server on standard input and output."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from anvcs import __version__

USAGE = "usage: anvcs-lsp [--stdio] [--version]"


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve one editor and exit: 0 after ``shutdown`` or when the editor is gone, 1 otherwise, 2 if called wrongly."""
    unknown = [word for word in (sys.argv[1:] if arguments is None else arguments) if word != "--stdio"]
    if unknown == ["--version"]:
        print(f"anvcs-lsp {__version__}")  # noqa: T201 - the answer
        sys.exit(0)
    if unknown:
        # One editor, one process: pygls over a socket gives one client's answers to another.
        sys.stderr.write(f"anvcs-lsp: {unknown[0]}: unknown option. It speaks on standard input and output.\n{USAGE}\n")
        sys.exit(2)
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        code, clean = asyncio.run(_serve())
    except KeyboardInterrupt:
        code, clean = 130, True
    logging.shutdown()
    if not clean:
        # A thread that does not end would keep the process for ever; the editor is gone.
        os._exit(code)
    sys.exit(code)


async def _serve() -> tuple[int, bool]:
    from anvcs.actions.caller import Caller
    from anvcs.actions.places import config_home
    from anvcs.link.ask import LazyRelay
    from anvcs.lsp.connection import Connection
    from anvcs.lsp.transport import StandardStreams

    env = dict(os.environ)
    home = config_home(env)
    streams = StandardStreams()
    connection = Connection(
        streams.writer,
        cwd=Path.cwd(),
        env=env,
        make_caller=lambda cwd: Caller(cwd=cwd, env=env, config_home=home, relay=LazyRelay(env, home)),
        config_home=home,
    )
    await streams.listen(connection)
    serving = asyncio.current_task()
    if serving is not None and sys.platform != "win32":
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, serving.cancel)
    try:
        code = await connection.serve()
    except asyncio.CancelledError:
        code = 128 + signal.SIGTERM
    return code, connection.clean
