"""A process that commits in the current folder and is killed just before a named step of the publication."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from anvcs import wire
from anvcs.actions.caller import Caller, call


def main() -> None:
    """Arguments: the step, the configuration folder, then ``amend`` or nothing, then paths."""
    step, config, kind, *paths = sys.argv[1:]

    def at(reached: str) -> None:
        if reached == step:
            os.kill(os.getpid(), signal.SIGKILL)

    caller = Caller(cwd=Path.cwd(), env=dict(os.environ), config_home=Path(config), at=at)
    metadata = wire.Metadata(prompt="a prompt", agent_id="agent:foo")
    call(
        caller,
        wire.COMMIT,
        wire.CommitParams(message="cut short", paths=tuple(paths), amend=kind == "amend", metadata=metadata),
    )


if __name__ == "__main__":
    main()
