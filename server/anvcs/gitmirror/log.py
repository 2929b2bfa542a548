"""Reads history for the graph: where refs point, commits with their exact bytes in graph order, and which have notes.

The git program walks, never libgit2: its topological walk sorts the whole history before the first row.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import IO, NamedTuple

import pygit2
from pygit2 import Oid, Tree
from pygit2.enums import ObjectType

from anvcs.errors import DiskError, GitFailedError, UsageError
from anvcs.gitmirror.git import Git, failed
from anvcs.gitmirror.notes import Notes

Raw = tuple[bytes, bytes, bytes]
"""A commit's Git id, its parents' ids joined, and its bytes. Parents are as git sees them: after replacements, grafts
and the boundary of a shallow clone; with a path, only those that git's simplified history keeps."""

_CAT = ["cat-file", "--batch=%(objectname) %(objectsize) %(rest)", "--buffer"]
_SPAN = re.compile(r"(\d+)\s*([hdwmy])")
_UNITS = {"h": "hours", "d": "days", "w": "weeks", "m": "months", "y": "years"}
_COMMITTED = re.compile(rb"\ncommitter [^\n]* ([0-9]+) [+-][0-9]+\n")
_NOW = ("now", "today")
_TICK = 0.1
"""Seconds between two reports while git walks."""


class Walked(NamedTuple):
    """Commits that git has found and that can be read, oldest first."""

    total: int
    commits: Iterator[Raw]


@contextmanager
def walk(git: Git, new: Iterable[bytes], old: Iterable[bytes], tick: Callable[[], None]) -> Generator[Walked]:
    """The commits reachable from ``new`` and not from ``old``, parents before children.

    ``tick`` is called while git walks and may raise to stop it. Raises GitFailedError, before the first commit is
    given, if git cannot walk all of it.
    """
    with tempfile.TemporaryFile() as found:
        _list(git, _revisions(new, old), found, tick)
        total = _lines(found)
        with closing(_read_listed(git, found)) as commits:
            yield Walked(total, commits)


def nearby(
    handle: pygit2.Repository, new: Iterable[bytes], known: Callable[[bytes], bool], most: int
) -> list[Raw] | None:
    """As :func:`walk`, in process: what ``new`` reaches without passing a known commit; None if more than ``most``.

    It reads commits as they are, so it is of use only where git sees no other parents than commits name.
    """
    found: dict[bytes, bytes] = {}
    waiting = list(new)
    while waiting:
        commit = waiting.pop()
        if commit in found or known(commit):
            continue
        try:
            kind, raw = handle.read(Oid(raw=commit))
        except KeyError:
            return None
        if kind == ObjectType.COMMIT:
            found[commit] = raw
            waiting += split(named_parents(raw))
            if len(found) > most:
                return None
    return [(commit, named_parents(found[commit]), found[commit]) for commit in _parents_first(found)]


def _parents_first(found: dict[bytes, bytes]) -> Iterator[bytes]:
    """The commits in the order in which git's topological walk lists them backwards."""
    done: set[bytes] = set()
    for tip in sorted(found, key=lambda commit: _committed(found[commit])):
        path = [(tip, iter(split(named_parents(found[tip]))))]
        while path:
            commit, parents = path[-1]
            for parent in parents:
                if parent in found and parent not in done:
                    path.append((parent, iter(split(named_parents(found[parent])))))
                    break
            else:
                path.pop()
                if commit not in done:
                    done.add(commit)
                    yield commit


def _committed(raw: bytes) -> int:
    found = _COMMITTED.search(raw)
    return int(found[1]) if found else 0


def reachable(git: Git, new: Iterable[bytes], old: Iterable[bytes] = (), most: int | None = None) -> list[bytes]:
    """The ids of commits reachable from ``new`` and not from ``old``, newest first. Raises GitFailedError."""
    limit = () if most is None else (f"--max-count={most}",)
    out = git.output("rev-list", *limit, "--stdin", stdin=_revisions(new, old))
    return [bytes.fromhex(line.decode("ascii")) for line in out.splitlines()]


def read(git: Git, commits: Collection[bytes]) -> Iterator[Raw]:
    """These commits with the parents that their bytes name."""
    if not commits:
        return
    with tempfile.TemporaryFile() as listed:
        listed.writelines(commit.hex().encode() + b"\n" for commit in commits)
        for commit, _, raw in _read_listed(git, listed):
            yield commit, named_parents(raw), raw


