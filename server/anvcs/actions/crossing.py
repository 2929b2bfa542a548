"""What breaks between the files of a merge: names that one side takes away and another newly uses."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from itertools import combinations
from typing import TYPE_CHECKING

from anvcs.actions import ancestry
from anvcs.actions.outlines import Outlines
from anvcs.actions.resource_trees import Compared, GitTree, changed
from anvcs.merge.crossfile import check
from anvcs.merge.model import TreeFinding

if TYPE_CHECKING:
    from anvcs.actions.workspace import Workspace


def between_files(
    workspace: Workspace, commits: Sequence[str], names: Sequence[str], tree: str, decided: Collection[bytes] = ()
) -> tuple[TreeFinding, ...]:
    """The findings about the tree that merges these commits, each called by its name. Hold ``workspace.lock``.

    ``decided`` are the files in it that somebody decided; the tree is written.
    """
    files = [os.fsdecode(path) for path in decided]
    known = Outlines.of(workspace)
    found: dict[TreeFinding, None] = {}
    for left, right in combinations(zip(commits, names, strict=True), 2):
        sources = _compared(workspace, left[0], right[0], tree)
        if sources is not None:
            workspace.caller.progress("Looking between files", None)
            found |= dict.fromkeys(check(sources, left=left[1], right=right[1], cache=known, decided=files))
    known.save()
    return tuple(found)


def _compared(workspace: Workspace, left: str, right: str, merged: str) -> Compared | None:
    """Both sides with what they come from; nothing where one has all of the other."""
    bases = ancestry.merge_bases(workspace, left, right)
    if not bases or bases[0] in {left, right}:
        return None
    repo, objects = workspace.repo, workspace.repo.objects
    base, ours, theirs = (repo.tree_of(each) for each in (bases[0], left, right))
    return Compared(
        base=GitTree(objects, base),
        left=GitTree(objects, ours),
        right=GitTree(objects, theirs),
        left_changed=changed(objects, base, ours),
        right_changed=changed(objects, base, theirs),
        git=workspace.git,
        merged=GitTree(objects, merged),
    )
