"""Moves refs by compare-and-swap, the way git does it: lock files, reflog, hooks where there are any."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pygit2

from anvcs.errors import GitFailedError, LockedError, StoreConflictError
from anvcs.gitmirror import full
from anvcs.gitmirror.hooks import Hooks
from anvcs.gitmirror.identity import Ident
from anvcs.gitmirror.repository import GitRepository

ZERO = "0" * 40


class RefMove(msgspec.Struct, frozen=True, array_like=True):
    """One ref that moves: its name as git says in that worktree, and its values, ``ref: ...`` for a symbolic HEAD."""

    name: str
    old: str | None
    new: str | None


def swap(
    repo: GitRepository, moves: tuple[RefMove, ...], *, message: str, who: Ident, hooks: Hooks | None = None
) -> None:
    """Move refs (``HEAD`` itself if that is a name), all or none but for a crash, and log why.

    Raises StoreConflictError if one does not stand at its old value, LockedError if another process holds it. A
    reference-transaction hook makes it go through git, which runs the hook.
    """
    if hooks is not None and hooks.exists("reference-transaction"):
        _swap_with_git(repo, moves, message, who)
        return
    handle = repo.handle
    # The reflog's signature comes from here; time is now, as git's is.
    handle.set_ident(who.name.decode("utf-8", "replace"), who.email.decode("utf-8", "replace"))
    name = ""
    try:
        with handle.transaction() as transaction:
            for name in sorted(move.name for move in moves):
                transaction.lock_ref(name)
            for move in moves:
                name = move.name
                if _current(handle, name) != move.old:
                    raise StoreConflictError(f"{name} moved meanwhile.", "Try again.")
            for move in moves:
                name = move.name
                if move.new is None:
                    transaction.remove(name)
                elif move.new.startswith("ref: "):
                    transaction.set_symbolic_target(name, move.new[5:], None, message)
                else:
                    transaction.set_target(name, move.new, None, message)
    except pygit2.GitError as error:
        if "lock" in str(error).lower():
            raise LockedError(f"{name} is locked by another git process.", "Try again.") from error
        raise full.refused(error) or GitFailedError(f"{name} cannot be moved: {error}", "Run git fsck.") from error
    for move in moves:
        sync(repo, move.name)


def is_branch_name(name: str) -> bool:
    """Whether ``git branch`` would take the name for a new branch."""
    if name.startswith("-") or name in ("", "HEAD") or not name.isprintable():
        return False
    return bool(pygit2.reference_is_valid_name(f"refs/heads/{name}"))


def sync(repo: GitRepository, name: str) -> None:
    """Make a moved ref durable; libgit2 only does so when a process-wide switch was set before opening."""
    path = (repo.git_dir if name == "HEAD" else repo.common_dir) / name
    if _sync_file(path):
        return
    # It is gone, and a folder that forgot that would bring it back after a loss of power; so would the file of packed
    # refs, from which it was taken if it stood there.
    _sync_file(repo.common_dir / "packed-refs")
    _sync_file(next(folder for folder in path.parents if folder.is_dir()))


def _sync_file(path: Path) -> bool:
    """Make a file or folder durable; false if it is not there."""
    try:
        fd = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
    return True


def release_stale(repo: GitRepository, name: str, new: str | None) -> bool:
    """Remove a ref's lock file that holds ``new``: only the dead process that was to set it can have written it."""
    lock = (repo.git_dir if name == "HEAD" else repo.common_dir) / (name + ".lock")
    try:
        ours = new is not None and lock.read_bytes().strip() == new.encode()
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


def raw_log(repo: GitRepository, name: str) -> bytes:
    """A branch's reflog as it stands; empty if it keeps none."""
    try:
        return (repo.common_dir / "logs" / name).read_bytes()
    except FileNotFoundError:
        return b""


def continue_log(repo: GitRepository, name: str, before: bytes) -> None:
    """Let a branch's reflog begin with an older one: that of the name it had before."""
    path = repo.common_dir / "logs" / name
    if not before or not path.exists():
        return
    draft = path.with_name(f".{path.name}.anvcs")
    draft.write_bytes(before + path.read_bytes())
    draft.replace(path)


def _current(handle: pygit2.Repository, name: str) -> str | None:
    try:
        ref = handle.references[name]
    except KeyError:
        return None
    target = ref.target
    return str(target) if isinstance(target, pygit2.Oid) else f"ref: {target}"


def _swap_with_git(repo: GitRepository, moves: tuple[RefMove, ...], message: str, who: Ident) -> None:
    extra = {
        "GIT_COMMITTER_NAME": who.name.decode("utf-8", "surrogateescape"),
        "GIT_COMMITTER_EMAIL": who.email.decode("utf-8", "surrogateescape"),
    }
    plain = [move for move in moves if not _is_symbolic(move)]
    lines = "".join(f"update {move.name}\0{move.new or ZERO}\0{move.old or ZERO}\0" for move in plain)
    if plain:
        options = ("update-ref", "--no-deref", "-z", "-m", message, "--stdin")
        done = repo.git.run("-c", "core.fsync=all", *options, stdin=os.fsencode(lines), extra=extra)
        if done.returncode:
            said = done.stderr.decode("utf-8", "replace").strip()
            name = plain[0].name
            if "but expected" in said or "cannot lock ref" in said or "already exists" in said:
                raise StoreConflictError(f"{name} moved meanwhile: {said}", "Try again.")
            way_out = "See your reference-transaction hook."
            raise full.refused(said) or GitFailedError(f"git update-ref refused: {said}", way_out)
    symbolic = tuple(move for move in moves if _is_symbolic(move))
    if symbolic:
        # update-ref cannot move a symbolic HEAD before git 2.46, and no hook is asked about one.
        swap(repo, symbolic, message=message, who=who)


def _is_symbolic(move: RefMove) -> bool:
    return any(value is not None and value.startswith("ref: ") for value in (move.old, move.new))
