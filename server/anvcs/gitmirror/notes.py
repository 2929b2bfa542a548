"""The one writer of notes: a tree of 2/38 fan-out, moved by compare-and-swap and retried.

libgit2's and git's own writers lose notes when two processes write at once: both read the ref, build, and overwrite.
Here a note is lost only if another program overwrites the ref; each of our commits then still stands in its reflog.
"""

from __future__ import annotations

import errno
import os
import random
import time
from collections.abc import Callable, Iterator, Mapping

import pygit2
from pygit2 import Blob, Oid, Repository, Signature, Tree
from pygit2.enums import FileMode, ObjectType

from anvcs.errors import LockedError, RepositoryError
from anvcs.gitmirror import full
from anvcs.gitmirror.trees import EMPTY_TREE, FILE, TREE, Entry, Objects, edit, lookup

Change = Callable[[bytes | None], bytes | None]
"""From a note's present content to its new one; None for no note. Called again after each lost swap."""

MESSAGE = "Notes by ANVCS\n"
WRITABLE = "See whether the Git folder is writable and the disk has room."
PATIENCE = 10.0
"""Seconds that a writer tries before it gives up."""


class Notes:
    """The notes of one notes commit; every fan-out is read."""

    def __init__(self, repo: Repository, tip: Oid | None) -> None:
        self._repo = repo
        self._root = _tree(repo, tip)
        self._folders: dict[str, Tree | None] = {}

    def get(self, git_id: str) -> bytes | None:
        """The note of one object. Several spellings of its key, as `git notes merge` may leave, are joined by line."""
        found: list[bytes] = []
        depth = 0
        tree = self._root
        while tree is not None:
            rest = git_id[depth:]
            if rest in tree and isinstance(blob := tree[rest], Blob) and blob.data not in found:
                found.append(blob.data)
            depth += 2
            tree = self._folder(tree, git_id[:depth]) if depth < len(git_id) else None
        if len(found) < 2:
            return found[0] if found else None
        return b"".join(part if part.endswith(b"\n") else part + b"\n" for part in found)

    def items(self) -> Iterator[tuple[str, bytes]]:
        """Every note with the Git id it belongs to, in no promised order; an id may come once per spelling."""
        if self._root is not None:
            yield from _walk(self._root, "")

    def _folder(self, parent: Tree, prefix: str) -> Tree | None:
        if prefix not in self._folders:
            name = prefix[-2:]
            found = parent[name] if name in parent else None  # noqa: SIM401 - Tree has no get
            self._folders[prefix] = found if isinstance(found, Tree) else None
        return self._folders[prefix]


def tip(repo: Repository, ref: str) -> Oid | None:
    """The notes commit that the ref names now. Raises RepositoryError for a symbolic ref."""
    found = repo.references.get(ref)
    if found is None:
        return None
    if not isinstance(found.target, Oid):
        raise RepositoryError(f"{ref} is a symbolic ref.", f"Delete it with `git symbolic-ref --delete {ref}`.")
    return found.target


def read(repo: Repository, tip: Oid | None, git_id: str) -> bytes | None:
    """The note of one object as of a notes commit."""
    return Notes(repo, tip).get(git_id)


def build(
    repo: Repository,
    tip: Oid | None,
    notes: Mapping[str, bytes | None],
    signature: Signature,
    message: str = MESSAGE,
) -> Oid | None:
    """A notes commit on ``tip`` in which the given objects have these notes (None: no note); all else is untouched.

    Gives ``tip`` itself if nothing differs. No ref moves.
    """
    try:
        old = _tree(repo, tip)
        edits = {key: None if content is None else repo.create_blob(content) for key, content in notes.items()}
        root = _edited(repo, old, edits, 1) or repo.TreeBuilder().write()
        if root == old.id if old is not None else not any(edits.values()):
            return tip
        return repo.create_commit(None, signature, signature, message, root, [] if tip is None else [tip])
    except pygit2.GitError as error:
        raise full.refused(error) or RepositoryError(f"Notes cannot be written: {error}.", WRITABLE) from error


def add(objects: Objects, tip: str | None, git_id: str, change: Change, who: bytes) -> str | None:
    """As :func:`build` for one object, without libgit2's writers, so that the note shares the caller's durable batch.

    ``who`` is an identity with its time as commits hold it. Gives None, having written nothing, where the key may be
    spelled in other ways than 2/38 or nothing would differ: then ``build`` decides.
    """
    root = objects.read(tip, "commit")[5:45].decode("ascii") if tip else EMPTY_TREE
    folder, key = git_id[:2].encode(), git_id[2:].encode()
    inner = lookup(objects, root, folder)
    if (inner and inner.mode != TREE) or lookup(objects, root, git_id.encode()):
        return None
    if inner and lookup(objects, inner.oid, key[:2]):
        return None
    place = folder + b"/" + key
    old = lookup(objects, root, place)
    if old and old.mode != FILE:
        return None
    before = objects.read(old.oid, "blob") if old else None
    after = change(before)
    if after in (None, before):
        return None
    tree = edit(objects, root, {place: Entry(FILE, objects.write("blob", after))})
    lines = [b"tree " + tree.encode(), *([b"parent " + tip.encode()] if tip else [])]
    lines += [b"author " + who, b"committer " + who]
    return objects.write("commit", b"\n".join(lines) + b"\n\n" + MESSAGE.encode())


