"""Keeps what an open proposal needs from git's collector: a commit of its own, which a ref of ours names."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from anvcs.errors import LockedError
from anvcs.gitmirror import notes, treemerge

if TYPE_CHECKING:
    from anvcs.actions.workspace import Workspace

PREFIX = "refs/anvcs/proposals/"
STEPS = ("proposal-keep",)
"""The fault points, each reached just before the step of its name."""
_ATTEMPTS = 20


def commit(workspace: Workspace, tree: str, parents: tuple[str, ...], said: str) -> str:
    """A commit that nobody sees; written and visible to git."""
    ident = f"anvcs <keep@anvcs.invalid> {int(time.time())} +0000".encode()
    treemerge.adopt(workspace.repo, tree, parents)
    lines = [b"tree " + tree.encode(), *(b"parent " + each.encode() for each in dict.fromkeys(parents))]
    lines += [b"author " + ident, b"committer " + ident]
    made = workspace.repo.objects.write("commit", b"\n".join(lines) + b"\n\n" + said.encode() + b"\n")
    workspace.repo.objects.flush()
    return made


def hold(workspace: Workspace, proposal: bytes, tree: str, merged: str, parents: tuple[str, ...]) -> None:
    """Keep a result, the tree before anything was decided, and the commits that it joins. Raises LockedError."""
    repo, name = workspace.repo, PREFIX + proposal.hex()
    if merged != tree:
        parents = (*parents, commit(workspace, merged, (), "Before anything was decided"))
    for _ in range(_ATTEMPTS):
        # What was kept stays kept: whoever dies before the event is written leaves the result before it in force.
        tip = notes.tip(repo.handle, name)
        before = (str(tip),) if tip is not None else ()
        made = commit(workspace, tree, (*before, *parents), "Kept alive for a merge proposal")
        workspace.caller.at("proposal-keep")
        if notes.swap(repo.handle, name, tip, repo.oid(made), ""):
            return
    raise LockedError(f"{name} is locked.", f"If no process is at work here, delete {name}.lock in .git.")


def held(workspace: Workspace) -> list[bytes]:
    """The proposals for which something is kept."""
    names = workspace.git.text("for-each-ref", "--format=%(refname)", PREFIX).splitlines()
    return [bytes.fromhex(name.removeprefix(PREFIX)) for name in names]


def release(workspace: Workspace, proposal: bytes) -> None:
    """Let it go; what landed is kept by its stream."""
    name = PREFIX + proposal.hex()
    if workspace.repo.ref(name) is not None:
        workspace.repo.handle.references.delete(name)
