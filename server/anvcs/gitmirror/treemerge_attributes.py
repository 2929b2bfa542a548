"""Which attributes a merge goes by, and where git must stand so that it finds them."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Collection, Generator, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec

from anvcs.gitmirror import mergedriver
from anvcs.gitmirror.git import failed
from anvcs.gitmirror.repository import GitRepository
from anvcs.gitmirror.settings import Settings, parse_bool
from anvcs.gitmirror.treemerge_objects import FOLDER, Folders, Written
from anvcs.gitmirror.treemerge_process import program
from anvcs.gitmirror.trees import EMPTY_TREE, SUBMODULE

Driver = Literal["text", "binary", "union", "custom"]
"""What merges a file: git's own three, or a program of the user."""

FILE = b".gitattributes"
MARKER_SIZE = 7
_ASKED = ("merge", "conflict-marker-size")


class Place(msgspec.Struct, frozen=True):
    """Where git runs, and with which more variables."""

    folder: Path
    extra: Mapping[str, str] = msgspec.field(default_factory=dict[str, str])


class Attributes(NamedTuple):
    """What the attributes say of one file."""

    driver: Driver
    name: str
    """As attributes and settings call it."""
    marker_size: int


def place_for(repo: GitRepository, ours: str) -> AbstractContextManager[Place]:
    """Where git finds the attributes of the commit that is merged into.

    ``git merge`` takes them from the work tree, where that commit is checked out. Where another one is, and its
    attributes differ, they are laid out in a folder that goes away afterwards.
    """
    return place_of(repo, repo.tree_of(ours))


@contextmanager
def place_of(repo: GitRepository, tree: str) -> Generator[Place]:
    """The same for a tree, whether it is a commit's or not."""
    head = repo.head()
    if not _differ(repo, repo.tree_of(head) if head else EMPTY_TREE, tree):
        yield Place(repo.root)
        return
    with tempfile.TemporaryDirectory(prefix="anvcs-attributes-") as folder:
        _lay_out(repo, tree, folder)
        yield Place(Path(folder), {"GIT_DIR": str(repo.git_dir), "GIT_WORK_TREE": folder})


def _differ(repo: GitRepository, old: str, new: str) -> bool:
    """The attributes in two trees are not the same."""
    folders = Folders(Written(repo))
    waiting: list[tuple[bytes | None, bytes | None]] = [(bytes.fromhex(old), bytes.fromhex(new))]
    while waiting:
        pair = waiting.pop()
        if pair[0] == pair[1]:
            continue
        before, after = ({row[1]: row for row in folders.read(each)} if each is not None else {} for each in pair)
        if before.get(FILE) != after.get(FILE):
            return True
        for name in dict(before.items() ^ after.items()):
            below = [
                row[2] if row is not None and row[0] == FOLDER else None for row in (before.get(name), after.get(name))
            ]
            waiting.append((below[0], below[1]))
    return False


def _lay_out(repo: GitRepository, tree: str, folder: str) -> None:
    for line in repo.git.output("ls-tree", "-r", "-z", "--full-tree", tree).split(b"\0"):
        entry, _, path = line.partition(b"\t")
        if not path.endswith(FILE) and not entry.startswith(b"%o " % SUBMODULE):
            continue
        place, name = os.path.split(os.path.join(os.fsencode(folder), path))  # noqa: PTH118 - paths are bytes here
        os.makedirs(place, exist_ok=True)  # noqa: PTH103 - as above
        if name == FILE:
            with open(os.path.join(place, name), "wb") as file:  # noqa: PTH118, PTH123 - as above
                file.write(repo.objects.read(entry.split(b" ")[2].decode("ascii"), "blob"))
        elif entry.startswith(b"%o " % SUBMODULE):
            # git looks into a submodule to see whether one of its commits follows on the other.
            os.symlink(os.path.join(os.fsencode(repo.root), path), os.path.join(place, name))  # noqa: PTH118, PTH211


def attributes(repo: GitRepository, place: Place, paths: Collection[bytes]) -> dict[bytes, Attributes]:
    """What merges each of the files. Raises GitFailedError."""
    settings = repo.settings.get()
    found: dict[bytes, tuple[str, str]] = dict.fromkeys(paths, ("unspecified", ""))
    if paths and _any(repo, settings, place, paths):
        found.update(_asked(repo, place, paths))
    return {path: _judged(settings, *values) for path, values in found.items()}


def _asked(repo: GitRepository, place: Place, paths: Collection[bytes]) -> dict[bytes, tuple[str, str]]:
    # git's merge does not take attributes from the index; this one does not exist.
    extra = {**place.extra, "GIT_INDEX_FILE": os.devnull + ".index"}
    args = ("-C", place.folder, "check-attr", "-z", "--stdin", *_ASKED)
    done = repo.git.run(*args, stdin=b"\0".join(paths) + b"\0", extra=extra)
    if done.returncode:
        raise failed(args, done.stderr)
    words = done.stdout.split(b"\0")
    values = dict(zip(zip(words[::3], words[1::3], strict=False), words[2::3], strict=False))
    merge, size = (name.encode() for name in _ASKED)
    return {path: (values[path, merge].decode("utf-8", "replace"), os.fsdecode(values[path, size])) for path in paths}


def _any(repo: GitRepository, settings: Settings, place: Place, paths: Collection[bytes]) -> bool:
    """There may be attributes: asking git takes as long as many a merge."""
    return not in_files(repo, settings) or any(map(os.path.exists, places(repo, settings, place, paths)))


def in_files(repo: GitRepository, settings: Settings) -> bool:
    """Attributes can be in files that are known only; Apple's git has some of its own."""
    return not (sys.platform == "darwin" or "GIT_ATTR_SOURCE" in repo.git.env or settings.get("attr.tree") is not None)


def places(
    repo: GitRepository, settings: Settings, place: Place, paths: Collection[bytes]
) -> Iterator[str | Path | bytes]:
    """The files in which git looks for the attributes of these paths."""
    env = repo.git.env
    home = env.get("XDG_CONFIG_HOME") or env.get("HOME", "") + "/.config"
    yield f"{repo.common_dir}/info/attributes"
    yield settings.path("core.attributesFile") or f"{home}/git/attributes"
    if parse_bool(env.get("GIT_ATTR_NOSYSTEM", "")) is not True:
        yield "/etc/gitattributes"
        yield f"{os.path.dirname(os.path.dirname(program(env.get('PATH'))))}/etc/gitattributes"  # noqa: PTH120
    top = os.fsencode(place.folder) + b"/"
    yield top + FILE
    known = {b""}
    for path in paths:
        folder = path.rpartition(b"/")[0]
        while folder not in known:
            known.add(folder)
            yield top + folder + b"/" + FILE
            folder = folder.rpartition(b"/")[0]


def _judged(settings: Settings, merge: str, size: str) -> Attributes:
    names = {"set": "text", "unset": "binary", "unspecified": settings.get("merge.default") or "text"}
    name = names.get(merge, merge)
    driver: Driver = "text"
    if name == mergedriver.NAME:
        name = "text"
    if settings.all(f"merge.{name}.driver"):
        driver = "custom"
    elif name == "binary":
        driver = "binary"
    elif name == "union":
        driver = "union"
    return Attributes(driver, name, int(size) if size.isdecimal() and int(size) else MARKER_SIZE)
