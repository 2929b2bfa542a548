"""What plain Git did to each pointer, step by step, from Git's own logs; where they are silent, the likeliest guess."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count, pairwise

import msgspec
from msgspec.structs import replace

from anvcs.gitmirror import pointers, reflogs
from anvcs.gitmirror.grown import Mark
from anvcs.gitmirror.reflogs import Entry, Read
from anvcs.gitmirror.repository import GitRepository
from anvcs.gitmirror.rewrites import parents
from anvcs.history.operations import Move

MOST = 100
"""Steps of one pointer that become operations of their own; of more, the older ones become one."""
_FEW = 20
"""So many remote branches have their logs read; of more it is clear enough that something was fetched."""
_TOGETHER = 2
"""Seconds within which one command moves all that it moves."""
_GROUPED = frozenset({"git-fetch", "git-pull", "git-tag"})
"""Kinds of which one command moves several pointers."""
_ALONG = "rewritten during rebase"
"""What ``git rebase --update-refs`` says of the branches that it takes along."""
_RENAMED = re.compile(r"[Bb]ranch: renamed (refs/heads/\S+) to (refs/heads/\S+)")
_TURNED = re.compile(r"checkout: moving from .* to (\S+)$")
_HEAD = "/HEAD"
_REF = "ref: "


class Step(msgspec.Struct, frozen=True):
    """One thing that plain Git did."""

    kind: str
    when: int
    """Seconds since 1970, as Git's log says; now, where it says nothing."""
    command: str
    """What Git's log calls it; empty where there is none."""
    moves: tuple[Move, ...]
    count: int = 1
    """How many steps of Git's it stands for."""


@dataclass
class Found:
    """Everything that plain Git did since the last look."""

    steps: list[Step]
    marks: dict[str, Mark]
    """How far each log was read, by the pointer's name."""
    seen: set[str]
    """Git ids that the logs name, though no pointer may have kept them."""


def find(
    repo: GitRepository,
    changes: Mapping[str, tuple[str | None, str | None]],
    now: Mapping[str, str],
    marks: Mapping[str, Mark],
    known: Callable[[str], bool],
) -> Found:
    """The steps behind the changes (name to old and new value), in their order.

    What went away and came back since is found too, in HEAD's branch of each worktree. ``now`` holds all pointers,
    ``known`` tells operations of ours.
    """
    finder = _Finder(repo, changes, marks, known)
    finder.look_around(now)
    queues = list(finder.queues())
    return Found(_grouped(_ordered(queues, finder.places)), finder.marks, finder.seen)


def grew(repo: GitRepository, now: Mapping[str, str], marks: Mapping[str, Mark]) -> bool:
    """Whether something was logged of a HEAD or its branch since it was last read, though all may stand as before."""
    return any(reflogs.size(repo, name) != marks[name].size for name in _watched(now) if name in marks)


_NEAR = 16_384
"""Bytes of a log that are read again and again before it is noted for good how far it was read."""


def only_ours(
    repo: GitRepository, now: Mapping[str, str], marks: Mapping[str, Mark], known: Callable[[str], bool]
) -> dict[str, Mark] | None:
    """How far the grown logs go, if all that came is operations of ours and little enough; else nothing."""
    further: dict[str, Mark] = {}
    for name in _watched(now):
        if name not in marks or reflogs.size(repo, name) == marks[name].size:
            continue
        log = reflogs.read(repo, name, marks[name])
        ours = all(entry.operation is not None and known(entry.operation) for entry in log.entries)
        if not (log.complete and ours) or log.mark.size - marks[name].size > _NEAR:
            return None
        further[name] = log.mark
    return further


