"""An ANVCS commit beside git's, in one run: ``python tests/benchmarks/commit.py [--files 1000 ...] [--rounds N]``.

Ours is one call in a warm process, as in the language server, everything included: index synced, durable, note,
signed operation, metadata with prompt, model and agent. git's is ``git add`` and ``git commit``, as it is used. Each
has its own copy of the repository, and they take turns. Once with a path given, once with all changes; without hooks,
and with a pre-commit hook that does nothing. Beside them stands the command line's own time, its start included.

Prints medians in milliseconds, the ratio to git and the goal for it, and processor time (user and system, children
included), which a busy machine disturbs less. Nothing is asserted.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from common import Cost, Task, git, in_turn, isolated

from anvcs import wire
from anvcs.actions.caller import Caller, call

METADATA = wire.Metadata(
    prompt="Make the parser accept an empty list. " * 10,
    model="model-1",
    agent_id="agent:bench",
    tests_passed=True,
    coverage=87.5,
    env={"python": "3.12"},
)
GOALS: dict[str, dict[int, float]] = {
    "paths": {1_000: 0.8, 50_000: 0.3},
    "all": dict.fromkeys((1_000, 10_000, 50_000), 1.2),
}
"""The ratio to git's time that a commit of each kind should not exceed, by the number of files."""
HOOK = "#!/bin/sh\nexit 0\n"
PER_FOLDER, FOLDERS = 50, 40


class Copy(NamedTuple):
    """One competitor's own copy of the repository, and the edits it will commit."""

    top: Path
    env: dict[str, str]
    edits: Iterator[str]

    def edit(self) -> str:
        """Change the next file and give its name."""
        name = next(self.edits)
        with (self.top / name).open("a", encoding="utf-8") as file:
            file.write(f"# edited {name}\n")
        return name

    def git(self, *args: str) -> str:
        """Run git here."""
        return git(self.top, self.env, *args)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, action="append", help="files in the repository; may be repeated")
    parser.add_argument("--rounds", type=int, default=25, help="how often each thing is measured; the median counts")
    options = parser.parse_args()
    sizes: list[int] = options.files or [1_000, 10_000, 50_000]
    print(f"{'files':>6}  {'commit of':<13}{'git':>9}{'ours':>9}{'ratio':>8}{'goal':>7}{'cpu':>8}{'ai-vcs':>10}")
    for size in sizes:
        with tempfile.TemporaryDirectory(prefix="anvcs-commit-") as scratch:
            measure(Path(scratch), size, options.rounds)


def measure(folder: Path, size: int, rounds: int) -> None:
    """Print four rows for one size: paths and all changes, without and with a hook."""
    env = isolated(folder)
    names = file_names(size)
    source = synthetic(folder / "source", names, env)
    gits, ours, command = (copy(source, folder / name, names, env) for name in ("git", "ours", "command"))
    caller = Caller(cwd=ours.top, env=env, config_home=folder / "keys")
    other = Caller(cwd=command.top, env=env, config_home=folder / "keys")
    for each in (caller, other):
        call(each, wire.INIT, wire.InitParams())
    other.close()
    for hook in (False, True):
        if hook:
            for each in (gits, ours, command):
                install_hook(each)
        for kind in ("paths", "all"):
            costs = in_turn(rounds, git_task(gits, kind), our_task(ours, caller, kind), command_task(command, kind))
            report(size, kind, costs, hook=hook)
    for each in (gits, ours, command):
        if each.git("status", "--porcelain"):
            raise SystemExit(f"{each.top} is not clean after its commits")
    caller.close()


def git_task(repo: Copy, kind: str) -> Task:
    """What git does."""
    names: list[str] = []

    def run() -> None:
        repo.git("add", *(names if kind == "paths" else ["-A"]))
        repo.git("commit", "--quiet", "-m", "Work on a file")

    return Task(run, lambda: names.__setitem__(slice(None), [repo.edit()]))


def our_task(repo: Copy, caller: Caller, kind: str) -> Task:
    """What the language server does."""
    names: list[str] = []

    def run() -> None:
        paths = tuple(names) if kind == "paths" else ()
        call(caller, wire.COMMIT, wire.CommitParams(message="Work on a file", paths=paths, metadata=METADATA))

    return Task(run, lambda: names.__setitem__(slice(None), [repo.edit()]))


def command_task(repo: Copy, kind: str) -> Task:
    """What the command line does, from its start to its end."""
    names: list[str] = []
    program = [str(Path(sys.executable).with_name("ai-vcs")), "commit", "-m", "Work on a file", "--agent", "bench"]
    options = ["--prompt", METADATA.prompt or "", "--model", METADATA.model or ""]

    def run() -> None:
        paths = names if kind == "paths" else []
        done = subprocess.run(
            [*program, *options, *paths], cwd=repo.top, env=repo.env, capture_output=True, check=False
        )
        if done.returncode:
            raise SystemExit(f"ai-vcs commit failed: {done.stderr.decode()}")

    return Task(run, lambda: names.__setitem__(slice(None), [repo.edit()]))


def report(size: int, kind: str, costs: list[Cost], *, hook: bool) -> None:
    """One row."""
    git_cost, our_cost, command_cost = costs
    goal = GOALS[kind].get(size)
    what = ("a path" if kind == "paths" else "all changes") + (", hook" if hook else "")
    print(
        f"{size:>6}  {what:<13}{git_cost.wall * 1000:>9.1f}{our_cost.wall * 1000:>9.1f}"
        f"{our_cost.wall / git_cost.wall:>7.2f}x{'' if goal is None else f'{goal}x':>7}"
        f"{our_cost.cpu / git_cost.cpu:>7.2f}x{command_cost.wall * 1000:>10.1f}",
        flush=True,
    )


def file_names(size: int) -> list[str]:
    """Names of files, 50 in a folder, 40 folders in one of the top."""
    places = ((at // PER_FOLDER, at % PER_FOLDER) for at in range(size))
    return [f"pkg{folder // FOLDERS:03d}/mod{folder % FOLDERS:02d}/file{at:02d}.py" for folder, at in places]


def synthetic(path: Path, names: list[str], env: dict[str, str]) -> Path:
    """A packed repository with these files, checked out an hour ago.

    Files as young as the index would be read again and again by every git command until one writes the index.
    """
    git(path.parent, env, "init", "--quiet", str(path))
    chance = random.Random(1)  # noqa: S311 - a benchmark's content need not be secret
    parts = [b"commit refs/heads/main\ncommitter Author <a@example.org> 1700000000 +0000\ndata 5\nfirst\n"]
    for name in names:
        text = "\n".join(f"def f{at}(x):\n    return x + {chance.randrange(10**6)}\n" for at in range(20)).encode()
        parts.append(b"M 100644 inline %s\ndata %d\n%s\n" % (name.encode(), len(text), text))
    git(path, env, "fast-import", "--quiet", stdin=b"".join(parts) + b"\n")
    git(path, env, "reset", "--quiet", "--hard")
    past = time.time() - 3600
    for name in names:
        os.utime(path / name, (past, past))
    return path


def copy(source: Path, path: Path, names: list[str], env: dict[str, str]) -> Copy:
    """A copy with its files known to its index."""
    shutil.copytree(source, path, symlinks=True)
    git(path, env, "status", "--short")
    chance = random.Random(path.name)  # noqa: S311 - see above
    return Copy(path, env, iter(lambda: chance.choice(names), None))


def install_hook(repo: Copy) -> None:
    """A pre-commit hook that agrees to everything."""
    hook = repo.top / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(HOOK, encoding="ascii")
    hook.chmod(0o755)


if __name__ == "__main__":
    main()
