"""Two branches that went on from one commit, merged by git and by us."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from anvcs.actions.caller import Caller
from anvcs.actions.merging import How, merge_commits
from anvcs.gitmirror.trees import Entry, lookup
from anvcs.merge.model import Conflict, FileOutcome, Finding, MergeResult, Options, TreeMerge
from tests.conftest import Repo

LINES = "".join(f"line {number}\n" for number in range(30))


@dataclass(frozen=True)
class Link:
    """A symbolic link."""

    to: str


@dataclass(frozen=True)
class Program:
    """A file that can be run."""

    text: str


@dataclass(frozen=True)
class Module:
    """A submodule at a commit."""

    commit: str


Content = str | bytes | Link | Program | Module | None
"""What a file becomes; None removes it."""
Changes = Mapping[str | bytes, Content]


def line(number: int, by: str = "X", text: str = LINES) -> str:
    """The text with one line changed."""
    return text.replace(f"line {number}\n", f"line {number} by {by}\n")


def change(repo: Repo, changes: Changes, message: str = "work") -> str:
    """Commit changes with plain git, and give the commit."""
    for name, content in changes.items():
        path = os.path.join(os.fsencode(repo.path), os.fsencode(name))  # noqa: PTH118 - paths are bytes here
        if isinstance(content, Module):
            entry = f"160000,{content.commit},{os.fsdecode(name)}"
            repo.git("update-index", "--add", "--cacheinfo", entry)
            continue
        if os.path.lexists(path):
            os.unlink(path)  # noqa: PTH108 - as above
        _write(path, content)
        repo.git_bytes("add", "--all", "--", os.fsencode(name))
        if isinstance(content, Program):
            repo.git_bytes("update-index", "--chmod=+x", "--", os.fsencode(name))
    repo.git("commit", "--quiet", "--allow-empty", "-m", message)
    return repo.head()


def _write(path: bytes, content: Content) -> None:
    if content is None or isinstance(content, Module):
        return
    os.makedirs(os.path.dirname(path), exist_ok=True)  # noqa: PTH103, PTH120 - as above
    if isinstance(content, Link):
        os.symlink(content.to, path)  # noqa: PTH211 - as above
        return
    text = content.text if isinstance(content, Program) else content
    with open(path, "wb") as file:  # noqa: PTH123 - as above
        file.write(text.encode() if isinstance(text, str) else text)


def fork(repo: Repo, base: Changes, left: Changes, right: Changes) -> None:
    """Commit the base, then one side on ``main``, where HEAD stands afterwards, and the other on ``other``."""
    change(repo, base, "base")
    repo.git("branch", "other")
    change(repo, left, "left")
    repo.git("checkout", "--quiet", "--force", "other")
    change(repo, right, "right")
    repo.git("checkout", "--quiet", "--force", "main")


class Fake:
    """An engine that says what it was asked, and keeps both sides or refuses."""

    def __init__(self, *, clean: bool = True) -> None:
        self.asked: list[tuple[bytes, bytes, bytes, str, Options]] = []
        self._clean = clean

    def __call__(self, base: bytes, left: bytes, right: bytes, *, path: str, options: Options) -> MergeResult:
        """Both sides, one after the other."""
        self.asked.append((base, left, right, path, options))
        if self._clean:
            return MergeResult(left + right, clean=True)
        conflict = Conflict("both-edit", "both sides changed the same lines", base, left, right, "f", 3)
        return MergeResult(b"<<<<<<<\n" + left, clean=False, conflicts=(conflict,))


class Judge:
    """A guard that says what it was shown, and finds what it is told to."""

    def __init__(self, *found: Finding) -> None:
        self.shown: list[tuple[bytes, bytes, bytes, bytes, str]] = []
        self._found = found

    def __call__(
        self, base: bytes, left: bytes, right: bytes, merged: bytes, *, path: str, allowed: frozenset[str]
    ) -> tuple[Finding, ...]:
        """What it is told to find."""
        self.shown.append((base, left, right, merged, path))
        return tuple(each for each in self._found if each.kind not in allowed)


@dataclass(frozen=True)
class Merged:
    """What came of one merge."""

    repo: Repo
    it: TreeMerge
    engine: Fake
    judge: Judge

    def text(self, path: bytes) -> bytes:
        """A file of the result, as git has it."""
        return self.repo.git_bytes("cat-file", "blob", self.it.tree + ":" + os.fsdecode(path))

    def only(self) -> FileOutcome:
        """The one outcome."""
        (outcome,) = self.it.files
        return outcome

    def at(self, path: bytes) -> FileOutcome:
        """The outcome of a path."""
        (outcome,) = (each for each in self.it.files if each.path == path)
        return outcome


def merge(
    repo: Repo,
    theirs: str | Sequence[str] = "other",
    *,
    ours: str = "main",
    clean: bool = True,
    found: Sequence[Finding] = (),
    unrelated: bool = False,
    is_pointer: Callable[[bytes], bool] | None = None,
    options: Options | None = None,
    names: Sequence[str] | None = None,
    caller: Caller | None = None,
) -> Merged:
    """Merge, with an engine and a guard that only say what they were asked; nothing but objects may change."""
    engine, judge = Fake(clean=clean), Judge(*found)
    how = How(engine=engine, check=judge, unrelated=unrelated)
    if is_pointer is not None:
        how = How(engine=engine, check=judge, unrelated=unrelated, is_pointer=is_pointer)
    workspace = (caller or repo.caller()).workspace(None)
    before = repo.snapshot()
    with workspace.lock:
        it = merge_commits(workspace, ours, theirs, names=names, options=options, how=how)
    assert repo.snapshot() == before
    return Merged(repo, it, engine, judge)


def by_git(repo: Repo, ours: str = "main", theirs: str = "other", *args: str) -> tuple[str, bool]:
    """The tree of git's own merge, and whether it is clean."""
    done = subprocess.run(
        ["git", "merge-tree", "--write-tree", *args, ours, theirs],
        cwd=repo.path,
        env=repo.env,
        capture_output=True,
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr
    return done.stdout[:40].decode(), done.returncode == 0


def as_git(repo: Repo, found: Sequence[Finding] = ()) -> Merged:
    """The merge where git's is clean: it must have git's tree, and ask no engine."""
    tree, clean = by_git(repo)
    assert clean
    merged = merge(repo, found=found)
    assert merged.it.tree == tree
    assert merged.it.clean
    assert merged.engine.asked == []
    return merged


def entry(repo: Repo, tree: str, path: bytes) -> Entry | None:
    """What stands at a path."""
    return lookup(repo.caller().workspace(None).repo.objects, tree, path)
