"""What a commit takes: paths as they are saved, else what is staged, else every change.

Plain files are read and hashed here. Whatever needs git's own judgement (clean filters such as LFS, line-end
conversion, folders, ignored or sparse paths, submodules) goes through ``git add`` on a copy of the index.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from anvcs.errors import (
    GitFailedError,
    PathError,
    PathIgnoredError,
    PathNotFoundError,
    UnreadableFileError,
)
from anvcs.gitmirror.differences import Change, Selection, Status, parse_raw, staged, status
from anvcs.gitmirror.index import Index, IndexEntry, checksum, file_mode, from_stat
from anvcs.gitmirror.paths import quote
from anvcs.gitmirror.rawindex import NO_CHECKSUM
from anvcs.gitmirror.repository import GitRepository
from anvcs.gitmirror.trees import EMPTY_TREE, SUBMODULE, TREE, Entry, lookup

BIG = 8 << 20
"""Files from this size on are streamed instead of read whole."""
MANY = 200
"""Above so many changes ``git add`` is faster than reading file by file here."""
_CONVERTING = ("filter", "ident", "working-tree-encoding")
_LINE_ENDS = ("text", "eol", "crlf")


class Selector:
    """Builds selections for one commit; candidate indexes it makes lie in ``scratch`` and go with :meth:`close`."""

    def __init__(self, repo: GitRepository, index: Index, scratch: Path, *, hooked: bool) -> None:
        """``hooked`` if a candidate will be asked for."""
        self._repo = repo
        self._index = index
        self._scratch = scratch
        self._hooked = hooked
        self._made: list[Path] = []
        self._refreshed: Path | None = None
        """A copy of the index that knows the times of all unchanged files."""
        self._given: tuple[bytes, Selection] | None = None
        """The candidate as it was given to hooks, by its checksum, and what is in it."""

    def paths(self, tip: str | None, paths: Sequence[bytes]) -> dict[bytes, Change]:
        """Exactly the saved state of these paths. Raises a PathError for one that cannot be taken."""
        repo = self._repo
        tree = repo.tree_of(tip) if tip else EMPTY_TREE
        self._index.load()
        selection: dict[bytes, Change] = {}
        careful: list[bytes] = []
        for path in dict.fromkeys(paths):
            change = self._plain(path, lookup(repo.objects, tree, path)) if path else None
            if change is None:
                careful.append(path)
            elif change.old != change.new:
                selection[path] = change
        if careful:
            selection.update(self._added(tip, careful))
        return selection

    def staged_or_everything(self, tip: str | None) -> dict[bytes, Change]:
        """What is staged, or else every change in the work tree, new files included."""
        self._index.load()
        if self._hooked:
            self._refreshed = self._copy()
        found = status(self._repo, untracked=True, index_file=self._refreshed)
        if found.staged:
            return found.staged
        taken = self._all_plain(found)
        return self._added(tip, [b""]) if taken is None else taken

    def _all_plain(self, found: Status) -> dict[bytes, Change] | None:
        """The unstaged changes, unless git itself has to look at one of them."""
        if len(found.unstaged) > MANY or not found.plain:
            return None
        taken: dict[bytes, Change] = {}
        for path, old in found.unstaged.items():
            new = self._index.get(path) is None
            change = None if path.endswith(b"/") else self._plain(path, old, new=new)
            if change is None:
                return None
            if change.old != change.new:
                taken[path] = change
        return taken

    def candidate(self, selection: Selection, *, only: bool) -> Path:
        """A copy of the index with the selection in it, for hooks; with ``only`` nothing else is staged in it.

        As before git's own hooks, its entries know the times of all unchanged files.
        """
        path = self._refreshed or self._copy()
        self._put(path, _wanted(self._index, selection))
        if self._refreshed is None:
            found = status(self._repo, untracked=False, index_file=path).staged
            others = {name: change.old for name, change in found.items() if name not in selection}
            if only and others:
                self._put(path, {name: IndexEntry(*old) if old else None for name, old in others.items()})
                self._repo.git.run("update-index", "-q", "--refresh", extra={"GIT_INDEX_FILE": str(path)})
        # Hooks read what is staged, so it must be there.
        self._repo.objects.flush()
        self._given = checksum(path), selection
        return path

    def _put(self, path: Path, entries: Mapping[bytes, IndexEntry | None]) -> None:
        """Set entries in a copy of the index."""
        if entries and not self._index.replace_in(path, entries):
            index = Index(path, path.with_name(path.name + ".scratch"))
            index.load()
            for name, entry in entries.items():
                index.set(name, entry)
            index.write_scratch()
            index.replace()

    def close(self) -> None:
        """Remove the candidates."""
        for path in self._made:
            path.unlink(missing_ok=True)
            path.with_name(path.name + ".lock").unlink(missing_ok=True)
        self._made.clear()

    def _copy(self) -> Path:
        path = self._scratch / f"candidate-{os.getpid()}-{id(self):x}-{len(self._made)}"
        self._made.append(path)
        if self._repo.index_path.exists():
            # With its time: git would take entries of the same tick for clean beside a newer index.
            shutil.copy2(self._repo.index_path, path)
        return path

    def _plain(self, path: bytes, old: Entry | None, *, new: bool = False) -> Change | None:
        """The change of a plain file, tracked or known to be ``new``; None if git itself has to look."""
        repo = self._repo
        known = self._index.get(path)
        if known is not None and (known.skip_worktree or known.flags):
            return None
        if old is None and not new and (known is None or known.intent_to_add):
            return None
        if (old and old.mode in (TREE, SUBMODULE)) or (known and known.mode == SUBMODULE):
            return None
        file = os.path.join(os.fsencode(repo.root), path)  # noqa: PTH118 - bytes: names need not be UTF-8
        try:
            info = os.lstat(file)
        except (FileNotFoundError, NotADirectoryError):
            return Change(path, old, None, None, known)
        if stat.S_ISLNK(info.st_mode):
            oid = repo.objects.write("blob", os.readlink(file))  # noqa: PTH115 - bytes path
        elif stat.S_ISREG(info.st_mode):
            if not self._modes_are_real() or not self._unconverted(path):
                return None
            written = self._blob(path, file, info)
            if written is None:
                return None
            oid, info = written
        else:
            return None
        mode = file_mode(info)
        return Change(path, old, Entry(mode, oid), from_stat(mode, oid, info), known)

    def _blob(self, path: bytes, file: bytes, info: os.stat_result) -> tuple[str, os.stat_result] | None:
        try:
            if info.st_size >= BIG:
                if self._line_ends(path):
                    return None
                return self._repo.objects.write_file(Path(os.fsdecode(file)), info.st_size), info
            with open(file, "rb") as handle:  # noqa: PTH123 - bytes path
                data = handle.read()
                info = os.fstat(handle.fileno())
        except OSError as error:
            raise unreadable(path, error) from error
        if b"\r" in data and self._line_ends(path):
            return None
        return self._repo.objects.write("blob", data), info

    def _modes_are_real(self) -> bool:
        settings = self._repo.settings.get()
        return settings.bool("core.filemode", default=True) and settings.bool("core.symlinks", default=True)

    def _unconverted(self, path: bytes) -> bool:
        return not any(self._attribute(path, name) for name in _CONVERTING)

    def _line_ends(self, path: bytes) -> bool:
        setting = self._repo.settings.get().get("core.autocrlf") or "false"
        return setting.lower() not in ("false", "no", "off", "0") or any(
            self._attribute(path, name) is not None for name in _LINE_ENDS
        )

    def _attribute(self, path: bytes, name: str) -> object:
        return self._repo.handle.get_attr(os.fsdecode(path), name)

    def _added(self, tip: str | None, paths: Sequence[bytes]) -> dict[bytes, Change]:
        self._index.load()
        candidate = self._copy()
        extra = {"GIT_INDEX_FILE": str(candidate)}
        specs = [path or b"." for path in paths]
        done = self._repo.git.run("--literal-pathspecs", "add", "--all", "--", *specs, extra=extra)
        if done.returncode:
            raise refused(done.stderr, paths)
        out = self._repo.git.output(
            "--literal-pathspecs",
            "diff-index",
            "--cached",
            "--raw",
            "-z",
            "--no-renames",
            "--no-abbrev",
            "--ignore-submodules=none",
            tip or EMPTY_TREE,
            "--",
            *specs,
            extra=extra,
        )
        return self._with_entries(parse_raw(out), candidate)

    def reread(self, tip: str | None, candidate: Path) -> dict[bytes, Change]:
        """The selection as a hook left it in the candidate."""
        now = checksum(candidate)
        if self._given is not None and self._given[0] == now != NO_CHECKSUM:
            return dict(self._given[1])
        return self._with_entries(staged(self._repo, tip, index_file=candidate), candidate)

    def _with_entries(self, changes: Selection, candidate: Path) -> dict[bytes, Change]:
        index = Index(candidate, candidate.with_name(candidate.name + ".scratch"))
        index.load()
        return {
            path: msgspec.structs.replace(
                change, index=index.get(path) if change.new else None, before=self._index.get(path)
            )
            for path, change in changes.items()
        }


def _wanted(index: Index, selection: Selection) -> dict[bytes, IndexEntry | None]:
    """What a copy of the index must get so that the selection is in it."""
    wanted: dict[bytes, IndexEntry | None] = {}
    for name, change in selection.items():
        known = index.get(name)
        if change.new is None:
            if known is not None:
                wanted[name] = None
        elif change.index is not None:
            wanted[name] = change.index
        elif known is None or known.entry != change.new:
            wanted[name] = IndexEntry(*change.new)
    return wanted


def refused(stderr: bytes, paths: Sequence[bytes]) -> PathError | GitFailedError:
    """The error behind a failed ``git add``, in our words where the cause is known."""
    said = stderr.decode("utf-8", "replace").strip()
    names = ", ".join(quote(path) or "." for path in paths)
    if "ignored by one of your .gitignore files" in said:
        return PathIgnoredError(f"{names}: ignored by Git.", "Change .gitignore, or stage it with: git add -f")
    if "did not match any files" in said:
        return PathNotFoundError(f"{names}: no such file, neither on disk nor in Git.", "Check the spelling.")
    if "outside of your sparse-checkout" in said or "sparse-checkout definition" in said:
        return PathError(f"{names}: outside the sparse checkout.", "Run: git sparse-checkout add <folder>")
    if "Permission denied" in said or "unable to index file" in said or "open(" in said:
        return UnreadableFileError(f"{names}: {said.splitlines()[0]}", "Make the file readable, then commit again.")
    if "is in submodule" in said:
        return PathError(f"{names}: lies in a submodule.", "Commit inside the submodule first.")
    if "does not have a commit checked out" in said:
        return PathError(f"{names}: a nested repository without a commit.", "Commit inside it, or ignore the folder.")
    if "beyond a symbolic link" in said:
        return PathError(f"{names}: lies beyond a symbolic link.", "Name the real path.")
    return GitFailedError(f"git add refused: {said}", "Do as git says, then try again.")


def unreadable(path: bytes, error: OSError) -> UnreadableFileError:
    """The error for a file that exists and cannot be read."""
    why = "permission denied" if error.errno == errno.EACCES else (error.strerror or "unreadable").lower()
    return UnreadableFileError(f"{quote(path)}: {why}.", "Make the file readable, then commit again.")
