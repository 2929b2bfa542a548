"""The operation log at sizes, in one run: ``python tests/benchmarks/operations.py [--sizes 10000,1000000]``.

First lookups: an operation by its id, the last 100 of one agent of twenty, and as the control an agent's by reading
through the log, at the smallest and the largest size; lookups should not take more than twice as long there. Ledgers
are filled through the store in large transactions, each operation with a body and an id of its own; only signatures
are nobody's, since looking up does not check them and making a million says nothing about it.

Then what a verb takes in a repository whose ledger holds the smallest size: recording an operation, and a commit or
a new stream with the undo of it, beside a wait for the disk and ``git commit``. Prints milliseconds, ratios and goals.
Nothing is asserted.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from common import git, isolated, once

from anvcs import ids, wire
from anvcs.actions.caller import Caller, call
from anvcs.actors import KeyStore, Signer
from anvcs.history import ledger as log
from anvcs.history import operations
from anvcs.history.ledger import Draft, Ledger
from anvcs.history.operations import Operation
from anvcs.history.views import EMPTY_ROOT
from anvcs.storage.protocol import Store
from anvcs.storage.sqlite import SqliteStore

AGENTS = tuple(f"agent:a{number}" for number in range(20))
LAST = 100
"""Operations of one agent that are looked up."""
AT_ONCE = 20_000
"""Operations in one transaction while a ledger is filled."""
TIME, PARENT = 1_700_000_000_000, bytes(range(32, 64))
"""What is replaced in the body of an example."""
LOOKUP_GOAL = 2.0
"""How many times as long a lookup may take at the largest size as at the smallest."""
UNDO_GOAL = 10.0
"""Milliseconds that recording and undoing may take in all but one of twenty rounds."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="10000,1000000", help="operations in the ledgers, smallest first")
    parser.add_argument("--rounds", type=int, default=100, help="how often each thing is measured")
    options = parser.parse_args()
    sizes = [int(size) for size in str(options.sizes).split(",")]
    with tempfile.TemporaryDirectory(prefix="anvcs-operations-") as scratch:
        folder = Path(scratch)
        signer = KeyStore(folder / "keys").signer(AGENTS[0])
        lookups(folder, signer, sizes, options.rounds)
        verbs(folder, signer, sizes[0], options.rounds)


def lookups(folder: Path, signer: Signer, sizes: list[int], rounds: int) -> None:
    """Print how long finding operations takes at every size, and how that grows."""
    print(f"{'operations':>10}{'filled in':>12}{'by id':>12}{f'{LAST} of agent':>15}{'unindexed':>13}")
    found: list[tuple[float, float, float]] = []
    for size in sizes:
        with closing(SqliteStore(folder / f"{size}.db")) as store:
            filled = once(lambda: fill(store, signer, size)).wall  # noqa: B023 - called at once
            found.append(look_up(store, rounds))
        shown = "".join(f"{ms:>{width}.4f}" for ms, width in zip(found[-1], (12, 15, 13), strict=True))
        print(f"{size:>10}{filled:>10.0f} s{shown}", flush=True)
    ratios = [last / first for first, last in zip(found[0], found[-1], strict=True)]
    print(f"{'ratio':>10}{'':>12}{ratios[0]:>11.2f}x{ratios[1]:>14.2f}x{ratios[2]:>12.1f}x")
    print(f"{'goal':>10}{'':>12}{LOOKUP_GOAL:>11}x{LOOKUP_GOAL:>14}x{'(control)':>13}\n")


def look_up(store: Store, rounds: int) -> tuple[float, float, float]:
    """Median milliseconds: by id, the last of an agent, and the last of an agent without an index."""
    ledger = Ledger(store)
    chance = random.Random(4)  # noqa: S311 - which are looked up need not be secret
    names = [entry.signed.id for entry in ledger.operations(limit=2000)]
    wanted = iter(chance.choices(names, k=rounds))
    agents = iter(chance.choices(AGENTS, k=rounds))
    by_id = median(rounds, lambda: ledger.get(next(wanted)))
    by_agent = median(rounds, lambda: last_of(ledger, next(agents)))
    return by_id, by_agent, median(1, lambda: scan(store, AGENTS[-1]))


def last_of(ledger: Ledger, agent: str) -> None:
    """The last operations of an agent, which are there."""
    if len(ledger.by_actor(agent, LAST)) != LAST:
        raise SystemExit(f"{agent} has not {LAST} operations")


def scan(store: Store, agent: str) -> list[bytes]:
    """The operations of an agent as they would be found without an index: by a look at every body."""
    found: list[bytes] = []
    after = 0
    while True:
        with store.read() as transaction:
            page = transaction.entries(log.OPERATIONS, after, 1000)
            found += [name for _, name in page if agent.encode() in (transaction.get("operation", name) or b"")]
        if not page:
            return found
        after = page[-1][0]


