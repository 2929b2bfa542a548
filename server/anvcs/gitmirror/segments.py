"""Logs of sealed segments as Git refs: ``refs/anvcs/log/<replica>``, a chain of commits, one for each segment.

The tree of each commit holds all segments so far as ``segments/<hundreds>/<number>``, so a push carries only what is
new and nothing is ever replaced. A commit is a pure function of the segments: sealing twice gives the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from anvcs.errors import CorruptStoreError, GitFailedError, LockedError
from anvcs.gitmirror import notes, refs
from anvcs.gitmirror.repository import GitRepository
from anvcs.gitmirror.trees import EMPTY_TREE, FILE, TREE, Entry, edit, lookup, parse

PREFIX = "refs/anvcs/log/"
_FOLDER = b"segments"
_SPAN = 100
"""Segments in a folder."""
_OWNER = b"anvcs <log@anvcs.invalid>"


def ref(replica: str) -> str:
    """The ref of a replica's log."""
    return PREFIX + replica


def tip(repo: GitRepository, replica: str) -> str | None:
    """The commit of a replica's newest segment."""
    found = notes.tip(repo.handle, ref(replica))
    return None if found is None else str(found)


def logs(repo: GitRepository) -> dict[str, str]:
    """The replicas whose logs are here, each with the commit of its newest segment."""
    found = repo.git.text("for-each-ref", "--format=%(refname) %(objectname)", PREFIX).splitlines()
    return {name.removeprefix(PREFIX): commit for name, commit in (line.split(" ") for line in found)}


def count(repo: GitRepository, commit: str | None) -> int:
    """How many segments a log holds. Raises CorruptStoreError for a ref that is no log."""
    if commit is None:
        return 0
    root = lookup(repo.objects, repo.tree_of(commit), _FOLDER)
    folders = _folder(repo, root)
    numbers = _folder(repo, folders[max(folders)]) if folders else {}
    newest = max(numbers, default=b"")
    if not newest.isdigit():
        raise CorruptStoreError(f"The commit {commit[:10]} is not the end of a ledger's log.", "Run git fsck.")
    return int(newest)


def read(repo: GitRepository, commit: str | None, after: int = 0) -> Iterator[bytes]:
    """A log's segments in their order, from the one after a number on. Raises CorruptStoreError, GitFailedError."""
    if commit is None:
        return
    root = repo.tree_of(commit)
    for number in range(after + 1, count(repo, commit) + 1):
        entry = lookup(repo.objects, root, _path(number))
        if entry is None or entry.mode != FILE:
            raise CorruptStoreError(f"Segment {number} is not in the log {commit[:10]}.", "Run git fsck.")
        yield repo.objects.read(entry.oid, "blob")


def append(repo: GitRepository, parent: str | None, number: int, content: bytes, time: int) -> str:
    """The commit that adds a segment, written but not durable before the objects are flushed; no ref moves.

    ``time`` is in seconds since 1970.
    """
    tree = repo.tree_of(parent) if parent else EMPTY_TREE
    added = edit(repo.objects, tree, {_path(number): Entry(FILE, repo.objects.write("blob", content))})
    ident = b"%s %d +0000" % (_OWNER, max(time, 0))
    lines = [b"tree " + added.encode(), *([b"parent " + parent.encode()] if parent else [])]
    lines += [b"author " + ident, b"committer " + ident]
    return repo.objects.write("commit", b"\n".join(lines) + b"\n\nLedger segment %d\n" % number)


def move(repo: GitRepository, replica: str, old: str | None, new: str) -> None:
    """Let a replica's log end with a new commit, durably. Raises LockedError if it was moved or is locked."""
    name = ref(replica)
    if not notes.swap(repo.handle, name, None if old is None else repo.oid(old), repo.oid(new), ""):
        raise LockedError(f"{name} was moved or locked by another process.", "Try again.")
    refs.sync(repo, name)


