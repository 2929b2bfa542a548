"""What ``refs/anvcs/keep`` holds for as long as an operation names it, beside commits."""

from __future__ import annotations

import re

from anvcs.gitmirror.repository import GitRepository

KEEP = "refs/anvcs/keep"
_NEWEST = 4
"""How many commits of the chain are looked at before one more is made."""
_OBJECT = re.compile(rb"object ([0-9a-f]{40})\n")


def recent(repo: GitRepository, tip: str) -> frozenset[str]:
    """The commits that the newest commits of the chain hold, with their parents: mostly what an undo moves between."""
    found: set[str] = set()
    for _ in range(_NEWEST):
        parents = _parents(repo, tip)
        for each in parents[1:]:
            found.add(each)
            found.update(_parents(repo, each))
        if len(parents) < 2:
            break
        # At the beginning of the chain this is what it holds; whatever that leads to is reached from the chain too.
        tip = parents[0]
    return frozenset(found)


def _parents(repo: GitRepository, commit: str) -> list[str]:
    head = repo.objects.read(commit, "commit").partition(b"\n\n")[0]
    return [line[7:].decode("ascii") for line in head.split(b"\n") if line.startswith(b"parent ")]


def is_here(repo: GitRepository, oid: str) -> bool:
    """Whether Git has the object; an annotated tag that its collector took is written again."""
    if oid in repo.handle or repo.objects.is_new(oid, "commit"):
        return True
    raw = _tag(repo, oid)
    if raw is None:
        return False
    repo.objects.write("tag", raw)
    repo.objects.flush()
    return True


def peel(repo: GitRepository, oid: str) -> str | None:
    """The commit that an id is or, as an annotated tag, names, whether Git's collector took the tag or not."""
    commit = repo.peel(oid)
    if commit is None and oid not in repo.handle:
        raw = _tag(repo, oid)
        named = _OBJECT.match(raw) if raw is not None else None
        commit = peel(repo, named[1].decode()) if named is not None else None
    return commit


def _tag(repo: GitRepository, oid: str) -> bytes | None:
    """Tags cannot be parents of the chain's commits, so their bytes stand in it as blobs ``tags/<id>``."""
    if repo.ref(KEEP) is None:
        return None
    path = f"tags/{oid}"
    args = ("log", "-1", "--first-parent", "--diff-filter=A", "--format=%H", KEEP, "--", f":(top,literal){path}")
    commit = repo.git.text(*args)
    return repo.git.output("cat-file", "blob", f"{commit}:{path}") if commit else None
