"""The actor registry in Git: ``refs/anvcs/actors``, a commit whose tree holds one file for each entry.

An entry's file is named by its id (``<2 hexadecimal digits>/<62>``) and never changes, so every merge is a union.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping

from anvcs import ids
from anvcs.errors import LockedError
from anvcs.gitmirror import notes, refs
from anvcs.gitmirror.identity import Ident
from anvcs.gitmirror.repository import GitRepository
from anvcs.gitmirror.trees import EMPTY_TREE, FILE, TREE, Entry, edit, lookup, parse
from anvcs.ids import Domain

REF = "refs/anvcs/actors"
MESSAGE = b"Keys of actors, by ANVCS\n"
PATIENCE = 10.0
"""Seconds that a writer tries before it gives up."""


def _no_step(_: str) -> None:
    """Pass a step and do nothing."""


def tip(repo: GitRepository) -> str | None:
    """The commit that the registry stands at."""
    found = notes.tip(repo.handle, REF)
    return None if found is None else str(found)


def read(repo: GitRepository, commit: str | None) -> dict[bytes, bytes]:
    """The content of every entry by its id, as of a commit of the registry."""
    files = _files(repo, commit) if commit else {}
    return {
        bytes.fromhex(path.replace(b"/", b"").decode("ascii")): repo.objects.read(oid, "blob")
        for path, oid in files.items()
    }


def holds(repo: GitRepository, entry: bytes) -> bool:
    """Whether the registry has an entry of this id."""
    commit = tip(repo)
    return commit is not None and lookup(repo.objects, repo.tree_of(commit), _path(entry)) is not None


def append(
    repo: GitRepository,
    entries: Mapping[bytes, bytes],
    who: Ident,
    *,
    patience: float = PATIENCE,
    at: Callable[[str], None] = _no_step,
) -> str:
    """Add entries, durably, and give the registry's new commit. ``at`` is told of each step before it is taken.

    Raises LockedError, with the ref as it was, if it could not be moved for ``patience`` seconds.
    """

    def built(old: str | None) -> str:
        there = _files(repo, old) if old else {}
        new = {path: content for name, content in entries.items() if (path := _path(name)) not in there}
        if not new and old is not None:
            return old
        changes = {path: Entry(FILE, repo.objects.write("blob", content)) for path, content in new.items()}
        tree = edit(repo.objects, repo.tree_of(old) if old else None, changes)
        return _commit(repo, tree, [old] if old else [], who)

    return _moved(repo, built, patience, at)


def merge(
    repo: GitRepository,
    theirs: str,
    who: Ident,
    *,
    patience: float = PATIENCE,
    at: Callable[[str], None] = _no_step,
) -> str:
    """Add every entry of another commit of a registry, such as one fetched, and give the registry's new commit.

    Nothing of either side is lost and nothing conflicts. Raises as :func:`append`.
    """

    def built(old: str | None) -> str:
        if old is None or old == theirs or repo.is_ancestor(old, theirs):
            return theirs
        if repo.is_ancestor(theirs, old):
            return old
        ours, other = _files(repo, old), _files(repo, theirs)
        changes = {path: Entry(FILE, _true(repo, path, ours.get(path, oid), oid)) for path, oid in other.items()}
        return _commit(repo, edit(repo.objects, repo.tree_of(old), changes), [old, theirs], who)

    return _moved(repo, built, patience, at)


_Built = Callable[[str | None], str]
"""From the registry's present commit to its new one; called again after each lost swap."""


def _moved(repo: GitRepository, built: _Built, patience: float, at: Callable[[str], None]) -> str:
    until = time.monotonic() + patience
    pause = 0.001
    while True:
        old = notes.tip(repo.handle, REF)
        at("registry-objects")
        new = built(None if old is None else str(old))
        if old is not None and str(old) == new:
            return new
        repo.objects.flush()
        at("registry-ref")
        if notes.swap(repo.handle, REF, old, repo.oid(new), "anvcs"):
            refs.sync(repo, REF)
            return new
        if time.monotonic() > until:
            raise LockedError(
                f"{REF} was locked or moved by others for {patience:g} seconds.",
                f"Try again. If nothing else is at work here, delete the file {REF}.lock in the Git folder.",
            )
        # A random pause keeps several writers from losing to each other in step.
        time.sleep(random.uniform(0, pause))  # noqa: S311 - not a secret
        pause = min(pause * 2, 0.05)


def _path(name: bytes) -> bytes:
    text = name.hex().encode()
    return text[:2] + b"/" + text[2:]


def _files(repo: GitRepository, commit: str) -> dict[bytes, str]:
    """Every entry's file by its path; what else somebody put into the tree is passed over."""
    found: dict[bytes, str] = {}
    for folder, entry in _tree(repo, repo.tree_of(commit)).items():
        if entry.mode == TREE and len(folder) == 2:
            for name, each in _tree(repo, entry.oid).items():
                if each.mode == FILE and len(name) == 62 and not (folder + name).strip(b"0123456789abcdef"):
                    found[folder + b"/" + name] = each.oid
    return found


def _tree(repo: GitRepository, oid: str) -> dict[bytes, Entry]:
    return {} if oid == EMPTY_TREE else parse(repo.objects.read(oid, "tree"))


def _true(repo: GitRepository, path: bytes, ours: str, theirs: str) -> str:
    """The blob that belongs at an entry's path. Only damage can make two differ; then the same is chosen anywhere."""
    if ours == theirs:
        return ours

    def rank(oid: str) -> tuple[bool, str]:
        return _path(ids.digest(Domain.ACTOR_ENTRY, repo.objects.read(oid, "blob"))) != path, oid

    return min(ours, theirs, key=rank)


def _commit(repo: GitRepository, tree: str, parents: list[str], who: Ident) -> str:
    lines = [b"tree " + tree.encode(), *(b"parent " + parent.encode() for parent in parents)]
    lines += [b"author " + who.raw(), b"committer " + who.raw()]
    return repo.objects.write("commit", b"\n".join(lines) + b"\n\n" + MESSAGE)
