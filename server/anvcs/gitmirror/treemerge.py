"""git's own merge of two commits, and what goes with it: merge bases, renames, and making a result durable."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Sequence
from typing import Self

from anvcs.gitmirror import mergedriver
from anvcs.gitmirror.git import failed
from anvcs.gitmirror.repository import GitRepository
from anvcs.gitmirror.treemerge_attributes import Place
from anvcs.gitmirror.treemerge_kept import Kept
from anvcs.gitmirror.treemerge_objects import Written
from anvcs.gitmirror.treemerge_process import GitProcess, Tick
from anvcs.gitmirror.trees import EMPTY_TREE, SUBMODULE, TREE, parse

_LENT = re.compile(r"\.merge_file_[A-Za-z0-9]{6}")
_UNREAD = b"error: Could not read "
_RENAMES = "7000"
"""How many renames git looks for in a merge, if no setting says so."""
_IDENT = b"anvcs <merge@anvcs.invalid> 0 +0000"


class Running:
    """``git merge-tree`` at work; leaving the block ends it with all that it started."""

    def __init__(
        self, repo: GitRepository, ours: str, theirs: str, *, unrelated: bool, place: Place, kept: Kept | None = None
    ) -> None:
        """With ``kept``, commits are given by their Git ids."""
        allowed = ("--allow-unrelated-histories",) if unrelated else ()
        self._repo = repo
        self._commits = ours, theirs
        self._place = place
        self._args = ("merge-tree", "--write-tree", "--messages", "-z", *allowed, ours, theirs)
        self._there: set[str] | None = None
        ordinary = not unrelated and place == Place(repo.root)
        self._kept = kept if kept is not None and ordinary and kept.ask(ours, theirs) else None
        self._process = self._started() if self._kept is None else None

    @property
    def from_memory(self) -> bool:
        """A git said it that has merged before."""
        return self._kept is not None

    def output(self, tick: Tick) -> bytes:
        """What git says of the merge. Raises GitFailedError with git's words, and whatever ``tick`` raises."""
        said = self._kept.answer(tick) if self._kept is not None else None
        return said if said is not None else self.anew(tick)

    def is_right(self, paths: Collection[bytes]) -> bool:
        """What a git with memory said of these files is what another one says."""
        return self._kept is None or self._kept.remembers_rightly(self._place, paths)

    def anew(self, tick: Tick) -> bytes:
        """What a git says that has nothing in mind. Raises GitFailedError and whatever ``tick`` raises."""
        if self._kept is not None:
            self._kept.close()
            self._kept = None
        self._process = self._process or self._started()
        done = self._process.wait(tick)
        # It exits with 1 for conflicts, and for names that it does not know. Before 2.44 it takes a top folder that is
        # missing for an empty one, says so, and goes on.
        if done.code not in (0, 1) or not done.output or _UNREAD in done.said:
            raise failed(self._args, done.said)
        return done.output

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """End what is still at work."""
        if self._kept is not None:
            self._kept.drop()
        if self._process is not None:
            if self._process.stop() and self._there is not None:
                for name in self._lent() - self._there:
                    (self._place.folder / name).unlink(missing_ok=True)
            self._process.__exit__()

    def _started(self) -> GitProcess:
        settings = self._repo.settings.get()
        if mergedriver.are_set(settings):
            self._there = self._lent()
        # What our own driver would do is done afterwards, in this process.
        options = mergedriver.without(settings, *self._commits)
        return GitProcess(self._place.folder, {**self._repo.git.env, **self._place.extra}, *options, *self._args)

    def _lent(self) -> set[str]:
        """The files that git lends to merge drivers; it takes them back, but not when it is stopped meanwhile."""
        return {name for name in os.listdir(self._place.folder) if _LENT.fullmatch(name)}  # noqa: PTH208 - names are wanted


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
