"""Merges of very many and of very large files, as whole processes: in bounded time, in bounded memory, and landed."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from anvcs import wire
from tests.conftest import Repo
from tests.faults.dying import ROOT, sound
from tests.merging import proposed

SECONDS = 300
"""Far above what it takes, for a machine with much else to do; a process that hangs does not end."""
MEMORY = 3 << 30
"""Bytes of address space, of which libraries and maps of packs take a good part."""
FULL = os.environ.get("ANVCS_FAULTS") == "full"
pytestmark = [pytest.mark.promise("merge.large"), pytest.mark.heavy, pytest.mark.timeout(2 * SECONDS)]


def perform(repo: Repo, request: wire.Request[Any, Any], params: wire.Params) -> None:
    """Perform a verb in a process with a limit to its memory."""
    script = Path(__file__).with_name("crash.py")
    given = msgspec.json.encode(params).decode()
    done = subprocess.run(
        [sys.executable, str(script), "none", "0", str(repo.config_home), request.verb, given],
        cwd=repo.path,
        env={**repo.env, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=False,
        timeout=SECONDS,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY)),
    )
    assert done.returncode == 0, done.stderr.decode()[-2000:]


def many(repo: Repo, count: int, apart: int) -> None:
    """Two streams that change ``count`` files, of which both change the first ``apart`` in different lines."""

    def commit(name: str, after: str, top: str, bottom: str) -> list[str]:
        lines = [f"commit refs/heads/{name}\ncommitter A <a@example.org> 1700000000 +0000\ndata 0\n{after}"]
        for number in range(count):
            if name != "base" and number >= apart and number % 2 == (name == "login"):
                continue
            text = f"{top}\n2\n3\n4\n5\n{bottom} {number}\n"
            lines.append(f"M 644 inline d{number % 100}/f{number}.txt\ndata {len(text)}\n{text}\n")
        return lines

    everything = [
        *commit("base", "", "1", "6"),
        *commit("login", "from refs/heads/base\n", "theirs", "6"),
        *commit("ours", "from refs/heads/base\n", "1", "ours"),
    ]
    repo.git("fast-import", "--quiet", stdin="".join(everything).encode())
    repo.git("checkout", "--quiet", "-B", "main", "ours")


@pytest.mark.parametrize("apart", [0, 10_000 if FULL else 2_000], ids=["one side each", "both sides"])
def test_ten_thousand_changed_files_are_proposed_and_land(repo: Repo, apart: int) -> None:
    many(repo, 10_000, apart)
    tree = repo.git("merge-tree", "--write-tree", "main", "login")
    perform(repo, wire.MERGE, wire.MergeParams(sources=("login",), auto=True))
    assert repo.git("rev-parse", "main^{tree}") == tree
    assert repo.git("rev-list", "--count", "--merges", "main") == "1"
    assert repo.status() == ""
    sound(repo)


def test_a_file_of_fifty_megabytes_in_conflict_is_told_decided_and_landed(repo: Repo) -> None:
    size = 2_000_000
    rows = [f"{number:0>24}" for number in range(size)]
    repo.write("big.py", "\n".join(rows))
    repo.git_commit("base")
    for stream in ("login", "main"):
        if stream == "login":
            repo.git("switch", "--quiet", "-c", stream)
        else:
            repo.git("switch", "--quiet", stream)
        repo.write("big.py", "\n".join([*rows[:1000], f"{stream} " * 3, *rows[1001:]]))
        repo.git_commit(stream)
    perform(repo, wire.MERGE, wire.MergeParams(sources=("login",)))
    it = proposed(repo)
    (file,) = it.files
    assert (file.how, it.conflicts) == ("conflict", 1)
    # Whoever has to decide is told that nothing looked into it, and how git left it.
    assert file.reason.endswith("It is too large to be merged by more than lines.")
    perform(repo, wire.PROPOSAL_RESOLVE, wire.ProposalResolveParams(path="big.py", take="right"))
    perform(repo, wire.PROPOSAL_ACCEPT, wire.ProposalAcceptParams())
    assert repo.git("rev-parse", "main:big.py") == repo.git("rev-parse", "login:big.py")
    sound(repo)
