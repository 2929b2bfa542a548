"""git's own merge of two commits, and what goes with it: merge bases, renames, and making a result durable."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Self

from anvcs.gitmirror.git import failed
from anvcs.gitmirror.repository import GitRepository
from anvcs.gitmirror.treemerge_attributes import Place
from anvcs.gitmirror.treemerge_objects import Written
from anvcs.gitmirror.trees import EMPTY_TREE, SUBMODULE, TREE, parse

Tick = Callable[[], None]
"""Called while git is at work; raises to stop it."""

_LOOK = 0.1
"""Seconds between two looks at whether somebody wants to stop."""
_RENAMES = "7000"
"""How many renames git looks for in a merge, if no setting says so."""
_IDENT = b"anvcs <merge@anvcs.invalid> 0 +0000"
_PIPE = 1 << 16
_GRACE = 5.0
"""Seconds that git and merge drivers have to clean up before they are killed."""


class Running:
    """``git merge-tree`` at work; leaving the block ends it with all that it started."""

    def __init__(self, repo: GitRepository, ours: str, theirs: str, *, unrelated: bool, place: Place) -> None:
        allowed = ("--allow-unrelated-histories",) if unrelated else ()
        self._args = ("merge-tree", "--write-tree", "--messages", "-z", *allowed, ours, theirs)
        # Merge drivers may say more than a pipe holds, which nobody reads while git is at work.
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the block
        self._child = subprocess.Popen(
            ["git", *self._args],
            cwd=place.folder,
            env={**repo.git.env, **place.extra} if place.extra else repo.git.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._said,
            bufsize=0,
            # A session of its own ends as a whole: git may have started merge drivers.
            start_new_session=True,
        )

    def output(self, tick: Tick) -> bytes:
        """What git says of the merge. Raises GitFailedError with git's words, and whatever ``tick`` raises."""
        out = b"".join(self._read(tick))
        # It exits with 1 for conflicts, and for names that it does not know.
        if self._child.wait() not in (0, 1) or not out:
            self._said.seek(0)
            raise failed(self._args, self._said.read())
        return out

    def _read(self, tick: Tick) -> Iterator[bytes]:
        assert self._child.stdout is not None  # noqa: S101 - for the type checker; PIPE gives one
        pipe = self._child.stdout.fileno()
        while True:
            if select.select([pipe], [], [], _LOOK)[0]:
                data = os.read(pipe, _PIPE)
                if not data:
                    return
                yield data
            # What a driver leaves behind may hold our end of the pipe.
            elif self._child.poll() is not None:
                return
            else:
                tick()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """End what is still at work."""
        if self._child.poll() is None:
            self._stop()
        assert self._child.stdout is not None  # noqa: S101 - for the type checker; PIPE gives one
        self._child.stdout.close()
        self._said.close()

    def _stop(self) -> None:
        for sign in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._child.pid, sign)
            with suppress(subprocess.TimeoutExpired):
                self._child.wait(_GRACE)
                break
        # What git started ends with it.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._child.pid, signal.SIGKILL)


def renames(repo: GitRepository, base: str, side: str) -> dict[bytes, bytes]:
    """The old path of every file that a side renamed, by its new one. Raises GitFailedError."""
    settings = repo.settings.get()
    limit = settings.get("merge.renameLimit") or settings.get("diff.renameLimit") or _RENAMES
    args = ("diff-tree", "-r", "-M", f"-l{limit}", "--diff-filter=R", "--name-status", "-z", base, side)
    fields = iter(repo.git.output(*args).split(b"\0"))
    return {new: old for _, old, new in zip(fields, fields, fields, strict=False)}


def virtual_base(repo: GitRepository, bases: Sequence[str], tick: Tick) -> str:
    """The tree that several merge bases come to when they are merged themselves, as git does with them.

    Raises GitFailedError.
    """
    objects = Written(repo)
    # git begins with the oldest.
    onto, *rest = reversed(bases)
    tree = repo.tree_of(onto)
    for other in rest:
        with Running(repo, onto, other, unrelated=True, place=Place(repo.root)) as running:
            tree = running.output(tick)[:40].decode("ascii")
        onto = commit(objects, tree, (onto, other))
    return tree


def commit(objects: Written, tree: str, parents: Sequence[str]) -> str:
    """A commit that nothing points at, for git to find merge bases by."""
    lines = [b"tree " + tree.encode(), *(b"parent " + parent.encode() for parent in parents)]
    lines += [b"author " + _IDENT, b"committer " + _IDENT]
    return objects.write("commit", b"\n".join(lines) + b"\n\nmerged so far\n")


def adopt(repo: GitRepository, tree: str, parents: Sequence[str]) -> None:
    """Let the next flush make a merged tree durable: all of it that none of the parents' trees has."""
    known: set[str] = set()
    waiting = [(tree, tuple(repo.tree_of(parent) for parent in parents))]
    while waiting:
        folder, olds = waiting.pop()
        if folder in olds or folder in known or folder == EMPTY_TREE:
            continue
        known.add(folder)
        repo.objects.adopt(folder)
        before = [parse(repo.objects.read(old, "tree")) if old != EMPTY_TREE else {} for old in olds]
        for name, entry in parse(repo.objects.read(folder, "tree")).items():
            there = [rows[name] for rows in before if name in rows]
            if entry.mode == TREE:
                waiting.append((entry.oid, tuple(old.oid for old in there if old.mode == TREE)))
            elif entry.mode != SUBMODULE and entry not in there:
                repo.objects.adopt(entry.oid)
