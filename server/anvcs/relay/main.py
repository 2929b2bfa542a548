"""``python -m anvcs.relay --state DIR``: own a repository's rooms, serve them, and end when nobody is there."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from anvcs import __version__
from anvcs.actions.places import config_home
from anvcs.errors import AnvcsError, RelayUnreachableError
from anvcs.link.start import OWNED
from anvcs.relay import guard
from anvcs.relay.owner import own
from anvcs.relay.relay import IDLE, Relay

_log = logging.getLogger("anvcs.relay")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run until idle, stopped or replaced. Exits with 3 where another relay owns the rooms, 1 if it cannot run."""
    given = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("websockets").setLevel(logging.WARNING)
    # A thread that computes lets the others go on sooner: the guard of a save has to see what stands for a moment.
    sys.setswitchinterval(guard.STEP)
    env = dict(os.environ)
    try:
        ownership = own(given.state, take_over=given.take_over)
    except RelayUnreachableError as error:
        sys.stderr.write(f"{error.message}\n")
        sys.exit(OWNED)
    except (AnvcsError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(1)
    relay = Relay(given.state, given.config or config_home(env), env, ownership, idle=given.idle)
    try:
        code = asyncio.run(_serve(relay, given.port))
    except KeyboardInterrupt:
        code = 130
    logging.shutdown()
    sys.exit(code)


async def _serve(relay: Relay, port: int) -> int:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, relay.stop, signal.Signals(number).name)
    return await relay.serve(port, _listening)


def _listening(port: int) -> None:
    """Tell whoever started the relay, then let go of its pipe."""
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    os.close(nothing)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m anvcs.relay", description="The relay of one repository's rooms.")
    parser.add_argument("--state", type=Path, required=True, help="the folder of our state: <git common dir>/anvcs")
    parser.add_argument("--config", type=Path, help="the folder of the user's own settings and keys")
    parser.add_argument("--idle", type=float, default=IDLE, help="seconds after the last client until it ends")
    parser.add_argument("--port", type=int, default=0, help="where to listen on loopback; by default anywhere")
    parser.add_argument("--take-over", action="store_true", help="take the rooms from an owner that lives")
    parser.add_argument("--version", action="version", version=f"anvcs {__version__}")
    return parser