def originals(git: Git, replaced: Collection[bytes]) -> dict[bytes, bytes]:
    """The true bytes of commits that ``git replace`` shows as others."""
    plain = Git(git.folder, {**git.env, "GIT_NO_REPLACE_OBJECTS": "1"})
    return {commit: raw for commit, _, raw in read(plain, [commit for commit in replaced if _is_commit(plain, commit)])}


@contextmanager
def newest(
    git: Git,
    heads: Iterable[bytes],
    *,
    topological: bool,
    skip: int = 0,
    most: int | None = None,
    path: bytes | None = None,
    since: int | None = None,
) -> Generator[Iterator[Raw]]:
    """The commits reachable from the heads, newest first, as a stream that may be left at any time.

    Topological order is quick to begin only where :func:`has_commit_graph`; the other order, by date, may show a
    parent above its child where clocks were wrong. Raises GitFailedError.
    """
    args: list[str | bytes] = ["rev-list", "--parents", f"--skip={skip}", "--stdin"]
    if topological:
        args.append("--topo-order")
    if most is not None:
        args.append(f"--max-count={most}")
    if since is not None:
        args.append(f"--max-age={since}")
    if path is not None:
        args += ["--", b":(top,literal)" + path]
    with ExitStack() as stack:
        said = stack.enter_context(tempfile.TemporaryFile())
        given = stack.enter_context(tempfile.TemporaryFile())
        given.write(_revisions(heads, ()))
        walking = stack.enter_context(_running(git, args, given, subprocess.PIPE, said))
        assert walking.stdout is not None  # noqa: S101 - for the type checker; PIPE gives one
        reading = stack.enter_context(_running(git, _CAT, walking.stdout, subprocess.PIPE, said))
        yield _checked(reading, walking, said)


def has_commit_graph(common_dir: Path) -> bool:
    """Whether git can begin a topological walk without reading the whole history."""
    info = common_dir / "objects" / "info"
    return (info / "commit-graph").exists() or (info / "commit-graphs" / "commit-graph-chain").exists()


def since_seconds(git: Git, text: str, now: float) -> int:
    """A date or span as git reads it (``2026-11-01``, ``3.days.ago``) or short (``2w``), in seconds since 1970.

    Raises UsageError for what git does not understand.
    """
    wanted = text.replace("\0", " ").strip()
    span = _SPAN.fullmatch(wanted.lower())
    if span:
        wanted = f"{span[1]}.{_UNITS[span[2]]}.ago"
    out = git.text("rev-parse", f"--since={wanted}").removeprefix("--max-age=")
    seconds = int(out) if out.isdigit() else 0
    # git takes anything it cannot read for the present moment.
    if not wanted or (wanted.lower() not in _NOW and abs(seconds - now) <= 2):
        raise UsageError(
            f"{text!r} is not a date.", "Write a date such as 2026-11-01, or a span such as 2w or 3.days.ago."
        )
    return seconds


def named_parents(raw: bytes) -> bytes:
    """The parents' ids that a commit's bytes name, joined."""
    head = raw[: raw.find(b"\nauthor ")]
    return b"".join(bytes.fromhex(line[7:].decode("ascii")) for line in head.split(b"\n") if line[:7] == b"parent ")


class NotesAt:
    """The notes of one notes commit (none if ``tip`` is), read in process."""

    def __init__(self, handle: pygit2.Repository, tip: bytes | None) -> None:
        self._tree = _tree(handle, tip)
        self._notes = Notes(handle, None if self._tree is None or tip is None else Oid(raw=tip))
        self._names: frozenset[bytes] | None = None

    def get(self, commit: bytes) -> bytes | None:
        """A commit's note."""
        if self._tree is None or (self._names is not None and commit not in self._names):
            return None
        return self._notes.get(commit.hex())

    def names(self) -> frozenset[bytes]:
        """The Git ids of everything that has a note; from then on, asking for others costs nothing."""
        if self._names is None:
            self._names = frozenset(_differing(None, self._tree, ""))
        return self._names

    def changed_since(self, older: NotesAt) -> frozenset[bytes]:
        """The Git ids whose notes may differ."""
        return frozenset(_differing(older._tree, self._tree, ""))

    @property
    def there(self) -> bool:
        """Whether there is such a notes commit."""
        return self._tree is not None


