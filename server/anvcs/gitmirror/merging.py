"""git's own merge of two commits without a work tree."""

from __future__ import annotations

from anvcs.gitmirror.git import Git, failed
from anvcs.gitmirror.repository import GitRepository
from anvcs.gitmirror.trees import EMPTY_TREE

_IDENT = b"anvcs <merge@anvcs.invalid> 0 +0000"


def merged(git: Git, ours: str, theirs: str) -> tuple[str, list[bytes]]:
    """The tree that git's merge gives, and the paths in conflict. Raises GitFailedError."""
    args = ("merge-tree", "--write-tree", "--name-only", "--no-messages", "-z", ours, theirs)
    done = git.run(*args)
    if done.returncode > 1 or (done.returncode and not done.stdout):
        raise failed(args, done.stderr)
    tree, *paths = done.stdout.removesuffix(b"\0").split(b"\0")
    found = [path for path in dict.fromkeys(paths) if path]
    if done.returncode and not found:
        # Files that cannot go where their folder went: git tells of them, and keeps no versions.
        found = _told(git.run("merge-tree", "--write-tree", "--name-only", "--messages", "-z", ours, theirs).stdout)
    return tree.decode("ascii"), found


def _told(out: bytes) -> list[bytes]:
    """The paths of which messages say that they are in conflict, though none is listed."""
    fields = iter(out.split(b"\0")[2:])
    found: list[bytes] = []
    for count in fields:
        if not count.isdigit():
            break
        paths = [next(fields) for _ in range(int(count))]
        kind, _ = next(fields), next(fields)
        found += (paths[1:] or paths) if kind.startswith(b"CONFLICT") else []
    return list(dict.fromkeys(found))


def without(repo: GitRepository, git: Git, commit: str, head: str) -> tuple[str, list[bytes]]:
    """The tree of ``head`` without what a commit changed (a merge: against its first parent), and conflicts.

    merge-tree takes an explicit base from git 2.40 on only, so the other side is a temporary commit on top of the base.
    """
    header = repo.objects.read(commit, "commit").partition(b"\n\n")[0]
    parents = [line[7:].decode("ascii") for line in header.split(b"\n") if line.startswith(b"parent ")]
    before = repo.tree_of(parents[0]) if parents else EMPTY_TREE
    if not parents:
        git.output("hash-object", "-t", "tree", "-w", "--stdin")
    lines = [b"tree " + before.encode(), b"parent " + commit.encode(), b"author " + _IDENT, b"committer " + _IDENT]
    raw = b"\n".join(lines) + b"\n\nwithout\n"
    temporary = git.output("hash-object", "-t", "commit", "-w", "--stdin", stdin=raw).decode("ascii").strip()
    return merged(git, head, temporary)