def fill(store: Store, signer: Signer, size: int) -> None:
    """Write that many published operations, each row as the ledger leaves it."""
    ledger = Ledger(store)
    signed = {actor: example(actor, ledger.replica) for actor in AGENTS}
    signature = [signer.public_key, bytes(64)]
    parent = ledger.head() or bytes(32)
    for start in range(0, size, AT_ONCE):
        with store.write(durable=False) as transaction:
            for number in range(start, min(start + AT_ONCE, size)):
                actor, time = AGENTS[number % len(AGENTS)], TIME + 1 + number
                body = signed[actor].replace(PARENT, parent, 1).replace(eight(TIME), eight(time), 1)
                parent = ids.digest(ids.Domain.OPERATION, body)
                sequence = transaction.append(log.OPERATIONS, parent)
                transaction.append(f"actor/{actor}", parent)
                transaction.put("operation", parent, ids.encode([body, *signature]))
                transaction.put("outcome", parent, ids.encode([sequence, "published", time]))
                transaction.append(log.OUTCOMES, ids.encode([parent, "published", time, sequence]))
    newest = ledger.operations(1)[0]
    if (newest.state, newest.operation.time) != ("published", TIME + size):
        raise SystemExit("the ledger keeps operations in another way by now")


def eight(number: int) -> bytes:
    """As it stands in a body."""
    return number.to_bytes(8, "big")


def example(actor: str, replica: str) -> bytes:
    """The body of an operation as the others are, but for parent and time."""
    return operations.encode(
        Operation(
            kind="checkpoint",
            actor=actor,
            replica=replica,
            time=TIME,
            parents=(PARENT,),
            view_before=EMPTY_ROOT,
            view_after=EMPTY_ROOT,
            moves=(),
            commit_point=None,
            names=("refs/notes/anvcs",),
            arguments=bytes(32),
            prompt=bytes(32),
            confidence=9000,
            causes=(),
            tier="red",
            paths=(b"server/module/file.py",),
            reversibility="reversible",
            details={"subject": "Make the parser accept an empty list"},
            worktree="main-worktree",
        )
    )


def verbs(folder: Path, signer: Signer, size: int, rounds: int) -> None:
    """Print how long recording and undoing take in a ledger of that size."""
    env = isolated(folder)
    top = folder / "repo"
    git(folder, env, "init", "--quiet", str(top))
    for number in range(20):
        (top / f"file{number}").write_text(f"{number}\n", encoding="utf-8")
    git(top, env, "add", ".")
    git(top, env, "commit", "--quiet", "-m", "first")
    with closing(Caller(cwd=top, env=env, config_home=folder / "keys")) as caller:
        call(caller, wire.INIT, wire.InitParams())
        workspace = caller.workspace(None)
        ledger = workspace.ledger
        with closing(SqliteStore(workspace.folder / "ledger.db")) as store:
            fill(store, signer, size)
        print(f"{'at ' + str(ledger.count()) + ' operations, ms':<42}{'p50':>9}{'p95':>9}{'goal p95':>10}")
        edits = iter(range(10**6))

        def edit() -> str:
            (top / "file7").write_text(f"edit {next(edits)}\n", encoding="utf-8")
            return "file7"

        def commit() -> None:
            call(caller, wire.COMMIT, wire.CommitParams(message="Work", paths=("file7",)))

        def undo() -> None:
            call(caller, wire.UNDO, wire.UndoParams())

        def stream() -> None:
            call(caller, wire.STREAM_CREATE, wire.StreamCreateParams(name="aside"))

        def git_commit() -> None:
            git(top, env, "commit", "--quiet", "-m", "Work", "file7")

        report("one wait for the disk", times(rounds, lambda: flush(top / ".git" / "flushed")))
        report("record an operation", times(rounds, lambda: ledger.record(Draft(kind="checkpoint"), signer)))
        report("new stream and undo", times(rounds, stream, undo), UNDO_GOAL)
        both = times(rounds, commit, undo, before=edit)
        report("commit and undo", both, UNDO_GOAL)
        report("git commit", times(rounds, git_commit, before=edit))


def flush(path: Path) -> None:
    """Append 4 KiB and wait until the disk has them."""
    with path.open("ab") as file:
        file.write(bytes(4096))
        file.flush()
        os.fdatasync(file.fileno())


def median(rounds: int, run: Callable[[], object]) -> float:
    """Milliseconds."""
    return statistics.median(times(rounds, run))


def times(rounds: int, *runs: Callable[[], object], before: Callable[[], object] = lambda: None) -> list[float]:
    """Milliseconds that all together take in each round."""
    found: list[float] = []
    for _ in range(rounds):
        before()
        found.append(1000 * sum(once(run).wall for run in runs))
    return found


def report(what: str, found: list[float], goal: float | None = None) -> None:
    """One row."""
    last = sorted(found)[-max(1, len(found) // 20)]
    print(f"{what:<42}{statistics.median(found):>9.2f}{last:>9.2f}{'' if goal is None else goal:>10}", flush=True)


if __name__ == "__main__":
    main()
