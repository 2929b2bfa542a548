"""git's own merge of two commits as bytes, and the folders that a merge reads and writes."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress

import pygit2
from pygit2.enums import ObjectType

from anvcs.gitmirror.git import failed
from anvcs.gitmirror.objects import ObjectStore
from anvcs.gitmirror.repository import GitRepository
from anvcs.gitmirror.treemerge_attributes import Place
from anvcs.gitmirror.trees import EMPTY_TREE, SUBMODULE, TREE, parse

Row = tuple[bytes, bytes, bytes]
"""Mode, name and Git id of an entry, as in a raw tree."""
Tick = Callable[[], None]
"""Called while git is at work; raises to stop it."""

_ROW = re.compile(rb"([0-7]+) ([^\0]+)\0(.{20})", re.DOTALL)
_EMPTY = bytes.fromhex(EMPTY_TREE)
_LOOK = 0.1
"""Seconds between two looks at whether somebody wants to stop."""
_RENAMES = "7000"
"""How many renames git looks for in a merge, if no setting says so."""
_IDENT = b"anvcs <merge@anvcs.invalid> 0 +0000"
_GRACE = 5.0
"""Seconds that git and merge drivers have to clean up before they are killed."""
_KINDS = {"blob": ObjectType.BLOB, "tree": ObjectType.TREE, "commit": ObjectType.COMMIT}


class Written:
    """Reads objects, and writes new ones so that git sees them at once.

    They are no more durable than those that git writes: whoever lets a ref point at them adopts them first.
    """

    def __init__(self, repo: GitRepository) -> None:
        self._store: ObjectStore = repo.objects
        self._handle: pygit2.Repository = repo.handle
        # libgit2 writes into the repository's own folder, whatever the environment says.
        self._elsewhere = "GIT_OBJECT_DIRECTORY" in repo.git.env

    def read(self, oid: str, kind: str) -> bytes:
        """Content of the object. Raises GitFailedError."""
        return self._store.read(oid, kind)

    def write(self, kind: str, data: bytes) -> str:
        """Git id of the new object."""
        if self._elsewhere:
            made = self._store.write(kind, data)
            self._store.flush()
            return made
        return str(self._handle.odb.write(_KINDS[kind], data))


class Folders:
    """Folders as rows."""

    def __init__(self, objects: Written) -> None:
        self._objects = objects

    def read(self, folder: bytes, /) -> list[Row]:
        """The entries in Git's order. Raises GitFailedError."""
        return _ROW.findall(self._objects.read(folder.hex(), "tree")) if folder != _EMPTY else []

    def write(self, rows: Iterable[Row], /) -> bytes:
        """The Git id of the folder with these entries."""
        return bytes.fromhex(self._objects.write("tree", b"".join([b"%s %s\0%s" % row for row in rows])))


def size(repo: GitRepository, oid: str) -> int:
    """Bytes of a blob. Raises GitFailedError."""
    try:
        return repo.handle.odb.read_header(pygit2.Oid(hex=oid))[1]
    except (KeyError, pygit2.GitError):
        return len(repo.objects.read(oid, "blob"))


def short(repo: GitRepository, oid: str) -> str:
    """The beginning of a Git id that names it among all others."""
    return repo.handle[oid].short_id


class Running:
    """``git merge-tree`` at work; :meth:`output` waits for it, :meth:`stop` ends it with all that it started."""

    def __init__(self, repo: GitRepository, ours: str, theirs: str, *, unrelated: bool, place: Place) -> None:
        allowed = ("--allow-unrelated-histories",) if unrelated else ()
        self._args = ("merge-tree", "--write-tree", "--messages", "-z", *allowed, ours, theirs)
        self._child = subprocess.Popen(
            ["git", *self._args],
            cwd=place.folder,
            env={**repo.git.env, **place.extra} if place.extra else repo.git.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            # A session of its own ends as a whole: git may have started merge drivers.
            start_new_session=True,
        )

    def output(self, tick: Tick) -> bytes:
        """What git says of the merge. Raises GitFailedError with git's words, and whatever ``tick`` raises."""
        try:
            out, said = self._wait(tick)
        except BaseException:
            self.stop()
            raise
        # It exits with 1 for conflicts, and for names that it does not know.
        if self._child.returncode not in (0, 1) or not out:
            raise failed(self._args, said)
        return out

    def _wait(self, tick: Tick) -> tuple[bytes, bytes]:
        while True:
            try:
                return self._child.communicate(timeout=_LOOK)
            except subprocess.TimeoutExpired:
                tick()

    def stop(self) -> None:
        """End it; nothing happens if it has ended."""
        for sign in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._child.pid, sign)
            with suppress(subprocess.TimeoutExpired):
                self._child.communicate(timeout=_GRACE)
                break
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
        out = Running(repo, onto, other, unrelated=True, place=Place(repo.root)).output(tick)
        tree = out[:40].decode("ascii")
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
