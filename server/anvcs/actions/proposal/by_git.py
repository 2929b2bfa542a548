"""git's own merge of two commits as a tree merge: what it leaves in conflict, and nothing more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anvcs.gitmirror.git import failed
from anvcs.merge.model import FileOutcome, TreeMerge, Version

if TYPE_CHECKING:
    from anvcs.actions.workspace import Workspace


def merge_commits(workspace: Workspace, ours: str, theirs: str) -> TreeMerge:
    """The merge with every conflict as git has it. Raises GitFailedError."""
    args = ("merge-tree", "--write-tree", "--no-messages", "-z", ours, theirs)
    done = workspace.git.run(*args)
    if done.returncode > 1 or (done.returncode and not done.stdout):
        raise failed(args, done.stderr)
    tree, *rows = done.stdout.removesuffix(b"\0").split(b"\0")
    sides: dict[bytes, dict[int, Version]] = {}
    for row in filter(None, rows):
        entry, _, path = row.partition(b"\t")
        mode, oid, stage = entry.decode("ascii").split(" ")
        sides.setdefault(path, {})[int(stage)] = Version(mode, oid)
    bases = workspace.git.text("merge-base", "--all", ours, theirs).split()
    files = tuple(
        FileOutcome(
            path=path,
            how="conflict",
            kind="content" if len(each) == 3 else "add/add" if 1 not in each else "modify/delete",
            reason="Both sides changed it, and git cannot tell which change is meant.",
            base=each.get(1),
            left=each.get(2),
            right=each.get(3),
        )
        for path, each in sides.items()
    )
    return TreeMerge(tree.decode("ascii"), tuple(bases), files)
