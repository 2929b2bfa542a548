"""A merge by git: what it left in conflict is worked on by our engine, what it brought together is checked."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING

from anvcs.actions.merging import How, Pair
from anvcs.actions.merging_texts import Texts
from anvcs.errors import GitFailedError
from anvcs.gitmirror import treemerge
from anvcs.gitmirror.treemerge import Folders, Running, Written
from anvcs.gitmirror.treemerge_attributes import attributes, place_for
from anvcs.gitmirror.trees import EMPTY_TREE, Entry, edit, lookup
from anvcs.merge import treeoutcomes, treereport
from anvcs.merge.model import FileOutcome, Options, TreeMerge
from anvcs.merge.treecase import collisions
from anvcs.merge.treeoutcomes import Ground
from anvcs.merge.treereport import Report, UnreadableReportError
from anvcs.merge.trees import Row, Sides, files_at, touched

if TYPE_CHECKING:
    from anvcs.actions.workspace import Workspace
    from anvcs.gitmirror.treemerge_attributes import Place


def merge_by_git(workspace: Workspace, pair: Pair, options: Options | None, how: How) -> TreeMerge:
    """The merge. Raises GitFailedError, and what the caller's progress raises to stop it."""
    repo = workspace.repo
    with place_for(repo, pair.origin) as place:
        running = Running(repo, pair.ours, pair.theirs, unrelated=how.unrelated, place=place)
        try:
            # In process, while git is at work.
            trees = _Trees(workspace, pair)
            both = trees.touched()
            out = running.output(lambda: workspace.caller.progress("Merging", None))
        except BaseException:
            running.stop()
            raise
        ground = trees.ground(_labelled(workspace, _read(out), pair), both)
        return _Worked(workspace, pair, ground, place, Texts(workspace, pair, ground, options, how)).merge(trees)


def _read(out: bytes) -> Report:
    try:
        return treereport.parse(out)
    except UnreadableReportError as error:
        raise GitFailedError(
            f"git merge-tree answered in a form that is not known: {error}.", "Try another version of Git."
        ) from error


def _labelled(workspace: Workspace, report: Report, pair: Pair) -> Report:
    """The report in the names that people use, and with it the paths that git makes up from names."""
    objects = Written(workspace.repo)
    paths = treereport.made_up(report, pair.called, lambda path: lookup(objects, report.tree, path) is not None)
    changes: dict[bytes, Entry | None] = {}
    for old, new in paths.items():
        changes[new], changes[old] = lookup(objects, report.tree, old), None
    tree = edit(objects, report.tree, changes) if changes else report.tree
    return treereport.renamed(report, paths, pair.called, tree)


class _Trees:
    """Base and sides as trees."""

    def __init__(self, workspace: Workspace, pair: Pair) -> None:
        self._workspace = workspace
        self._pair = pair
        self.folders = Folders(Written(workspace.repo))
        self.left, self.right = (bytes.fromhex(workspace.repo.tree_of(each)) for each in (pair.ours, pair.theirs))
        self.base = bytes.fromhex(self._base())

    def _base(self) -> str:
        repo, bases = self._workspace.repo, self._pair.bases
        if len(bases) > 1:
            return treemerge.virtual_base(
                repo, bases, lambda: self._workspace.caller.progress("Merging merge bases", None)
            )
        return repo.tree_of(bases[0]) if bases else EMPTY_TREE

    def touched(self) -> dict[bytes, Sides]:
        """The files that both sides changed."""
        return touched(self.folders, self.base, self.left, self.right)

    def ground(self, report: Report, both: Mapping[bytes, Sides]) -> Ground:
        """Everything that outcomes are told from."""
        paths = treeoutcomes.named(report) | both.keys()
        base = files_at(self.folders, self.base, paths)
        renamed: tuple[dict[bytes, bytes], dict[bytes, bytes]] = {}, {}
        if treeoutcomes.wants_renames(report, both, base):
            old, *sides = (tree.hex() for tree in (self.base, self.left, self.right))
            left, right = (self._renames(old, side, paths) for side in sides)
            renamed = left, right
            paths |= {path for each in renamed for pair in each.items() for path in pair}
        return Ground(report, self._pair.names, both, self._sides(paths), self._merged(report, paths), renamed)

    def _renames(self, base: str, side: str, paths: Collection[bytes]) -> dict[bytes, bytes]:
        found = treemerge.renames(self._workspace.repo, base, side)
        return {new: old for new, old in found.items() if new in paths or old in paths}

    def _sides(self, paths: Iterable[bytes]) -> dict[bytes, Sides]:
        paths = [*paths]
        base, left, right = (files_at(self.folders, tree, paths) for tree in (self.base, self.left, self.right))
        return {path: Sides(base.get(path), left.get(path), right.get(path)) for path in paths}

    def _merged(self, report: Report, paths: Iterable[bytes]) -> dict[bytes, Row]:
        return files_at(self.folders, bytes.fromhex(report.tree), paths)


class _Worked:
    """One merge by git, path after path."""

    def __init__(self, workspace: Workspace, pair: Pair, ground: Ground, place: Place, texts: Texts) -> None:
        self._workspace = workspace
        self._pair = pair
        self._ground = ground
        self._place = place
        self._texts = texts

    def merge(self, trees: _Trees) -> TreeMerge:
        """The result. Raises what the caller's progress raises."""
        ground = self._ground
        left, brought = [*treeoutcomes.conflicts(ground)], [*treeoutcomes.settled(ground)]
        asked = {each.path for each in left} | {each.path for each in brought if each.how == "git"}
        known = attributes(self._workspace.repo, self._place, asked) if asked else {}
        done: list[FileOutcome] = []
        changes: dict[bytes, Entry | None] = {}
        for number, outcome in enumerate([*left, *brought]):
            if outcome.path in known:
                self._workspace.caller.progress("Merging files", 100 * number // (len(left) + len(brought)))
                outcome, text = self._texts.work(outcome, known[outcome.path])  # noqa: PLW2901 - the same path
                if text is not None:
                    changes[outcome.path] = text
            done.append(outcome)
        tree = edit(Written(self._workspace.repo), ground.report.tree, changes) if changes else ground.report.tree
        found = collisions(trees.folders, trees.left, trees.right, bytes.fromhex(tree))
        done.sort(key=lambda each: each.path)
        return TreeMerge(tree, self._pair.bases, tuple(done), found)
