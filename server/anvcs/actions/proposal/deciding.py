"""A path of a merge's result that somebody decides, or is asked about: its versions, and its text with conflicts."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import msgspec

from anvcs.actions.proposal import applying, computing
from anvcs.actions.proposal.book import short
from anvcs.actions.proposal.chosen import Chosen
from anvcs.errors import PathNotFoundError, ProposalMovedError
from anvcs.gitmirror.paths import quote, to_repo_path, unquote
from anvcs.gitmirror.trees import TREE, Entry, lookup

if TYPE_CHECKING:
    from anvcs.actions.workspace import Workspace
    from anvcs.governance.proposals import State
    from anvcs.merge.model import TreeMerge


class At(msgspec.Struct, frozen=True):
    """The path in the proposal as it stands."""

    found: Chosen
    merge: TreeMerge
    path: bytes
    versions: bytes

    @property
    def workspace(self) -> Workspace:
        """Where the proposal is."""
        return self.found.actor.workspace

    @property
    def state(self) -> State:
        """The proposal."""
        return self.found.state

    def sides(self) -> dict[str, Entry | None]:
        """What the versions have there."""
        outcome = applying.outcome_of(self.merge, self.path)
        if outcome is not None and (outcome.base or outcome.left or outcome.right):
            return dict(zip(("base", "left", "right"), applying.entries(outcome), strict=True))
        computed = self.state.computed
        assert computed is not None  # noqa: S101 - it was brought up to date
        commits = {"left": computed.target, "right": computed.sources[0]}
        if self.merge.bases:
            commits["base"] = self.merge.bases[0]
        return {name: applying.at(self.workspace, commit, self.path) for name, commit in commits.items()}

    def marked(self) -> applying.Marked | None:
        """Its text with conflicts."""
        outcome = applying.outcome_of(self.merge, self.path)
        return applying.marked(self.workspace, self.merge, outcome) if outcome is not None else None

    def there(self) -> Entry | None:
        """What the result has there now."""
        return lookup(self.workspace.repo.objects, str(self.state.tree), self.path)


def place(found: Chosen, given: str) -> At:
    """The path that is meant: from the repository's root, as proposals show it, else from where the caller stands.

    Raises PathNotFoundError, ProposalMovedError where its versions changed just now.
    """
    workspace, state = found.actor.workspace, found.state
    merge = computing.merge_of(found.book, state)
    computed = state.computed
    assert computed is not None  # noqa: S101 - it was brought up to date
    tips = (computed.target, *computed.sources)
    tried = [unquote(given)]
    if not given.startswith('"'):
        tried.append(to_repo_path(workspace.repo.root, workspace.caller.cwd, os.fsencode(given)))
    for path in tried:
        listed = any(each.path == path for each in merge.files)
        entry = lookup(workspace.repo.objects, str(state.tree), path)
        if listed or (entry is not None and entry.mode != TREE) or path in state.applied:
            versions = applying.versions(workspace, merge, tips, path)
            _refuse_changed(found, path)
            return At(found, merge, path, versions)
    raise PathNotFoundError(
        f"{given} is not in the result of the proposal {short(state.id)}.",
        f"See its files with: ai-vcs proposal show {short(state.id)}",
    )


def _refuse_changed(found: Chosen, path: bytes) -> None:
    """Raise ProposalMovedError where working it out anew just now gave the path other versions."""
    before, now = (
        {each.path: each.versions for each in state.computed.disputed} if state.computed is not None else {}
        for state in (found.before, found.state)
    )
    if found.renewed and before.get(path) != now.get(path):
        raise ProposalMovedError(
            f"The streams moved, and {quote(path)} has changed with them.",
            f"Look at it again first: ai-vcs proposal show {short(found.state.id)}",
        )
