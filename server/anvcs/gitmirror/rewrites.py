"""Finds which new commit came from which old one where history was rewritten, and says by which evidence.

In order: what git itself told (its ``post-rewrite`` hook; the log entry of an amend), the ``ANVCS-Change`` trailer, an
equal tree on an equal parent tree, an equal patch id, an equal tree alone where it is the only one. A tree alone comes
last because reordered commits end in the same tree while being other changes. What none of these tells stays unknown.
"""

from __future__ import annotations

import re
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple, TypeAlias

from anvcs.errors import GitFailedError
from anvcs.gitmirror import messages
from anvcs.gitmirror.repository import GitRepository
from anvcs.gitmirror.trees import EMPTY_TREE

Evidence: TypeAlias = Literal["post-rewrite", "reflog", "change-id", "equal-tree", "patch-id"]
Told: TypeAlias = Mapping[str, Sequence[tuple[str, Evidence]]]
"""By new commit, what git said it came from."""

MOST = 1000
"""So many commits of each side are compared; above that nothing is claimed."""

_PICKED = re.compile(rb"^\(cherry picked from commit ([0-9a-f]{40})\)[ \t\r]*$", re.MULTILINE)


class Link(NamedTuple):
    """A new commit, one it came from, and how that is known."""

    new: str
    old: str
    evidence: Evidence


class Made(NamedTuple):
    """A commit as far as it is compared."""

    oid: str
    tree: str
    parents: tuple[str, ...]
    author: bytes
    """Who and when: rebase and amend keep both."""
    changes: tuple[str, ...]
    """Every change id that the message names; the last is its own."""
    picked: tuple[str, ...]
    """Where ``cherry-pick -x`` says that it is from."""


class Range(NamedTuple):
    """What a move of a pointer took away and brought, oldest first."""

    gone: tuple[Made, ...]
    came: tuple[Made, ...]
    whole: bool
    """False where it is more than is compared, or where commits are missing."""


def between(repo: GitRepository, old: str, new: str, *, most: int = MOST) -> Range:
    """What lies on one side only of the two commits."""
    if old == new:
        return Range((), (), whole=True)
    if old in parents(repo, new):
        made = read(repo, new)
        if len(made.parents) == 1:
            return Range((), (made,), whole=True)
    try:
        out = repo.git.output(
            "-c",
            "log.showSignature=false",
            "log",
            "--left-right",
            "--topo-order",
            f"--max-count={2 * most + 1}",
            "-z",
            "--format=%m%H",
            f"{old}...{new}",
            "--",
        )
    except GitFailedError:
        return Range((), (), whole=False)
    found = [entry.decode("ascii") for entry in out.split(b"\0") if entry]
    gone = [entry[1:] for entry in reversed(found) if entry[0] == "<"]
    came = [entry[1:] for entry in reversed(found) if entry[0] == ">"]
    if not gone and (len(came) <= 2 * most or repo.is_ancestor(old, new)):
        # Nothing was rewritten; of much that came only the newest commits are of interest.
        return Range((), tuple(read(repo, oid) for oid in came[-most:]), whole=True)
    if len(gone) > most or len(came) > most:
        return Range((), (), whole=False)
    return Range(tuple(read(repo, oid) for oid in gone), tuple(read(repo, oid) for oid in came), whole=True)


def read(repo: GitRepository, oid: str) -> Made:
    """A commit as far as it is compared. Raises GitFailedError if it is missing."""
    header, _, body = repo.objects.read(oid, "commit").partition(b"\n\n")
    lines = header.split(b"\n")
    parents = tuple(line[7:].decode("ascii") for line in lines if line.startswith(b"parent "))
    author = next((line for line in lines if line.startswith(b"author ")), b"")
    changes = [value.decode() for name, value in messages.anvcs_lines(body) if name == b"ANVCS-Change"]
    picked = tuple(oid.decode() for oid in _PICKED.findall(body))
    return Made(oid, lines[0][5:].decode("ascii"), parents, author, tuple(changes), picked)


def match(repo: GitRepository, gone: Sequence[Made], came: Sequence[Made], told: Told) -> list[Link]:
    """Where each new commit came from. Each old one is claimed once, but for what git itself told."""
    matching = _Matching(repo, gone, came)
    matching.by_word(told)
    matching.by_change()
    matching.by_step()
    matching.by_patch()
    matching.by_tree()
    return matching.links


def picked(repo: GitRepository, came: Iterable[Made]) -> list[Link]:
    """Commits that say what they were cherry-picked from, where their patch says so too."""
    claims = [(made.oid, old) for made in came for old in made.picked[-1:] if len(made.parents) == 1]
    claims = [(new, old) for new, old in claims if repo.peel(old) == old]
    ids = patch_ids(repo, {oid for claim in claims for oid in claim})
    return [Link(new, old, "patch-id") for new, old in claims if ids.get(new) is not None and ids[new] == ids.get(old)]


def patch_ids(repo: GitRepository, commits: Iterable[str]) -> dict[str, str]:
    """Git's stable patch id of each commit; none for merges and for commits that change nothing."""
    wanted = sorted(commits)
    if not wanted:
        return {}
    options = ("--root", "-p", "--full-index", "--no-renames", "--no-ext-diff", "--no-textconv", "--no-color")
    with tempfile.TemporaryFile() as names:
        names.write("".join(f"{oid}\n" for oid in wanted).encode())
        names.seek(0)
        with (
            repo.git.stream("diff-tree", "--stdin", *options, stdin=names) as patches,
            repo.git.stream("patch-id", "--stable", stdin=patches) as out,
        ):
            pairs = [line.decode("ascii").split() for line in out.read().splitlines()]
    return {oid: patch for patch, oid in pairs}


