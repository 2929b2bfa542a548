"""A merge by git: what it left in conflict is worked on by our engine, what it brought together is checked."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from anvcs.actions.merging import How, Pair
from anvcs.actions.merging_texts import Texts
from anvcs.errors import GitFailedError
from anvcs.gitmirror import treemerge
from anvcs.gitmirror.treemerge import Running
from anvcs.gitmirror.treemerge_attributes import attributes, place_for
from anvcs.gitmirror.treemerge_kept import Kept
from anvcs.gitmirror.treemerge_objects import Blobs, Folders, Written
from anvcs.gitmirror.treemerge_process import Tick
from anvcs.gitmirror.trees import EMPTY_TREE, Entry, edit, lookup
from anvcs.merge import treeoutcomes, treereport
from anvcs.merge.model import FileOutcome, Options, TreeFinding, TreeMerge
from anvcs.merge.treecase import collisions
from anvcs.merge.treeoutcomes import Ground
from anvcs.merge.treereport import Message, Report, UnreadableReportError
from anvcs.merge.trees import Sides, Touched, added_below, files_at, touched

if TYPE_CHECKING:
    from anvcs.actions.workspace import Workspace
    from anvcs.gitmirror.treemerge_attributes import Attributes


def merge_by_git(workspace: Workspace, pair: Pair, options: Options | None, how: How) -> TreeMerge:
    """The merge. Raises GitFailedError, and what the caller's progress raises to stop it."""
    repo = workspace.repo
    with place_for(repo, pair.origin) as place:
        with Running(
            repo, pair.ours, pair.theirs, unrelated=how.unrelated, place=place, kept=_kept(workspace)
        ) as running:
            # In process, while git is at work.
            trees = _Trees(workspace, pair)
            both = trees.touched()
            known = attributes(repo, place, both.files)
            blobs = Blobs(repo, (options or Options()).largest)
            blobs.preload(row[2].hex() for row in both.texts())
            report = _reported(running, both, lambda: workspace.caller.progress("Merging", None))
        ground = trees.ground(_labelled(workspace, report, pair), both)
        texts = Texts(workspace, pair, ground, options, how, blobs)
        known |= attributes(repo, place, treeoutcomes.named(ground.report) - known.keys())
        tree, files = _worked(workspace, ground, texts, known)
        findings = trees.collisions(tree) if both.met or any(map(treeoutcomes.moves, ground.report.messages)) else ()
        return TreeMerge(tree, pair.bases, files, findings)


def _kept(workspace: Workspace) -> Kept:
    """The git that stays for merges to come."""
    found = workspace.cache.get("merge-tree")
    if not isinstance(found, Kept):
        found = workspace.cache["merge-tree"] = Kept(workspace.repo)
    return found


def _reported(running: Running, both: Touched, tick: Tick) -> Report:
    """What git says. Raises GitFailedError, and what ``tick`` raises."""
    report = _read(running.output(tick))
    if running.from_memory and not (
        _texts_only(report) and running.is_right(treeoutcomes.named(report).union(both.files))
    ):
        report = _read(running.anew(tick))
    return report


def _texts_only(report: Report) -> bool:
    """Nothing else is in it: else git has looked into submodules, or gone by attributes of files it does not name."""
    return {each.kind for each in report.messages} <= {treereport.AUTO_MERGING, treereport.CONTENTS}


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

    def touched(self) -> Touched:
        """What both sides changed."""
        return touched(self.folders, self.base, self.left, self.right)

    def ground(self, report: Report, both: Touched) -> Ground:
        """Everything that outcomes are told from."""
        astray = self._astray(report)
        asked = treeoutcomes.named(report).union(*astray.values())
        sides = {**both.files, **self._sides(asked - both.files.keys())}
        on_left, on_right = treeoutcomes.renames_known(report, both.files, sides)
        renamed = (
            self._renames(self.left, sides) if on_left is None else on_left,
            self._renames(self.right, sides) if on_right is None else on_right,
        )
        more = {path for each in renamed for pair in each.items() for path in pair}
        sides.update(self._sides(more - sides.keys()))
        merged = files_at(self.folders, bytes.fromhex(report.tree), sides)
        astray = {message: [path for path in paths if path in merged] for message, paths in astray.items()}
        return Ground(report, self._pair.names, both.files, sides, merged, renamed, astray)

    def _astray(self, report: Report) -> dict[Message, list[bytes]]:
        """The files that conflicts without versions are about."""
        found: dict[Message, list[bytes]] = {}
        for message in treeoutcomes.without_stages(report):
            first, *others = message.paths
            if not treeoutcomes.moves(message):
                # With several bases git may leave a text with markers and call it clean.
                found[message] = [*message.paths]
                continue
            # One path is that of a folder, else the first one is where the others cannot go.
            below = added_below(self.folders, self.base, bytes.fromhex(report.tree), first)
            found[message] = others or sorted(below)
        return found

    def _renames(self, side: bytes, paths: Collection[bytes]) -> dict[bytes, bytes]:
        found = treemerge.renames(self._workspace.repo, self.base.hex(), side.hex())
        return {new: old for new, old in found.items() if new in paths or old in paths}

    def _sides(self, paths: Collection[bytes]) -> dict[bytes, Sides]:
        if not paths:
            return {}
        base, left, right = (files_at(self.folders, tree, paths) for tree in (self.base, self.left, self.right))
        return {path: Sides(base.get(path), left.get(path), right.get(path)) for path in paths}

    def collisions(self, tree: str) -> tuple[TreeFinding, ...]:
        """Names in the result that only some file systems can tell apart."""
        return collisions(self.folders, self.left, self.right, bytes.fromhex(tree))


def _worked(
    workspace: Workspace, ground: Ground, texts: Texts, known: Mapping[bytes, Attributes]
) -> tuple[str, tuple[FileOutcome, ...]]:
    """The tree and the outcomes once every path has been worked on. Raises what the caller's progress raises."""
    objects = texts.objects
    outcomes = [*treeoutcomes.conflicts(ground), *treeoutcomes.settled(ground)]
    done: list[FileOutcome] = []
    changes: dict[bytes, Entry | None] = {}
    for number, outcome in enumerate(outcomes):
        found = outcome
        if outcome.path in texts:
            workspace.caller.progress("Merging files", 100 * number // len(outcomes))
            found, entry = texts.work(outcome, known[outcome.path])
            if entry is not None:
                changes[outcome.path] = entry
        done.append(found)
    tree = edit(objects, ground.report.tree, changes) if changes else ground.report.tree
    objects.flush()
    return tree, tuple(sorted(done, key=lambda each: each.path))