class _Finder:
    def __init__(
        self,
        repo: GitRepository,
        changes: Mapping[str, tuple[str | None, str | None]],
        marks: Mapping[str, Mark],
        known: Callable[[str], bool],
    ) -> None:
        self._repo = repo
        self._changes = dict(changes)
        self._old_marks = marks
        self._known = known
        self._now = int(time.time())
        self._logs: dict[str, Read] = {}
        self.marks: dict[str, Mark] = {}
        self.seen: set[str] = set()
        self._counter = count()
        self.places: dict[tuple[str | None, str | None, str], int] = {}
        """Where the logs of the HEADs name each step: they have the order within a second."""

    def look_around(self, now: Mapping[str, str]) -> None:
        """Read the logs of every HEAD, and add the pointers that came back to where they had been."""
        for name in _watched(now):
            log = self._log(name)
            if _is_head(name):
                for entry in log.entries:
                    self.seen |= {value for value in (entry.old, entry.new) if value is not None}
                    turned = _TURNED.match(entry.said)
                    place = next(self._counter)
                    if turned:
                        # A branch is made before HEAD first turns to it; where HEAD is, it went last.
                        self.places.setdefault((None, entry.new, turned[1]), place)
                        self.places[None, None, entry.said] = place
                    else:
                        self.places[entry.old, entry.new, entry.said] = place
            elif name not in self._changes and log.complete and reflogs.steps(log, now[name], now[name]):
                self._changes[name] = (now[name], now[name])

    def queues(self) -> Iterator[list[Step]]:
        """The steps of each pointer, oldest first; those of a renamed branch under its new name."""
        remotes = sum(name.startswith("refs/remotes/") for name in self._changes)
        # A renamed branch is found under its new name, before the old name would look deleted.
        for name in sorted(self._changes, key=lambda name: (_rank(name), self._changes[name][1] is None, name)):
            if name not in self._changes:
                continue
            old, new = self._changes[name]
            if name == pointers.STASH:
                yield [self._stash(old, new)]
            elif _is_head(name):
                yield self._head(name, old, new)
            elif name.startswith("refs/heads/"):
                yield self._branch(name, old, new)
            elif name.startswith("refs/remotes/"):
                yield [self._remote(name, old, new, logged=remotes <= _FEW)]
            else:
                yield [Step("git-tag", self._now, "", (Move(name, old, new),))]

    def _log(self, name: str) -> Read:
        if name not in self._logs:
            log = reflogs.read(self._repo, name, self._old_marks.get(name))
            self.marks[name] = log.mark
            self._logs[name] = reflogs.since_known(log, self._known)
        return self._logs[name]

    def _stash(self, old: str | None, new: str | None) -> Step:
        log = self._log(pointers.STASH)
        last = log.entries[-1] if log.entries else None
        grew = len((new or "").split()) > len((old or "").split())
        command = last.said if last is not None and grew else ""
        when = last.time if last is not None and grew else self._now
        return Step("git-stash", when, command, (Move(pointers.STASH, old, new),))

    def _remote(self, name: str, old: str | None, new: str | None, *, logged: bool) -> Step:
        entries = self._log(name).entries if logged else ()
        move = (Move(name, old, new),)
        if entries and entries[-1].new == new:
            return Step(entries[-1].kind, entries[-1].time, entries[-1].said, move)
        return Step("git-fetch", self._now, "", move)

    # Branches

    def _branch(self, name: str, old: str | None, new: str | None) -> list[Step]:
        log = self._log(name)
        done: list[Step] = []
        if old is None:
            # The log comes with a rename; what stands before it happened to the old name.
            at = max((at for at, entry in enumerate(log.entries) if _RENAMED.match(entry.message)), default=None)
            if at is not None and (step := self._rename(name, log.entries[at])) is not None:
                done, old = [step], log.entries[at].new
                log = log._replace(entries=log.entries[at + 1 :], complete=True)
            if old == new:
                return done
        entries = reflogs.steps(log, old, new)
        return done + (self._guess(name, old, new) if entries is None else self._steps(name, entries))

    def _rename(self, name: str, entry: Entry) -> Step | None:
        names = _RENAMED.match(entry.message)
        if names is None or names[2] != name:
            return None
        moves: list[Move] = []
        gone = self._changes.get(names[1])
        if gone is not None and gone[1] is None:
            del self._changes[names[1]]
            moves.append(Move(names[1], gone[0], None))
        moves.append(Move(name, None, entry.new))
        for head, (before, after) in list(self._changes.items()):
            # HEAD of each worktree that stands on it is rewritten along.
            if _is_head(head) and before == _REF + names[1] and after == _REF + name:
                del self._changes[head]
                moves.append(Move(head, before, after))
        return Step("git-branch", entry.time, entry.message, tuple(moves))

    def _steps(self, name: str, entries: list[Entry]) -> list[Step]:
        """Each entry as a step; of very many, the older ones as one."""
        done = [
            Step(_kind(name, entry), entry.time, entry.said, (Move(name, entry.old, entry.new),)) for entry in entries
        ]
        if len(done) <= MOST:
            return done
        older = done[: len(done) - MOST + 1]
        whole = Move(name, older[0].moves[0].old, older[-1].moves[0].new)
        return [replace(older[-1], kind=_common(older), moves=(whole,), count=len(older)), *done[len(older) :]]

    def _guess(self, name: str, old: str | None, new: str | None) -> list[Step]:
        move = (Move(name, old, new),)
        if old is None or new is None or old.startswith(_REF) or new.startswith(_REF):
            return [Step("git-branch", self._now, "", move)]
        return [Step(guess(self._repo, old, new), self._now, "", move)]

    # HEAD

    def _head(self, name: str, old: str | None, new: str | None) -> list[Step]:
        log = self._log(name)
        move = Move(name, old, new)
        if old is None or new is None:
            # The worktree itself came or went.
            return [Step("git-worktree", self._now, "", (move,))]
        if new.startswith(_REF):
            return [self._turn(move, log.entries)]
        if not old.startswith(_REF):
            entries = reflogs.steps(log, old, new)
            return [self._turn(move, log.entries)] if entries is None else self._steps(name, entries)
        # It left its branch: the last turn away from a branch, then what was done there.
        moved = [entry for entry in log.entries if _turns(entry) or entry.old != entry.new]
        at = max((at for at, entry in enumerate(moved) if _turns(entry)), default=None)
        linked = at is not None and all(one.new == two.old for one, two in pairwise(moved[at:]))
        if at is None or not linked or moved[-1].new != new:
            return [self._turn(move, log.entries)]
        left = self._turn(Move(name, old, moved[at].new), moved[: at + 1])
        return [left, *self._steps(name, moved[at + 1 :])]

    def _turn(self, move: Move, entries: tuple[Entry, ...] | list[Entry]) -> Step:
        """HEAD turned from one branch or commit to another, by the last entry that tells of such a thing."""
        for entry in reversed(entries):
            if _turns(entry):
                return Step(entry.kind, entry.time, entry.said, (move,))
        return Step("git-switch", self._now, "", (move,))