class _Matching:
    """What is still to be matched, and what was."""

    def __init__(self, repo: GitRepository, gone: Sequence[Made], came: Sequence[Made]) -> None:
        self._repo = repo
        self._gone = {made.oid: made for made in gone}
        """Not claimed yet, oldest first."""
        self._all_gone = dict(self._gone)
        self._came = {made.oid: made for made in came}
        """Not explained yet, oldest first."""
        self.links: list[Link] = []

    def _link(self, new: str, olds: Iterable[str], evidence: Evidence) -> None:
        for old in olds:
            self.links.append(Link(new, old, evidence))
            self._gone.pop(old, None)
        self._came.pop(new, None)

    def by_word(self, told: Told) -> None:
        """What git told, with the steps between where one commit was rewritten several times."""
        todo = [oid for oid in self._came if oid in told]
        for new in todo:
            for old, evidence in told[new]:
                if Link(new, old, evidence) not in self.links:
                    self._link(new, (old,), evidence)
                    if old not in self._all_gone and old in told and old not in todo:
                        todo.append(old)

    def by_change(self) -> None:
        olds: defaultdict[str, list[str]] = defaultdict(list)
        news: defaultdict[str, list[str]] = defaultdict(list)
        for made in self._gone.values():
            if made.changes:
                olds[made.changes[-1]].append(made.oid)
        for made in self._came.values():
            for change in dict.fromkeys(made.changes):
                news[change].append(made.oid)
        for change, before in olds.items():
            after = news.get(change, [])
            # One change in several commits on both sides: in order, and what is left over folded into the last.
            for at, new in enumerate(after):
                last = at == len(after) - 1
                self._link(new, before[at:] if last else before[at : at + 1], "change-id")

    def by_step(self) -> None:
        """The same trees before and after: the same change exactly, or a run of changes folded into one."""
        by_tree: defaultdict[str, list[Made]] = defaultdict(list)
        for made in self._gone.values():
            by_tree[made.tree].append(made)
        for made in list(self._came.values()):
            if len(made.parents) > 1:
                continue
            base = self._base_tree(made)
            runs = [run for old in by_tree[made.tree] if (run := self._run(old, base))]
            # A commit that changes nothing says little by its trees.
            if base == made.tree:
                runs = [run for run in runs if run[0].author == made.author]
            if runs:
                best = next((run for run in runs if any(old.author == made.author for old in run)), runs[0])
                self._link(made.oid, (old.oid for old in best), "equal-tree")

    def by_patch(self) -> None:
        olds = [made for made in self._gone.values() if len(made.parents) < 2]
        news = [made for made in self._came.values() if len(made.parents) < 2]
        if not olds or not news:
            return
        ids = patch_ids(self._repo, (made.oid for made in (*olds, *news)))
        by_patch: defaultdict[str, list[Made]] = defaultdict(list)
        for made in olds:
            if made.oid in ids:
                by_patch[ids[made.oid]].append(made)
        for made in news:
            same = by_patch[ids[made.oid]] if made.oid in ids else []
            if same:
                best = next((old for old in same if old.author == made.author), same[0])
                same.remove(best)
                self._link(made.oid, (best.oid,), "patch-id")

    def by_tree(self) -> None:
        olds = _unique(self._gone.values())
        for tree, made in _unique(self._came.values()).items():
            old = olds.get(tree)
            empty = len(made.parents) == 1 and self._base_tree(made) == tree
            if old is not None and len(old.parents) == len(made.parents) and not empty:
                self._link(made.oid, (old.oid,), "equal-tree")

    def _base_tree(self, made: Made) -> str:
        return self._repo.tree_of(made.parents[0]) if made.parents else EMPTY_TREE

    def _run(self, newest: Made, base: str) -> list[Made] | None:
        """The old commits from this one back to where the tree was ``base``, if they are all unclaimed."""
        run: list[Made] = []
        made: Made | None = newest
        while made is not None and made.oid in self._gone and len(made.parents) < 2:
            run.append(made)
            if self._base_tree(made) == base:
                return run
            made = self._gone.get(made.parents[0]) if made.parents else None
        return None


def _unique(commits: Iterable[Made]) -> dict[str, Made]:
    found: defaultdict[str, list[Made]] = defaultdict(list)
    for made in commits:
        found[made.tree].append(made)
    return {tree: same[0] for tree, same in found.items() if len(same) == 1}


def parents(repo: GitRepository, oid: str) -> tuple[str, ...]:
    """A commit's parents; none if it is not here."""
    try:
        return read(repo, oid).parents
    except GitFailedError:
        return ()


def parse_map(data: bytes) -> Iterator[tuple[str, str]]:
    """(old, new) of each line that the ``post-rewrite`` hook was given; a torn line is passed over."""
    for line in data.splitlines():
        words = line.split(b" ")
        if len(words) >= 2 and all(re.fullmatch(rb"[0-9a-f]{40}", word) for word in words[:2]):
            yield words[0].decode(), words[1].decode()


def reachable(repo: GitRepository, commits: Iterable[str], heads: Iterable[str]) -> set[str]:
    """Those of the commits that some head leads to; missing ones are not."""
    wanted = {oid for oid in commits if repo.peel(oid) == oid}
    if not wanted:
        return set()
    tips = [oid for oid in heads if repo.peel(oid) is not None]
    names = "".join(f"{oid}\n" for oid in wanted) + "".join(f"^{oid}\n" for oid in tips)
    dead = repo.git.output("rev-list", "--stdin", stdin=names.encode()).split()
    return wanted - {oid.decode("ascii") for oid in dead}
