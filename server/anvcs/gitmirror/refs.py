"""Moves refs by compare-and-swap, the way git does it: lock files, reflog, hooks where there are any."""

from __future__ import annotations

import os

import pygit2

from anvcs.errors import GitFailedError, LockedError, StoreConflictError
from anvcs.gitmirror.hooks import Hooks
from anvcs.gitmirror.identity import Ident
from anvcs.gitmirror.repository import GitRepository

ZERO = "0" * 40


def swap(
    repo: GitRepository, name: str, old: str | None, new: str, *, message: str, who: Ident, hooks: Hooks | None = None
) -> None:
    """Move one ref (``HEAD`` itself if that is the name) from ``old`` to ``new`` and log why.

    Raises StoreConflictError if it does not stand at ``old``, LockedError if another process holds it. A
    reference-transaction hook makes it go through git, which runs the hook.
    """
    if hooks is not None and hooks.exists("reference-transaction"):
        _swap_with_git(repo, name, old, new, message, who)
        return
    handle = repo.handle
    # The reflog's signature comes from here; time is now, as git's is.
    handle.set_ident(who.name.decode("utf-8", "replace"), who.email.decode("utf-8", "replace"))
    try:
        with handle.transaction() as transaction:
            transaction.lock_ref(name)
            if _current(handle, name) != old:
                raise StoreConflictError(f"{name} moved meanwhile.", "Try again.")
            transaction.set_target(name, new, None, message)
    except pygit2.GitError as error:
        if "lock" in str(error).lower():
            raise LockedError(f"{name} is locked by another git process.", "Try again.") from error
        raise GitFailedError(f"{name} cannot be moved: {error}", "Run git fsck.") from error
    sync(repo, name)


def sync(repo: GitRepository, name: str) -> None:
    """Make a moved ref durable; libgit2 only does so when a process-wide switch was set before opening."""
    path = (repo.git_dir if name == "HEAD" else repo.common_dir) / name
    try:
        fd = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def release_stale(repo: GitRepository, name: str, new: str) -> bool:
    """Remove a ref's lock file that holds ``new``: only the dead process that made that commit can have written it."""
    lock = (repo.git_dir if name == "HEAD" else repo.common_dir) / (name + ".lock")
    try:
        ours = lock.read_bytes().strip() == new.encode()
    except FileNotFoundError:
        return False
    if ours:
        lock.unlink()
    return ours


def reflog(repo: GitRepository, name: str) -> list[tuple[str, str, str]] | None:
    """(old, new, message) of each entry, oldest first; nothing if the ref keeps no log or it was emptied."""
    path = (repo.git_dir if name == "HEAD" else repo.common_dir) / "logs" / name
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    entries: list[tuple[str, str, str]] = []
    for line in data.splitlines():
        head, _, message = line.partition(b"\t")
        entries.append((head[:40].decode(), head[41:81].decode(), message.decode("utf-8", "replace")))
    return entries or None


def _current(handle: pygit2.Repository, name: str) -> str | None:
    try:
        ref = handle.references[name]
    except KeyError:
        return None
    target = ref.target
    return str(target) if isinstance(target, pygit2.Oid) else f"ref: {target}"


def _swap_with_git(repo: GitRepository, name: str, old: str | None, new: str, message: str, who: Ident) -> None:
    line = f"update {name}\0{new}\0{old or ZERO}\0"
    done = repo.git.run(
        "-c",
        "core.fsync=all",
        "update-ref",
        "--no-deref",
        "-z",
        "-m",
        message,
        "--stdin",
        stdin=os.fsencode(line),
        extra={
            "GIT_COMMITTER_NAME": who.name.decode("utf-8", "surrogateescape"),
            "GIT_COMMITTER_EMAIL": who.email.decode("utf-8", "surrogateescape"),
        },
    )
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip()
        if "but expected" in said or "cannot lock ref" in said or "already exists" in said:
            raise StoreConflictError(f"{name} moved meanwhile: {said}", "Try again.")
        raise GitFailedError(f"git update-ref refused: {said}", "See your reference-transaction hook.")
