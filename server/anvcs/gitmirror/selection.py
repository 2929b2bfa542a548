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
from anvcs.gitmirror.index import Index, IndexEntry, file_mode, from_stat
from anvcs.gitmirror.paths import quote
from anvcs.gitmirror.repository import GitRepository
from anvcs.gitmirror.trees import EMPTY_TREE, SUBMODULE, TREE, Entry, lookup

BIG = 8 << 20
"""Files from this size on are streamed instead of read whole."""
MANY = 200
"""Above so many changes ``git add`` is faster than reading file by file here."""
_CONVERTING = ("filter", "ident", "working-tree-encoding")
_LINE_ENDS = ("text", "eol", "crlf")


class Change(msgspec.Struct, frozen=True):
    """One path a commit changes."""

    path: bytes
    old: Entry | None
    """What the parent commit has."""
    new: Entry | None
    """What the commit will have; None removes the path."""
    index: IndexEntry | None = None
    """What the index should hold afterwards; for a staged path, which is there already, None."""
    before: IndexEntry | None = None
    """What the index held when the selection was made."""


Selection = Mapping[bytes, Change]


def staged(repo: GitRepository, tip: str | None, *, index_file: Path | None = None) -> dict[bytes, Change]:
    """Every difference between the index and the commit ``tip``."""
    extra = {"GIT_INDEX_FILE": str(index_file)} if index_file else None
    out = repo.git.output(
        "diff-index",
        "--cached",
        "--raw",
        "-z",
        "--no-renames",
        "--no-abbrev",
        "--ignore-submodules=none",
        tip or EMPTY_TREE,
        "--",
        extra=extra,
    )
    return parse_raw(out)


def parse_raw(out: bytes) -> dict[bytes, Change]:
    """Read ``--raw -z --no-renames`` output. Unmerged paths (kind U) are left out."""
    changes: dict[bytes, Change] = {}
    fields = out.split(b"\0")
    for head, path in zip(fields[::2], fields[1::2], strict=False):
        old_mode, new_mode, old_oid, new_oid, kind = head[1:].split(b" ")
        if kind == b"U":
            continue
        changes[path] = Change(path, _entry(old_mode, old_oid), _entry(new_mode, new_oid))
    return changes


class Status(msgspec.Struct, frozen=True):
    """What ``git status`` found."""

    staged: dict[bytes, Change]
    """Every difference between the index and HEAD."""
    unstaged: dict[bytes, Entry | None]
    """The paths whose files differ from the index, each with what HEAD has there; new files with nothing."""
    plain: bool
    """No submodule is among them."""


def status(repo: GitRepository, *, untracked: bool, index_file: Path | None = None) -> Status:
    """What is staged and what is changed beside it, in one run.

    An ``index_file`` gets what git learns about unchanged files' times, as before a hook; the user's own index does not.
    """
    extra = {"GIT_INDEX_FILE": str(index_file), "GIT_OPTIONAL_LOCKS": "1"} if index_file else None
    out = repo.git.output(
        "status",
        "--porcelain=v2",
        "-z",
        "--no-renames",
        "--ignore-submodules=dirty",
        "--untracked-files=" + ("all" if untracked else "no"),
        extra=extra,
    )
    return parse_status(out)


def parse_status(out: bytes) -> Status:
    """Read ``--porcelain=v2 -z --no-renames`` output. Unmerged paths are left out."""
    found: dict[bytes, Change] = {}
    unstaged: dict[bytes, Entry | None] = {}
    plain = True
    for line in out.split(b"\0"):
        if line.startswith(b"? "):
            unstaged[line[2:]] = None
        elif line.startswith(b"1 "):
            _, kinds, module, old_mode, new_mode, _, old_oid, new_oid, path = line.split(b" ", 8)
            old = _entry(old_mode, old_oid)
            if not kinds.startswith(b"."):
                found[path] = Change(path, old, _entry(new_mode, new_oid))
            if not kinds.endswith(b"."):
                unstaged[path] = old
                plain = plain and module == b"N..."
    return Status(found, unstaged, plain)


def _entry(mode: bytes, oid: bytes) -> Entry | None:
    return Entry(int(mode, 8), oid.decode()) if mode != b"000000" else None


class Selector:
    """Builds selections for one commit; candidate indexes it makes lie in ``scratch`` and go with :meth:`close`."""

    def __init__(self, repo: GitRepository, index: Index, scratch: Path) -> None:
        self._repo = repo
        self._index = index
        self._scratch = scratch
        self._made: list[Path] = []

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
        found = status(self._repo, untracked=True)
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

    def candidate(self, tip: str | None, selection: Selection, *, only: bool) -> Path:
        """A copy of the index with the selection in it, for hooks; with ``only`` nothing else is staged in it."""
        path = self._copy()
        index = Index(path, path.with_name(path.name + ".scratch"))
        index.load()
        if only:
            for other, change in staged(self._repo, tip, index_file=path).items():
                if other not in selection:
                    index.set(other, IndexEntry(*change.old) if change.old else None)
        for name, change in selection.items():
            if change.new is None:
                index.set(name, None)
            else:
                index.set(name, change.index or IndexEntry(*change.new))
        index.write_scratch()
        index.replace()
        self._repo.git.run("update-index", "-q", "--refresh", extra={"GIT_INDEX_FILE": str(path)})
        return path

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
