"""What comparing sides found out and need not find out again while nothing of it moves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from blake3 import blake3

from anvcs.actions import ancestry, conflict_sides
from anvcs.actions.conflict_sides import Side, Texts
from anvcs.actions.outlines import Outlines
from anvcs.actions.recent import Recent
from anvcs.actions.resource_trees import Compared, GitTree, Laid, blob_id, changed
from anvcs.merge.resources.touch import Touches
from anvcs.merge.resources.trees import Outlines as Files

if TYPE_CHECKING:
    from anvcs.actions.workspace import Workspace

_MOST = 512
_MOST_TOUCHES = 128


class Memory:
    """One workspace's own."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self.outlines = Outlines.of(workspace)
        self._bases = Recent[tuple[str, str], "str | None"](_MOST)
        self._changes = Recent[tuple[str, str], "frozenset[str]"](_MOST)
        self._agents = Recent[tuple[str, str], "tuple[str, ...] | None"](_MOST)
        self._touches = Recent[tuple[str, str, bytes], Touches](_MOST_TOUCHES)

    @classmethod
    def of(cls, workspace: Workspace) -> Memory:
        """The workspace's own."""
        found = workspace.cache.get("conflicts")
        if not isinstance(found, Memory):
            found = workspace.cache["conflicts"] = cls(workspace)
        return found

    def base(self, one: str, two: str) -> str | None:
        """What two commits come from; of several the newest."""
        return self._bases.get((one, two), lambda: next(iter(ancestry.merge_bases(self._workspace, one, two)), None))

    def agents(self, base: str, tip: str) -> tuple[str, ...] | None:
        """The agents that commits name; None where a commit names none."""
        return self._agents.get((base, tip), lambda: conflict_sides.agents(self._workspace, base, tip))

    def touches(self, base: str, side: Side, tree: str) -> Touches:
        """What a side did to a tree."""
        objects = self._workspace.repo.objects

        def make() -> Touches:
            before = Files(GitTree(objects, base), self.outlines)
            after = Files(Laid(GitTree(objects, tree), side.texts), self.outlines)
            return Touches(before, after, self.changed(base, tree) | side.texts.keys())

        return self._touches.get((base, tree, _digest(side.texts)), make)

    def compared(self, base: str, own: tuple[Side, str], other: tuple[Side, str]) -> Compared:
        """Both sides, each with its commit's tree, and what they come from."""
        objects = self._workspace.repo.objects
        return Compared(
            base=GitTree(objects, base),
            left=Laid(GitTree(objects, own[1]), own[0].texts),
            right=Laid(GitTree(objects, other[1]), other[0].texts),
            left_changed=self.changed(base, own[1]) | own[0].texts.keys(),
            right_changed=self.changed(base, other[1]) | other[0].texts.keys(),
            git=self._workspace.git,
        )

    def changed(self, old: str, new: str) -> frozenset[str]:
        """The paths of plain files that differ between two trees."""
        return self._changes.get((old, new), lambda: changed(self._workspace.repo.objects, old, new))


def _digest(texts: Texts) -> bytes:
    """The same for the same texts."""
    rows = (f"{path}\0{'' if text is None else blob_id(text)}" for path, text in sorted(texts.items()))
    return blake3("\0".join(rows).encode("utf-8", "surrogateescape")).digest()
