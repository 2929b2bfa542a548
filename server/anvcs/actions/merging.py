"""Merges commits into a tree: path by path where both sides never met, else by git, with our engine on what it leaves.

Neither work tree nor index nor any ref changes. What is written is seen by git at once, and is no more durable than
what git writes: whoever lets a ref point at it calls ``treemerge.adopt`` first.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

import msgspec

from anvcs.actions import ancestry
from anvcs.actions.graph_warm import Warm
from anvcs.actions.resolve import resolve
from anvcs.errors import MergeError
from anvcs.gitmirror.treemerge import commit
from anvcs.gitmirror.treemerge_objects import Batch, Folders, Written
from anvcs.merge.model import FileOutcome, Finding, MergeResult, Options, TreeMerge, Versions
from anvcs.merge.pointers import is_lfs
from anvcs.merge.treecase import collisions
from anvcs.merge.trees import join

if TYPE_CHECKING:
    from anvcs.actions.workspace import Workspace

_GIT_ID = re.compile(r"[0-9a-f]{40}")


class Engine(Protocol):
    """Merges three texts, as ``anvcs.merge.merge`` does."""

    def __call__(self, base: bytes, left: bytes, right: bytes, *, path: str, options: Options) -> MergeResult:
        """The merged text and how it came about."""
        ...


class Check(Protocol):
    """Judges a merged text, as ``anvcs.merge.guards.check`` does."""

    def __call__(
        self, base: bytes, left: bytes, right: bytes, merged: bytes, *, path: str, allowed: frozenset[str]
    ) -> tuple[Finding, ...]:
        """What is wrong with it, but for kinds of findings that are allowed."""
        ...


class How(msgspec.Struct, frozen=True):
    """What a merge works with."""

    engine: Engine | None = None
    """What merges texts that git leaves in conflict; ours if none is given."""
    check: Check | None = None
    """What judges texts that git merged; ours if none is given."""
    is_pointer: Callable[[bytes], bool] = is_lfs
    """Tells texts that only stand for others, and are taken or left as a whole."""
    unrelated: bool = False
    """Commits without a common ancestor are merged too."""
    versions: Versions = "ask"
    """What becomes of a version number that both sides raised."""


class Pair(msgspec.Struct, frozen=True):
    """Two commits that are merged."""

    ours: str
    theirs: str
    bases: tuple[str, ...]
    names: tuple[str, str]
    """What people call them."""
    origin: str
    """The commit by whose attributes files are merged."""

    @property
    def called(self) -> dict[str, str]:
        """What people call each commit, where that is something else than its Git id."""
        commits = zip((self.ours, self.theirs), self.names, strict=True)
        return {commit: name for commit, name in commits if commit != name}


def merge_commits(
    workspace: Workspace,
    ours: str,
    theirs: str | Sequence[str],
    *,
    names: Sequence[str] | None = None,
    options: Options | None = None,
    how: How | None = None,
) -> TreeMerge:
    """The merge of ours with theirs, several of them one after the other. Hold ``workspace.lock``.

    ``names`` are what people call ours and each of theirs where these are given by their Git ids, so that nobody can
    move them meanwhile. Without ``options``, conflicts are shown as Git's settings say; labels that options leave as
    they are installed are git's. Raises UnknownCommitError, MergeError for what git refuses too, GitFailedError, and
    what the caller's progress raises to stop it.
    """
    how = how or How()
    heads = [theirs] if isinstance(theirs, str) else [*theirs]
    if not heads:
        raise MergeError("Nothing is named that could be merged.", "Name at least one stream or commit.")
    workspace.caller.progress("Merging", None)
    workspace.repo.objects.flush()
    origin = onto = _commit(workspace, ours)
    joined, done = [origin], list[TreeMerge]()
    called = [*names] if names is not None else [ours, *heads]
    for name, shown in zip(heads, called[1:], strict=True):
        head = _commit(workspace, name)
        if len(heads) > 1 and any(ancestry.is_ancestor(workspace, head, each) for each in joined):
            continue
        if done:
            _refuse_conflict(done[-1], heads, shown)
            onto = commit(Written(workspace.repo), done[-1].tree, joined)
        bases = ancestry.merge_bases(workspace, onto, head)
        pair = Pair(onto, head, bases, (called[0], shown), origin)
        done.append(_merge(workspace, pair, options, how))
        joined.append(head)
    return _together(done) if done else TreeMerge(workspace.repo.tree_of(origin), tuple(joined))


def _commit(workspace: Workspace, name: str) -> str:
    """The commit's Git id, found in process where the name is one."""
    found = workspace.repo.peel(name) if _GIT_ID.fullmatch(name) else None
    return found or resolve(workspace, name)


def _refuse_conflict(before: TreeMerge, heads: Sequence[str], name: str) -> None:
    if not before.clean:
        path = next(each.path for each in before.files if each.how == "conflict")
        raise MergeError(
            f"Before {name} is merged, {path.decode('utf-8', 'backslashreplace')} is in conflict already, and only the "
            f"last of several may leave conflicts.",
            f"Merge the {len(heads)} one at a time.",
        )


def _merge(workspace: Workspace, pair: Pair, options: Options | None, how: How) -> TreeMerge:
    if not pair.bases and not how.unrelated:
        raise MergeError(
            f"{pair.names[0]} and {pair.names[1]} have no commit in common, so there is nothing to merge by.",
            "If they belong together: git merge --allow-unrelated-histories",
        )
    by_path = _by_path(workspace, pair)
    if by_path is not None:
        return by_path
    from anvcs.actions.merging_paths import merge_by_git

    return merge_by_git(workspace, pair, options, how)


def _by_path(workspace: Workspace, pair: Pair) -> TreeMerge | None:
    """The merge if no path was changed by both sides."""
    if len(pair.bases) != 1 or workspace.repo.settings.get().bool("merge.renormalize"):
        return None
    # git may see other commits, or other trees in them, than there are.
    if Warm.of(workspace).topology():
        return None
    objects = Batch(workspace.repo)
    folders = Folders(objects)
    commits = pair.bases[0], pair.ours, pair.theirs
    base, left, right = (bytes.fromhex(workspace.repo.tree_of(each)) for each in commits)
    joined = join(folders, base, left, right)
    if joined is None:
        return None
    objects.flush()
    findings = collisions(folders, left, right, joined.tree) if joined.met else ()
    return TreeMerge(joined.tree.hex(), pair.bases, findings=findings)


def _together(done: Sequence[TreeMerge]) -> TreeMerge:
    """Several merges one after the other; a later outcome of a path takes the place of an earlier one."""
    files: dict[bytes, FileOutcome] = {}
    for merge in done:
        for outcome in merge.files:
            before = files.pop(outcome.path, None)
            if before is not None:
                outcome = replace(  # noqa: PLW2901 - what was found before still holds
                    outcome, findings=before.findings + outcome.findings, trace=before.trace + outcome.trace
                )
            files[outcome.path] = outcome
    bases = dict.fromkeys(base for merge in done for base in merge.bases)
    findings = dict.fromkeys(finding for merge in done for finding in merge.findings)
    return TreeMerge(done[-1].tree, tuple(bases), tuple(files.values()), tuple(findings))
