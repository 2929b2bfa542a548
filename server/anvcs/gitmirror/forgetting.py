"""Takes single blobs out of a repository for good, loose and packed, once nothing reaches them.

Git's own prune would take every other unreachable object of the user's along. A pack that holds such a blob is written
again without it; everything else in it stays, reachable or not.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import NamedTuple

from anvcs.errors import GitFailedError
from anvcs.gitmirror.git import Git, failed

LARGEST = 1 << 26
"""Bytes; no note is larger, so no larger blob is looked into."""
_PARTS = (".pack", ".idx", ".rev", ".bitmap", ".mtimes", ".keep", ".promisor")
"""The files of a pack, the one with the content first: what a crash leaves of the others Git passes over."""

Progress = Callable[[str, int | None], None]


class Removed(NamedTuple):
    """What was taken out."""

    loose: int
    packed: int
    left: tuple[str, ...]
    """The blobs that are there still, in another repository that this one borrows from."""


def holding(
    git: Git, wanted: Callable[[bytes], bool], progress: Progress, below: Sequence[str] | None = None
) -> list[str]:
    """Every blob of which ``wanted`` says yes: of the whole repository, reachable or not, or ``below`` revisions."""
    form = "--batch-check=%(objectname) %(objecttype) %(objectsize)"
    if below is None:
        listed = git.output("cat-file", form, "--batch-all-objects", "--unordered").splitlines()
    else:
        names = git.output("rev-list", "--objects", "--no-object-names", *_absent(git), *below) if below else b""
        listed = git.output("cat-file", form, stdin=names).splitlines()
    # Of what is missing in a partial clone two words are said only.
    named = [words for words in (line.split(b" ") for line in listed) if len(words) == 3]
    blobs = [name for name, kind, size in named if kind == b"blob" and int(size) <= LARGEST]
    found: list[str] = []
    seen = 0
    for name, content in _contents(git, blobs):
        if seen % 1000 == 0:
            progress("Looking for copies in Git", 100 * seen // len(blobs))
        seen += 1
        if wanted(content):
            found.append(name)
    if seen != len(blobs):
        raise GitFailedError("git cat-file stopped before it had read every object.", "Run git fsck.")
    return found


def reached(git: Git, blobs: set[str], *revisions: str) -> set[str]:
    """Those blobs that revisions lead to. Raises GitFailedError where that cannot be told."""
    if not blobs:
        return set()
    listed = git.output("rev-list", "--objects", "--no-object-names", *_absent(git), *revisions)
    return blobs.intersection(listed.decode("ascii").split())


def reached_by_anything(git: Git, blobs: set[str]) -> set[str]:
    """Those that any ref, reflog, HEAD or index of any worktree leads to."""
    return reached(git, blobs, "--all", "--reflog", "--indexed-objects")


def remove(git: Git, blobs: set[str], progress: Progress) -> Removed:
    """Take blobs out that nothing reaches; doing it again finishes what was cut short.

    Raises GitFailedError where a pack cannot be written; that pack then is as it was.
    """
    packed: set[str] = set()
    packs = _packs(git)
    for index in sorted(packs.glob("pack-*.idx")):
        if not index.with_suffix(".pack").exists():
            _unlink(index)
            continue
        names = _listed(git, index)
        if blobs.isdisjoint(names):
            continue
        progress("Writing a pack again without it", None)
        packed.update(blobs.intersection(names))
        _replace(git, index, [name for name in names if name not in blobs])
    loose = 0
    for blob in blobs:
        with suppress(FileNotFoundError):
            (packs.parent / blob[:2] / blob[2:]).unlink()
            loose += 1
    left = tuple(sorted(blob for blob in blobs if not git.run("cat-file", "-e", blob).returncode))
    return Removed(loose, len(packed), left)


def _absent(git: Git) -> list[str]:
    """In a partial clone nothing is to be fetched for this: what is not here is none of the blobs that are."""
    return ["--missing=allow-any"] if any(_packs(git).glob("*.promisor")) else []


def _packs(git: Git) -> Path:
    return Path(git.text("rev-parse", "--path-format=absolute", "--git-path", "objects/pack"))


def _contents(git: Git, names: list[bytes]) -> Iterator[tuple[str, bytes]]:
    with TemporaryFile() as asked:
        asked.write(b"".join(name + b"\n" for name in names))
        asked.seek(0)
        with git.stream("cat-file", "--batch", "--buffer", stdin=asked) as out:
            while head := out.readline():
                name, _, size = head.split(b" ")
                content = out.read(int(size))
                out.read(1)
                yield name.decode("ascii"), content


def _listed(git: Git, index: Path) -> list[str]:
    """The objects of a pack in the order in which they stand in it."""
    lines = [line.split(b" ") for line in git.output("show-index", stdin=index.read_bytes()).splitlines()]
    return [line[1].decode("ascii") for line in sorted(lines, key=lambda line: int(line[0]))]


def _replace(git: Git, index: Path, names: list[str]) -> None:
    """Put a pack of these objects in the place of another one."""
    packs = index.parent
    if names:
        args = ("-c", "pack.packSizeLimit=0", "pack-objects", "-q", str(packs / "pack"))
        done = git.run(*args, stdin="".join(f"{name}\n" for name in names).encode())
        if done.returncode:
            raise failed(args, done.stderr)
        made = packs / f"pack-{done.stdout.decode('ascii').strip()}.idx"
        if set(_listed(git, made)) != set(names):
            raise GitFailedError(f"{made} is not the pack it should be.", "Run git fsck.")
        for suffix in (".keep", ".promisor"):
            if index.with_suffix(suffix).exists():
                made.with_suffix(suffix).write_bytes(index.with_suffix(suffix).read_bytes())
    several = packs / "multi-pack-index"
    had = several.exists()
    for each in packs.glob("multi-pack-index*"):
        if each.is_file():
            each.unlink()
    _sync(packs)
    _unlink(index)
    if had:
        # It makes reading faster and nothing else, so a git that cannot write it does no harm.
        git.run("multi-pack-index", "write")


def _unlink(index: Path) -> None:
    for suffix in _PARTS:
        with suppress(FileNotFoundError):
            index.with_suffix(suffix).unlink()


def _sync(folder: Path) -> None:
    if os.name == "nt":  # folders cannot be opened there, and its journal keeps names
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
