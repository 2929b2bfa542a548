"""A real trace of two authors through a relay: ``python -m tests.benchmarks.two_authors TRACE.json.gz [--editors]``.

Two clients replay it with its concurrency (see tests/two_authors.py). Exits with 1 unless both end at the trace's known
text and the relay credits every character, live, to its author. ``--editors`` puts an editor and its binding before
each client.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
import tempfile
import time
from pathlib import Path

from anvcs.link import start
from anvcs.link.control import Control
from tests import two_authors
from tests.benchmarks.common import git, isolated


def main() -> None:
    """Replay, print, and judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("trace", type=Path)
    parser.add_argument("--editors", action="store_true", help="type into editors bound to the room")
    parser.add_argument("--rounds", type=int, default=1, help="replay it so often, each time in a new room")
    options = parser.parse_args()
    trace = two_authors.load(options.trace)
    with tempfile.TemporaryDirectory(prefix="anvcs-authors-") as scratch:
        wrong = asyncio.run(_judge(Path(scratch), trace, options.rounds, editors=options.editors))
    sys.exit(1 if wrong else 0)


async def _judge(folder: Path, trace: two_authors.Trace, rounds: int, *, editors: bool) -> bool:
    env = isolated(folder)
    tree = folder / "tree"
    tree.mkdir()
    git(tree, env, "init", "--quiet")
    for number in range(rounds):
        (tree / f"both{number}.txt").write_bytes(b"")
    git(tree, env, "add", ".")
    git(tree, env, "commit", "--quiet", "-m", "empty")
    state = tree / ".git" / "anvcs"
    relay = start.ensure(state, folder / "config", env=env)
    control = Control(state, relay, lambda _, __: None)
    await control.open()
    wrong = False
    try:
        for number in range(rounds):
            where = {"worktree": str(tree), "path": f"both{number}.txt", "actor": two_authors.ACTORS[0]}
            room = str((await control.ask("open", where))["room"])
            began = time.perf_counter()
            outcome = await two_authors.replay(trace, control, relay, room, editors=editors)
            took = time.perf_counter() - began
            found = two_authors.problems(trace, outcome)
            wrong = wrong or bool(found)
            print(
                f"{len(trace.steps):,} transactions through two {'editors' if editors else 'clients'}, "
                f"{outcome.merges:,} merges, {len(trace.end):,} characters, {took:.1f} s: "
                f"{'; '.join(found) or 'the known text, every character credited to its author'} "
                f"(load {os.getloadavg()[0]:.1f})"
            )
    finally:
        await control.close()
        os.kill(relay.pid, signal.SIGTERM)
    return wrong


if __name__ == "__main__":
    main()
