"""Notes written by several processes at once, with git's own writer among them, and by processes that are killed.

The law. A write of ours returns only after its commit was the ref's value, and each of our steps changes only its own
key. So a note of ours can be missing afterwards only because a step of `git notes` overwrote it: git builds on what it
read earlier and moves the ref without looking. Such a step stands in the ref's log, so the loss is seen, and the notes
(which the ledger holds) are put back.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pygit2 import Repository, Signature

from anvcs.errors import LockedError
from anvcs.gitmirror import notes

REF = "refs/notes/anvcs"
ME = Signature("Ada", "ada@example.com", 1_700_000_000, 0)
WRITERS = 4
EACH = 100
WAIT = 90

# Says "ready", waits for a line, then writes its notes and says each id once it is written.
WRITER = """
import sys
from pygit2 import Repository, Signature
from anvcs.gitmirror import notes
me = Signature("Ada", "ada@example.com", 1_700_000_000, 0)
repo, name = Repository(sys.argv[1]), sys.argv[2]
print("ready", flush=True)
ids = sys.stdin.readline().split()
for git_id in ids:
    text = f"{name} {git_id}\\n".encode()
    notes.write(repo, "refs/notes/anvcs", lambda old: (old or b"") + text, git_id, me, message=name, patience=60)
    print(git_id, flush=True)
