"""Ids of resources as of a commit: its history is gone through once, and what was found is kept beside the outlines.

Where nothing is kept yet, it begins so many commits back; whoever begins elsewhere has the same ids but for what was
renamed or moved between the two beginnings. From then on ids go from commit to commit, in whatever process.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from anvcs.actions.outlines import Outlines
from anvcs.actions.resource_trees import GitTree, changed
from anvcs.merge.resources.likeness import Likeness
from anvcs.merge.resources.matching import follow
from anvcs.merge.resources.model import Key
from anvcs.merge.resources.parsing import language_of
from anvcs.merge.resources.registry import Change, Registry
from anvcs.merge.resources.trees import Outlines as Files

if TYPE_CHECKING:
    from anvcs.actions.workspace import Workspace

_FIRST = 25
"""How many commits are gone through where nothing is kept yet: a busy one takes a tenth of a second."""
_FAR = 1000
"""How many commits back something kept is looked for."""
_MOST_FILES = 500
"""In a commit that changes more files nothing is followed: what stays in its place keeps its id."""


def registry(workspace: Workspace, commit: str) -> Registry:
    """The ids in a commit. Hold ``workspace.lock``. Raises what the caller's progress raises to stop it."""
    known = Outlines.of(workspace)
    kept = known.registry(commit)
    if kept is not None:
        return kept
    parents = _parents(workspace, commit)
    found: dict[str, Registry] = {}
    way = _way(known, commit, parents, found)
    for number, each in enumerate(way):
        workspace.caller.progress("Following what was renamed and moved", 100 * number // len(way))
        before = [found.get(parent, Registry()) for parent in parents[each]]
        found[each] = _after(workspace, known, each, before, parents)
        known.keep_registry(each, found[each])
    known.save()
    return found[commit]


def _parents(workspace: Workspace, commit: str) -> dict[str, list[str]]:
    """The parents of the newest commits of its history, the newest first."""
    listed = workspace.git.text("rev-list", "--topo-order", "--parents", f"--max-count={_FAR}", commit)
    return {line.split()[0]: line.split()[1:] for line in listed.splitlines()}


def _way(known: Outlines, commit: str, parents: Mapping[str, list[str]], found: dict[str, Registry]) -> list[str]:
    """The commits to go through, oldest first; ``found`` gets what is kept where the way begins."""
    wanted, todo = {commit}, [commit]
    for each in todo:
        kept = known.registry(each)
        if kept is not None:
            found[each] = kept
            continue
        fresh = [parent for parent in parents[each] if parent in parents and parent not in wanted]
        wanted.update(fresh)
        todo += fresh
    newest_first = [each for each in parents if each in wanted and each not in found]
    return newest_first[: None if found else _FIRST][::-1]


def _after(
    workspace: Workspace, known: Outlines, commit: str, before: list[Registry], parents: Mapping[str, list[str]]
) -> Registry:
    """The ids in a commit, from those in its parents."""
    if not before:
        return Registry()
    objects = workspace.repo.objects
    trees = [workspace.repo.tree_of(each) for each in (parents[commit][0], commit)]
    paths = sorted(path for path in changed(objects, *trees) if language_of(path))
    if not paths or len(paths) > _MOST_FILES:
        return before[0]
    old, new = (Files(GitTree(objects, tree), known) for tree in trees)
    sides = [[outline for path in paths if (outline := side.outline(path))] for side in (old, new)]
    here, there = ({each.key for outline in side for each in outline.resources} for side in sides)
    if here <= there and not any(key.nth for key in there):
        # Everything stands where it stood; only of several with one name it has to be found out which is which.
        change = Change(commit, (), there - here, {})
    else:
        change = Change(commit, here, there, follow(sides[0], sides[1], Likeness(old.text, new.text)))

    def stands(key: Key) -> bool:
        outline = new.outline(key.path)
        return outline is not None and any(each.key == key for each in outline.resources)

    return before[0].after(change, before[1:], stands)
