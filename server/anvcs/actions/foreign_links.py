"""Links the commits that plain Git rewrote to those they came from, and names what a step touched."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

from anvcs.actions.foreign_steps import Step
from anvcs.errors import GitFailedError
from anvcs.gitmirror import rewrites
from anvcs.gitmirror.repository import GitRepository
from anvcs.gitmirror.rewrites import Evidence, Link, Made
from anvcs.gitmirror.trees import EMPTY_TREE, TREE, Entry, parse
from anvcs.history.operations import Rewrite

if TYPE_CHECKING:
    from anvcs.actions.workspace import Workspace

MANY_PATHS = 1000
"""An operation names no more paths than this; of more, none."""
_FOLLOWED = ("refs/heads/", "refs/remotes/")
_QUIET = frozenset({"git-switch", "git-branch", "git-tag", "git-stash", "git-fetch", "git-import"})
"""Kinds that change no files of a stream."""


class Linker:
    """Follows each pointer through its steps, so that commits a reset took away are known when they come back anew."""

    def __init__(self, workspace: Workspace, told: bytes) -> None:
        """``told`` is what the ``post-rewrite`` hook wrote down since the last look."""
        self._workspace = workspace
        self._repo = workspace.repo
        self._told: defaultdict[str, list[tuple[str, Evidence]]] = defaultdict(list)
        for old, new in rewrites.parse_map(told):
            self._tell(new, old, "post-rewrite")
        self._gone: defaultdict[str, dict[str, Made]] = defaultdict(dict)
        """By pointer, what its earlier steps took away and none brought back."""
        self._linked: set[tuple[str, str]] = set()

    def links(self, step: Step) -> tuple[Rewrite, ...]:
        """Which of the commits that the step brought came from which."""
        found: list[Link] = []
        for move in step.moves:
            if move.new is None or move.new.startswith("ref: ") or not _is_followed(move.name):
                continue
            if move.old is None or move.old.startswith("ref: "):
                continue
            if step.kind == "git-amend":
                self._tell(move.new, move.old, "reflog")
            try:
                found += self._moved(move.name, move.old, move.new)
            except GitFailedError:
                # Something on the way is not here, as in a shallow clone: then nothing is known.
                continue
        return tuple(Rewrite(*link) for link in self._new(found))

    def _moved(self, name: str, old: str, new: str) -> Iterator[Link]:
        between = rewrites.between(self._repo, old, new)
        gone = self._gone[name]
        gone |= {made.oid: made for made in between.gone}
        for made in between.came:
            # A reset forth brings back what one had taken away.
            gone.pop(made.oid, None)
        links = rewrites.match(self._repo, list(gone.values()), between.came, self._told) if between.came else []
        for link in links:
            gone.pop(link.old, None)
        yield from links
        explained = {link.new for link in links}
        others = [made for made in between.came if made.oid not in explained]
        of_change = {link.new: link for made in others for link in self._same_change(made)}
        yield from of_change.values()
        yield from rewrites.picked(self._repo, (made for made in others if made.oid not in of_change))

    def _same_change(self, made: Made) -> Iterator[Link]:
        """An earlier commit of its change that lies elsewhere: it was picked, or rewritten in another clone."""
        if made.changes:
            known = self._workspace.ledger.commits_of(made.changes[-1])
            if known and made.oid not in known and not self._repo.is_ancestor(known[-1], made.oid):
                yield Link(made.oid, known[-1], "change-id")

    def _tell(self, new: str, old: str, evidence: Evidence) -> None:
        if old != new and all(each != old for each, _ in self._told[new]):
            self._told[new].append((old, evidence))

    def _new(self, links: list[Link]) -> Iterator[Link]:
        """What neither this look nor the ledger has linked so far."""
        for link in links:
            known = self._workspace.ledger.rewritten(link.new)
            if (link.new, link.old) not in self._linked and (known is None or known.old != link.old):
                self._linked.add((link.new, link.old))
                yield link

    @staticmethod
    def identity(workspace: Workspace, oid: str) -> dict[str, str | int | bool]:
        """What an operation's details say of the one commit it made."""
        try:
            made = rewrites.read(workspace.repo, oid)
        except GitFailedError:
            return {}
        found: dict[str, str | int | bool] = {"gitCommit": oid}
        if made.changes:
            found["changeId"] = made.changes[-1]
        return found


def touched(workspace: Workspace, step: Step) -> tuple[bytes, ...]:
    """The paths that a step changed on streams; none where they are many or cannot be told cheaply."""
    if step.kind in _QUIET:
        return ()
    paths: set[bytes] = set()
    for move in step.moves:
        if move.name.startswith("refs/remotes/") or move.new is None or move.new.startswith("ref: "):
            continue
        if move.old is not None and move.old.startswith("ref: "):
            continue
        try:
            before = workspace.repo.tree_of(move.old) if move.old else EMPTY_TREE
            for path in differing(workspace.repo, before, workspace.repo.tree_of(move.new)):
                paths.add(path)
                if len(paths) > MANY_PATHS:
                    return ()
        except GitFailedError:
            return ()
    return tuple(sorted(paths))


def differing(repo: GitRepository, old: str, new: str, folder: bytes = b"") -> Iterator[bytes]:
    """The paths of files that differ between two trees, found one by one so that the reader can stop."""
    if old == new:
        return
    before, after = (parse(repo.objects.read(tree, "tree")) if tree != EMPTY_TREE else {} for tree in (old, new))
    for name in sorted(before.keys() | after.keys()):
        one, two = before.get(name), after.get(name)
        if one == two:
            continue
        if any(entry is not None and entry.mode != TREE for entry in (one, two)):
            yield folder + name
        yield from differing(repo, _folder(one), _folder(two), folder + name + b"/")


def _folder(entry: Entry | None) -> str:
    return entry.oid if entry is not None and entry.mode == TREE else EMPTY_TREE


def _is_followed(name: str) -> bool:
    return name.startswith(_FOLLOWED) or not name.startswith("refs/")
