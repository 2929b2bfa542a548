"""A process that makes many commits in the current folder, each of a file of its own."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from anvcs import wire
from anvcs.actions.caller import Caller, call


def main() -> None:
    """Arguments: a name, how many commits, the configuration folder."""
    name, count, config = sys.argv[1:]
    caller = Caller(cwd=Path.cwd(), env=dict(os.environ), config_home=Path(config))
    for number in range(int(count)):
        path = Path(name) / f"file{number}"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"{name} {number}\n", encoding="utf-8")
        metadata = wire.Metadata(prompt=f"{name} {number}", agent_id=f"agent:{name}")
        call(caller, wire.COMMIT, wire.CommitParams(message=f"{name} {number}", paths=(str(path),), metadata=metadata))


if __name__ == "__main__":
    main()
