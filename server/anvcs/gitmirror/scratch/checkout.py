"""Brings a folder's files to a tree, submodules included, whatever a guard has left there."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

import msgspec

from anvcs.errors import GitFailedError
from anvcs.gitmirror.paths import quote
from anvcs.gitmirror.scratch.files import open_up, remove
from anvcs.gitmirror.scratch.program import Place, Program

_CONVERSIONS = r"^(filter\..*|core\.(autocrlf|eol|symlinks|filemode|attributesfile|checkroundtripencoding))$"
"""Settings that decide which bytes a blob becomes."""
LFS = ("GIT_LFS_SKIP_SMUDGE",)
"""Variables by which Git LFS leaves pointers where contents should be."""
_SUBMODULE = b"160000"


class Homes(msgspec.Struct, frozen=True):
    """Where submodules of the user's are looked for."""

    modules: tuple[Path, ...]
    """Folders that hold the Git folder of each submodule by its name."""
    worktrees: tuple[Path, ...]


class Module(msgspec.Struct, frozen=True):
    """A submodule whose files are there."""

    place: Place
    commit: str


class Brought(msgspec.Struct, frozen=True):
    """What there is besides the files."""

    modules: tuple[Module, ...] = ()
    notices: tuple[str, ...] = ()
    """What is missing, a sentence each."""


class _Record(msgspec.Struct, frozen=True):
    """What the files were brought to last; not there while they are being changed."""

    tree: str
    conversions: str


def bring(program: Program, place: Place, tree: str, keep: Sequence[str], homes: Homes) -> Brought:
    """Bring the files to exactly the tree's; untracked ones go, but for those that the patterns in ``keep`` name.

    Only what differs is written. Submodules come from the user's own, nothing is fetched for them. Raises
    GitFailedError, DiskError, OSError or CancelledError; the next call then writes every file anew.
    """
    place.files.mkdir(parents=True, exist_ok=True)
    record = place.index.with_name(f"{place.index.name}.json")
    now = _Record(tree, _conversions(program, place))
    if not _is_like(program, place, _read(record), now):
        # Without the times that it has of files, each is written.
        place.index.unlink(missing_ok=True)
    record.unlink(missing_ok=True)
    place.index.with_name(f"{place.index.name}.lock").unlink(missing_ok=True)
    program.output(place, "read-tree", "--reset", tree)
    # Before files are written, because git would also heed attributes in files that the tree does not have.
    _insist(program, place, "clean", "-ffdxq", *(f"--exclude={anchored(pattern)}" for pattern in keep))
    _insist(program, place, "read-tree", "--reset", "-u", "--no-recurse-submodules", tree)
    brought = _submodules(program, place, tree, keep, homes)
    record.write_bytes(msgspec.json.encode(now))
    return brought


def anchored(pattern: str) -> str:
    """A path pattern from the root on as Git's ignore rules write it."""
    return pattern if pattern.startswith("**/") else f"/{pattern}"


def _insist(program: Program, place: Place, *args: str) -> None:
    """Run git, again after every folder was made ours to write if it refuses."""
    try:
        program.output(place, *args)
    except GitFailedError:
        open_up(place.files)
        program.output(place, *args)


def _read(record: Path) -> _Record | None:
    try:
        return msgspec.json.decode(record.read_bytes(), type=_Record)
    except (FileNotFoundError, msgspec.DecodeError):
        return None


def _is_like(program: Program, place: Place, old: _Record | None, new: _Record) -> bool:
    """Whether every blob becomes the same bytes as before. Git itself writes only files whose blob has changed."""
    if old is None or old.conversions != new.conversions:
        return False
    done = program.run(place, "diff-tree", "-r", "-z", "--name-only", old.tree, new.tree)
    changed = done.stdout.split(b"\0")
    return not done.returncode and not any(path.rpartition(b"/")[2] == b".gitattributes" for path in changed)