"""

Writer = subprocess.Popen[str]


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    home = tmp_path / "home"
    home.mkdir()
    (home / ".gitconfig").write_text("[user]\n name = Ada\n email = ada@example.com\n")
    return {"PATH": os.environ["PATH"], "HOME": str(home), "GIT_CONFIG_NOSYSTEM": "1"}


@pytest.fixture
def repo(tmp_path: Path, env: dict[str, str]) -> Repository:
    top = tmp_path / "work"
    subprocess.run(["git", "init", "-q", "-b", "main", str(top)], env=env, check=True)
    return Repository(str(top))


@pytest.fixture
def writers(repo: Repository, env: dict[str, str]) -> Iterator[list[Writer]]:
    """Processes that stand ready to write, all killed at the end."""
    running = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, repo.workdir, f"writer-{number}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=env,
            text=True,
        )
        for number in range(WRITERS)
    ]
    for writer in running:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
    yield running
    for writer in running:
        writer.kill()
        writer.communicate()


def git(repo: Repository, env: dict[str, str], *args: str, check: bool = True) -> str:
    done = subprocess.run(["git", *args], cwd=repo.workdir, env=env, capture_output=True, text=True, check=check)
    return done.stdout


def ids_of(number: int, count: int = EACH) -> list[str]:
    return [hashlib.sha1(f"{number}/{at}".encode(), usedforsecurity=False).hexdigest() for at in range(count)]


def start(writers: list[Writer], count: int = EACH) -> None:
    for number, writer in enumerate(writers):
        assert writer.stdin is not None
        writer.stdin.write(" ".join(ids_of(number, count)) + "\n")
        writer.stdin.flush()


def wait(writers: list[Writer]) -> None:
    for writer in writers:
        assert writer.wait(WAIT) == 0


def expected(count: int = EACH) -> dict[str, bytes]:
    return {
        git_id: f"writer-{number} {git_id}\n".encode() for number in range(WRITERS) for git_id in ids_of(number, count)
    }


def steps(repo: Repository, env: dict[str, str]) -> list[tuple[str, str, str]]:
    """(old, new, who wrote it) of every move of the ref, oldest first."""
    log = (Path(repo.path) / "logs" / REF).read_text().splitlines()
    moves = [(line.split()[0], line.split()[1]) for line in log]
    names = git(repo, env, "log", "--no-walk=unsorted", "--format=%s", *(new for _, new in moves)).splitlines()
    return [(old, new, name) for (old, new), name in zip(moves, names, strict=True)]


def present(repo: Repository, commit: str) -> dict[str, bytes]:
    return {} if not commit.strip("0") else dict(notes.Notes(repo, repo[commit].id).items())


@pytest.mark.promise("notes.none-lost")
def test_four_processes_write_at_once_and_lose_nothing(
    repo: Repository, env: dict[str, str], writers: list[Writer]
) -> None:
    start(writers)
    wait(writers)
    assert dict(notes.Notes(repo, notes.tip(repo, REF)).items()) == expected()
    names = [name for _, _, name in steps(repo, env)]
    turns = sum(one != next_ for one, next_ in itertools.pairwise(names))
    assert turns > WRITERS, "the writers ran one after the other, which shows nothing"
    assert git(repo, env, "fsck", "--strict", "--no-dangling") == ""


@pytest.mark.promise("notes.none-lost")
def test_four_processes_add_to_one_note_and_lose_no_line(repo: Repository, writers: list[Writer]) -> None:
    same = ids_of(0, 1)[0]
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write(" ".join([same] * 25) + "\n")
        writer.stdin.flush()
    wait(writers)
    note = notes.read(repo, notes.tip(repo, REF), same)
    assert note is not None
    assert sorted(note.splitlines()) == sorted(f"writer-{n} {same}".encode() for n in range(WRITERS) for _ in range(25))


@pytest.mark.promise("notes.git-overwrites-are-put-back")
def test_what_git_notes_overwrites_meanwhile_is_known_and_put_back(
    repo: Repository, env: dict[str, str], writers: list[Writer]
) -> None:
    tree = git(repo, env, "hash-object", "-w", "-t", "tree", "--stdin")
    start(writers, 40)
    theirs: list[str] = []
    while any(writer.poll() is None for writer in writers):
        target = git(repo, env, "commit-tree", "-m", f"target {len(theirs)}", tree.strip()).strip()
        # It fails when the ref is locked at that moment; it may well overwrite ours.
        done = subprocess.run(
            ["git", "notes", "--ref=anvcs", "add", "-f", "-m", "theirs", target],
            cwd=repo.workdir,
            env=env,
            capture_output=True,
            check=False,
        )
        if done.returncode == 0:
            theirs.append(target)
    wait(writers)
    assert theirs, "git wrote nothing, which shows nothing"

    overwritten: set[str] = set()
    after: dict[str, bytes] = {}
    at = "0" * 40
    for old, new, name in steps(repo, env):
        assert old == at, "the log has no gap"
        before, after, at = after, present(repo, new), new
        if name.startswith("writer-"):
            assert len(after.keys() - before.keys()) == 1
            assert before.items() <= after.items(), "a step of ours took something away"
        else:
            overwritten |= before.keys() - after.keys()
    wanted = expected(40)
    left = present(repo, str(notes.tip(repo, REF)))
    assert wanted.keys() - left.keys() <= overwritten

    notes.write_all(repo, REF, {git_id: (lambda _, text=text: text) for git_id, text in wanted.items()}, ME)
    assert wanted.items() <= present(repo, str(notes.tip(repo, REF))).items()
    assert git(repo, env, "fsck", "--strict", "--no-dangling") == ""


@pytest.mark.promise("notes.none-lost")
def test_a_killed_writer_loses_no_note_that_it_had_reported(
    repo: Repository, env: dict[str, str], writers: list[Writer]
) -> None:
    start(writers)
    reported: list[str] = []
    for writer in writers:
        assert writer.stdout is not None
        reported += [writer.stdout.readline().strip() for _ in range(10)]
    for writer in writers:
        writer.send_signal(signal.SIGKILL)
    for writer in writers:
        rest, _ = writer.communicate(timeout=WAIT)
        # A last line may be cut short.
        reported += [line.strip() for line in rest.splitlines(keepends=True) if line.endswith("\n")]
    left = present(repo, str(notes.tip(repo, REF)))
    assert {git_id: expected()[git_id] for git_id in reported}.items() <= left.items()
    assert git(repo, env, "fsck", "--strict", "--no-dangling") == ""
    lock = Path(repo.path) / f"{REF}.lock"
    if lock.exists():  # It was killed in the midst of a swap: as with git, the lock stays and is named.
        with pytest.raises(LockedError, match=r"anvcs\.lock"):
            notes.write(repo, REF, lambda _: b"x\n", ids_of(9)[0], ME, patience=0.01)
        lock.unlink()
    notes.write(repo, REF, lambda _: b"x\n", ids_of(9)[0], ME)
    assert {git_id: expected()[git_id] for git_id in reported}.items() <= present(
        repo, str(notes.tip(repo, REF))
    ).items()