def swap(repo: Repository, ref: str, old: Oid | None, new: Oid, reflog: str) -> bool:
    """Move the ref if it still has the old value; False if it has another one or is locked by someone."""
    try:
        with repo.transaction() as transaction:
            transaction.lock_ref(ref)
            if tip(repo, ref) != old:
                return False
            transaction.set_target(ref, new, message=reflog)
    except pygit2.GitError as error:
        # Held when libgit2 looked, or taken between its look and its own attempt; neither has a class in Python.
        if "failed to lock file" in str(error) or os.strerror(errno.EEXIST) in str(error):
            return False
        raise full.refused(error) or RepositoryError(f"{ref} cannot be written: {error}.", WRITABLE) from error
    return True


def write_all(
    repo: Repository,
    ref: str,
    changes: Mapping[str, Change],
    signature: Signature,
    *,
    message: str = MESSAGE,
    reflog: str = "anvcs",
    patience: float = PATIENCE,
) -> Oid | None:
    """Apply every change to its object's note, in one notes commit; gives the ref's new value.

    Raises LockedError, having changed nothing, if the ref could not be swapped for ``patience`` seconds.
    """
    until = time.monotonic() + patience
    pause = 0.001
    while True:
        old = tip(repo, ref)
        before = Notes(repo, old)
        new = build(repo, old, {key: change(before.get(key)) for key, change in changes.items()}, signature, message)
        if new == old or new is None or swap(repo, ref, old, new, reflog):
            return new
        if time.monotonic() > until:
            raise LockedError(
                f"{ref} was locked or moved by others for {patience:g} seconds.",
                f"Try again. If nothing else is at work here, delete the file {ref}.lock in the Git folder.",
            )
        # A random pause keeps several writers from losing to each other in step.
        time.sleep(random.uniform(0, pause))  # noqa: S311 - not a secret
        pause = min(pause * 2, 0.05)


def write(
    repo: Repository,
    ref: str,
    change: Change,
    git_id: str,
    signature: Signature,
    *,
    message: str = MESSAGE,
    reflog: str = "anvcs",
    patience: float = PATIENCE,
) -> Oid | None:
    """Apply the change to one object's note; as :func:`write_all`."""
    return write_all(repo, ref, {git_id: change}, signature, message=message, reflog=reflog, patience=patience)


def _tree(repo: Repository, tip: Oid | None) -> Tree | None:
    if tip is None:
        return None
    found = repo.get(tip)
    if found is None or found.type != ObjectType.COMMIT:
        raise RepositoryError(f"{tip} is not a notes commit.", "See which ref names it with `git for-each-ref`.")
    return found.peel(Tree)


def _edited(repo: Repository, tree: Tree | None, edits: Mapping[str, Oid | None], home: int) -> Oid | None:
    """The tree with each key's blob ``home`` folders below it and nowhere else; None if it would be empty."""
    builder = repo.TreeBuilder() if tree is None else repo.TreeBuilder(tree)
    folders: dict[str, dict[str, Oid | None]] = {}
    for key, blob in edits.items():
        if home == 0 and blob is not None:
            builder.insert(key, blob, FileMode.BLOB)
        elif tree is not None and key in tree:
            builder.remove(key)
        if len(key) > 2:
            folders.setdefault(key[:2], {})[key[2:]] = blob
    for name, inner in folders.items():
        found = tree[name] if tree is not None and name in tree else None
        if isinstance(found, Tree) or (found is None and home > 0 and any(inner.values())):
            edited = _edited(repo, found, inner, home - 1)
            if edited is not None:
                builder.insert(name, edited, FileMode.TREE)
            elif found is not None:
                builder.remove(name)
        elif home > 0:
            # Someone's own file has the folder's name: the key in full is read by every reader, too.
            for rest, blob in inner.items():
                if blob is not None:
                    builder.insert(name + rest, blob, FileMode.BLOB)
    return builder.write() if len(builder) else None


def _walk(tree: Tree, prefix: str) -> Iterator[tuple[str, bytes]]:
    for entry in tree:
        name = prefix + (entry.name or "")
        if isinstance(entry, Tree):
            if len(entry.name or "") == 2 and _is_hex(name):
                yield from _walk(entry, name)
        elif isinstance(entry, Blob) and len(name) == 40 and _is_hex(name):
            yield name, entry.data


def _is_hex(name: str) -> bool:
    return not name.strip("0123456789abcdef")
