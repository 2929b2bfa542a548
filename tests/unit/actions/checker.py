"""A process that checks the tree of a commit with one guard, to be killed in the middle."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import msgspec

from anvcs.actions.caller import Caller
from anvcs.actions.checking import check
from anvcs.config import Config


def main() -> None:
    """Arguments: the configuration folder, the tree, the configuration as JSON. Prints how each guard did."""
    config_home, tree, config = sys.argv[1:]
    caller = Caller(cwd=Path.cwd(), env=dict(os.environ), config_home=Path(config_home))
    workspace = caller.workspace(None)
    for evidence in check(workspace, tree, config=msgspec.json.decode(config, type=Config)):
        sys.stdout.write(f"{evidence.guard} {evidence.outcome}\n")


if __name__ == "__main__":
    main()
