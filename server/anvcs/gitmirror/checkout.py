"""Changes files and index together, the way ``git checkout`` does it, and never over anybody's work.

git's own two-tree merge writes the files (filters, line endings, sparse checkouts and modes are then git's), into a
copy of the index that takes the index's place when all is done.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TypeAlias

from anvcs.errors import GitFailedError, WouldLoseWorkError
from anvcs.gitmirror import differences, full
from anvcs.gitmirror.git import failed
from anvcs.gitmirror.index import Index, IndexEntry, file_mode
from anvcs.gitmirror.paths import quote
from anvcs.gitmirror.repository import GitRepository
from anvcs.gitmirror.trees import EXECUTABLE, FILE, SYMLINK, Entry, edit

Moves: TypeAlias = Mapping[bytes, tuple[Entry | None, Entry | None]]
"""What changes at each path: the entry before and after; None where there is none."""

CHANGED, STAGED, UNTRACKED = "has changes", "has staged changes", "stands in the way"
"""Why a path cannot be taken along."""


def obstacles(repo: GitRepository, index: Index, moves: Moves) -> dict[bytes, str]:
    """The paths where somebody's work would be lost, each with the reason. The index must be loaded."""
    if not moves:
        return {}
    now = differences.status(repo, untracked=False)
    found: dict[bytes, str] = {}
    for path, (old, new) in moves.items():
        known = index.get(path)
        entry = known.entry if known is not None else None
        if entry not in (old, new) or (known is None and path in now.staged and old is not None and new is not None):
            found[path] = STAGED
        elif path in now.unstaged:
            found[path] = CHANGED
        elif known is None and _in_the_way(repo, path, moves):
            found[path] = UNTRACKED
    # What stays is in the way of what would take its place.
    staying = {path: move for path, move in moves.items() if path not in found}
    blocked = [path for path, (old, _) in staying.items() if found and old is None and _in_the_way(repo, path, staying)]
    return found | dict.fromkeys(blocked, UNTRACKED)


def _in_the_way(repo: GitRepository, path: bytes, moves: Moves) -> bool:
    """A file of the user's, ignored or not, stands where the path's file or a folder of it would be."""
    parts = path.split(b"/")
    for depth in range(1, len(parts)):
        above = b"/".join(parts[:depth])
        place = _at(repo, above)
        if os.path.lexists(place) and (place.is_symlink() or not place.is_dir()):
            return not _leaves(moves, above)
    place = _at(repo, path)
    if place.is_dir() and not place.is_symlink():
        inside = (each for each in place.rglob("*") if each.is_symlink() or not each.is_dir())
        return any(not _leaves(moves, os.fsencode(each.relative_to(repo.root))) for each in inside)
    return os.path.lexists(place)


def _at(repo: GitRepository, path: bytes) -> Path:
    return repo.root / os.fsdecode(path)


def _leaves(moves: Moves, path: bytes) -> bool:
    old, new = moves.get(path, (None, None))
    return old is not None and new is None


def refusal(found: Mapping[bytes, str], doing: str) -> WouldLoseWorkError:
    """The error that names the files in the way of what is being done."""
    named = [f"{quote(path)} {why}" for path, why in list(found.items())[:10]]
    more = f" and {len(found) - 10} more" if len(found) > 10 else ""
    return WouldLoseWorkError(
        f"{doing} would overwrite work that is not committed: {'; '.join(named)}{more}.",
        "Commit it, or put it aside with git stash, then try again. Nothing was changed.",
    )


def run(
    repo: GitRepository,
    index: Index,
    old_tree: str,
    new_tree: str,
    left: Mapping[bytes, tuple[Entry | None, IndexEntry | None]],
) -> None:
    """Bring files and index from one tree to another. The caller holds the index lock.

    ``left`` are the paths whose files stay as they are, each with what the new tree has there and, where the user has
    staged something of their own, that. Raises WouldLoseWorkError or GitFailedError with nothing changed.
    """
    index.load()
    entries = {
        path: staged or (IndexEntry(new.mode, new.oid) if new is not None else None)
        for path, (new, staged) in left.items()
    }
    trees = [old_tree, new_tree]
    if left:
        # git must not know of these paths at all: it takes a file that only the old tree has for one to remove.
        trees = [edit(repo.objects, tree, dict.fromkeys(left)) for tree in trees]
        repo.objects.flush()
        for path in left:
            index.set(path, None)
    try:
        index.write_scratch()
        extra = {"GIT_INDEX_FILE": str(index.scratch)}
        done = repo.git.run("read-tree", "-m", "-u", *trees, extra=extra)
        if b"not uptodate" in done.stderr:
            # A file that was only touched, or put back: git looks at its content when it is asked to, and not before.
            repo.git.run("update-index", "-q", "--refresh", extra=extra)
            done = repo.git.run("read-tree", "-m", "-u", *trees, extra=extra)
        if done.returncode:
            said = done.stderr.decode("utf-8", "replace").strip()
            if "would be" in said or "not uptodate" in said:
                raise WouldLoseWorkError(f"git refuses: {said}", "Commit or stash the files it names, then try again.")
            raise full.refused(said) or GitFailedError(
                f"git read-tree failed: {said}", "Run git status to see what is wrong."
            )
        again = {path: entry for path, entry in entries.items() if entry is not None}
        if again:
            repo.git.output("update-index", "-z", "--index-info", stdin=_info(again), extra=extra)
        index.replace()
    finally:
        index.forget()


