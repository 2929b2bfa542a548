"""The graph beside git, in one run: ``python tests/benchmarks/graph.py [--size 10000 ...] [--repo PATH] [--rounds N]``.

Prints how long the first 1,000 rows take from the warm row index (read anew, and unchanged since then), against
``git log --graph`` with a commit-graph; how long building and following one commit take; and how times grow with the
history. Sizes are synthetic histories; ``--size 1000000`` takes minutes. ``--repo`` is cloned, not touched. Nothing is
asserted: times are this machine's, ratios are what counts.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from anvcs.actions.caller import Caller, call
from anvcs.actions.graph import graph, update_index
from anvcs.actions.graph_warm import Warm
from anvcs.wire import INIT, GraphPage, GraphParams, InitParams

ROWS = 1000
FORMAT = "--format=%H%x00%P%x00%an%x00%ae%x00%at%x00%s%x00%D"
SCOPE = ("--branches", "--remotes", "--tags", "HEAD")
_encode = msgspec.json.Encoder().encode


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, action="append", help="commits of a synthetic history; may be repeated")
    parser.add_argument("--repo", type=Path, action="append", default=[], help="a real repository to clone and measure")
    parser.add_argument("--rounds", type=int, default=15, help="how often each thing is measured; the median counts")
    options = parser.parse_args()
    sizes: list[int] = options.size or ([] if options.repo else [10_000])
    with tempfile.TemporaryDirectory(prefix="anvcs-graph-") as scratch:
        folder = Path(scratch)
        env = isolated(folder)
        reads: dict[str, float] = {}
        for size in sizes:
            repo = synthetic(folder / f"s{size}", size, env)
            reads[f"{size:,}"] = measure(f"synthetic, {size:,} commits", repo, env, options.rounds)
        for number, source in enumerate(options.repo):
            repo = folder / f"r{number}"
            git(folder, env, "clone", "--quiet", "--shared", "--no-checkout", str(source.resolve()), str(repo))
            reads[source.name] = measure(str(source), repo, env, options.rounds)
        first = next(iter(reads))
        for name, seconds in reads.items():
            if name != first:
                print(f"1,000 rows of {name} against {first}: {seconds / reads[first]:.2f}x")


def measure(title: str, repo: Path, env: dict[str, str], rounds: int) -> float:
    """Print everything about one repository; the seconds that reading 1,000 rows from the index takes."""
    print(f"\n{title}")
    caller = Caller(cwd=repo, env=env, config_home=repo.parent / "keys")
    git(repo, env, "config", "commit.gpgsign", "false")
    call(caller, INIT, InitParams())

    plain = once(lambda: git_graph(repo, env))
    report("git log --graph -1000 without a commit-graph", plain)
    report("  ours, first page of 200, before any index", once(lambda: page(caller, 200)), plain)
    report("  building the row index", once(lambda: update_index(caller, None)))
    report("git commit-graph write", once(lambda: git(repo, env, "commit-graph", "write", "--reachable")))
    settle(repo)
    warm = Warm.of(caller.workspace(None))

    def anew() -> None:
        warm.pages.clear()
        page(caller)

    git_time, read, again = together(rounds, lambda: git_graph(repo, env), anew, lambda: page(caller))
    report("git log --graph -1000 with a commit-graph", git_time)
    report("  ours, 1,000 rows from the index, lanes and JSON", read, git_time)
    report("  ours, the same page again, nothing moved", again, git_time)
    tip = git(repo, env, "commit-tree", "-p", "HEAD", "-m", "one more", "HEAD^{tree}").strip()
    git(repo, env, "update-ref", "refs/heads/one-more", tip)
    report("  ours, 1,000 rows after one new commit", once(lambda: page(caller)), git_time)
    caller.close()
    return read


def page(caller: Caller, limit: int = ROWS) -> GraphPage:
    """A page as a surface sends it."""
    found = graph(caller, GraphParams(limit=limit))
    _encode(found)
    return found


def git_graph(repo: Path, env: dict[str, str]) -> str:
    """What git needs for the same."""
    return git(repo, env, "log", "--graph", f"-{ROWS}", FORMAT, *SCOPE)


def once(work: Callable[[], object]) -> float:
    """Seconds."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def together(rounds: int, *works: Callable[[], object]) -> list[float]:
    """The median seconds of each, taken in turn so that all see the same machine."""
    times = [[once(work) for work in works] for _ in range(rounds)]
    return [statistics.median(column) for column in zip(*times, strict=True)]


def report(what: str, seconds: float, against: float | None = None) -> None:
    """One line, with the ratio to git's time."""
    ratio = "" if against is None else f"   {seconds / against:.3f}x"
    print(f"  {what:<56} {seconds * 1000:>10.2f} ms{ratio}")


def settle(repo: Path) -> None:
    """Let every file that holds refs be older than the doubt about time stamps."""
    common = repo / ".git"
    past = time.time() - 60
    for path in (*common.glob("*"), *common.glob("refs/**/*")):
        os.utime(path, (past, past))


def synthetic(path: Path, size: int, env: dict[str, str]) -> Path:
    """A repository with a main line, side branches and merges."""
    path.mkdir()
    git(path, env, "init", "--quiet", "--initial-branch=main")
    chance = random.Random(2)  # noqa: S311 - a benchmark's history need not be secret
    importing = subprocess.Popen(["git", "fast-import", "--quiet"], cwd=path, env=env, stdin=subprocess.PIPE)
    assert importing.stdin is not None
    importing.stdin.write(b"blob\nmark :1\ndata 1\nx\n")
    tip, sides = 0, list[int]()
    for mark in range(2, size + 2):
        merged = sides.pop(chance.randrange(len(sides))) if sides and chance.random() < 0.25 else 0
        aside = bool(tip) and not merged and chance.random() < 0.3
        parent = sides.pop(chance.randrange(len(sides))) if aside and sides and chance.random() < 0.7 else tip
        importing.stdin.write(
            b"commit refs/heads/main\nmark :%d\ncommitter Author %d <a%d@example.org> %d +0000\n"
            % (mark, mark % 37, mark % 37, 1_400_000_000 + mark * 60)
            + b"data <<END\nCommit number %d fixes the module\nEND\n" % mark
            + (b"from :%d\n" % parent if parent else b"")
            + (b"merge :%d\n" % merged if merged else b"")
            + (b"" if parent else b"M 100644 :1 file\n")
            + b"\n"
        )
        if aside:
            sides.append(mark)
        else:
            tip = mark
    importing.stdin.write(b"reset refs/heads/main\nfrom :%d\n\n" % tip)
    importing.stdin.close()
    if importing.wait():
        raise SystemExit("git fast-import failed")
    return path


def isolated(folder: Path) -> dict[str, str]:
    """An environment without the user's git configuration."""
    config = folder / "gitconfig"
    config.write_text("[user]\n    name = Benchmark\n    email = benchmark@example.org\n", encoding="utf-8")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return {**kept, "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": str(config)}


def git(folder: Path, env: dict[str, str], *args: str) -> str:
    """Run git and give its output."""
    done = subprocess.run(["git", *args], cwd=folder, env=env, capture_output=True, check=True)
    return done.stdout.decode("utf-8", "replace")


if __name__ == "__main__":
    main()
