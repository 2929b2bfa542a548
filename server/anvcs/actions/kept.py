"""What ``refs/anvcs/keep`` holds for as long as an operation names it, beside commits."""

from __future__ import annotations

import re

from anvcs.gitmirror.repository import GitRepository

KEEP = "refs/anvcs/keep"
_OBJECT = re.compile(rb"object ([0-9a-f]{40})\n")


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