def _path(number: int) -> bytes:
    return b"%s/%06d/%08d" % (_FOLDER, number // _SPAN, number)


def _folder(repo: GitRepository, entry: Entry | None) -> dict[bytes, Entry]:
    return parse(repo.objects.read(entry.oid, "tree")) if entry is not None and entry.mode == TREE else {}


def at_remote(repo: GitRepository, remote: str) -> dict[str, str]:
    """The logs that a remote holds: replicas, each with the commit of its newest segment.

    Raises GitFailedError with git's words if the remote cannot be read.
    """
    done = repo.git.run("ls-remote", "--end-of-options", remote, PREFIX + "*")
    if done.returncode:
        raise GitFailedError(f"{remote} cannot be read: {_words(done.stderr)}", "See whether the remote is reachable.")
    found: dict[str, str] = {}
    for line in done.stdout.decode("utf-8", "replace").splitlines():
        commit, _, name = line.partition("\t")
        replica = name.removeprefix(PREFIX)
        # Whatever else somebody keeps there is no log.
        if _REPLICA.fullmatch(replica):
            found[replica] = commit
    return found


def push(repo: GitRepository, remote: str, replica: str) -> None:
    """Send a replica's log to a remote; pre-push hooks run as they do for any push. Raises GitFailedError."""
    name = ref(replica)
    done = repo.git.run("push", "--quiet", "--no-follow-tags", "--end-of-options", remote, f"{name}:{name}")
    if done.returncode:
        raise GitFailedError(
            f"The operation log could not be sent to {remote}: {_words(done.stderr)}",
            "Try again; nothing is lost, and what was sent is not sent twice.",
        )


def fetch(repo: GitRepository, remote: str, replicas: Iterable[str]) -> tuple[str, ...]:
    """Bring these replicas' logs from a remote; gives those that it did not take, for they are not what they were.

    Raises GitFailedError with git's words if the remote cannot be read.
    """
    names = [f"{ref(replica)}:{ref(replica)}" for replica in replicas]
    options = ("--no-tags", "--no-prune", "--no-write-fetch-head", "--no-auto-maintenance", "--no-recurse-submodules")
    done = repo.git.run("fetch", *options, "--refmap=", "--end-of-options", remote, *names)
    refused = tuple(dict.fromkeys(each.decode() for each in _REJECTED.findall(done.stderr)))
    if done.returncode and not refused:
        raise GitFailedError(
            f"The operation logs could not be brought from {remote}: {_words(done.stderr)}",
            "Try again; nothing is lost.",
        )
    return refused


_REPLICA = re.compile(r"[0-9a-f]{32}")
_REJECTED = re.compile(rb"\[rejected\]\s+refs/anvcs/log/([0-9a-f]{32})\s")


def _words(said: bytes) -> str:
    return said.decode("utf-8", "replace").strip() or "no reason given"


def remove(repo: GitRepository, replica: str) -> None:
    """Forget a replica's log here; its objects go when git collects them."""
    repo.git.output("update-ref", "--no-deref", "-d", ref(replica))


def is_here(repo: GitRepository, commit: str) -> bool:
    """Whether the object is in this repository."""
    return repo.handle.odb.exists(repo.oid(commit))


def heads(repo: GitRepository) -> dict[str, str]:
    """Every stream's full ref with the commit it stands on."""
    found = repo.git.output("for-each-ref", "--format=%(refname) %(objectname)", "refs/heads/").decode(
        "utf-8", "replace"
    )
    return {name: commit for name, _, commit in (line.rpartition(" ") for line in found.splitlines())}


def set_refs(repo: GitRepository, prefix: str, wanted: Mapping[str, str]) -> None:
    """Make these the refs below a prefix of ours, all at once; git is asked only where something differs."""
    listed = repo.git.text("for-each-ref", "--format=%(refname) %(objectname)", prefix).splitlines()
    there = {name: commit for name, _, commit in (line.rpartition(" ") for line in listed)}
    lines = [f"delete {name}\n" for name in there.keys() - wanted.keys()]
    lines += [f"update {name} {commit}\n" for name, commit in wanted.items() if there.get(name) != commit]
    if lines:
        repo.git.output("update-ref", "--no-deref", "--stdin", stdin="".join(lines).encode())
