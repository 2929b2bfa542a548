"""A process that performs a verb in the current folder and is killed just before a named step of the publication."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import msgspec

from anvcs import wire
from anvcs.actions.caller import Caller, call


def main() -> None:
    """Arguments: the step, how often it is passed before that, the configuration folder, the verb, its parameters."""
    step, passed, config, verb, params = sys.argv[1:]
    left = int(passed)

    def at(reached: str) -> None:
        nonlocal left
        if reached == step:
            if not left:
                os.kill(os.getpid(), signal.SIGKILL)
            left -= 1

    caller = Caller(cwd=Path.cwd(), env=dict(os.environ), config_home=Path(config), at=at)
    request = wire.VERBS[verb]
    call(caller, request, msgspec.json.decode(params, type=request.params))


if __name__ == "__main__":
    main()