def guess(repo: GitRepository, old: str, new: str) -> str:
    """What most likely led from one commit to another where no log tells."""
    ahead = parents(repo, new)
    if old in ahead:
        return "git-commit" if len(ahead) == 1 else "git-merge"
    if ahead and ahead == parents(repo, old):
        return "git-amend"
    return "git-reset" if repo.is_ancestor(new, old) else "git-other"


def _kind(name: str, entry: Entry) -> str:
    """What an entry tells of; that a branch came to be is plain without words."""
    created = entry.old is None and name.startswith("refs/heads/") and entry.kind == "git-other"
    return "git-branch" if created else entry.kind


def _turns(entry: Entry) -> bool:
    return entry.kind in {"git-switch", "git-rebase", "git-branch"} or "(start)" in entry.said


def _rank(name: str) -> int:
    """Which of two pointers moves first where the clock does not tell: HEAD turns to a branch that is there."""
    order = ("refs/remotes/", "refs/heads/", "refs/tags/", "refs/stash")
    return next((rank for rank, prefix in enumerate(order) if name.startswith(prefix)), len(order))


def _common(steps: list[Step]) -> str:
    kinds = {step.kind for step in steps}
    return kinds.pop() if len(kinds) == 1 else "git-other"


def _ordered(queues: list[list[Step]], places: Mapping[tuple[str | None, str | None, str], int]) -> list[Step]:
    """All steps by time, and within a second as the logs of the HEADs have them; a pointer's own stay in order."""
    keyed: dict[tuple[int, int, int, int], Step] = {}
    for number, queue in enumerate(queues):
        when, place = 0, -1
        for at, step in enumerate(queue):
            if step.when > when:
                when, place = step.when, -1
            place = max(place, _place(step, places))
            keyed[when, place, number, at] = step
    return [keyed[key] for key in sorted(keyed)]


def _place(step: Step, places: Mapping[tuple[str | None, str | None, str], int]) -> int:
    """Where a log of a HEAD names the step; a new branch comes before HEAD turns to it the first time."""
    move = step.moves[-1]
    names = ((move.old, move.new, step.command), (None, None, step.command), (None, move.new, _short(move.name)))
    return next((places[name] for name in names if name in places), sys.maxsize)


def _short(name: str) -> str:
    return name.removeprefix("refs/heads/")


def _grouped(steps: list[Step]) -> list[Step]:
    """The steps with those joined that one command made."""
    done: list[Step] = []
    for step in steps:
        last = done[-1] if done else None
        if last is not None and _belong(last, step):
            done[-1] = replace(last, moves=last.moves + step.moves, command=last.command or step.command)
        else:
            done.append(step)
    return done


def _belong(last: Step, step: Step) -> bool:
    if last.kind != step.kind or abs(step.when - last.when) > _TOGETHER or _names(last) & _names(step):
        return False
    if step.kind == "git-rebase":
        # It ends with HEAD back on the branch; two branches at once are two rebases.
        return _ALONG in (last.command, step.command) or any(_is_head(name) for name in _names(last) | _names(step))
    return step.kind in _GROUPED


def _watched(now: Mapping[str, str]) -> list[str]:
    """Every HEAD, and the branch that it is on."""
    heads = [name for name in now if _is_head(name)]
    branches = {now[name].removeprefix(_REF) for name in heads if now[name].startswith(_REF)}
    return [*heads, *sorted(name for name in branches if name.startswith("refs/heads/") and name in now)]


def _is_head(name: str) -> bool:
    return name.endswith(_HEAD) and not name.startswith("refs/")


def _names(step: Step) -> set[str]:
    return {move.name for move in step.moves}