def _conversions(program: Program, place: Place) -> str:
    said = [program.run(place, "config", "-z", "--get-regexp", _CONVERSIONS).stdout]
    said += [os.fsencode(program.env.get(name, "")) for name in LFS]
    named = program.run(place, "config", "--type=path", "--get", "core.attributesFile").stdout.decode().strip()
    base = program.env.get("XDG_CONFIG_HOME") or f"{program.env.get('HOME', '')}/.config"
    within = program.output(place, "rev-parse", "--path-format=absolute", "--git-path", "info/attributes")
    for path in (named or f"{base}/git/attributes", os.fsdecode(within).removesuffix("\n")):
        try:
            said.append(Path(path).read_bytes())
        except OSError:
            said.append(b"")
    return hashlib.sha256(b"\0\0".join(said)).hexdigest()


def _submodules(program: Program, place: Place, tree: str, keep: Sequence[str], homes: Homes) -> Brought:
    modules: list[Module] = []
    notices: list[str] = []
    for name, path, commit in _links(program, place, tree):
        folder = _own_folder(place.files, path)
        found = next((each for each in _git_dirs(homes, name, path) if _has(program, place, each, commit)), None)
        if found is None:
            # As after a clone: an empty folder.
            remove(folder)
            folder.mkdir()
            notices.append(f"The submodule {quote(path)} is empty: its commit {commit[:12]} is not in this clone.")
            continue
        digest = hashlib.sha256(path).hexdigest()[:16]
        below = Place(found, folder, place.index.with_name(f"{place.index.name}-{digest}"))
        kept = [rest for pattern in keep for rest in _within(pattern, os.fsdecode(path))]
        inner = Homes((found / "modules",), tuple(each / os.fsdecode(path) for each in homes.worktrees))
        brought = bring(program.elsewhere(), below, f"{commit}^{{tree}}", kept, inner)
        modules += [Module(below, commit), *brought.modules]
        notices += brought.notices
    return Brought(tuple(modules), tuple(notices))


def _links(program: Program, place: Place, tree: str) -> Iterator[tuple[str, bytes, str]]:
    """Name, path and commit of each submodule of a tree."""
    listed = program.run(place, "config", "-z", f"--blob={tree}:.gitmodules", "--get-regexp", r"^submodule\..*\.path$")
    names: dict[bytes, str] = {}
    for entry in listed.stdout.split(b"\0"):
        key, _, path = entry.partition(b"\n")
        name = os.fsdecode(key.removeprefix(b"submodule.").removesuffix(b".path"))
        # What the tree says is somebody's proposal: it must not lead out of the folder with the submodules.
        if path and name and not name.startswith("/") and ".." not in PurePosixPath(name).parts:
            names[path.rstrip(b"/")] = name
    if not names:
        return
    paths = [os.fsdecode(path) for path in names]
    for entry in program.output(place, "ls-tree", "-z", "--full-tree", tree, "--", *paths).split(b"\0"):
        head, _, path = entry.partition(b"\t")
        if head.startswith(_SUBMODULE) and path in names:
            yield names[path], path, head.split()[2].decode("ascii")


def _own_folder(files: Path, path: bytes) -> Path:
    """The folder of a submodule; made anew where a guard has put something else on the way to it."""
    folder = files
    for part in os.fsdecode(path).split("/"):
        folder /= part
        if folder.is_symlink() or not folder.is_dir():
            remove(folder)
            folder.mkdir()
    return folder


def _git_dirs(homes: Homes, name: str, path: bytes) -> Iterator[Path]:
    for each in homes.modules:
        if (each / name / "HEAD").is_file():
            yield each / name
    for each in homes.worktrees:
        link = each / os.fsdecode(path) / ".git"
        if link.is_dir():
            yield link
        elif link.is_file():
            target = link.parent / os.fsdecode(link.read_bytes().removeprefix(b"gitdir:").strip())
            if target.is_dir():
                yield target


def _has(program: Program, place: Place, git_dir: Path, commit: str) -> bool:
    there = Place(git_dir, place.files, place.index)
    return not program.elsewhere().run(there, "cat-file", "-e", f"{commit}^{{commit}}").returncode


def _within(pattern: str, path: str) -> Iterator[str]:
    if pattern.startswith("**/"):
        yield pattern
    elif pattern.startswith(f"{path}/"):
        yield pattern.removeprefix(f"{path}/")