def take_back(repo: GitRepository, index: Index, moves: Moves, *, with_index: bool) -> list[bytes]:
    """Put files (and index entries) that are still as the moves left them back to what was before.

    Gives the paths whose files are neither: somebody's, so they stay. The caller holds the index lock.
    """
    index.load()
    back: dict[bytes, Entry] = {}
    gone: list[bytes] = []
    others: list[bytes] = []
    now = worktree_entries(repo, moves)
    for path, (old, new) in moves.items():
        if is_as(repo, path, old, now[path]):
            pass
        elif not is_as(repo, path, new, now[path]) and not _is_cut_short(repo, path, new):
            others.append(path)
        elif old is not None:
            back[path] = old
        else:
            gone.append(path)
        known = index.get(path)
        if with_index and (known.entry if known is not None else None) == new and new != old:
            index.set(path, IndexEntry(old.mode, old.oid) if old is not None else None)
    try:
        if with_index:
            index.write_scratch()
        write_files(repo, back)
        remove_files(repo, gone)
        if with_index:
            index.replace()
    finally:
        index.forget()
    return others


def _is_cut_short(repo: GitRepository, path: bytes, new: Entry | None) -> bool:
    """Whether a path's file is what git leaves when it stops while it writes: none, or the beginning of the new one."""
    if new is None or new.mode not in (FILE, EXECUTABLE):
        return False
    place = _at(repo, path)
    try:
        if not stat.S_ISREG(place.lstat().st_mode):
            return False
        there = place.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return True
    whole = repo.git.output("cat-file", "--filters", b"--path=" + path, new.oid)
    return len(there) < len(whole) and whole.startswith(there)


def write_files(repo: GitRepository, entries: Mapping[bytes, Entry]) -> None:
    """Write files as git would check them out, over whatever is there."""
    if not entries:
        return
    scratch = repo.common_dir / "anvcs" / "tmp" / f"candidate-files-{os.getpid()}-{id(entries):x}"
    scratch.unlink(missing_ok=True)
    extra = {"GIT_INDEX_FILE": str(scratch)}
    try:
        staged = {path: IndexEntry(entry.mode, entry.oid) for path, entry in entries.items()}
        repo.git.output("update-index", "-z", "--index-info", stdin=_info(staged), extra=extra)
        args = ("checkout-index", "-f", "-z", "--stdin")
        done = repo.git.run(*args, stdin=b"\0".join(entries) + b"\0", extra=extra)
        if done.returncode:
            raise failed(args, done.stderr)
    finally:
        scratch.unlink(missing_ok=True)


def remove_files(repo: GitRepository, paths: Iterable[bytes]) -> None:
    """Remove files, and the folders that become empty."""
    for path in paths:
        place = _at(repo, path)
        with suppress(FileNotFoundError, NotADirectoryError):
            place.unlink()
        for folder in place.parents:
            if folder == repo.root:
                break
            try:
                folder.rmdir()
            except OSError:
                break


def write_raw(repo: GitRepository, entries: Mapping[bytes, Entry]) -> None:
    """Write files with exactly the bytes of the blobs."""
    for path, entry in entries.items():
        place = _at(repo, path)
        data = repo.objects.read(entry.oid, "blob")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.unlink(missing_ok=True)
        if entry.mode == SYMLINK:
            place.symlink_to(os.fsdecode(data))
        else:
            place.write_bytes(data)
            if entry.mode == EXECUTABLE:
                place.chmod(place.stat().st_mode | 0o111)


def is_as(repo: GitRepository, path: bytes, entry: Entry | None, content: str | None) -> bool:
    """Whether a path's file, of which the content's Git id is given, is what a tree's entry says, mode included."""
    if entry is None or content is None:
        return entry is None and content is None
    return content == entry.oid and mode_of(repo, path) in (entry.mode, None)


def mode_of(repo: GitRepository, path: bytes) -> int | None:
    """The mode Git would record for a path's file; nothing where there is none, or modes do not count here."""
    if not repo.settings.get().bool("core.fileMode", default=True):
        return None
    try:
        return file_mode(_at(repo, path).lstat())
    except (FileNotFoundError, NotADirectoryError):
        return None


def read_raw(repo: GitRepository, path: bytes) -> Entry | None:
    """Keep a file's bytes as a blob, before any of git's filters; nothing where there is no file."""
    place = _at(repo, path)
    try:
        info = place.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    data = os.fsencode(place.readlink()) if stat.S_ISLNK(info.st_mode) else place.read_bytes()
    return Entry(file_mode(info), repo.objects.write("blob", data))


def worktree_entries(repo: GitRepository, paths: Iterable[bytes], *, raw: bool = False) -> dict[bytes, str | None]:
    """The Git id that each path's file would have if it were added now (``raw``: past git's filters); None without."""
    found: dict[bytes, str | None] = {}
    plain: list[bytes] = []
    for path in paths:
        place = _at(repo, path)
        try:
            info = place.lstat()
        except (FileNotFoundError, NotADirectoryError):
            found[path] = None
            continue
        if stat.S_ISLNK(info.st_mode):
            found[path] = _blob_id(os.fsencode(place.readlink()))
        elif not stat.S_ISREG(info.st_mode):
            found[path] = ""
        elif raw:
            found[path] = _blob_id(place.read_bytes())
        elif b"\n" in path or path.startswith(b'"'):
            found[path] = repo.git.output("hash-object", "--", path).decode().strip()
        else:
            plain.append(path)
    if plain:
        out = repo.git.output("hash-object", "--stdin-paths", stdin=b"".join(path + b"\n" for path in plain))
        found |= dict(zip(plain, out.decode().split(), strict=True))
    return found


def _blob_id(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def _info(entries: Mapping[bytes, IndexEntry]) -> bytes:
    return b"".join(b"%o %s\t%s\0" % (e.mode, e.oid.encode(), path) for path, e in entries.items())