def split(oids: bytes) -> list[bytes]:
    """The ids in a row of them."""
    return [oids[at : at + 20] for at in range(0, len(oids), 20)]


def _tree(handle: pygit2.Repository, tip: bytes | None) -> Tree | None:
    if tip is None:
        return None
    with suppress(pygit2.GitError, ValueError):
        found = handle.get(Oid(raw=tip))
        return None if found is None else found.peel(Tree)
    return None


def _differing(old: Tree | None, new: Tree | None, prefix: str) -> Iterator[bytes]:
    """The ids named by entries that are in one tree only or differ; equal folders are not entered."""
    olds = {entry.name or "": entry for entry in old or ()}
    news = {entry.name or "": entry for entry in new or ()}
    for name in olds.keys() | news.keys():
        before, after = olds.get(name), news.get(name)
        if before is not None and after is not None and before.id == after.id:
            continue
        folders = tuple(entry if isinstance(entry, Tree) else None for entry in (before, after))
        if len(name) == 2 and any(folders):
            yield from _differing(folders[0], folders[1], prefix + name)
        elif len(prefix + name) == 40:
            with suppress(ValueError):
                yield bytes.fromhex(prefix + name)


def _revisions(new: Iterable[bytes], old: Iterable[bytes]) -> bytes:
    lines = [commit.hex() for commit in new] + ["^" + commit.hex() for commit in old]
    return "".join(line + "\n" for line in lines).encode()


def _is_commit(git: Git, oid: bytes) -> bool:
    return git.run("cat-file", "-t", oid.hex()).stdout == b"commit\n"


def _list(git: Git, revisions: bytes, found: IO[bytes], tick: Callable[[], None]) -> None:
    """Write the ids with their parents to a file, oldest first."""
    args = ["rev-list", "--topo-order", "--reverse", "--parents", "--stdin"]
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as said:
        given.write(revisions)
        with _running(git, args, given, found, said) as process:
            while True:
                with suppress(subprocess.TimeoutExpired):
                    code = process.wait(_TICK)
                    break
                tick()
        if code:
            raise _refused(said)


def _lines(file: IO[bytes]) -> int:
    file.seek(0)
    count = 0
    while chunk := file.read(1 << 20):
        count += chunk.count(b"\n")
    return count


def _read_listed(git: Git, listed: IO[bytes]) -> Generator[Raw]:
    """The commits whose ids a file lists, each with the rest of its line as parents."""
    with tempfile.TemporaryFile() as said, _running(git, _CAT, listed, subprocess.PIPE, said) as process:
        yield from _checked(process, process, said)


def _checked(reading: subprocess.Popen[bytes], walking: subprocess.Popen[bytes], said: IO[bytes]) -> Iterator[Raw]:
    assert reading.stdout is not None  # noqa: S101 - for the type checker; it was opened as a pipe
    yield from _parse(reading.stdout)
    if walking.wait() or reading.wait():
        raise _refused(said)


def _parse(out: IO[bytes]) -> Iterator[Raw]:
    readline, read_bytes, fromhex = out.readline, out.read, bytes.fromhex
    while line := readline():
        try:
            oid, size, parents = line.split(b" ", 2)
            length = int(size)
        except ValueError:
            raise GitFailedError(
                f"git cannot read the commit {line[:40].decode('ascii', 'replace')}.", "Run git fsck."
            ) from None
        raw = read_bytes(length + 1)
        # fromhex skips the blanks between ids and the newline.
        yield fromhex(oid.decode("ascii")), fromhex(parents.decode("ascii")), raw[:-1]


@contextmanager
def _running(
    git: Git, args: Sequence[str | bytes], given: IO[bytes], out: IO[bytes] | int, said: IO[bytes]
) -> Generator[subprocess.Popen[bytes]]:
    """A git process that is stopped when the block is left early."""
    if given.seekable():
        given.flush()
        given.seek(0)
    process = subprocess.Popen(
        ["git", *args], cwd=git.folder, env=git.env, stdin=given, stdout=out, stderr=said, bufsize=1 << 16
    )
    if not given.seekable():
        # So that the process before learns when this one ends.
        given.close()
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        if process.stdout is not None:
            process.stdout.close()
        process.wait()


def _refused(said: IO[bytes]) -> GitFailedError | DiskError:
    said.seek(0)
    return failed(("rev-list",), said.read())
