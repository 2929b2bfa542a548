"""What a stream would be if queued proposals landed one after the other, merged on commits that nobody sees.

Nothing is written down of it. When they land, each is worked out on the stream itself, and lands only if that gives the
same tree.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from anvcs.actions.proposal import computing, rules
from anvcs.actions.proposal.computing import Tips
from anvcs.actions.queue.lines import beside_tests
from anvcs.errors import MergeError
from anvcs.gitmirror.treemerge import commit
from anvcs.gitmirror.treemerge_objects import Written
from anvcs.governance import proposal_rules, proposals
from anvcs.governance.proposal_rules import Obstacle

if TYPE_CHECKING:
    from anvcs.actions.proposal.book import Book
    from anvcs.actions.workspace import Workspace
    from anvcs.governance.proposal_rules import Rules
    from anvcs.governance.proposals import State

Names = tuple[bytes, ...]
"""Proposals in the order in which they would land."""


class Stood(msgspec.Struct, frozen=True):
    """Where the stream would stand."""

    commit: str
    tree: str
    joined: tuple[str, ...]
    """The stream's tip and all sources, for guards to see."""
    obstacles: tuple[Obstacle, ...] = ()
    """What would keep the last one from landing, apart from tests; then all else is as before it."""


class Speculation:
    """Queued proposals on top of one tip of their target."""

    def __init__(self, workspace: Workspace, book: Book, tip: str, states: dict[bytes, State], team: Rules) -> None:
        self.tip = tip
        self._workspace = workspace
        self._book = book
        self._states = states
        # What is tested together is merged from the same commits, whoever moves a stream meanwhile.
        self._tips = {name: computing.tips(workspace, state) for name, state in states.items()}
        self._team = team
        self._known: dict[Names, Stood] = {(): Stood(tip, workspace.repo.tree_of(tip), (tip,))}

    def at(self, names: Names) -> Stood:
        """Where the stream would stand after these, of which all but the last can land."""
        if names not in self._known:
            self._known[names] = self._after(self.at(names[:-1]), self._states[names[-1]])
        return self._known[names]

    def obstacle(self, names: Names) -> int | None:
        """The index of the first that cannot land after those before it, tests left aside."""
        return next((number for number in range(len(names)) if self.at(names[: number + 1]).obstacles), None)

    def is_current(self) -> bool:
        """No source has moved since."""
        return all(
            computing.tips(self._workspace, self._states[name]).sources == known.sources
            for name, known in self._tips.items()
        )

    def _after(self, before: Stood, state: State) -> Stood:
        workspace = self._workspace
        now = Tips(before.commit, self._tips[state.id].sources)
        if computing.is_contained(workspace, now):
            return before
        try:
            worked = computing.work_out(workspace, now, state.opened)
        except MergeError as error:
            found = Obstacle("conflict", error.message, can_be_forced=False)
            return Stood(before.commit, before.tree, before.joined, (found,))
        found = computing.revision(workspace, self._book, state, worked)
        known = proposals.foreseen(state, found.computed, found.carried)
        standing = proposal_rules.obstacles(known, self._team, rules.counts(workspace))
        obstacles = beside_tests(standing)
        if obstacles:
            return Stood(before.commit, before.tree, before.joined, obstacles)
        moves_on = found.computed.forward and found.tree == workspace.repo.tree_of(now.sources[0])
        made = now.sources[0] if moves_on else self._commit(found.tree, (before.commit, *now.sources))
        return Stood(made, found.tree, (*before.joined, *now.sources))

    def _commit(self, tree: str, parents: tuple[str, ...]) -> str:
        # What was decided in conflicts is still in our own batch.
        self._workspace.repo.objects.flush()
        return commit(Written(self._workspace.repo), tree, parents)
