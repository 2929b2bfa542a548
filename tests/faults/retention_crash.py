"""A process that purges or collects in the current folder and is killed just before a named step."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from anvcs import wire
from anvcs.actions.caller import Caller, call


def main() -> None:
    """Arguments: the step, the configuration folder, then ``purge`` or ``gc``."""
    step, config, verb = sys.argv[1:]

    def at(reached: str) -> None:
        if reached == step:
            os.kill(os.getpid(), signal.SIGKILL)

    caller = Caller(cwd=Path.cwd(), env=dict(os.environ), config_home=Path(config), at=at)
    if verb == "purge":
        call(caller, wire.PURGE, wire.PurgeParams(commit="HEAD"))
    else:
        call(caller, wire.GC, wire.GcParams(days=0))


if __name__ == "__main__":
    main()
